import FormData from 'form-data';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import type { FormBody, UploadDescription } from '../../api/api';
import type { FileId } from '../../api/ids';
import { stringifyJson } from '../../api/json';
import type { Watched } from '../../api/watch';
import { SMALL_BYTES } from '../bytes';
import { hashOf, streamHash } from '../hash';
import { openSource, wrongSize } from '../open-source';
import { slices, type UploadSource } from '../source';

const BINARY = 'application/octet-stream';

/** One for all forms of this process: unguessable is enough, and entropy for each small file is not free. */
const BOUNDARY = `--------------------------${randomBytes(16).toString('hex')}`;

function newForm(): FormData {
	const form = new FormData();
	form.setBoundary(BOUNDARY);
	return form;
}

/** The form of one attempt at a simple upload. */
export interface SimpleForm {
	body: FormBody;
	/** The MD5 of what was sent, once all of it was. */
	md5(): string | undefined;
	/** Closes the source. */
	close(): void;
}

/**
 * The form of POST /uploadSimpleFile: the file first, then `params`, whose `hashcode` is the MD5 of the bytes that have
 * just gone by. An MD5 has a fixed length, so the length of the form is exact before the first byte is read. A source
 * that has changed by its last byte leaves the form unfinished, and so no file comes of it.
 *
 * @param onBytes called for every chunk of the file on its way
 */
export async function simpleForm(
	source: UploadSource,
	file: UploadDescription,
	onBytes: (count: number) => void,
	context: Watched,
): Promise<SimpleForm> {
	const params = (hashcode: string) =>
		stringifyJson({
			filename: file.fileName,
			biz: file.biz,
			biz_params: file.bizParams,
			size: file.size,
			hashcode,
		});
	const form = newForm();
	const options = { filename: file.fileName, contentType: BINARY };

	if (source.size <= SMALL_BYTES) {
		const bytes = source.bytes ?? (await readExactly(source, context));
		const md5 = hashOf('md5', bytes);
		onBytes(bytes.length);
		form.append('file', bytes, options);
		form.append('params', params(md5));
		return { body: { type: 'form', data: form, buffered: true }, md5: () => md5, close: () => undefined };
	}

	const paramsBytes = Buffer.byteLength(params('0'.repeat(32)));
	const { chunks, close } = await openSource(source, 0, context);
	const hash = streamHash('md5', source.size);
	let md5: string | undefined;
	const bytes = Readable.from(
		(async function* () {
			let sent = 0;
			for await (const chunk of chunks) {
				sent += chunk.length;
				if (sent > source.size) break;
				await hash.update(chunk);
				onBytes(chunk.length);
				yield chunk;
			}
			if (sent !== source.size) throw wrongSize(source, sent);
			await source.assertUnchanged?.();
			md5 = await hash.digest();
		})(),
		{ objectMode: false },
	);
	form.append('file', bytes, { ...options, knownLength: source.size });
	// A function is asked for its text when its turn comes, and makes a plain field, as a text does. A stream would be
	// declared octet-stream, which makes parsers take the field for a file.
	form.append('params', (next: (text: string) => void) => next(params(md5 ?? '')), {
		knownLength: paramsBytes,
	});
	return {
		body: { type: 'form', data: form, buffered: false },
		md5: () => md5,
		close: () => {
			bytes.destroy();
			hash.discard();
			close();
		},
	};
}

/** The form of POST /uploadFilePart. */
export function partForm(fileId: FileId, number: number, bytes: Buffer): FormBody {
	const form = newForm();
	const options = { filename: `part_${number}`, contentType: BINARY };
	form.append('params', stringifyJson({ file_id: BigInt(fileId), part_number: number }));
	if (bytes.length <= SMALL_BYTES) {
		form.append('part', bytes, options);
		return { type: 'form', data: form, buffered: true };
	}
	const stream = Readable.from(slices(bytes), { objectMode: false });
	form.append('part', stream, { ...options, knownLength: bytes.length });
	return { type: 'form', data: form, buffered: false };
}

/** @throws StalledError, CancelledError */
async function readExactly(source: UploadSource, context: Watched): Promise<Buffer> {
	const gathered: Buffer[] = [];
	let size = 0;
	const { chunks, close } = await openSource(source, 0, context);
	try {
		for await (const chunk of chunks) {
			gathered.push(chunk);
			size += chunk.length;
			if (size > source.size) break;
		}
	} finally {
		close();
	}
	if (size !== source.size) throw wrongSize(source, size);
	await source.assertUnchanged?.();
	return Buffer.concat(gathered, size);
}
