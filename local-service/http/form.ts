import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { HttpError } from '../errors';
import type { StagedFile } from '../store/staged';

/** A received `multipart/form-data` body. */
export interface Form {
	fields: ReadonlyMap<string, string>;
	/** The file part, finished; null when the form has none. */
	file: StagedFile | null;
}

/**
 * Receives a form and gives it to `use`. Bytes that `use` does not keep are gone afterwards.
 * @param filePart the name of the file part; other files are ignored, and so is a second one of this name.
 * @throws HttpError 400 when the body is no such form, or when it broke off; `use` is not called then.
 */
export const withForm = async <T>(
	request: IncomingMessage,
	filePart: string,
	store: { stage(): StagedFile },
	use: (form: Form) => T,
): Promise<T> => {
	const form = await receiveForm(request, filePart, store);
	try {
		return use(form);
	} finally {
		await form.file?.discard();
	}
};

/**
 * Receives a form whose fields and file come in any order; the file goes straight to the store's staging place.
 * The body is always read to its end, so that a refusal reaches a client that is still sending.
 */
const receiveForm = async (
	request: IncomingMessage,
	filePart: string,
	store: { stage(): StagedFile },
): Promise<Form> => {
	const fields = new Map<string, string>();
	let file: StagedFile | null = null;
	let stream: BusboyFileStream | undefined;
	let storing: Promise<void> = Promise.resolve();
	const parser = formParser(request);
	const parsed = new Promise<void>((resolve, reject) => {
		parser.on('field', (name, value) => fields.set(name, value));
		parser.on('file', (name, part) => {
			if (name !== filePart || file !== null) {
				part.on('error', reject);
				part.resume();
				return;
			}
			file = store.stage();
			stream = part;
			storing = storeAll(part, file);
			storing.catch(reject);
		});
		parser.on('finish', resolve);
		parser.on('error', reject);
		request.on('error', reject);
		request.on('close', () => {
			if (!request.complete) reject(new Error('The connection was closed'));
		});
	});
	request.pipe(parser);
	try {
		await parsed;
		await storing;
		return { fields, file };
	} catch (cause) {
		request.unpipe(parser);
		request.resume();
		stream?.destroy();
		await storing.catch(() => undefined);
		await discard(file);
		if (cause instanceof StorageError) throw cause;
		throw new HttpError(400, 'There was an error parsing the body');
	}
};

/** The store could not take the bytes (a full disk): not the sender's fault. */
class StorageError extends Error {
	override readonly name = 'StorageError';
}

const formParser = (request: IncomingMessage) => {
	const contentType = request.headers['content-type'] ?? '';
	if (!/^multipart\/form-data\b/i.test(contentType))
		throw new HttpError(400, 'The body is no multipart form');
	try {
		return new Busboy({
			headers: { ...request.headers, 'content-type': contentType },
			// As the real service's framework decides: a part with a file name is a file.
			isPartAFile: (_name, _type, filename) => filename !== undefined,
		});
	} catch {
		throw new HttpError(400, 'Missing boundary in multipart.');
	}
};

/** Writes a part to its staging place. After a failed write the rest is read and dropped. */
const storeAll = async (part: BusboyFileStream, file: StagedFile): Promise<void> => {
	let failure: StorageError | undefined;
	for await (const chunk of part as AsyncIterable<Buffer>) {
		try {
			if (failure === undefined) await file.write(chunk);
		} catch (cause) {
			failure = new StorageError('The bytes could not be stored', { cause });
		}
	}
	if (failure !== undefined) throw failure;
	await file.finish();
};

// A function, for TypeScript does not see that a callback assigns the variable.
const discard = async (file: StagedFile | null): Promise<void> => file?.discard();
