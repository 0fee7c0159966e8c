import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eachTestHas, short, type SyncWorld } from './world';

/** A list may be behind what the last sync of the folder has done. */

let world: SyncWorld;

eachTestHas((fresh) => {
	world = fresh;
	// Longer than any disk takes between two syncs.
	world.remote.settleMs = 10_000;
});

const ON = { propagateDeletes: true };

/** So many of the next looks show an empty chat. @returns how many looks there were */
function isBehind(looks: number): () => number {
	const list = world.remote.listChatFiles;
	let count = 0;
	world.remote.listChatFiles = async (...args) => ((count += 1) <= looks ? [] : await list(...args));
	return () => count;
}

async function isSynced(operation: 'toLocal' | 'toRemote' | 'both', options: object): Promise<void> {
	if (operation === 'toLocal') world.put('a', 'old');
	else await world.write('a', 'old');
	expect((await world[operation](options)).map(({ status }) => status)).toEqual(['success']);
}

it.each([
	['toLocal', ON],
	['toRemote', ON],
	['toRemote', {}],
	['toRemote', { ifExists: 'skipUnchanged' }],
	['both', {}],
	['both', ON],
] as const)('%s with %j: what the list does not show yet is waited for', async (operation, options) => {
	await isSynced(operation, options);
	const looks = isBehind(1);
	expect((await world[operation](options)).map(({ status }) => status)).toEqual(['skipped']);
	expect(looks()).toBe(2);
	expect(await world.locals()).toEqual(['a: old']);
	expect(world.remotes()).toEqual(['a: old']);
});

it('is known although the sync in between found the list out of order', async () => {
	await isSynced('toRemote', {});
	const list = world.remote.listChatFiles;
	world.remote.listChatFiles = () => Promise.reject(new Error('the list broke off'));
	await expect(world.toRemote()).rejects.toThrow('the list broke off');
	world.remote.listChatFiles = list;
	const looks = isBehind(1);
	expect((await world.toRemote()).map(short)).toEqual(['a: skipped none']);
	expect(looks()).toBe(2);
});

it('asks for the ten newest files only', async () => {
	for (let file = 10; file < 40; file++) await world.write(String(file), 'x');
	await world.toRemote({ concurrency: 1 });
	world.remote.exists = jest.fn(() => Promise.resolve(false));
	const [, ...newest] = world.remote.files.splice(19);
	await world.toRemote();
	expect(
		jest
			.mocked(world.remote.exists)
			.mock.calls.map(([id]) => Number(id))
			.sort(),
	).toEqual(newest.map(({ id }) => Number(id)).sort());
});

it.each([10, -3600])(
	'what a list lacks that has settled is gone (%s s later by the clock)',
	async (seconds) => {
		await isSynced('both', ON);
		const now = Date.now() + seconds * 1000;
		jest.spyOn(Date, 'now').mockReturnValue(now);
		world.dropRemote('a');
		expect((await world.both(ON)).map(short)).toEqual(['a: success deletedLocal']);
		expect(world.remote.count('exists')).toBe(0);
	},
);

it('a file that the last sync has deleted itself is not asked for', async () => {
	await isSynced('both', ON);
	await world.dropLocal('a');
	expect((await world.both(ON)).map(short)).toEqual(['a: success deletedRemote']);
	await world.both(ON);
	expect(world.remote.count('exists')).toBe(0);
});

it('what the service no longer knows is gone at once', async () => {
	await isSynced('both', ON);
	world.dropRemote('a');
	const looks = isBehind(0);
	expect((await world.both(ON)).map(short)).toEqual(['a: success deletedLocal']);
	// One, and the one before a deletion.
	expect(looks()).toBe(2);
});

it('what nobody can say anything of is waited for, and then is gone', async () => {
	world.remote.settleMs = 3_000;
	await isSynced('both', ON);
	world.dropRemote('a');
	world.remote.exists = () => Promise.reject(new Error('busy'));
	const looks = isBehind(0);
	expect((await world.both(ON)).map(short)).toEqual(['a: success deletedLocal']);
	expect(looks()).toBeGreaterThan(2);
});

it.each<[string, (left: object) => unknown]>([
	['nothing', () => undefined],
	['no files', (left) => ({ ...left, ids: undefined })],
	['no time', (left) => ({ ...left, at: undefined })],
	['no chat', (left) => ({ ...left, chat: undefined })],
	['the files of another chat', (left) => ({ ...left, chat: 'another' })],
	['a text', () => 'left'],
	['ids that are none', (left) => ({ ...left, ids: ['a', 1.5, null, {}] })],
])('a lock that leaves %s is as if it left nothing', async (_what, change) => {
	await isSynced('both', ON);
	world.dropRemote('a');
	const folder = join(world.folder, '.bdd-file-lock');
	const [number = ''] = await readdir(folder);
	const record = JSON.parse(await readFile(join(folder, number), 'utf8')) as { left: object };
	await writeFile(join(folder, number), JSON.stringify({ ...record, left: change(record.left) }));
	expect((await world.both(ON)).map(short)).toEqual(['a: success deletedLocal']);
	expect(world.remote.count('exists')).toBe(0);
});
