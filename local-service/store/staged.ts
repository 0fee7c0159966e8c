import { closeSync, openSync, renameSync, writeFileSync, writevSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';

/** Bytes that are collected before they are written: memory per upload is at most twice this, whatever its size. */
const BATCH = 512 * 1024;
/** Chunks that are collected at most: a sender of tiny chunks must not fill the memory with their overhead. */
const BATCH_CHUNKS = 1024;

/**
 * Bytes on their way into the store. They go to a temporary file in large batches; a body smaller than one batch
 * needs no temporary file and is written once, under its final name.
 */
export class StagedFile {
	private received = 0;
	private batch: Buffer[] = [];
	private batchSize = 0;
	private handle: FileHandle | undefined;
	private writing: Promise<void> = Promise.resolve();
	private kept = false;

	/**
	 * @param path the temporary name; nothing exists there yet.
	 * @param settled is called when the bytes are kept or gone.
	 */
	constructor(
		private readonly path: string,
		private readonly settled: (file: StagedFile) => void,
	) {}

	/** Bytes so far. */
	get size(): number {
		return this.received;
	}

	/** Adds bytes. Resolves when more may come; a failed write rejects a later call. */
	async write(chunk: Buffer): Promise<void> {
		this.batch.push(chunk);
		this.batchSize += chunk.length;
		this.received += chunk.length;
		if (this.batchSize >= BATCH || this.batch.length >= BATCH_CHUNKS) await this.flush();
	}

	/** Resolves when all bytes are written, so that `keep` is a matter of a moment. */
	async finish(): Promise<void> {
		if (this.handle === undefined) return;
		await this.flush();
		await this.writing;
		await this.closeHandle();
	}

	/** Gives the finished bytes their final name, at once: no other change can come between this and its journal entry. */
	keep(path: string): void {
		if (this.received > this.batchSize) renameSync(this.path, path);
		else if (this.batch.length < 2) writeFileSync(path, this.batch[0] ?? '');
		else writeAllSync(path, this.batch);
		this.kept = true;
		this.batch = [];
		this.settled(this);
	}

	/** Removes what is there. Does nothing after `keep`. */
	async discard(): Promise<void> {
		if (this.kept) return;
		this.batch = [];
		await this.writing.catch(() => undefined);
		await this.closeHandle();
		await rm(this.path, { force: true });
		this.settled(this);
	}

	/** Starts writing the batch, after the previous one has arrived: the disk works while the next batch comes in. */
	private async flush(): Promise<void> {
		await this.writing;
		const { batch, batchSize } = this;
		this.batch = [];
		this.batchSize = 0;
		if (batchSize === 0) return;
		this.handle ??= await open(this.path, 'wx');
		const { handle } = this;
		this.writing = (async () => {
			const { bytesWritten } = await handle.writev(batch);
			if (bytesWritten !== batchSize) throw new Error('The disk took only a part of the data');
		})();
		// The next flush, finish or discard reports it.
		this.writing.catch(() => undefined);
	}

	private async closeHandle(): Promise<void> {
		const { handle } = this;
		this.handle = undefined;
		await handle?.close();
	}
}

const writeAllSync = (path: string, chunks: Buffer[]): void => {
	const fd = openSync(path, 'w');
	try {
		const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
		if (writevSync(fd, chunks) !== size) throw new Error('The disk took only a part of the data');
	} finally {
		closeSync(fd);
	}
};
