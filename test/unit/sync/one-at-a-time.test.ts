import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CancelledError } from '../../../client/api/errors';
import { syncToRemote } from '../../../client/sync';
import { LockedError, LockLostError } from '../../../client/sync/lock';
import { eachTestHas, short, type SyncWorld } from './world';

let world: SyncWorld;

eachTestHas((fresh) => (world = fresh));

/** A sync that has begun and goes on until it is told to. */
async function running(): Promise<{ end: () => void; ended: Promise<string[]> }> {
	let end = () => {};
	const mayEnd = new Promise<void>((resolve) => (end = resolve));
	const began = new Promise<void>((resolve) => {
		world.remote.during = async () => {
			resolve();
			await mayEnd;
		};
	});
	const ended = world.toRemote().then((items) => items.map(short));
	await began;
	return { end, ended };
}

it('two syncs of a folder at once: the second waits, says so, and finds every file there', async () => {
	for (let index = 0; index < 6; index++) await world.write(`${index}`, 'content');
	const messages: string[] = [];
	const first = await running();
	const info = (message: string) => {
		messages.push(message);
		first.end();
	};
	const logger = { debug: () => {}, info, warn: () => {} };
	const second = syncToRemote(world.remote, { chatId: 'c', localDirectory: world.folder }, logger);
	expect(await first.ended).toHaveLength(6);
	expect((await second).map(({ status }) => status)).toEqual(Array(6).fill('skipped'));
	expect(world.remote.files).toHaveLength(6);
	expect(messages).toEqual([
		expect.stringMatching(
			/^Waiting for the folder .*: Sync Folder to Chat \(chat "c"\), since 20.*, in process \d+ on/,
		),
	]);
});

it('also when the folder has another name', async () => {
	await world.write('a', 'content');
	const link = join(world.folder, '..', 'link');
	await symlink(world.folder, link);
	const first = await running();
	const skipped = await syncToRemote(world.remote, { chatId: 'c', localDirectory: link, ifRunning: 'skip' });
	expect(skipped).toMatchObject([{ status: 'skipped' }]);
	first.end();
	await first.ended;
});

it('skip: one item that says who has the folder; nothing is listed', async () => {
	await world.write('a', 'content');
	const first = await running();
	for (const operation of ['toLocal', 'toRemote', 'both'] as const) {
		expect(await world[operation]({ ifRunning: 'skip' })).toEqual([
			{
				status: 'skipped',
				action: 'none',
				reason: expect.stringMatching(
					/^A sync of this folder is already running: Sync Folder to Chat \(chat "c"\), since 20/,
				) as string,
				localDirectory: world.folder,
			},
		]);
	}
	expect(world.remote.count('list')).toBe(1);
	first.end();
	await first.ended;
});

it('fail: an error that says who has the folder, and since when', async () => {
	await world.write('a', 'content');
	const first = await running();
	const failed = world.both({ ifRunning: 'fail' });
	await expect(failed).rejects.toBeInstanceOf(LockedError);
	await expect(failed).rejects.toThrow(/already running: Sync Folder to Chat \(chat "c"\), since 20/);
	first.end();
	expect(await first.ended).toEqual(['a: success uploaded']);
});

it('waiting can be cancelled', async () => {
	await world.write('a', 'content');
	const first = await running();
	const controller = new AbortController();
	const waiting = world.both({ signal: controller.signal });
	controller.abort();
	await expect(waiting).rejects.toBeInstanceOf(CancelledError);
	first.end();
	await first.ended;
	expect((await world.both()).map(short)).toEqual(['a: skipped unchanged']);
});

it('the folder is given back after a failure', async () => {
	await world.write('a', 'content');
	const list = world.remote.listChatFiles;
	world.remote.listChatFiles = () => Promise.reject(new Error('refused'));
	await expect(world.both()).rejects.toThrow('refused');
	world.remote.listChatFiles = list;
	expect((await world.both({ ifRunning: 'fail' })).map(short)).toEqual(['a: success uploaded']);
});

it('whoever has lost the folder deletes nothing and remembers nothing', async () => {
	for (const name of ['a', 'b']) await world.write(name, 'old');
	await world.both({ propagateDeletes: true });
	const before = await world.own();
	await world.dropLocal('a');
	world.dropRemote('b');
	await world.write('c', 'new');
	world.remote.during = async () => {
		for (const name of await readdir(world.path('.bdd-file-lock'))) {
			await rm(world.path(`.bdd-file-lock/${name}`));
		}
	};
	await expect(world.both({ propagateDeletes: true })).rejects.toBeInstanceOf(LockLostError);
	expect(world.remotes()).toEqual(['a: old', 'c: new']);
	expect(await world.locals()).toEqual(['b: old', 'c: new']);
	expect((await world.own()).filter((name) => !name.includes('pending'))).toEqual(before);

	world.remote.during = () => undefined;
	expect((await world.both({ propagateDeletes: true })).map(short).sort()).toEqual([
		'a: success deletedRemote',
		'b: success deletedLocal',
		'c: skipped unchanged',
	]);
	expect((await world.own()).filter((name) => name !== '.bdd-file-trash')).toEqual(before);
});

it.each(['toLocal', 'toRemote', 'both'] as const)(
	'%s: the folder of the lock is removed in the middle: it stops, and says so in words',
	async (operation) => {
		await world.write('up', 'new');
		world.put('down', 'new');
		await world.both({ propagateDeletes: true });
		if (operation === 'toLocal') world.dropRemote('up');
		else await world.dropLocal('down');
		await world.write('another', 'new');
		world.put('yet another', 'new');
		world.remote.during = () => rm(world.path('.bdd-file-lock'), { recursive: true, force: true });
		const failed = world[operation]({ propagateDeletes: true });
		await expect(failed).rejects.toBeInstanceOf(LockLostError);
		await expect(failed).rejects.toThrow(/is lost: its lock files were removed$/);
		expect(await world.locals()).toContain('up: new');
		expect(world.remotes()).toContain('down: new');

		world.remote.during = () => undefined;
		expect((await world[operation]({ propagateDeletes: true })).map(short).join()).toContain('deleted');
	},
);

it('whoever waits while the folder of the lock is removed is told so', async () => {
	const place = world.path('.bdd-file-lock');
	await mkdir(place);
	const owner = { host: 'elsewhere', process: 1, since: '2024-01-01T00:00:00.000Z', what: 'A sync' };
	await writeFile(join(place, '1'), JSON.stringify({ owner, released: false }));
	const logger = { debug: () => {}, info: () => void rm(place, { recursive: true }), warn: () => {} };
	const waiting = syncToRemote(world.remote, { chatId: 'c', localDirectory: world.folder }, logger);
	await expect(waiting).rejects.toMatchObject({
		message: expect.stringMatching(/^Locking with ".*" failed: it was removed while/) as string,
		description: expect.stringContaining('Run the sync again') as string,
	});
	expect((await world.toRemote()).map(short)).toEqual([]);
});

it('a dry run takes no lock and leaves no trace', async () => {
	await world.write('a', 'content');
	const first = await running();
	for (const operation of ['toLocal', 'toRemote', 'both'] as const) await world[operation]({ dryRun: true });
	first.end();
	await first.ended;
	await rm(world.path('.bdd-file-lock'), { recursive: true });
	world.put('A', 'other case');
	for (const operation of ['toLocal', 'toRemote', 'both'] as const) {
		await world[operation]({ dryRun: true, propagateDeletes: true });
	}
	expect(await readdir(world.folder)).toEqual(['a']);
});
