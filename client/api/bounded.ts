import pMap from 'p-map';

/**
 * Maps with bounded concurrency and keeps the order. `items` is drawn from as there is room, so it may be endless until
 * it is told to stop. After a failure nothing new is started, and it rejects only when what was running has ended, so
 * that nobody finds it still at work: with the failure of the first of the items, whichever failed first.
 */
export async function mapBounded<T, R>(
	items: Iterable<T>,
	concurrency: number,
	work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
	const results: R[] = [];
	const failures: Array<{ index: number; error: unknown }> = [];
	function* untilFailure(): Generator<[number, T]> {
		let index = 0;
		for (const item of items) {
			if (failures.length > 0) return;
			yield [index++, item];
		}
	}
	await pMap(
		untilFailure(),
		async ([index, item]) => {
			// Drawn before another one failed, and not begun.
			if (failures.length > 0) return;
			try {
				results[index] = await work(item, index);
			} catch (error) {
				failures.push({ index, error });
			}
		},
		{ concurrency },
	);
	const [first] = failures.sort((a, b) => a.index - b.index);
	if (first) throw first.error;
	return results;
}
