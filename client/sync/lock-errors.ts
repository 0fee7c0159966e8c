import { BddFileError, LocalFileError } from '../api/errors';
import { describeOwner, type LockOwner } from './lock-record';
import { showName } from './names';

/** Somebody else has the folder, and the caller does not want to wait. */
export class LockedError extends BddFileError {
	override readonly name = 'LockedError';
	readonly owner: LockOwner;

	constructor(directory: string, owner: LockOwner) {
		super(
			`Locking the folder ${showName(directory)} failed: a sync of it is already running: ${describeOwner(owner)}`,
			{
				description:
					'Run it again when that sync has ended, or choose "Wait" or "Skip" in the option "If Already Running". ' +
					'The lock of a process that was killed is taken over by itself, within half a minute.',
			},
		);
		this.owner = owner;
	}
}

/** Nothing is left of the place where the lock files lie: somebody removed it while it was in use. */
export class LockPlaceGoneError extends LocalFileError {
	constructor(place: string, cause: unknown) {
		super(`Locking with ${showName(place)} failed: it was removed while a sync was about to use it`, {
			description: 'Do not remove it while syncs run. Run the sync again: it makes a new one.',
			cause,
		});
	}
}

/**
 * Why an owner has lost its lock.
 * - `overtaken`: somebody else has won a higher number.
 * - `late`: it has shown no sign of life for so long that somebody may take over at any moment.
 * - `removed`: its lock files are gone, so that nothing keeps others away.
 * - `released`: it has given the lock back itself.
 */
export type LossReason = 'overtaken' | 'late' | 'removed' | 'released';

const WHY: Record<LossReason, string> = {
	overtaken: 'another sync has taken it over, as this one showed no sign of life',
	late: 'this process could show no sign of life for too long, since the machine slept, was overloaded or its disk did not answer',
	removed: 'its lock files were removed',
	released: 'it was given back before',
};

/** The folder is not ours any more: nothing may be deleted and nothing remembered. */
export class LockLostError extends BddFileError {
	override readonly name = 'LockLostError';
	readonly reason: LossReason;

	constructor(directory: string, reason: LossReason, cause?: unknown) {
		super(`The lock on the folder ${showName(directory)} is lost: ${WHY[reason]}`, {
			description: 'This sync has stopped where it was. Run it again: it goes on from there.',
			cause,
		});
		this.reason = reason;
	}
}
