/** A small generator of random numbers (mulberry32), so that a number is a history. */
export class Chance {
	constructor(private state: number) {}

	/** In [0, 1). */
	next(): number {
		this.state = (this.state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	}

	below(limit: number): number {
		return Math.floor(this.next() * limit);
	}

	of<T>(values: readonly T[]): T {
		return values[this.below(values.length)] as T;
	}

	percent(percent: number): boolean {
		return this.next() * 100 < percent;
	}

	/** As `crypto.randomUUID`. */
	uuid(): `${string}-${string}-${string}-${string}-${string}` {
		const hex = (digits: number) =>
			Array.from({ length: digits }, () => this.below(16).toString(16)).join('');
		return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
	}
}
