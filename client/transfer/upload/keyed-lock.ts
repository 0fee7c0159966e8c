import { cancelled } from '../../api/retry';

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
		const turn = before && caller?.signal ? unlessAborted(before, caller.action, caller.signal) : before;
		const mine = turn ? turn.then(work) : work();
		const tail: Promise<void> = Promise.allSettled([before, mine]).then(() => {
			if (this.tails.get(key) === tail) this.tails.delete(key);
		});
		this.tails.set(key, tail);
		return await mine;
	}
}

async function unlessAborted(turn: Promise<void>, action: string, signal: AbortSignal): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const giveUp = () => reject(cancelled(action, signal.reason));
		signal.addEventListener('abort', giveUp, { once: true });
		if (signal.aborted) giveUp();
		void turn.then(() => {
			signal.removeEventListener('abort', giveUp);
			resolve();
		});
	});
}
