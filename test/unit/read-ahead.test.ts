import { setImmediate as turn } from 'node:timers/promises';

import { ReadAhead } from '../../client/transfer/download/read-ahead';

/** What was got until it ended, and how it ended. */
async function readingOf(chunks: AsyncIterable<number>): Promise<{ got: number[]; end: unknown }> {
	const got: number[] = [];
	try {
		for await (const chunk of chunks) got.push(chunk);
		return { got, end: 'complete' };
	} catch (end) {
		return { got, end };
	}
}

describe.each([
	['completes', undefined],
	['fails', new Error('the line is cut')],
])('a source that %s', (_, failure) => {
	let given = 0;
	/** @param waits for each of its chunks */
	async function* source(waits: (() => Promise<unknown>)[]) {
		given = 0;
		for (const wait of waits) {
			await wait();
			yield (given += 1);
		}
		if (failure) throw failure;
	}
	const expected = { got: [1, 2, 3], end: failure ?? 'complete' };

	it('is read while nobody listens, and all is kept', async () => {
		const ahead = new ReadAhead(source([turn, turn, turn]));
		for (let turns = 0; turns < 10; turns += 1) await turn();
		expect(given).toBe(3);
		expect(await readingOf(ahead.bytes())).toEqual(expected);
	});

	it('is given on as it comes to whoever waits for it', async () => {
		const ready: (() => void)[] = [];
		const byHand = () => new Promise<void>((resolve) => ready.push(resolve));
		const ahead = new ReadAhead(source([byHand, byHand, byHand]));
		const got: number[] = [];
		const reading = (async function* () {
			for await (const chunk of ahead.bytes()) {
				got.push(chunk);
				yield chunk;
			}
		})();
		const read = readingOf(reading);
		for (const count of [0, 1, 2, 3]) {
			await turn();
			expect(got).toHaveLength(count);
			ready[count]?.();
		}
		expect(await read).toEqual(expected);
	});
});
