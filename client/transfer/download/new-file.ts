import { close, fchmod, fchown, fstat, futimes, open, write, writev, type Stats } from 'node:fs';
import { promisify } from 'node:util';

import { MIB } from '../bytes';

// The plain functions: for small files the handles of `fs/promises` cost as much as the disk.
const [openFile, writeBuffer, setTimes, closeFile] = [
	promisify(open),
	promisify(write),
	promisify(futimes),
	promisify(close),
];
const [setMode, setOwner] = [promisify(fchmod), promisify(fchown)];
const writeBuffers = promisify(writev);
const statFile = promisify<number, Stats>(fstat);

/** One write of this size costs hardly more than one of a single chunk from a socket. */
const BATCH_BYTES = MIB;

/** A file being written from beginning to end. While one batch is on its way to the disk, the next one gathers. */
export class NewFile {
	private batch: Buffer[] = [];
	private batchBytes = 0;
	private writing: Promise<void> = Promise.resolve();

	private constructor(
		private readonly file: number,
		private readonly like: Stats | undefined,
	) {}

	/**
	 * Rejects when a file of that name exists.
	 *
	 * @param like the file whose mode and owner it gets; it is never more open than that
	 */
	static async create(path: string, like?: Stats): Promise<NewFile> {
		return new NewFile(await openFile(path, 'wx', like ? like.mode & 0o777 : 0o666), like);
	}

	/** Takes a chunk; waits when the disk does not keep up. A write that failed rejects here or in `finish`. */
	async write(chunk: Buffer): Promise<void> {
		this.batch.push(chunk);
		this.batchBytes += chunk.length;
		if (this.batchBytes >= BATCH_BYTES) await this.flush();
	}

	/**
	 * Resolves when everything is written. A disk that knows no modes or refuses times is no reason to fail a file whose
	 * content is right.
	 */
	async finish(modifiedAt: Date | undefined): Promise<void> {
		await this.flush();
		await this.writing;
		if (this.like) await this.becomeLike(this.like);
		if (modifiedAt) await setTimes(this.file, modifiedAt, modifiedAt).catch(() => undefined);
	}

	/** As its disk keeps it. Milliseconds since 1970. */
	async modificationTime(): Promise<number> {
		return (await statFile(this.file)).mtimeMs;
	}

	/** Closes the file, also in the middle of a write. */
	async close(): Promise<void> {
		await this.writing.catch(() => undefined);
		await closeFile(this.file);
	}

	private async becomeLike({ mode, uid, gid }: Stats): Promise<void> {
		const isOurs = uid === process.geteuid?.() && gid === process.getegid?.();
		const isTheirs =
			isOurs ||
			(await setOwner(this.file, uid, gid).then(
				() => true,
				() => false,
			));
		// The bits that make a program run as its owner are meant for that owner.
		await setMode(this.file, mode & (isTheirs ? 0o7777 : 0o777)).catch(() => undefined);
	}

	private async flush(): Promise<void> {
		await this.writing;
		const batch = this.batch;
		this.batch = [];
		this.batchBytes = 0;
		if (batch.length === 0) return;
		this.writing = writeAll(this.file, batch);
		// Whoever waits for it next sees the failure; until then it is not an unhandled one.
		this.writing.catch(() => undefined);
	}
}

/** A disk may take less than it is given. */
async function writeAll(file: number, batch: Buffer[]): Promise<void> {
	const bytes = batch.reduce((sum, chunk) => sum + chunk.length, 0);
	let written = batch.length > 1 ? (await writeBuffers(file, batch)).bytesWritten : 0;
	if (written === bytes) return;
	const rest = Buffer.concat(batch, bytes);
	while (written < bytes) {
		written += (await writeBuffer(file, rest, written, bytes - written, null)).bytesWritten;
	}
}
