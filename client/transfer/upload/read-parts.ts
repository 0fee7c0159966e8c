import type { Watched } from '../../api/watch';
import type { Part } from './part-plan';
import { openSource, wrongSize } from '../open-source';
import type { PositionedReader, UploadSource } from '../source';

export interface PartBytes {
	part: Part;
	bytes: Buffer;
}

/**
 * Reads the given parts of a source one after the other, whatever the size of the chunks it delivers. Only the part
 * being filled is held here; a consumer that pulls when it has room bounds the memory.
 *
 * @param parts in ascending order; gaps between them are read past
 * @param context its signal closes the source, also while the consumer works
 * @param allocate gives a buffer of at least that many bytes, which belongs to the consumer once its part is out
 * @throws IntegrityError when the source ends before its announced size, CancelledError, StalledError
 */
export async function* readParts(
	source: UploadSource,
	parts: readonly Part[],
	context: Watched,
	allocate: (size: number) => Buffer = (size) => Buffer.allocUnsafeSlow(size),
): AsyncGenerator<PartBytes, void, undefined> {
	const [first] = parts;
	if (!first) return;
	if (source.openPositioned) {
		yield* readPositioned(await source.openPositioned(), source, parts, context, allocate);
		return;
	}
	const { chunks, close } = await openSource(source, first.start, context);
	try {
		let position = first.start;
		let chunk: Buffer = Buffer.alloc(0);
		for (const part of parts) {
			const bytes = allocate(part.end - part.start).subarray(0, part.end - part.start);
			while (position < part.end) {
				if (chunk.length === 0) {
					const next = await chunks.next();
					if (next.done) throw wrongSize(source, position);
					chunk = next.value;
				}
				const skip = Math.min(chunk.length, Math.max(0, part.start - position));
				const taken = Math.min(chunk.length, part.end - position);
				// A chunk may lie in a gap as a whole.
				if (skip < taken) chunk.copy(bytes, position + skip - part.start, skip, taken);
				chunk = chunk.subarray(taken);
				position += taken;
			}
			yield { part, bytes };
		}
	} finally {
		close();
	}
}

async function* readPositioned(
	reader: PositionedReader,
	source: UploadSource,
	parts: readonly Part[],
	{ signal }: Watched,
	allocate: (size: number) => Buffer,
): AsyncGenerator<PartBytes, void, undefined> {
	try {
		for (const part of parts) {
			signal?.throwIfAborted();
			const length = part.end - part.start;
			const bytes = allocate(length).subarray(0, length);
			const filled = await reader.fill(bytes, part.start);
			if (filled < length) throw wrongSize(source, part.start + filled);
			yield { part, bytes };
		}
	} finally {
		await reader.close();
	}
}
