import { createHash } from 'node:crypto';

import { cancelled } from '../api/retry';
import type { Watched } from '../api/watch';
import { MIB } from './bytes';
import { ThreadHash } from './hash-thread';
import { openSource, wrongSize } from './open-source';
import type { PositionedReader, UploadSource } from './source';

export type HashAlgorithm = 'md5' | 'sha256';

/** A hash as the service knows it, or as it was computed: an algorithm and lower-case hex. */
export interface Checksum {
	algorithm: HashAlgorithm;
	hex: string;
}

/** What `hashcode` proves: 32 hex digits are an MD5, 64 a SHA-256, anything else is unknown. */
export function knownChecksum(hashcode: string): Checksum | undefined {
	if (!/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(hashcode)) return undefined;
	return { algorithm: hashcode.length === 32 ? 'md5' : 'sha256', hex: hashcode.toLowerCase() };
}

/** A hash of bytes that go by. To be ended by `digest` or by `discard`. */
export interface StreamHash {
	/** Takes a chunk, which belongs to the caller again when this resolves. */
	update(chunk: Buffer): Promise<void>;
	/** Lower-case hex. */
	digest(): Promise<string>;
	/** Does nothing after `digest`. */
	discard(): void;
}

/** From here on a hash is computed in a thread of its own: it takes as long as all else, and n8n's other workflows would wait. */
const LARGE_BYTES = 16 * MIB;

/** @param size of all that is to be hashed, in bytes; undefined when that is not known */
export function streamHash(algorithm: HashAlgorithm, size: number | undefined): StreamHash {
	if (size !== undefined && size >= LARGE_BYTES) {
		try {
			return new ThreadHash(algorithm);
		} catch {
			// Node may have been started without the permission to have threads.
		}
	}
	const hash = createHash(algorithm);
	return {
		update: (chunk) => Promise.resolve(void hash.update(chunk)),
		digest: () => Promise.resolve(hash.digest('hex')),
		discard: () => undefined,
	};
}

/** The hash of bytes that are there as a whole. Lower-case hex. */
export const hashOf = (algorithm: HashAlgorithm, bytes: Buffer): string =>
	createHash(algorithm).update(bytes).digest('hex');

/**
 * A hash of a source, lower-case hex, read once from beginning to end.
 *
 * @throws IntegrityError when it has not its size, LocalFileError, CancelledError, StalledError
 */
export async function checksumOf(
	source: UploadSource,
	algorithm: HashAlgorithm,
	context: Watched,
): Promise<string> {
	const { action, signal } = context;
	const { chunks, close } = await readingOf(source, context);
	const hash = streamHash(algorithm, source.size);
	let size = 0;
	try {
		for await (const chunk of chunks) {
			await hash.update(chunk);
			size += chunk.length;
			if (size > source.size) break;
		}
		signal?.throwIfAborted();
		if (size !== source.size) throw wrongSize(source, size);
		return await hash.digest();
	} catch (error) {
		throw signal?.aborted ? cancelled(action, signal.reason) : error;
	} finally {
		hash.discard();
		await close();
	}
}

interface Reading {
	/** A chunk is there until the next one is asked for. */
	chunks: AsyncIterable<Buffer>;
	close: () => void | Promise<void>;
}

async function readingOf(source: UploadSource, context: Watched): Promise<Reading> {
	const reader = await source.openPositioned?.();
	return reader
		? { chunks: filling(reader, context.signal), close: async () => await reader.close() }
		: openSource(source, 0, context);
}

async function* filling(
	reader: PositionedReader,
	signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, undefined> {
	const buffer = Buffer.allocUnsafeSlow(MIB);
	let position = 0;
	for (let filled = buffer.length; filled === buffer.length; position += filled) {
		signal?.throwIfAborted();
		filled = await reader.fill(buffer, position);
		yield buffer.subarray(0, filled);
	}
}
