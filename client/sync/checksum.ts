import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Checksum, HashAlgorithm } from '../transfer/hash';
import { throwIfCancelled } from './failures';

/** The checksum as one string, to compare and to look up by. */
export function checksumKey({ algorithm, hex }: Checksum): string {
	return `${algorithm}:${hex}`;
}

/** Reads the file once, as a stream, for all the algorithms. A symbolic link is refused. */
export async function hashFile(
	path: string,
	algorithms: readonly HashAlgorithm[],
	signal: AbortSignal | undefined,
): Promise<Checksum[]> {
	const hashes = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
	const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
	try {
		const stream = file.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false });
		for await (const chunk of stream) {
			for (const { hash } of hashes) hash.update(chunk as Buffer);
			throwIfCancelled(signal);
		}
	} finally {
		await file.close();
	}
	return hashes.map(({ algorithm, hash }) => ({ algorithm, hex: hash.digest('hex') }));
}
