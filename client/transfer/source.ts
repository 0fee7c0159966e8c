import { once } from 'node:events';
import { close, constants, createReadStream, fstat, open, read, type Stats } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';

import { IntegrityError, isBddFileError, LocalFileError } from '../api/errors';
import { CHUNK_BYTES, SMALL_BYTES } from './bytes';
import { localFileError } from './local-error';

/** Bytes to upload. */
export interface UploadSource {
	/** The name the file gets at the service. */
	readonly fileName: string;
	/** Bytes, exact. */
	readonly size: number;
	/** A new stream of the bytes from `start` (default 0) to the end. May be called again, for a retry. */
	open(start?: number): Promise<Readable>;
	/** All of it, where it is in memory anyway. */
	readonly bytes?: Buffer;
	/** Rejects with IntegrityError when the source is no longer what it was when its size was taken. */
	assertUnchanged?(): Promise<void>;
}

/** A buffer in chunks. */
export function* slices(bytes: Buffer, start = 0): Generator<Buffer, void, undefined> {
	for (let at = start; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/** Bytes in memory. */
export function bufferSource(fileName: string, bytes: Buffer): UploadSource {
	return {
		fileName,
		size: bytes.length,
		bytes,
		open: (start = 0) => Promise.resolve(Readable.from(slices(bytes, start), { objectMode: false })),
	};
}

// The plain functions: for small files the handles of `fs/promises` cost as much as the disk.
const [openFile, readFile, statFile, closeFile] = [
	promisify(open),
	promisify(read),
	promisify<number, Stats>(fstat),
	promisify(close),
];

/**
 * A regular file on disk; a small one is read at once. Symbolic links are not followed.
 *
 * @param fileName the remote name; default: the file's own
 * @throws LocalFileError when it is missing, not readable or not a regular file
 */
export async function diskSource(
	filePath: string,
	fileName = path.basename(filePath),
): Promise<UploadSource> {
	const withFile = async <T>(use: (file: number) => Promise<T>): Promise<T> => {
		try {
			const file = await openFile(filePath, constants.O_RDONLY | constants.O_NOFOLLOW);
			try {
				return await use(file);
			} finally {
				await closeFile(file);
			}
		} catch (cause) {
			throw isBddFileError(cause) ? cause : localFileError(`Reading "${filePath}"`, cause);
		}
	};
	const identity = ({ dev, ino, size, mtimeMs }: Stats) => [dev, ino, size, mtimeMs].join();

	return await withFile(async (file) => {
		const opened = await statFile(file);
		if (!opened.isFile()) {
			throw new LocalFileError(`Reading "${filePath}" failed: it is not a regular file`, {
				description: 'Only regular files can be uploaded.',
			});
		}
		if (opened.size <= SMALL_BYTES) return bufferSource(fileName, await readSmall(file, opened.size));
		return {
			fileName,
			size: opened.size,
			open: async (start = 0) => {
				const stream = createReadStream(filePath, {
					start,
					// A number is what Node passes on; its types know the names only.
					flags: (constants.O_RDONLY | constants.O_NOFOLLOW) as unknown as string,
					highWaterMark: CHUNK_BYTES,
				});
				await once(stream, 'open').catch((cause: unknown) => {
					throw localFileError(`Reading "${filePath}"`, cause);
				});
				return stream;
			},
			assertUnchanged: async () => {
				if (identity(await withFile(statFile)) === identity(opened)) return;
				throw new IntegrityError(`"${filePath}" was changed while it was uploaded`, {
					description: 'Upload it again when nothing writes to it any more.',
				});
			},
		};
	});
}

/** What an open file holds now; `size` is a hint, as the file may have shrunk since. */
async function readSmall(file: number, size: number): Promise<Buffer> {
	const bytes = Buffer.allocUnsafe(size);
	let filled = 0;
	while (filled < size) {
		const { bytesRead } = await readFile(file, bytes, filled, size - filled, filled);
		if (bytesRead === 0) break;
		filled += bytesRead;
	}
	return bytes.subarray(0, filled);
}
