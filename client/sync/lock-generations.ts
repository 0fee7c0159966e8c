/**
 * Who owns a folder, decided by numbers: each lock file has a whole number for its name, and the owner is who has created
 * the highest. Numbers only grow. The owner shows that it is alive, and proves to itself that it still owns, in one and
 * the same way: it creates the next number. So does who takes a lock that was given back, or whose owner is dead. All
 * of them compete by one operation that every disk does at one instant and for one winner: exclusive creation. No
 * clock of another machine, no process id and no renaming decides anything; of a text only the word that gives back.
 *
 * The rules:
 *  1. A number is created exclusively, and only by who knows that the one before it was there.
 *  2. A number is removed only by who has seen a higher one.
 *  3. Who has created a number lists all of them. It has won if its own is there and is the highest.
 *  4. A contender creates the number after the highest when that says "released", or has stayed the highest for `deadMs`
 *     of the contender's own steady time. One that is listed but not found when it is read, it creates again: either
 *     it exists after all, or a higher one does, which the listing that follows shows.
 *  5. An owner that has not won a number for `safeMs`, less than `deadMs`, by its steady clock or by the time of day, has
 *     lost, and creates no more.
 *
 * Why no two own the folder:
 *  - By rule 2 the highest number ever created is always there: who removed it would have seen a higher one. So the
 *    highest never falls, and a number that is the highest when its creator lists was created once and by it alone: one
 *    created twice was removed between, so a higher one is there and is listed. Each number is won at most once.
 *  - A contender that looked long ago and creates a number that was removed since, lists a higher one, removes its own
 *    and has not won. The same holds for an owner that wakes after others have come and gone.
 *  - An owner whose number n was won by a creation that began at s is followed only by who creates n + 1. That one has
 *    seen n, so after s, and creates n + 1 after s + `deadMs`, while the owner believes in n until s + `safeMs` only.
 *    When it tries to win n + 1 itself, one of the two creations fails.
 *  - A machine's steady clock may stand still while it sleeps, so the owner also takes the time of day as a reason to
 *    have lost; a contender takes no clock but the steady one, which can only make it wait longer. Should both clocks
 *    of an owner fail, it still wins no number after it was followed, as its listing shows that.
 *
 * What remains: a process that sleeps after its proof, and before the deletion which the proof was for, deletes when it
 * wakes. That is harmless until `deadMs` after the proof began, and so for at least `deadMs - safeMs` after it ended. No
 * lock prevents more where disk and service know nothing of it; the caller keeps the two next to each other.
 *
 * What may go wrong with less harm than two owners:
 *  - A listing may be out of date (NFS and SMB clients remember them for up to a minute), but not older than the client's
 *    own last creation or removal in that folder, and rule 3 lists right after a creation. An older listing makes a
 *    contender see the same number for too long: it then creates a number that exists, or one that is not the highest.
 *    From the first it knows that a higher one is there, however the listing looks.
 *  - A crash between any two steps leaves numbers that are lower, which the next owner removes, or a highest one that
 *    nobody owns, which is followed after `deadMs`. The text of a number may be missing or torn: then it is not released.
 *  - A disk that refuses a creation for a while (full, broken, server gone) costs the lock only after `safeMs`.
 *  - Someone removes the lock files by hand: the owner no longer finds the number it had before, and has lost.
 *  - A disk that hangs and comes back must not look like a dead owner at once: however long a look takes, it counts for
 *    `gapMs` only.
 *  - A disk without exclusive creation, such as an object store that is mounted as a folder, has no lock at all.
 */

import type { LockOwner } from './lock-record';

/** Files that are named by whole numbers from 1 on and hold a short text. */
export interface NumberedFiles {
	/**
	 * In any order; possibly out of date, but not older than this client's own last creation or removal.
	 *
	 * @throws LockPlaceGoneError, as `create` does, when the place of the files is not there any more
	 */
	list(): Promise<number[]>;
	/** Undefined when there is no such file. It may be empty or torn. */
	read(number: number): Promise<string | undefined>;
	/** Creates the file, for one caller of all: false when it exists. Then puts the text in, if there is room for it. */
	create(number: number, text: string): Promise<boolean>;
	/** Replaces the text of a file that exists. Never creates one. */
	write(number: number, text: string): Promise<void>;
	/** Never fails: what stays is lower than the highest and does no harm. */
	remove(number: number): Promise<void>;
}

export interface Clock {
	/** Milliseconds; never goes back, but may stand still while the machine sleeps. */
	steady(): number;
	/** Milliseconds since 1970, as far as the machine knows. */
	timeOfDay(): number;
	/** Waits; rejects with CancelledError when the signal fires. */
	pause(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

/** In milliseconds. The same for all who share a folder. */
export interface LockTiming {
	/** How often an owner shows that it is alive. */
	heartbeatMs: number;
	/** How long an owner may believe in the last number it has won. */
	safeMs: number;
	/** How long a number must stay the highest until its owner is dead. Under 30 s in all, polling included. */
	deadMs: number;
	/** How much of `deadMs` one look can count for. */
	gapMs: number;
	/** How often a contender looks. */
	pollMs: number;
}

/** What everybody who wants the lock brings along. */
export interface Party {
	/** The folder as the user knows it, for messages. */
	directory: string;
	files: NumberedFiles;
	clock: Clock;
	timing: LockTiming;
	owner: LockOwner;
}

export function highestOf(numbers: readonly number[], atLeast: number): number {
	return numbers.reduce((highest, number) => Math.max(highest, number), atLeast);
}

/** A moment by both clocks. */
export interface Moment {
	steady: number;
	timeOfDay: number;
}

export function momentOf(clock: Clock): Moment {
	return { steady: clock.steady(), timeOfDay: clock.timeOfDay() };
}

/** By whichever clock shows more: a steady one may have stood still, and the time of day may have been set back. */
export function elapsed(clock: Clock, since: Moment): number {
	return Math.max(clock.steady() - since.steady, clock.timeOfDay() - since.timeOfDay);
}
