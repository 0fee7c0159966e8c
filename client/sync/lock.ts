import { sleep } from '../api/retry';
import type { Logger } from '../types';
import type { IfRunning } from '../sync-types';
import { folderError, throwIfCancelled } from './failures';
import { lockError, lockPlace, NumberedFilesOnDisk } from './lock-disk';
import { LockedError } from './lock-errors';
import { contend, type ContestOptions } from './lock-contest';
import type { Clock, LockTiming, Party } from './lock-generations';
import type { Ownership } from './lock-ownership';
import { knownOwner, takeTurn, type Turn } from './lock-queue';
import { describeOwner, type LockOwner, thisProcess, UNKNOWN_OWNER } from './lock-record';
import { showName } from './names';

export { LockedError, LockLostError } from './lock-errors';
export type { LockOwner } from './lock-record';

/** One sync's right to a folder. Give it back whatever happens. */
export interface FolderLock {
	/**
	 * Proves that the folder is still ours. Await it right before each step that must not happen twice, and do that step
	 * next. Costs a few operations on the disk; calls at the same time share one proof.
	 *
	 * @throws LockLostError when it is not; LocalFileError when the disk allows no proof. Either way nothing may be done
	 */
	assertOwned(): Promise<void>;
	/** Fires as soon as the loss is noticed, also when nobody asks; the reason is the LockLostError. */
	readonly lost: AbortSignal;
	/** What the last owner has left, undefined when it was killed; set, what this one leaves. JSON of a few hundred bytes. */
	left: unknown;
	/** Never fails, may be called again, and does nothing when the lock is lost. */
	release(): Promise<void>;
}

export interface LockOptions {
	ifRunning: IfRunning;
	/** What the sync is doing, for others to read: `Sync Both Ways of chat 42`. */
	what: string;
	signal?: AbortSignal | undefined;
	logger?: Logger | undefined;
	/** A folder that cannot be written to is locked for this machine only. Default false: it is an error. */
	allowElsewhere?: boolean | undefined;
	/** For tests. All who share a folder must agree. */
	timing?: Partial<LockTiming> | undefined;
}

/**
 * A killed owner is followed after 27 s and a look, so within 30 s. An owner that was kept from showing life gives up after
 * 18 s, so that 9 s lie between it and whoever comes next. Of nine heartbeats in that time one has to succeed.
 */
const TIMING: LockTiming = {
	heartbeatMs: 2_000,
	safeMs: 18_000,
	deadMs: 27_000,
	gapMs: 7_000,
	pollMs: 250,
};

const CLOCK: Clock = {
	steady: () => performance.now(),
	timeOfDay: () => Date.now(),
	pause: (ms, signal) => sleep(ms, 'Waiting for the folder', signal),
};

/**
 * Locks a folder that exists, by its real path, against every other sync that can see it: of this process, this machine,
 * and other machines that share it. In one process it is first come, first served; between processes, whoever looks first.
 *
 * With `skip` and `fail` it takes up to a heartbeat until another machine's owner has shown that it is alive. An owner that
 * shows nothing is dead, and its lock is taken over, in all three cases.
 *
 * @returns the lock; for `skip`, who has it
 * @throws LockedError for `fail`, when somebody has it
 * @throws CancelledError when the signal fires while waiting
 * @throws LocalFileError when the folder is missing or its lock cannot be written
 */
export async function lockFolder(
	directory: string,
	options: LockOptions,
): Promise<FolderLock | { busy: LockOwner }> {
	const { ifRunning, signal } = options;
	throwIfCancelled(signal);
	const place = await lockPlace(directory, options.allowElsewhere ?? false);
	const owner = thisProcess(options.what);
	const taken = (by: LockOwner) => {
		if (ifRunning === 'fail') throw new LockedError(directory, by);
		return { busy: by };
	};

	const known = knownOwner(place);
	if (known !== undefined && ifRunning !== 'wait') return taken(known);
	if (known !== undefined) sayWaiting(directory, known, options.logger);
	const turn = await takeTurn(place, owner, signal);
	try {
		const party: Party = {
			directory,
			files: new NumberedFilesOnDisk(place),
			clock: CLOCK,
			timing: { ...TIMING, ...options.timing },
			owner,
		};
		const ownership = await contend(party, new Contest(directory, options, turn, known !== undefined));
		if (ownership !== undefined) {
			turn.owner = owner;
			return new HeldLock(ownership, party, turn, options.logger);
		}
	} catch (error) {
		turn.leave();
		throw lockError(directory, error);
	}
	turn.leave();
	return taken(turn.owner);
}

function sayWaiting(directory: string, owner: LockOwner, logger: Logger | undefined): void {
	logger?.info(
		`Waiting for the folder ${showName(directory)}, which another sync has: ${describeOwner(owner)}`,
	);
}

/** How many looks may find a record that cannot be read before its owner counts as unknown: it may be being written. */
const UNREADABLE_LOOKS = 10;

/** What one caller wants to do about those who have the folder, and to say about them. */
class Contest implements ContestOptions {
	readonly signal: AbortSignal | undefined;
	private unreadableLooks = 0;

	constructor(
		private readonly directory: string,
		private readonly options: LockOptions,
		private readonly turn: Turn,
		private saidWaiting: boolean,
	) {
		this.signal = options.signal;
	}

	onTaken(owner: LockOwner | undefined, isAlive: boolean): boolean {
		if (owner === undefined) this.unreadableLooks += 1;
		if (owner === undefined && this.unreadableLooks < UNREADABLE_LOOKS) return false;
		this.turn.owner = owner ?? UNKNOWN_OWNER;
		if (this.options.ifRunning !== 'wait') return isAlive;
		if (!this.saidWaiting) sayWaiting(this.directory, this.turn.owner, this.options.logger);
		this.saidWaiting = true;
		return false;
	}

	onDead(owner = UNKNOWN_OWNER): void {
		this.options.logger?.warn(
			`The lock on the folder ${showName(this.directory)} is taken over. Who had it has shown no sign of life: ${describeOwner(owner)}`,
		);
	}
}

/** A lock that was won, and keeps showing life until it is given back. */
class HeldLock implements FolderLock {
	readonly lost: AbortSignal;
	private readonly heartbeat: NodeJS.Timeout;
	private released: Promise<void> | undefined;

	constructor(
		private readonly ownership: Ownership,
		private readonly party: Party,
		private readonly turn: Turn,
		private readonly logger: Logger | undefined,
	) {
		this.lost = ownership.lost;
		this.heartbeat = setInterval(() => ownership.beat(), party.timing.heartbeatMs);
		this.heartbeat.unref();
	}

	get left(): unknown {
		return this.ownership.left;
	}

	set left(left: unknown) {
		this.ownership.left = left;
	}

	async assertOwned(): Promise<void> {
		try {
			await this.ownership.prove();
		} catch (error) {
			throw lockError(this.party.directory, error);
		}
	}

	release(): Promise<void> {
		this.released ??= this.giveBack();
		return this.released;
	}

	private async giveBack(): Promise<void> {
		clearInterval(this.heartbeat);
		try {
			await this.ownership.release();
		} catch (error) {
			const what = folderError('Giving back the lock on', this.party.directory, error).message;
			this.logger?.warn(`${what}. The next sync of it waits for half a minute`);
		} finally {
			this.turn.leave();
		}
	}
}
