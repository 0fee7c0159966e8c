import { closeSync, createReadStream, mkdirSync, openSync, readSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { partLength, type FileRecord } from './records';

/** Reads up to this size are one short blocking read: quicker than a stream. */
const SMALL = 64 * 1024;
const READ_CHUNK = 256 * 1024;

type Stored = Pick<FileRecord, 'id' | 'size' | 'partSize'>;

/**
 * Where the bytes of files are: `<folder>/<id>` for a file in one piece, `<folder>/<id>/<part>` for the parts of a
 * multipart upload, which stay as they came in: completing copies nothing. Names are ids and numbers only.
 */
export class Content {
	constructor(private readonly folder: string) {
		mkdirSync(folder, { recursive: true });
	}

	path(id: string): string {
		return join(this.folder, id);
	}

	partPath(id: string, part: number): string {
		return join(this.folder, id, String(part));
	}

	/** Makes room for parts. */
	prepareParts(id: string): void {
		mkdirSync(this.path(id), { recursive: true });
	}

	/** Removes a file's bytes, in one piece or in parts. */
	async remove(id: string): Promise<void> {
		await rm(this.path(id), { recursive: true, force: true });
	}

	/** Removes everything that belongs to no file: what a killed process left behind. */
	async removeOrphans(isKnown: (id: string) => boolean): Promise<void> {
		for (const name of await readdir(this.folder)) if (!isKnown(name)) await this.remove(name);
	}

	/**
	 * The bytes from `start` up to, not including, `end`.
	 * @throws (while reading) when the disk holds fewer bytes than the file has.
	 */
	async *read(file: Stored, start: number, end: number): AsyncGenerator<Buffer> {
		for (const slice of this.slices(file, start, end)) {
			let missing = slice.end - slice.start;
			const stream = createReadStream(slice.path, {
				start: slice.start,
				end: slice.end - 1,
				highWaterMark: READ_CHUNK,
			});
			for await (const chunk of stream as AsyncIterable<Buffer>) {
				missing -= chunk.length;
				yield chunk;
			}
			if (missing > 0) throw new Error(`The content of file ${file.id} is cut short on disk`);
		}
	}

	/** The same bytes at once, or null when there are too many for that. */
	readSmall(file: Stored, start: number, end: number): Buffer | null {
		if (end - start > SMALL) return null;
		const bytes = Buffer.allocUnsafe(end - start);
		let filled = 0;
		for (const slice of this.slices(file, start, end)) {
			const fd = openSync(slice.path, 'r');
			try {
				const length = slice.end - slice.start;
				if (readSync(fd, bytes, filled, length, slice.start) < length)
					throw new Error(`The content of file ${file.id} is cut short on disk`);
				filled += length;
			} finally {
				closeSync(fd);
			}
		}
		return bytes;
	}

	/** Which bytes of which paths make up a range. */
	private *slices(
		file: Stored,
		start: number,
		end: number,
	): Generator<{ path: string; start: number; end: number }> {
		const { id, size, partSize } = file;
		if (start >= end) return;
		if (partSize === null) {
			yield { path: this.path(id), start, end };
			return;
		}
		for (let part = Math.floor(start / partSize) + 1; (part - 1) * partSize < end; part++) {
			const from = (part - 1) * partSize;
			yield {
				path: this.partPath(id, part),
				start: Math.max(0, start - from),
				end: Math.min(partLength(size, partSize, part), end - from),
			};
		}
	}
}
