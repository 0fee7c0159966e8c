import { close, constants, createReadStream, fstat, open, read, type Stats } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';

import { IntegrityError, LocalFileError } from '../api/errors';
import type { FileState } from '../types';
import { CHUNK_BYTES, SMALL_BYTES } from './bytes';
import { isSameState } from './file-state';
import { asLocalError } from './local-error';
import { realPathOf } from './real-path';

/** A source that is read from any position, into buffers of the reader's own: nothing is allocated for large files. */
export interface PositionedReader {
	/**
	 * Fills the buffer from `position` on.
	 *
	 * @returns how many bytes there were: fewer than it holds only at the end
	 */
	fill(buffer: Buffer, position: number): Promise<number>;
	close(): Promise<void>;
}

/** Bytes to upload. */
export interface UploadSource {
	/** The name the file gets at the service. */
	readonly fileName: string;
	/** Bytes, exact. */
	readonly size: number;
	/** A new stream of the bytes from `start` (default 0) to the end. May be called again, for a retry. */
	open(start?: number): Promise<Readable>;
	/** It can be read from its beginning only: `open` is told no other start, and its reader reads past what it has. */
	readonly isSequential?: boolean;
	/** The same for reading into own buffers, where it is on a disk. */
	openPositioned?(): Promise<PositionedReader>;
	/** All of it, where it is in memory anyway. */
	readonly bytes?: Buffer;
	/** The modification time of the file that it was read from. Milliseconds since 1970. */
	readonly mtimeMs?: number;
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
const [openFile, readFile, closeFile] = [promisify(open), promisify(read), promisify(close)];
const statFile = promisify<number, Stats>(fstat);

/** Links are not followed, and a pipe without a writer is not waited for. Windows has neither flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW || 0) | (constants.O_NONBLOCK || 0);

/** A file opened for reading, and what it was at that moment. */
interface OpenedFile extends FileState {
	/** The descriptor. */
	file: number;
	/** Device, inode, size and time: as long as they are the same, so is the file. */
	identity: string;
}

/**
 * A regular file on disk; a small one is read at once. Symbolic links are not followed. It is what it was at this
 * moment, or reading it fails.
 *
 * @param fileName the remote name; default: the file's own
 * @param isPathAllowed asked for where the file really is, each time that it has been opened: a folder on the way may
 * have become a link since the path was judged
 * @param seen what it was a moment ago: a small one that still is this when it was read needs no look before
 * @throws LocalFileError when it is missing, not readable, not allowed or not a regular file; IntegrityError when it
 * changes while it is read
 */
export async function diskSource(
	filePath: string,
	fileName = path.basename(filePath),
	isPathAllowed?: (realPath: string) => boolean,
	seen?: FileState,
): Promise<UploadSource> {
	const changed = () =>
		new IntegrityError(`"${filePath}" was changed while it was read`, {
			description: 'Try again when nothing writes to it any more.',
		});
	const failure = (cause: unknown) => asLocalError(`Reading "${filePath}"`, cause);
	const assertAllowed = async (file: number): Promise<void> => {
		if (isPathAllowed && !isPathAllowed(await realPathOf(file, filePath))) throw notAllowed(filePath);
	};
	/** @param before the identity that it must still have */
	const openAgain = async (before?: string): Promise<OpenedFile> => {
		const file = await openFile(filePath, FLAGS).catch((cause: unknown) => {
			throw failure(cause);
		});
		try {
			const now = await look(file, filePath);
			await assertAllowed(file);
			if (before !== undefined && before !== now.identity) throw changed();
			return { file, ...now };
		} catch (cause) {
			await closeFile(file);
			throw failure(cause);
		}
	};
	/** Undefined for what is no longer as it was seen. */
	const readAsSeen = async (before: FileState): Promise<Buffer | undefined> => {
		const file = await openFile(filePath, FLAGS);
		try {
			await assertAllowed(file);
			const bytes = await readSmall(file, before.size);
			const isAsSeen = isSameState(await look(file, filePath), before) && bytes.length === before.size;
			return isAsSeen ? bytes : undefined;
		} finally {
			await closeFile(file);
		}
	};

	if (seen && seen.size <= SMALL_BYTES) {
		// Whatever is in the way is found, and said, on the longer way.
		const bytes = await readAsSeen(seen).catch(() => undefined);
		if (bytes) return { ...bufferSource(fileName, bytes), mtimeMs: seen.mtimeMs };
	}
	const { file, size, mtimeMs, identity } = await openAgain();
	try {
		if (size <= SMALL_BYTES) {
			const bytes = await readSmall(file, size);
			const after = await look(file, filePath);
			if (bytes.length !== size || after.identity !== identity) throw changed();
			return { ...bufferSource(fileName, bytes), mtimeMs };
		}
	} catch (cause) {
		throw failure(cause);
	} finally {
		await closeFile(file);
	}
	return {
		fileName,
		size,
		mtimeMs,
		open: async (start = 0) => {
			const { file: fd } = await openAgain(identity);
			return createReadStream(filePath, { fd, start, highWaterMark: CHUNK_BYTES });
		},
		openPositioned: async () => {
			const { file: fd } = await openAgain(identity);
			return {
				fill: async (buffer, position) =>
					await fill(fd, buffer, position).catch((cause: unknown) => {
						throw failure(cause);
					}),
				close: async () => await closeFile(fd),
			};
		},
		assertUnchanged: async () => await closeFile((await openAgain(identity)).file),
	};
}

/** @throws LocalFileError for anything but a regular file */
async function look(file: number, filePath: string): Promise<Omit<OpenedFile, 'file'>> {
	const stats = await statFile(file);
	if (!stats.isFile()) {
		throw new LocalFileError(`Reading "${filePath}" failed: it is not a regular file`, {
			description: 'Only regular files can be uploaded.',
		});
	}
	const { dev, ino, size, mtimeMs } = stats;
	return { size, mtimeMs, ino, identity: [dev, ino, size, mtimeMs].join() };
}

/** What an open file holds now; `size` is a hint, as the file may have shrunk since. */
async function readSmall(file: number, size: number): Promise<Buffer> {
	const bytes = Buffer.allocUnsafe(size);
	return bytes.subarray(0, await fill(file, bytes, 0));
}

/** A disk may give less than it is asked for. */
async function fill(file: number, buffer: Buffer, position: number): Promise<number> {
	let filled = 0;
	while (filled < buffer.length) {
		const { bytesRead } = await readFile(file, buffer, filled, buffer.length - filled, position + filled);
		if (bytesRead === 0) break;
		filled += bytesRead;
	}
	return filled;
}

const notAllowed = (filePath: string) =>
	new LocalFileError(
		`Reading "${filePath}" failed: a folder of its path leads to where reading is not allowed`,
		{
			description: 'Name the file by a path without symbolic links.',
		},
	);
