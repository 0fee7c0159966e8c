import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { knownChecksum, streamHash, type HashAlgorithm, type StreamHash } from '../../client/transfer/hash';
import { ThreadHash } from '../../client/transfer/hash-thread';

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

describe('what goes to the thread', () => {
	const told = jest.spyOn(Worker.prototype, 'postMessage');
	const orders = () =>
		told.mock.calls.map(([order]) => order as { id: number; buffer?: ArrayBuffer; length?: number });
	/** The real threads, each once. */
	const workers = () => [...new Set(told.mock.contexts as Worker[])];
	const begun = async () => {
		const hash = streamHash('md5', LARGE);
		await hash.update(content.subarray(0, MIB));
		return hash;
	};

	beforeEach(() => told.mockClear());
	afterAll(() => told.mockRestore());

	it('small chunks go together, in buffers that are handed over and not copied', async () => {
		const hash = streamHash('md5', LARGE);
		await feed(hash, content.subarray(0, 2 * MIB), 100_000);
		await hash.digest();
		expect(orders().map(({ length }) => length)).toEqual([MIB, MIB, 0, undefined]);
		expect(orders().map(({ buffer }) => buffer?.byteLength)).toEqual([0, 0, 0, undefined]);
	});

	it('no more than four buffers are on their way', async () => {
		const hash = streamHash('md5', LARGE);
		const feeding = hash.update(content.subarray(0, LARGE));
		// Only what can go on without a reply, which needs a turn of the event loop.
		for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
		expect(orders()).toHaveLength(4);
		await feeding;
		hash.discard();
	});

	it('a reply may come before anybody waits for it', async () => {
		const hash = await begun();
		const [worker] = workers();
		if (worker === undefined) throw new Error('There is no thread.');
		await once(worker, 'message');
		expect(await hash.digest()).toBe(expected('md5', content.subarray(0, MIB)));
	});

	it('one that is given up is forgotten there too; one that is ready is not spoken of again', async () => {
		const [ready, other] = await Promise.all([begun(), begun()]);
		await ready.digest();
		const before = orders().length;
		ready.discard();
		expect(orders()).toHaveLength(before);
		other.discard();
		expect(orders().at(-1)).toMatchObject({ id: orders()[1]?.id });
		expect(orders().at(-1)).not.toHaveProperty('buffer');
	});

	it('a thread that cannot go on says why, to all who wait for it', async () => {
		const before = threads();
		const unknown = new ThreadHash('no-such-algorithm');
		const other = await begun();
		const [own, others] = await Promise.allSettled([unknown.digest(), other.digest()]);
		expect(own).toMatchObject({ reason: { message: expect.stringMatching(/not supported/i) as string } });
		expect(others.status).toBe('rejected');
		await untilNoThread(before);
	});

	it('a thread that somebody ends fails its hashes, and the next one has a new thread', async () => {
		const hash = await begun();
		const waiting = hash.digest();
		await workers()[0]?.terminate();
		await expect(waiting).rejects.toThrow('The thread that computes checksums has ended');
		const next = await begun();
		expect(await next.digest()).toBe(expected('md5', content.subarray(0, MIB)));
		expect(workers()).toHaveLength(2);
	});

	it('a hash that begins as the last one ends does not join the thread that ends; those after it join its own', async () => {
		const last = await begun();
		last.discard();
		const next = await begun();
		const [ending] = workers();
		if (ending === undefined) throw new Error('There is no thread.');
		await once(ending, 'exit');
		const third = await begun();
		expect(workers()).toHaveLength(2);
		expect(await next.digest()).toBe(expected('md5', content.subarray(0, MIB)));
		third.discard();
	});

	it('a hash of a thread that has ended may be given up without harm to those of the next thread', async () => {
		const orphan = await begun();
		await workers()[0]?.terminate();
		const next = await begun();
		orphan.discard();
		const third = await begun();
		expect(workers()).toHaveLength(2);
		next.discard();
		third.discard();
	});
});
