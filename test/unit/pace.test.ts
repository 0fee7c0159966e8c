import { Pace } from '../../client/transfer/download/pace';

/** Chunks of 10 bytes, and how long each is waited for; what is done with each takes 1000 ms. */
async function isSlowAfter(waits: number[]): Promise<boolean[]> {
	let now = 0;
	const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
	const source = (async function* () {
		for (const wait of waits) {
			now += wait;
			yield await Promise.resolve(Buffer.alloc(10));
		}
	})();
	const pace = new Pace(30, 100);
	const seen: boolean[] = [];
	for await (const chunk of pace.of(source)) {
		expect(chunk).toHaveLength(10);
		now += 1000;
		seen.push(pace.isSlow);
	}
	clock.mockRestore();
	return seen;
}

describe('a source is slow', () => {
	it('when its reader waits for long, not when the reader takes long', async () => {
		expect(await isSlowAfter([20, 20, 20, 20, 20, 20])).toEqual(Array(6).fill(false));
		expect(await isSlowAfter([20, 80])).toEqual([false, true]);
	});

	it('by what is waited for a window of bytes, not by all hiccups together', async () => {
		expect(await isSlowAfter([90, 0, 0, 90, 0, 0])).toEqual(Array(6).fill(false));
		expect(await isSlowAfter([90, 0, 10, 0])).toEqual([false, false, true, false]);
	});

	it('while it is still waited for', () => {
		let now = 0;
		const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
		const pace = new Pace(30, 100);
		const reader = pace.of(
			(async function* () {
				await new Promise(() => undefined);
				yield Buffer.alloc(0);
			})(),
		);
		void reader.next();
		now = 99;
		expect(pace.isSlow).toBe(false);
		now = 100;
		expect(pace.isSlow).toBe(true);
		clock.mockRestore();
	});
});
