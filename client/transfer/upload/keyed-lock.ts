import { cancelled } from '../../api/retry';
import { untilAborted } from '../../api/until-aborted';

/** Who wants to run something. */
export interface Caller {
	/** The beginning of the sentence that a cancelled one rejects with: `Uploading "a.txt"`. */
	action: string;
	signal?: AbortSignal | undefined;
}

/** Lets work of the same key run one after the other, and work of different keys at once. */
export class KeyedLock {
	/** What the next one of each key waits for. Never rejects. */
	private readonly tails = new Map<string, Promise<void>>();

	/**
	 * @throws CancelledError at once when the signal fires before the work has begun, which then never does; nobody else's turn
	 * comes any sooner by that
	 */
	async run<T>(key: string, work: () => Promise<T>, caller?: Caller): Promise<T> {
		const before = this.tails.get(key);
		const turn = before && caller?.signal ? turnAfter(before, caller.action, caller.signal) : before;
		const mine = turn ? turn.then(work) : work();
		const tail: Promise<void> = Promise.allSettled([before, mine]).then(() => {
			if (this.tails.get(key) === tail) this.tails.delete(key);
		});
		this.tails.set(key, tail);
		return await mine;
	}
}

/** @throws CancelledError when the signal fires first */
async function turnAfter(before: Promise<void>, action: string, signal: AbortSignal): Promise<void> {
	await untilAborted(before, signal).catch(() => {
		throw cancelled(action, signal.reason);
	});
}
