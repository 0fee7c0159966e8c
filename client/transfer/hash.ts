import { createHash, type Hash } from 'node:crypto';

import { cancelled } from '../api/retry';
import { openSource, wrongSize } from './open-source';
import type { UploadSource } from './source';

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

/** A fresh hash to check content with against a `hashcode`; undefined when that proves nothing. */
export function hashFor(hashcode: string | undefined): { hash: Hash; expected: string } | undefined {
	const known = knownChecksum(hashcode ?? '');
	return known && { hash: createHash(known.algorithm), expected: known.hex };
}

/** A hash of a source, lower-case hex, read once from beginning to end. */
export async function checksumOf(
	source: UploadSource,
	algorithm: HashAlgorithm,
	action: string,
	signal: AbortSignal | undefined,
): Promise<string> {
	const hash = createHash(algorithm);
	const { chunks, close } = await openSource(source, 0, signal);
	let size = 0;
	try {
		for await (const chunk of chunks) {
			hash.update(chunk);
			size += chunk.length;
			if (size > source.size) break;
		}
	} catch (error) {
		if (!signal?.aborted) throw error;
	} finally {
		close();
	}
	if (signal?.aborted) throw cancelled(action, signal.reason);
	if (size !== source.size) throw wrongSize(source, size);
	return hash.digest('hex');
}
