import { Readable } from 'node:stream';

export const MIB = 1024 * 1024;

/** Up to here a file is handled as one buffer: streams would cost more than its bytes. */
export const SMALL_BYTES = 512 * 1024;

/** Chunks of this size keep the number of reads and of socket writes low, and still let progress be seen. */
export const CHUNK_BYTES = 256 * 1024;

/** A socket's chunks are small, and whoever stores them pays for each. */
export async function* inLargeChunks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
	let gathered: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of chunks) {
		gathered.push(chunk);
		bytes += chunk.length;
		if (bytes < MIB) continue;
		yield Buffer.concat(gathered, bytes);
		gathered = [];
		bytes = 0;
	}
	if (bytes > 0) yield Buffer.concat(gathered, bytes);
}

/**
 * Chunks as a stream. Destroying it calls `close` at once, also while the next chunk is waited for: what then fails is of no
 * interest any more.
 */
export function streamOf(chunks: AsyncGenerator<Buffer, void, undefined>, close: () => void): Readable {
	return new Readable({
		highWaterMark: MIB,
		read() {
			chunks.next().then(
				({ value, done }) => this.push(done ? null : value),
				(error: unknown) => this.destroy(error as Error),
			);
		},
		destroy(error, callback) {
			close();
			const settled = () => callback(error);
			chunks.return().then(settled, settled);
		},
	});
}
