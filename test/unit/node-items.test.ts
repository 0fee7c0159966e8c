import { inOrder } from '../../nodes/BddFile/in-order';

/** Work that each test finishes by hand, in the order it likes. */
function byHand() {
	const started: number[] = [];
	const ends = new Map<number, { resolve: (value: string) => void; reject: (error: Error) => void }>();
	const work = (_: unknown, index: number) =>
		new Promise<string>((resolve, reject) => {
			started.push(index);
			ends.set(index, { resolve, reject });
		});
	return { started, ends, work };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('inOrder', () => {
	it('gives results in the order of the elements, whichever ends first', async () => {
		const { ends, work } = byHand();
		const all = inOrder(['a', 'b', 'c'], 3, work);
		for (const index of [2, 0, 1]) ends.get(index)?.resolve(`r${index}`);

		expect(await all).toEqual(['r0', 'r1', 'r2']);
	});

	it('works on no more elements at once than asked', async () => {
		const { started, ends, work } = byHand();
		const all = inOrder([1, 2, 3, 4], 2, work);
		expect(started).toEqual([0, 1]);
		ends.get(1)?.resolve('');
		await turn();
		expect(started).toEqual([0, 1, 2]);
		for (const index of [0, 2]) ends.get(index)?.resolve('');
		await turn();
		ends.get(3)?.resolve('');

		expect(await all).toHaveLength(4);
	});

	it('after a failure starts nothing, awaits what runs, and throws the failure with the lowest index', async () => {
		const { started, ends, work } = byHand();
		const all = inOrder([1, 2, 3, 4, 5], 3, work);
		let settled = false;
		const outcome = all.catch((error: unknown) => error).finally(() => (settled = true));
		ends.get(2)?.reject(new Error('third'));
		await turn();
		ends.get(1)?.reject(new Error('second'));
		await turn();
		expect(settled).toBe(false);
		ends.get(0)?.resolve('first is fine');

		expect(await outcome).toEqual(new Error('second'));
		expect(started).toEqual([0, 1, 2]);
	});

	it('has nothing to do for no elements', async () => {
		expect(await inOrder([], 4, () => Promise.reject(new Error()))).toEqual([]);
	});
});
