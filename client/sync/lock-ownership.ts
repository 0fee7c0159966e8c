import { LockLostError, LockPlaceGoneError, type LossReason } from './lock-errors';
import { elapsed, highestOf, type Moment, momentOf, type Party } from './lock-generations';
import { recordText } from './lock-record';

/** The lock, as long as it is owned. */
export class Ownership {
	private readonly loss = new AbortController();
	private reason: LossReason | undefined;
	/** The last thing that was begun; one follows the other. */
	private last: Promise<void> = Promise.resolve();
	/** The proof that was asked for and has not begun. */
	private nextProof: Promise<void> | undefined;

	constructor(
		private readonly party: Party,
		private number: number,
		private provenAt: Moment,
		/** What the last listing showed. */
		private there: readonly number[],
		/** What the last owner has left to this one, and this one to the next unless it says something else. */
		public left?: unknown,
	) {}

	/** Fires when the lock is lost; the reason is the LockLostError. Giving it back does not fire it. */
	get lost(): AbortSignal {
		return this.loss.signal;
	}

	/**
	 * Proves by a new number that the lock is still owned. A proof begins after it was asked for: one that is under way says
	 * nothing of now. All who ask meanwhile share the next one.
	 *
	 * @throws LockLostError; or what the disk says when it allows no proof, which costs the lock only when it lasts
	 */
	prove(): Promise<void> {
		this.nextProof ??= this.next(() => {
			this.nextProof = undefined;
			return this.winNext();
		});
		return this.nextProof;
	}

	/** Shows others that the owner is alive, and itself whether it was so all the time. To be called every `heartbeatMs`. */
	beat(): void {
		if (this.isLate()) this.lose('late');
		else this.prove().catch(() => undefined);
	}

	/** Gives the lock back, once what is under way has ended; whoever looks next need not wait. */
	async release(): Promise<void> {
		await this.next(async () => {
			// Who has lost gives nothing back: the number may be another's by now, when lock files were removed by hand.
			if (this.reason !== undefined) return;
			this.lose('released');
			await this.tidy();
			await this.party.files.write(this.number, recordText(this.party.owner, true, this.left));
		});
	}

	private next(step: () => Promise<void>): Promise<void> {
		this.last = this.last.catch(() => undefined).then(step);
		return this.last;
	}

	private async winNext(): Promise<void> {
		await this.tidy();
		this.throwIfLost();
		try {
			await this.tryNext();
		} catch (error) {
			if (!(error instanceof LockPlaceGoneError)) throw error;
			this.lose('removed');
		}
		this.throwIfLost();
	}

	private async tryNext(): Promise<void> {
		const { files, clock, owner } = this.party;
		const began = momentOf(clock);
		const before = this.number;
		if (!(await files.create(before + 1, recordText(owner, false)))) {
			this.lose('overtaken');
		} else {
			this.number = before + 1;
			const there = await files.list();
			if (highestOf(there, this.number) > this.number) {
				this.lose('overtaken');
				await files.remove(this.number);
			} else if (!there.includes(before) || !there.includes(this.number)) {
				this.lose('removed');
			} else {
				this.provenAt = began;
				this.there = there;
			}
		}
	}

	/** Removes the numbers below our own; later than the proof that listed them, since nothing may stand between it and its use. */
	private async tidy(): Promise<void> {
		const below = this.there.filter((number) => number < this.number);
		this.there = [];
		await Promise.all(below.map((number) => this.party.files.remove(number)));
	}

	private throwIfLost(): void {
		if (this.isLate()) this.lose('late');
		if (this.reason !== undefined) throw new LockLostError(this.party.directory, this.reason);
	}

	private isLate(): boolean {
		const { clock, timing } = this.party;
		return elapsed(clock, this.provenAt) > timing.safeMs;
	}

	private lose(reason: LossReason): void {
		if (this.reason !== undefined) return;
		this.reason = reason;
		if (reason !== 'released') this.loss.abort(new LockLostError(this.party.directory, reason));
	}
}
