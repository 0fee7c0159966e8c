import os from 'node:os';
import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { CancelledError } from '../../../client/api/errors';
import { LockLostError } from '../../../client/sync/lock';
import { untilCancelled } from './memory-remote';
import { eachTestHas, type SyncWorld } from './world';

const NO_INTERVALS: FakeableAPI[] = [
	'Date',
	'hrtime',
	'nextTick',
	'performance',
	'queueMicrotask',
	'setImmediate',
	'clearImmediate',
	'setTimeout',
	'clearTimeout',
];

let world: SyncWorld;

afterEach(() => jest.useRealTimers());
eachTestHas((fresh) => (world = fresh));

it('a folder that is to be read must be there', async () => {
	const localDirectory = world.path('none');
	const failed = world.toRemote({ localDirectory });
	await expect(failed).rejects.toMatchObject({
		name: 'LocalFileError',
		message: `Reading the folder "${localDirectory}" failed: it does not exist (ENOENT)`,
	});
	expect(world.remote.count('list')).toBe(0);
});

it.each(['toLocal', 'toRemote', 'both'] as const)(
	'%s: below a file there is no folder',
	async (operation) => {
		await writeFile(world.path('file'), '');
		const localDirectory = world.path('file/sub');
		await expect(world[operation]({ localDirectory })).rejects.toMatchObject({
			name: 'LocalFileError',
			message: `Reading the folder "${localDirectory}" failed: it is not a folder`,
		});
		expect(world.remote.count('list')).toBe(0);
	},
);

describe('how the disk compares names', () => {
	beforeEach(async () => {
		// Its own name says nothing of the disk.
		world.folder = world.path('1');
		await mkdir(world.folder);
		world.put('a', '1');
		world.put('A', '2');
	});

	it('is found out by writing, when anything may be written', async () => {
		await world.toLocal();
		expect(await world.locals()).toEqual(['A: 2', 'a: 1']);
	});

	it('is not found out by writing in a dry run', async () => {
		const long = new Date('2020-01-01T00:00:00Z');
		await utimes(world.folder, long, long);
		expect(await world.toLocal({ dryRun: true })).toHaveLength(2);
		expect((await stat(world.folder)).mtime).toEqual(long);
	});
});

describe('the folder is lost while the chat is listed', () => {
	/** The list ends as a request does that is cancelled. */
	function loseIt(meanwhile: () => void = () => undefined): void {
		// The next heartbeat comes when it is told to.
		jest.useFakeTimers({ doNotFake: NO_INTERVALS });
		world.remote.listChatFiles = async (_, options) => {
			await rm(world.path('.bdd-file-lock'), { recursive: true });
			jest.advanceTimersToNextTimer();
			await untilCancelled(options?.signal).finally(meanwhile);
			return [];
		};
	}

	it.each([
		['could', new AbortController().signal],
		['could not', undefined],
	])('nobody has cancelled who %s', async (_, signal) => {
		loseIt();
		await expect(world.both({ ...(signal && { signal }) })).rejects.toBeInstanceOf(LockLostError);
	});

	it('and then the caller cancels, who is told of that', async () => {
		const controller = new AbortController();
		loseIt(() => controller.abort());
		await expect(world.both({ signal: controller.signal })).rejects.toBeInstanceOf(CancelledError);
	});
});

// Nothing can be made in `/sys`, by root neither.
it('what can only be read can be sent, and only then the lock lies elsewhere', async () => {
	jest.spyOn(os, 'tmpdir').mockReturnValue(world.folder);
	const options = { localDirectory: '/sys/kernel', include: ['none'] };
	expect(await world.toRemote(options)).toEqual([]);
	expect(await readdir(world.folder)).toHaveLength(1);
	await expect(world.both(options)).rejects.toThrow(
		'Locking the folder "/sys/kernel" failed: permission denied (EPERM)',
	);
});
