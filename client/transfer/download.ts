import contentDisposition from 'content-disposition';
import { randomUUID } from 'node:crypto';
import { rename } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import type { BddFileApi, CallContext } from '../api/api';
import { isFailureEnvelope, serviceError } from '../api/envelope';
import { CancelledError, ConnectionError, IntegrityError, isBddFileError, ServiceError } from '../api/errors';
import type { FileId } from '../api/ids';
import type { HttpAnswer } from '../api/http';
import { backOff, outcomeOf, withRetries } from '../api/retry';
import { hashFor } from './hash';
import { NewFile } from './newFile';
import { MIB } from './partPlan';
import type { Progress } from './progress';
import { localFileError, SMALL_BYTES } from './source';

/** What the service's list says of a file. */
export interface ExpectedFile {
	filename?: string | undefined;
	/** Bytes. */
	size?: number | undefined;
	hashcode?: string | undefined;
}

/** Long enough for any retry; the link is used at once. */
const LINK_SECONDS = 3600;
/** An error is a short text; whatever is longer is a file. */
const MAX_ERROR_BYTES = 64 * 1024;
/** A connection that carried this much was a good one: its end does not count as one failure more. */
const GOOD_BYTES = 8 * MIB;

/**
 * One file coming down. Opened, it knows the file's name and length; its bytes go on where a connection broke, and the
 * last of them is given out only when length and hash are right.
 */
export class FileDownload {
	private constructor(
		private readonly api: BddFileApi,
		private readonly fileId: FileId,
		private readonly expected: ExpectedFile,
		private readonly verify: boolean,
		private readonly context: CallContext,
		private answer: HttpAnswer,
		/** From `Content-Disposition`, else from the list. */
		readonly fileName: string | undefined,
		/** Bytes, when the service or the list tells. */
		readonly size: number | undefined,
	) {}

	/**
	 * Asks for a file and waits until its bytes begin to arrive.
	 *
	 * @throws ServiceError, ConnectionError, StalledError, CancelledError, IntegrityError when the length is not the listed one
	 */
	static async open(
		api: BddFileApi,
		fileId: FileId,
		expected: ExpectedFile,
		verify: boolean,
		context: CallContext,
	): Promise<FileDownload> {
		const answer = await withRetries(context, () => openDirect(api, fileId, expected, context));
		const size = answer.length ?? expected.size;
		if (expected.size !== undefined && size !== expected.size) {
			answer.discard();
			throw wrongLength(context.action, size ?? 0, expected.size);
		}
		const fileName = fileNameOf(answer.header('content-disposition')) ?? expected.filename;
		return new FileDownload(api, fileId, expected, verify, context, answer, fileName, size);
	}

	/** Closes the connection of a download that nobody will read. */
	discard(): void {
		this.answer.discard();
	}

	/**
	 * The file's bytes, once. Leaving the loop early closes the connection.
	 *
	 * @throws IntegrityError when length or hash are wrong; what was given out until then must not be used
	 */
	async *bytes(progress?: Progress): AsyncGenerator<Buffer, void, undefined> {
		const check = this.verify ? hashFor(this.expected.hashcode) : undefined;
		let delivered = 0;
		let deliveredAtFailure = 0;
		let failures = 0;
		/** Bytes of the current answer that were given out before. */
		let skip = 0;
		let etag: string | undefined;
		for (;;) {
			try {
				for await (const chunk of this.answer.bytes()) {
					const fresh = skip > 0 ? chunk.subarray(skip) : chunk;
					skip -= chunk.length - fresh.length;
					if (fresh.length === 0) continue;
					delivered += fresh.length;
					if (this.size !== undefined && delivered > this.size) {
						throw wrongLength(this.context.action, delivered, this.size);
					}
					check?.hash.update(fresh);
					progress?.add(fresh.length);
					yield fresh;
				}
				if (delivered < (this.size ?? 0)) throw endedEarly(this.context.action, delivered, this.size);
				break;
			} catch (error) {
				failures = delivered - deliveredAtFailure >= GOOD_BYTES ? 1 : failures + 1;
				deliveredAtFailure = delivered;
				if (outcomeOf(error) === 'final' || failures >= this.context.maxTries) throw error;
				await backOff(error, failures, this.context);
				({ answer: this.answer, skip, etag } = await this.reopen(delivered, etag));
			}
		}
		if (check && check.hash.digest('hex') !== check.expected) throw wrongContent(this.context.action);
	}

	/** All of a small file at once, under the same guarantees; cheaper than `bytes`. */
	async whole(progress?: Progress): Promise<Buffer> {
		const { action, maxTries } = this.context;
		for (let failures = 0; ;) {
			try {
				const body = await this.answer.buffer();
				if (this.size !== undefined && body.length < this.size)
					throw endedEarly(action, body.length, this.size);
				if (this.size !== undefined && body.length > this.size)
					throw wrongLength(action, body.length, this.size);
				const check = this.verify ? hashFor(this.expected.hashcode) : undefined;
				if (check && check.hash.update(body).digest('hex') !== check.expected) throw wrongContent(action);
				progress?.add(body.length);
				return body;
			} catch (error) {
				failures += 1;
				if (outcomeOf(error) === 'final' || failures >= maxTries) throw error;
				await backOff(error, failures, this.context);
				({ answer: this.answer } = await this.reopen(0, undefined));
			}
		}
	}

	/**
	 * Goes on at byte `start`: by a range of the signed link where the storage serves it, else from the beginning, so that
	 * the caller discards `skip` bytes.
	 */
	private async reopen(
		start: number,
		etag: string | undefined,
	): Promise<{ answer: HttpAnswer; skip: number; etag: string | undefined }> {
		if (start > 0) {
			const continued = await this.continueAt(start, etag);
			if (continued) return continued;
		}
		const answer = await withRetries(this.context, () =>
			openDirect(this.api, this.fileId, this.expected, this.context),
		);
		if (this.size !== undefined && answer.length !== undefined && answer.length !== this.size) {
			answer.discard();
			throw wrongLength(this.context.action, answer.length, this.size);
		}
		return { answer, skip: start, etag: undefined };
	}

	/** The signed link from byte `start` on; undefined where that does not work. */
	private async continueAt(start: number, etag: string | undefined) {
		let answer: HttpAnswer;
		try {
			const url = await this.api.getFileDownloadUrl(this.fileId, LINK_SECONDS, this.context);
			answer = await this.api.openSignedUrl(url, start, etag, this.context);
		} catch (error) {
			if (error instanceof CancelledError) throw error;
			return undefined;
		}
		const currentTag = strongTag(answer.header('etag'));
		const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.header('content-range') ?? '');
		const total = range?.[3] === undefined || range[3] === '*' ? undefined : Number(range[3]);
		if (
			answer.status === 206 &&
			Number(range?.[1]) === start &&
			(this.size === undefined || total === undefined || total === this.size)
		) {
			return { answer, skip: 0, etag: currentTag };
		}
		if (answer.status === 200 && (this.size === undefined || answer.length === this.size)) {
			return { answer, skip: start, etag: currentTag };
		}
		answer.discard();
		return undefined;
	}
}

/**
 * GET /downloadFile, once. Tells an error from a file, also from a file that is itself JSON: what has a file's headers or
 * the listed length is the file; what reads like a failure is checked against the signed link before it is believed.
 */
async function openDirect(
	api: BddFileApi,
	fileId: FileId,
	expected: ExpectedFile,
	context: CallContext,
): Promise<HttpAnswer> {
	const answer = await api.downloadFile(fileId, context);
	if (answer.status !== 200) throw serviceError(answer, await answer.text(), context.action);
	const encoding = answer.header('content-encoding') ?? 'identity';
	if (encoding !== 'identity') {
		answer.discard();
		throw new ServiceError(
			`${context.action} failed: a gateway changed the bytes (Content-Encoding: ${encoding})`,
			{
				status: answer.status,
				serviceMessage: 'unexpected content encoding',
				description: 'Ask whoever runs the gateway not to compress downloads.',
			},
		);
	}
	const isJson = /^application\/(?:[\w.]+\+)?json\b/i.test(answer.header('content-type') ?? '');
	const looksLikeFile =
		!isJson ||
		answer.header('content-disposition') !== undefined ||
		(answer.length ?? 0) > MAX_ERROR_BYTES ||
		(expected.size !== undefined && answer.length === expected.size);
	if (looksLikeFile) return answer;

	const body = await answer.buffer();
	const text = body.toString('utf8');
	if (!isFailureEnvelope(text)) return answer.replay(body);
	const failure = serviceError(answer, text, context.action);
	let stored: HttpAnswer;
	try {
		const url = await api.getFileDownloadUrl(fileId, LINK_SECONDS, context);
		stored = await api.openSignedUrl(url, 0, undefined, context);
	} catch (error) {
		if (error instanceof CancelledError) throw error;
		throw failure;
	}
	if (stored.status === 200 && stored.length === body.length) return stored;
	stored.discard();
	throw failure;
}

/** A weak validator does not vouch for bytes, so it cannot guard a range (RFC 9110, 13.1.5). */
const strongTag = (etag: string | undefined) => (etag?.startsWith('"') ? etag : undefined);

const wrongLength = (action: string, got: number, wanted: number) =>
	new IntegrityError(`${action} failed: the service sends ${got} bytes where ${wanted} were announced`, {
		description:
			'The file may be damaged at the service, or may have been replaced. List it again, then retry.',
	});

const wrongContent = (action: string) =>
	new IntegrityError(`${action} failed: the content does not match the hash that the service has`, {
		description:
			'The file was damaged on its way or at the service. Try again, or switch the option "Verify Content" off.',
	});

const endedEarly = (action: string, got: number, wanted: number | undefined) =>
	new ConnectionError(`${action} failed: the connection ended after ${got} of ${wanted ?? 'unknown'} bytes`, {
		mayHaveArrived: true,
		description: 'The network or the service dropped the connection. Run it again.',
	});

/**
 * The name in a `Content-Disposition`: `filename*=UTF-8''…`, or a `filename` whose bytes are raw UTF-8, which Node hands
 * over as Latin-1.
 */
export function fileNameOf(header: string | undefined): string | undefined {
	if (header === undefined) return undefined;
	const utf8 = Buffer.from(header, 'latin1').toString('utf8');
	const raw = utf8.includes('\uFFFD') ? header : utf8;
	let name: unknown;
	try {
		name = contentDisposition.parse(header).parameters['filename'];
		if (!/filename\*/i.test(header) && raw !== header) name = contentDispositionPlain(raw);
	} catch {
		name = contentDispositionPlain(raw);
	}
	return typeof name === 'string' && name !== '' ? name : undefined;
}

/** The plain `filename` of a header that is not as the standard wants it. */
function contentDispositionPlain(header: string): string | undefined {
	const [, quoted, token] = /filename="((?:[^"\\]|\\.)*)"|filename=([^;]+)/i.exec(header) ?? [];
	return quoted?.replace(/\\(.)/g, '$1') ?? token?.trim();
}

/** Names of our own unfinished files. They are hidden, and no sync uploads them. */
export const TEMPORARY_PREFIX = '.bdd-file-';
export const TEMPORARY_SUFFIX = '.part';

const renameFile = promisify(rename);

/**
 * Writes a download to `target`: under a temporary name beside it, then renamed. After a failure the temporary file is
 * gone and what was at `target` is as it was.
 *
 * @param modifiedAt becomes the file's modification time
 * @returns the number of bytes written
 */
export async function writeToFile(
	download: FileDownload,
	target: string,
	modifiedAt: Date | undefined,
	progress: Progress,
): Promise<number> {
	const temporary = path.join(path.dirname(target), `${TEMPORARY_PREFIX}${randomUUID()}${TEMPORARY_SUFFIX}`);
	let created = false;
	let size = 0;
	try {
		const small = download.size !== undefined && download.size <= SMALL_BYTES;
		const content = small ? [await download.whole(progress)] : download.bytes(progress);
		const file = await NewFile.create(temporary);
		created = true;
		try {
			for await (const chunk of content) {
				await file.write(chunk);
				size += chunk.length;
			}
			await file.finish(modifiedAt);
		} finally {
			await file.close();
		}
		await renameFile(temporary, target);
		return size;
	} catch (error) {
		download.discard();
		if (created) await rm(temporary, { force: true });
		throw isBddFileError(error) ? error : localFileError(`Writing "${target}"`, error);
	}
}
