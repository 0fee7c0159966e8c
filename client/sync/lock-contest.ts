import { elapsed, highestOf, momentOf, type Party } from './lock-generations';
import { Ownership } from './lock-ownership';
import { type LockOwner, parseRecord, recordText } from './lock-record';

export interface ContestOptions {
	signal: AbortSignal | undefined;
	/**
	 * Told at each look that finds the folder taken; true gives up.
	 *
	 * @param owner undefined while its record cannot be read
	 * @param isAlive it has won a number since the first look
	 */
	onTaken(owner: LockOwner | undefined, isAlive: boolean): boolean;
	/** Told before the lock of a dead owner is taken over. */
	onDead(owner: LockOwner | undefined): void;
}

/**
 * Competes for the lock until it is won.
 *
 * @returns undefined when `onTaken` gave up
 * @throws CancelledError when the signal fires; whatever the files throw
 */
export async function contend(party: Party, options: ContestOptions): Promise<Ownership | undefined> {
	const { files, clock, timing } = party;
	/** The highest number that is known to exist or to have existed. */
	let known = 0;
	/** When it was last seen to be the highest, and for how long it has been. */
	let seenAt = clock.steady();
	let unchangedMs = 0;
	let isFirstLook = true;
	let isAlive = false;
	for (;;) {
		const highest = highestOf(await files.list(), known);
		const text = highest === 0 ? undefined : await files.read(highest);
		const now = clock.steady();
		if (highest > known) {
			isAlive = !isFirstLook;
			unchangedMs = 0;
		} else {
			unchangedMs += Math.min(now - seenAt, timing.gapMs);
		}
		known = highest;
		seenAt = now;
		isFirstLook = false;

		const record = text === undefined ? undefined : parseRecord(text);
		const isFree = highest === 0 || record?.released === true;
		const isDead = unchangedMs >= timing.deadMs;
		if (isFree || isDead || text === undefined) {
			if (!isFree && isDead) options.onDead(record?.owner);
			const won = await attempt(party, isFree || isDead ? highest + 1 : highest, record?.left);
			if (won instanceof Ownership) return won;
			if (won > highest) {
				// Somebody else was faster. How long ago is not known, so the time begins anew.
				isAlive = true;
				known = won;
				unchangedMs = 0;
				seenAt = clock.steady();
			}
		} else if (options.onTaken(record?.owner, isAlive)) {
			return undefined;
		}
		await clock.pause(timing.pollMs * (0.5 + Math.random()), options.signal);
	}
}

/**
 * @param left by the last owner
 * @returns the lock, or, when it was not won, the highest number that is known by then
 */
async function attempt(party: Party, number: number, left: unknown): Promise<Ownership | number> {
	const { files, clock, timing, owner } = party;
	const began = momentOf(clock);
	if (!(await files.create(number, recordText(owner, false)))) return number;
	let isOpen = true;
	try {
		const there = await files.list();
		const highest = highestOf(there, number);
		isOpen = highest === number;
		if (!isOpen) {
			await files.remove(number);
			return highest;
		}
		const isWon = there.includes(number) && elapsed(clock, began) <= timing.safeMs;
		isOpen = !isWon;
		return isWon ? new Ownership(party, number, began, there, left) : number;
	} finally {
		// Nobody else can win this number any more, so that nobody need wait for it either.
		if (isOpen) await files.write(number, recordText(owner, true, left)).catch(() => undefined);
	}
}
