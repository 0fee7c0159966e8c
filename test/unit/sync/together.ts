/** Work that ends when so many run at once; with fewer it never does. */
export function together(count: number): () => Promise<void> {
	let running = 0;
	let release: () => void = () => undefined;
	const all = new Promise<void>((resolve) => (release = resolve));
	return async () => {
		running += 1;
		// Whatever else begins in the same turn is counted too.
		if (running === count) setImmediate(release);
		await all;
	};
}
