import { createHash, randomBytes } from 'node:crypto';

import { knownChecksum, streamHash, type HashAlgorithm, type StreamHash } from '../../client/transfer/hash';

const MIB = 1024 * 1024;
const LARGE = 16 * MIB;
const content = randomBytes(LARGE + 12_345);

/** In chunks that fit no buffer. */
async function feed(hash: StreamHash, bytes: Buffer, chunk: number): Promise<void> {
	for (let at = 0; at < bytes.length; at += chunk) {
		const part = Buffer.from(bytes.subarray(at, at + chunk));
		await hash.update(part);
		// It belongs to the caller again.
		part.fill(0);
	}
}

const threads = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

/** The end of a thread is heard of a little later. */
async function untilNoThread(before: number): Promise<void> {
	while (threads() > before) await new Promise((resolve) => setImmediate(resolve));
}

const expected = (algorithm: HashAlgorithm, bytes: Buffer) =>
	createHash(algorithm).update(bytes).digest('hex');

it.each([
	['md5', 64 * 1024],
	['sha256', MIB],
	['md5', 3 * MIB + 1],
] as const)(
	'a large %s in chunks of %i bytes is computed in a thread, which ends with it',
	async (algorithm, chunk) => {
		const before = threads();
		const hash = streamHash(algorithm, content.length);
		expect(threads()).toBeGreaterThan(before);
		await feed(hash, content, chunk);
		expect(await hash.digest()).toBe(expected(algorithm, content));
		hash.discard();
		await untilNoThread(before);
	},
);

it.each([
	['A'.repeat(32), { algorithm: 'md5', hex: 'a'.repeat(32) }],
	['b'.repeat(64), { algorithm: 'sha256', hex: 'b'.repeat(64) }],
	['c'.repeat(33), undefined],
	['d'.repeat(65), undefined],
	['g'.repeat(32), undefined],
	['', undefined],
])('%p, as a service tells it, is %j', (hashcode, checksum) => {
	expect(knownChecksum(hashcode)).toEqual(checksum);
});

it('a small one needs no thread', async () => {
	const before = threads();
	const hash = streamHash('md5', LARGE - 1);
	expect(threads()).toBe(before);
	await feed(hash, content.subarray(0, LARGE - 1), MIB);
	expect(await hash.digest()).toBe(expected('md5', content.subarray(0, LARGE - 1)));
});

it('many at once share one thread and are not mixed up; one that is given up does not end it for the others', async () => {
	const before = threads();
	const lengths = [LARGE, LARGE + 1, LARGE + 12_345];
	const hashes = lengths.map((length) => streamHash('md5', length));
	const abandoned = streamHash('md5', LARGE);
	const together = threads();
	await feed(abandoned, content.subarray(0, 2 * MIB), MIB);
	abandoned.discard();
	const digests = await Promise.all(
		hashes.map(async (hash, index) => {
			await feed(hash, content.subarray(0, lengths[index]), 100_000);
			return await hash.digest();
		}),
	);
	expect(digests).toEqual(lengths.map((length) => expected('md5', content.subarray(0, length))));
	expect(together).toBe(before + 1);
	await untilNoThread(before);
});

it('nothing at all has a hash too, in a thread', async () => {
	const before = threads();
	const hash = streamHash('md5', LARGE);
	expect(threads()).toBe(before + 1);
	expect(await hash.digest()).toBe(expected('md5', Buffer.alloc(0)));
	await untilNoThread(before);
});

it('whoever waits for a buffer of one that is given up hears of it', async () => {
	const hash = streamHash('md5', content.length);
	const feeding = feed(hash, content, content.length);
	hash.discard();
	await expect(feeding).rejects.toThrow('not wanted any more');
});
