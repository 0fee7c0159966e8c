/**
 * Runs `work` on every element, at most `atOnce` at a time, and gives the results in the elements' order.
 *
 * After a failure nothing new starts; what is under way is awaited, because an upload cut off midway leaves half a file
 * at the service. Then the failure with the lowest index is thrown, whichever happened first.
 */
export async function inOrder<T, R>(
	elements: readonly T[],
	atOnce: number,
	work: (element: T, index: number) => Promise<R>,
): Promise<R[]> {
	const queue = elements.entries();
	const results: R[] = [];
	const failures: Array<{ index: number; error: unknown }> = [];

	const lane = async () => {
		for (const [index, element] of queue) {
			try {
				results[index] = await work(element, index);
			} catch (error) {
				failures.push({ index, error });
			}
			if (failures.length > 0) return;
		}
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, elements.length) }, lane));

	const [first] = failures.sort((a, b) => a.index - b.index);
	if (first) throw first.error;
	return results;
}
