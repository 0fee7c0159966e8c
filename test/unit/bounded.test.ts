import { setImmediate as turn } from 'node:timers/promises';

import { mapBounded } from '../../client/api/bounded';

const MANY = [...Array(100).keys()];

describe('work on many things at once', () => {
	it('gives the results in order, whichever ends first, and no more at once than allowed', async () => {
		let [running, most] = [0, 0];
		const results = await mapBounded([3, 1, 2, 0], 2, async (turns, index) => {
			most = Math.max(most, (running += 1));
			for (let left = turns; left > 0; left -= 1) await turn();
			running -= 1;
			return `${index}: ${turns}`;
		});
		expect(results).toEqual(['0: 3', '1: 1', '2: 2', '3: 0']);
		expect(most).toBe(2);
	});

	it('gives nothing of nothing', async () => {
		expect(await mapBounded([], 2, () => Promise.resolve(1))).toEqual([]);
	});

	it('starts nothing after a failure, and is over when what was running is', async () => {
		const started: number[] = [];
		const ended: number[] = [];
		const work = async (number: number) => {
			started.push(number);
			if (number === 4) throw new Error('the first');
			for (let left = 10; left > 0; left -= 1) await turn();
			ended.push(number);
			if (number > 4) throw new Error('a later one');
		};
		await expect(mapBounded(MANY, 3, work)).rejects.toThrow('the first');
		expect(started).toEqual([0, 1, 2, 3, 4]);
		expect(ended).toEqual([0, 1, 2, 3]);
	});

	it('draws nothing more after a failure, so that what it draws from may be endless', async () => {
		let drawn = 0;
		function* drawing(): Generator<number> {
			for (const number of MANY) {
				drawn += 1;
				yield number;
			}
		}
		await expect(mapBounded(drawing(), 3, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
		expect(drawn).toBeLessThanOrEqual(4);
	});

	it('fails when what it draws from does, whatever has been done by then', async () => {
		function* failing(): Generator<number> {
			yield 0;
			throw new Error('no more');
		}
		await expect(mapBounded(failing(), 3, () => Promise.resolve())).rejects.toThrow('no more');
		const slow = async () => await turn();
		await expect(mapBounded(failing(), 3, slow)).rejects.toThrow('no more');
	});

	it('throws the failure of the first of the items, whichever failed first', async () => {
		const work = async (number: number) => {
			for (let left = 10 - number; left > 0; left -= 1) await turn();
			if (number > 0) throw new Error(`number ${number}`);
		};
		await expect(mapBounded([0, 1, 2], 3, work)).rejects.toThrow('number 1');
	});

	it('starts nothing that was at hand when the failure came', async () => {
		const started: number[] = [];
		const work = (number: number) => {
			started.push(number);
			return number === 0 ? Promise.reject(new Error('at once')) : Promise.resolve();
		};
		await expect(mapBounded(MANY, 5, work)).rejects.toThrow('at once');
		expect(started).toEqual([0]);
	});
});
