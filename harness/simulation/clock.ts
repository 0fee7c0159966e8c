/** Who has an event: nothing happens to the dead, and to the frozen it happens later. */
export interface Owner {
	readonly isAlive: boolean;
	/** Virtual milliseconds; in the past for who is awake. */
	readonly frozenUntil: number;
}

export interface Entry {
	at: number;
	order: number;
	owner: Owner | undefined;
	run: () => void;
	isDone: boolean;
}

/**
 * Virtual time. It stands still while anything goes on in this process, and jumps to the next event when nothing does.
 * There is no other source of events than this clock: disks and connections are in memory, so the same events come in
 * the same order.
 */
export class VirtualClock {
	/** Milliseconds since the beginning. */
	now = 0;
	/** Grows whenever something happens; what does not grow any more has come to rest. */
	activity = 0;
	private count = 0;
	private readonly heap: Entry[] = [];

	/** @param epoch the time of day at the beginning, milliseconds since 1970 */
	constructor(private readonly epoch: number) {}

	/** The time of day of a clock that is right. */
	get timeOfDay(): number {
		return this.epoch + this.now;
	}

	in(ms: number, owner: Owner | undefined, run: () => void): Entry {
		return this.at(this.now + Math.max(0, ms), owner, run);
	}

	at(at: number, owner: Owner | undefined, run: () => void): Entry {
		this.activity += 1;
		const entry = { at, order: ++this.count, owner, run, isDone: false };
		this.push(entry);
		return entry;
	}

	cancel(entry: Entry): void {
		entry.isDone = true;
	}

	wait(ms: number, owner?: Owner): Promise<void> {
		return new Promise((resolve) => this.in(ms, owner, resolve));
	}

	/** Goes on to the next event and all that follows from it at once. @returns false when there is none */
	async step(): Promise<boolean> {
		for (;;) {
			const entry = this.pop();
			if (entry === undefined) return false;
			if (entry.isDone || entry.owner?.isAlive === false) continue;
			if (entry.owner !== undefined && entry.owner.frozenUntil > entry.at) {
				// It keeps its order among those that waited with it.
				entry.at = entry.owner.frozenUntil;
				this.push(entry);
				continue;
			}
			entry.isDone = true;
			this.now = Math.max(this.now, entry.at);
			this.activity += 1;
			entry.run();
			await this.rest();
			return true;
		}
	}

	/** Resolves when all that can go on without time has gone on. */
	async rest(): Promise<void> {
		for (let quiet = 0, seen = this.activity; quiet < QUIET_TURNS;) {
			await new Promise<void>((resolve) => setImmediate(resolve));
			quiet = this.activity === seen ? quiet + 1 : 0;
			seen = this.activity;
		}
	}

	private push(entry: Entry): void {
		const { heap } = this;
		let at = heap.push(entry) - 1;
		while (at > 0) {
			const above = (at - 1) >> 1;
			if (!isBefore(entry, heap[above] as Entry)) break;
			heap[at] = heap[above] as Entry;
			at = above;
		}
		heap[at] = entry;
	}

	private pop(): Entry | undefined {
		const { heap } = this;
		const first = heap[0];
		const last = heap.pop();
		if (first === undefined || last === undefined || heap.length === 0) return first;
		let at = 0;
		for (;;) {
			let below = 2 * at + 1;
			if (below >= heap.length) break;
			if (below + 1 < heap.length && isBefore(heap[below + 1] as Entry, heap[below] as Entry)) below += 1;
			if (!isBefore(heap[below] as Entry, last)) break;
			heap[at] = heap[below] as Entry;
			at = below;
		}
		heap[at] = last;
		return first;
	}
}

/** Streams need a turn of the loop now and then to go on. */
const QUIET_TURNS = 3;

const isBefore = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.order < b.order);
