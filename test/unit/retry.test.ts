import fc from 'fast-check';

import { CancelledError, ConnectionError, ServiceError, StalledError } from '../../client/api/errors';
import { outcomeOf, parseRetryAfter, retryDelay, sleep, wasFound, withRetries } from '../../client/api/retry';

const description = '';
const answered = (status: number, retryAfterMs?: number, code?: number) =>
	new ServiceError('x', { status, serviceMessage: 'x', description, retryAfterMs, code });
const notFound = (status: number, code?: number) =>
	new ServiceError('x', { status, serviceMessage: 'file not found', description, code });
const broken = (mayHaveArrived: boolean) => new ConnectionError('x', { mayHaveArrived, description });

describe('retry delay', () => {
	it('is at least what the service asks for and at most that plus a bounded window', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 10_000 }),
				fc.option(fc.integer({ min: 0, max: 120_000 }), { nil: undefined }),
				fc.double({ min: 0, max: 0.999, noNaN: true }),
				(failures, retryAfterMs, random) => {
					const delay = retryDelay(failures, retryAfterMs, random);
					expect(delay).toBeGreaterThanOrEqual(retryAfterMs ?? 0);
					expect(delay).toBeLessThanOrEqual((retryAfterMs ?? 0) + 30_000);
				},
			),
		);
	});

	it('doubles its window with every failure and spreads over all of it', () => {
		expect([1, 2, 3, 4].map((failures) => retryDelay(failures, undefined, 0.5))).toEqual([
			500, 1000, 2000, 4000,
		]);
		expect(retryDelay(3, undefined, 0)).toBe(0);
		expect(retryDelay(3, undefined, 0.5, 10)).toBe(20);
	});

	it.each([
		['7', 7000],
		['120', 120_000],
		[' 7 ', 7000],
		['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
		['01 Jan 2026 00:00:30 GMT', 30_000],
		['Thu, 01 Jan 2025 00:00:30 GMT', 0],
		['soon', undefined],
		['7s', undefined],
		[undefined, undefined],
	])('reads Retry-After as seconds and as a date: %j', (header, expected) => {
		expect(parseRetryAfter(header, Date.parse('2026-01-01T00:00:00Z'))).toBe(expected);
	});
});

describe('what a failure says about the work', () => {
	it.each([
		[broken(false), 'notDone'],
		[broken(true), 'unknown'],
		[answered(408), 'notDone'],
		[answered(425), 'notDone'],
		[answered(429), 'notDone'],
		[answered(503), 'notDone'],
		[answered(500), 'unknown'],
		[answered(502), 'unknown'],
		[answered(504), 'unknown'],
		[answered(400), 'final'],
		[answered(404), 'final'],
		[answered(422), 'final'],
		[answered(200, undefined, 1), 'final'],
		[answered(200), 'unknown'],
		[answered(503, 120_000), 'notDone'],
		[answered(503, 120_001), 'final'],
		[answered(503, 3_600_000), 'final'],
		[notFound(500, 1), 'final'],
		[notFound(200, 1), 'final'],
		// A gateway's page about something else.
		[notFound(502), 'unknown'],
		[new StalledError('x', { description }), 'final'],
		[new CancelledError('x', { description }), 'final'],
		[new Error('x'), 'final'],
		// Not of the service's, whatever it says of itself.
		[Object.assign(new Error('x'), { status: 503 }), 'final'],
	])('%#: %s is %s', (error, outcome) => {
		expect(outcomeOf(error)).toBe(outcome);
	});
});

describe('whether what the work is about was there', () => {
	it.each<[what: string, work: () => Promise<unknown>, expected: boolean | RegExp]>([
		['is true of work that was done', () => Promise.resolve(), true],
		['is false where the service does not know it', () => Promise.reject(notFound(200, 1)), false],
		['is not known where the service fails', () => Promise.reject(answered(502)), /^x$/],
	])('%s', async (_, work, expected) => {
		const found = wasFound(work());
		if (typeof expected === 'boolean') expect(await found).toBe(expected);
		else await expect(found).rejects.toThrow(expected);
	});
});

describe('retrying', () => {
	const context = { action: 'Testing', maxTries: 3 };

	it('stops after the tries it has and reports the last failure', async () => {
		let tries = 0;
		const run = withRetries({ ...context, retryBaseMs: 1 }, () => Promise.reject(answered(500 + tries++)));
		await expect(run).rejects.toMatchObject({ status: 502 });
		expect(tries).toBe(3);
	});

	it('never repeats what cannot help', async () => {
		let tries = 0;
		await expect(
			withRetries(context, () => {
				tries += 1;
				return Promise.reject(answered(422));
			}),
		).rejects.toMatchObject({ status: 422 });
		expect(tries).toBe(1);
	});

	it('tells of each attempt that is still to come', async () => {
		const told: string[] = [];
		const onRetry = (message: string) => void told.push(message);
		const run = withRetries({ ...context, retryBaseMs: 1, onRetry }, () => Promise.reject(answered(502)));
		await expect(run).rejects.toMatchObject({ status: 502 });
		expect(told).toEqual([
			expect.stringMatching(/^x\. Attempt 2 of 3 in [01] ms$/),
			expect.stringMatching(/^x\. Attempt 3 of 3 in [012] ms$/),
		]);
	});

	describe('what is not safe to do twice', () => {
		const quick = { ...context, maxTries: 2, retryBaseMs: 1 };

		/** Fails each time, and finds what it did, or not, at the look-up of that number. */
		async function run(foundAt: number, error: () => Error) {
			const [asked, tries]: [boolean[], number[]] = [[], []];
			const result = await withRetries<string>(
				quick,
				(failures) => {
					tries.push(failures);
					return Promise.reject(error());
				},
				(_, isLast) => {
					asked.push(isLast);
					return Promise.resolve(asked.length === foundAt ? 'found' : undefined);
				},
			).catch((failure: unknown) => failure);
			return { result, asked, tries };
		}

		it.each([
			[1, 'found', [false], [0]],
			[2, 'found', [false, true], [0, 1]],
		])('is looked for after attempt %i, the last included', async (foundAt, result, asked, tries) => {
			expect(await run(foundAt, () => answered(502))).toEqual({ result, asked, tries });
		});

		it('is looked for even where repeating cannot help', async () => {
			expect(await run(1, () => answered(422))).toEqual({ result: 'found', asked: [false], tries: [0] });
		});

		it('and is never found fails with the last failure', async () => {
			const { result, asked, tries } = await run(9, () => answered(502));
			expect(result).toMatchObject({ status: 502 });
			expect({ asked, tries }).toEqual({ asked: [false, true], tries: [0, 1] });
		});

		it('and cannot be looked for fails with what that says', async () => {
			let tries = 0;
			const failing = withRetries(
				quick,
				() => {
					tries += 1;
					return Promise.reject(answered(502));
				},
				() => Promise.reject(new Error('the look-up')),
			);
			await expect(failing).rejects.toThrow('the look-up');
			expect(tries).toBe(1);
		});
	});

	it('a cancelled wait ends at once', async () => {
		const stop = new AbortController();
		const waiting = sleep(60_000, 'Testing', stop.signal);
		stop.abort();
		const error: unknown = await waiting.catch((cause: unknown) => cause);
		expect(error).toBeInstanceOf(CancelledError);
		expect(error).toMatchObject({
			message: 'Testing was cancelled',
			description: 'The execution was stopped. Run it again to continue.',
		});
	});
});
