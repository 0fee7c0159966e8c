import {
	LockedError,
	LockLostError,
	LockPlaceGoneError,
	type LossReason,
} from '../../client/sync/lock-errors';

const OWNER = {
	host: 'worker-1',
	process: 17,
	since: '2025-01-02T03:04:05.678Z',
	what: 'Sync Both Ways of chat 42',
};

it('a folder that somebody else has: by whom, since when, and what to do', () =>
	expect(new LockedError('/folder', OWNER)).toMatchObject({
		name: 'LockedError',
		message:
			'Locking the folder "/folder" failed: a sync of it is already running: Sync Both Ways of chat 42, since 2025-01-02T03:04:05.678Z, in process 17 on "worker-1"',
		description:
			'Run it again when that sync has ended, or choose "Wait" or "Skip" in the option "If Already Running". ' +
			'The lock of a process that was killed is taken over by itself, within half a minute.',
		owner: OWNER,
	}));

it('a place that was removed', () => {
	const cause = new Error('gone');
	expect(new LockPlaceGoneError('/folder/.bdd-file-lock', cause)).toMatchObject({
		name: 'LocalFileError',
		message: 'Locking with "/folder/.bdd-file-lock" failed: it was removed while a sync was about to use it',
		description: 'Do not remove it while syncs run. Run the sync again: it makes a new one.',
		cause,
	});
});

it.each<[reason: LossReason, text: string]>([
	['overtaken', 'another sync has taken it over, as this one showed no sign of life'],
	[
		'late',
		'this process could show no sign of life for too long, since the machine slept, was overloaded or its disk did not answer',
	],
	['removed', 'its lock files were removed'],
	['released', 'it was given back before'],
])('a lock that is lost (%s): %s', (reason, text) => {
	const cause = new Error('why');
	expect(new LockLostError('/folder', reason, cause)).toMatchObject({
		name: 'LockLostError',
		message: `The lock on the folder "/folder" is lost: ${text}`,
		description: 'This sync has stopped where it was. Run it again: it goes on from there.',
		reason,
		cause,
	});
});
