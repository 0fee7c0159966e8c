/**
 * One look at a place for all who ask for it at about the same time. A look that is under way says nothing of now: whoever
 * asks meanwhile shares the next one, which begins after they asked.
 */
export class SharedLooks<T> {
	private readonly running = new Map<string, Promise<T>>();
	private readonly next = new Map<string, Promise<T>>();

	constructor(private readonly look: (place: string) => Promise<T>) {}

	async at(place: string): Promise<T> {
		let next = this.next.get(place);
		if (next === undefined) {
			next = this.begin(place);
			this.next.set(place, next);
		}
		return await next;
	}

	private async begin(place: string): Promise<T> {
		// Also when nothing is under way this goes on only after `at` has noted it.
		await this.running.get(place)?.catch(() => undefined);
		this.next.delete(place);
		const look = this.look(place);
		this.running.set(place, look);
		try {
			return await look;
		} finally {
			// Whoever comes next goes on only after this.
			this.running.delete(place);
		}
	}
}
