import { createHash, type Hash } from 'node:crypto';

import { cancelled } from '../api/retry';
import type { UploadSource } from './source';
import { endedEarly } from './readParts';

/**
 * The hash that a `hashcode` of the service can be checked with: 32 hex digits are an MD5, 64 a SHA-256. Anything else
 * is unknown and proves nothing.
 */
export function hashFor(hashcode: string | undefined): { hash: Hash; expected: string } | undefined {
	const expected = hashcode?.toLowerCase() ?? '';
	if (/^[0-9a-f]{32}$/.test(expected)) return { hash: createHash('md5'), expected };
	if (/^[0-9a-f]{64}$/.test(expected)) return { hash: createHash('sha256'), expected };
	return undefined;
}

/** The MD5 of a source, lower-case hex, read once from beginning to end. */
export async function md5Of(
	source: UploadSource,
	action: string,
	signal: AbortSignal | undefined,
): Promise<string> {
	const hash = createHash('md5');
	const stream = await source.open();
	let size = 0;
	try {
		for await (const chunk of stream as AsyncIterable<Buffer>) {
			if (signal?.aborted) throw cancelled(action, signal.reason);
			hash.update(chunk);
			size += chunk.length;
		}
	} finally {
		stream.destroy();
	}
	if (size !== source.size) throw endedEarly(source, size);
	return hash.digest('hex');
}
