import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { throwIfCancelled } from './failures';

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
