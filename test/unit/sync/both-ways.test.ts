import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rename, rm, symlink, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { eachTestHas, short, type SyncWorld } from './world';

let world: SyncWorld;

eachTestHas((fresh) => (world = fresh));

/** What the second run does: nothing. */
async function isStable(): Promise<void> {
	const [before, own] = [[await world.locals(), world.remotes()], await world.own()];
	const transfers = () =>
		world.remote.count('upload') + world.remote.count('download') + world.remote.count('delete');
	const done = transfers();
	expect(new Set((await world.both()).map(({ action }) => action))).toEqual(
		before[0]?.length === 0 ? new Set() : new Set(['unchanged']),
	);
	expect(transfers()).toBe(done);
	expect([await world.locals(), world.remotes()]).toEqual(before);
	expect(await world.own()).toEqual(own);
}

it('copies what is new on one side to the other', async () => {
	await world.write('here', '1');
	world.put('there', '2');
	expect((await world.both()).map(short).sort()).toEqual([
		'here: success uploaded',
		'there: success downloaded',
	]);
	expect(await world.locals()).toEqual(['here: 1', 'there: 2']);
	expect(world.remotes()).toEqual(['here: 1', 'there: 2']);
	await isStable();
});

it('takes what changed on one side over to the other', async () => {
	await world.write('here', '1');
	await world.write('there', '2');
	await world.both();
	await world.write('here', 'one');
	world.put('there', 'two');
	expect((await world.both()).map(short).sort()).toEqual([
		'here: success uploaded',
		'there: success downloaded',
	]);
	expect(await world.locals()).toEqual(['here: one', 'there: two']);
	expect(world.remotes()).toEqual(['here: one', 'there: two']);
	await isStable();
});

it('goes by time and size where the service knows no hash', async () => {
	world.remote.knowsHashes = false;
	await world.write('here', '1');
	world.put('there', '2');
	await world.both();
	await isStable();
	await world.write('here', '3');
	world.put('there', '4');
	await world.both();
	expect(await world.locals()).toEqual(['here: 3', 'there: 4']);
	expect(world.remotes()).toEqual(['here: 3', 'there: 4']);
	await isStable();
});

it('takes what is the same on both sides in, after a look at the content, where the service knows no hash', async () => {
	world.remote.knowsHashes = false;
	for (const name of ['same', 'other']) await world.write(name, 'same');
	world.put('same', 'same');
	world.put('other', 'odd!');
	expect((await world.both()).map(({ fileName, action }) => `${fileName}: ${action}`)).toEqual([
		'same: unchanged',
		'other (conflict 1001): downloaded',
		'other: conflict',
	]);
	expect(await world.locals()).toEqual(['other (conflict 1001): odd!', 'other: same', 'same: same']);
	expect(world.remotes()).toEqual(await world.locals());
	await isStable();
});

it('takes what is the same on both sides in, without a transfer', async () => {
	await world.write('same', 'same');
	world.put('same', 'same');
	expect((await world.both()).map(short)).toEqual(['same: skipped unchanged']);
	expect(world.remote.calls).toEqual([['list']]);
	await world.dropLocal('same');
	expect((await world.both({ propagateDeletes: true })).map(short)).toEqual(['same: success deletedRemote']);
});

it('makes a folder that is missing, when there is something to write', async () => {
	await rm(world.folder, { recursive: true });
	expect(await world.both()).toEqual([]);
	expect(existsSync(world.folder)).toBe(false);
	world.put('there', '2');
	expect((await world.both()).map(short)).toEqual(['there: success downloaded']);
	await isStable();
});

it('sees an edit that a disk of whole seconds gives the time of the one before', async () => {
	await world.write('a', 'first');
	const second = new Date(Math.floor(Date.now() / 1000) * 1000);
	jest.spyOn(Date, 'now').mockReturnValue(second.getTime());
	await utimes(world.path('a'), second, second);
	await world.both();
	await world.write('a', 'again');
	await utimes(world.path('a'), second, second);
	expect((await world.both()).map(short)).toEqual(['a: success uploaded']);
	expect(world.remotes()).toEqual(['a: again']);
});

it('is about the files of the folder itself only', async () => {
	await world.write('sub/deep', '1');
	await world.write('a', '2');
	await symlink(world.path('a'), world.path('link'));
	world.put('sub', 'a file of the name of a folder');
	expect((await world.both()).map(short)).toEqual([
		'sub: failed none',
		'a: success uploaded',
		'link: skipped none',
	]);
	expect(world.remotes().map((file) => file.split(':')[0])).toEqual(['a', 'sub']);
	expect((await world.both()).map(short)).toEqual([
		'sub: failed none',
		'a: skipped unchanged',
		'link: skipped none',
	]);
});

describe('edited on both sides', () => {
	/** A file that both sides knew, then edited: the chat after the folder, unless it is the other way round. */
	async function conflict(localIsNewer = false): Promise<void> {
		await world.write('a.txt', 'old');
		await world.both();
		if (localIsNewer) world.put('a.txt', 'chat');
		await world.write('a.txt', 'folder');
		if (!localIsNewer) world.put('a.txt', 'chat');
	}

	it('keepBoth: both contents are on both sides, and stay in step', async () => {
		await conflict();
		const [id] = world.remote.files.map((file) => file.id);
		const kept = `a (conflict ${id}).txt`;
		const preview = await world.both({ dryRun: true });
		expect(preview.map(({ fileName, action }) => [fileName, action])).toEqual([
			[kept, 'downloaded'],
			['a.txt', 'conflict'],
		]);
		expect(await world.both()).toMatchObject([
			{ status: 'success', action: 'downloaded', fileName: kept, localPath: world.path(kept) },
			{
				status: 'success',
				action: 'conflict',
				fileName: 'a.txt',
				reason: `Edited on both sides: the version of the chat is kept as "${kept}"`,
			},
		]);
		const both = [`${kept}: chat`, 'a.txt: folder'];
		expect(await world.locals()).toEqual(both);
		expect(world.remotes()).toEqual(both);
		await isStable();

		await world.write(kept, 'edited');
		await world.write('a.txt', 'edited too');
		expect((await world.both()).map(({ action }) => action)).toEqual(['uploaded', 'uploaded']);
		world.put(kept, 'edited again');
		expect((await world.both()).map(({ action }) => action).sort()).toEqual(['downloaded', 'unchanged']);
		expect(await world.locals()).toEqual([`${kept}: edited again`, 'a.txt: edited too']);
		await isStable();
	});

	it.each([
		['local', 'folder'],
		['remote', 'chat'],
	] as const)('%s: has the name on both sides', async (choice, winner) => {
		await conflict();
		const preview = await world.both({ conflict: choice, dryRun: true });
		expect(preview.map(({ action }) => action)).toEqual(['conflict']);
		expect(await world.both({ conflict: choice })).toMatchObject([
			{
				status: 'success',
				action: 'conflict',
				fileName: 'a.txt',
				reason: expect.stringMatching(/^Edited on both sides/) as string,
			},
		]);
		expect(await world.locals()).toEqual([`a.txt: ${winner}`]);
		expect(world.remotes()).toEqual([`a.txt: ${winner}`]);
		await isStable();
	});

	it.each([
		[false, 'chat'],
		[true, 'folder'],
	])('newest: the later edit wins (local is newer: %s)', async (localIsNewer, winner) => {
		await conflict(localIsNewer);
		await world.both({ conflict: 'newest' });
		expect(await world.locals()).toEqual([`a.txt: ${winner}`]);
		expect(world.remotes()).toEqual([`a.txt: ${winner}`]);
		await isStable();
	});

	it('newest: without a time of the chat both are kept', async () => {
		await conflict();
		for (const file of world.remote.files) file.upload_at = '';
		await world.both({ conflict: 'newest' });
		expect(await world.locals()).toHaveLength(2);
		await isStable();
	});

	describe('and no hash tells the contents apart:', () => {
		beforeEach(async () => {
			await world.write('a.txt', 'folder');
			world.put('a.txt', 'chat!!', '');
		});

		it('a local file that cannot be read by then is named', async () => {
			world.remote.during = async () => {
				await rm(world.path('a.txt'));
				await symlink('elsewhere', world.path('a.txt'));
			};
			expect(await world.both()).toMatchObject([
				{
					status: 'failed',
					error: `Reading ${JSON.stringify(world.path('a.txt'))} failed: it is a symbolic link (ELOOP). Symbolic links are not followed. Name the file itself.`,
				},
				{ fileName: 'a.txt', status: 'failed' },
			]);
			expect((await world.own()).filter((name) => name.endsWith('.part'))).toEqual([]);
		});

		it('a name that the disk does not give is named, whatever cannot be removed then', async () => {
			const real = join(world.folder, '..', 'real');
			await rename(world.folder, real);
			await symlink(real, world.folder);
			// The way of what is kept is asked about right before it gets its name.
			const isPathAllowed = (path: string) => {
				if (path.startsWith(world.folder) || basename(path) !== 'a (conflict 1000).txt') return true;
				for (const name of readdirSync(real).filter((each) => each.endsWith('.part'))) {
					rmSync(join(real, name));
					mkdirSync(join(real, name));
				}
				return true;
			};
			expect(await world.both({ isPathAllowed })).toMatchObject([
				{
					status: 'failed',
					error: expect.stringContaining(
						`Writing ${JSON.stringify(world.path('a (conflict 1000).txt'))} failed: a part of its path is not a folder (ENOTDIR)`,
					) as string,
				},
				{ fileName: 'a.txt', status: 'failed' },
			]);
			expect(await world.locals()).toEqual(['a.txt: folder']);
		});
	});

	it('with the same content is none', async () => {
		await conflict();
		await world.write('a.txt', 'chat');
		expect((await world.both()).map(short)).toEqual(['a.txt: skipped unchanged']);
		await isStable();
	});

	it('a touched file was not edited', async () => {
		await world.write('a.txt', 'old');
		await world.both();
		await utimes(world.path('a.txt'), new Date(), new Date());
		world.put('a.txt', 'chat');
		expect((await world.both()).map(short)).toEqual(['a.txt: success downloaded']);
	});

	it('at the first run: different content under one name', async () => {
		await world.write('a.txt', 'folder');
		world.put('a.txt', 'chat');
		expect((await world.both()).map(({ action }) => action)).toEqual(['downloaded', 'conflict']);
		expect(world.remotes()).toEqual(await world.locals());
		await isStable();
	});

	it('finds another name when somebody has taken the one for the conflict', async () => {
		await conflict();
		const [id] = world.remote.files.map((file) => file.id);
		await world.write(`a (conflict ${id}).txt`, 'mine');
		await world.both();
		const all = [
			`a (conflict ${id}) (conflict ${id}).txt: chat`,
			`a (conflict ${id}).txt: mine`,
			'a.txt: folder',
		];
		expect(await world.locals()).toEqual(all);
		expect(world.remotes()).toEqual(all);
		await isStable();
	});

	it('when the version of the chat cannot be had, nothing is replaced', async () => {
		await conflict();
		world.remote.downloadToFile = () => Promise.reject(new Error('broken'));
		expect((await world.both()).map(({ status, error }) => `${status}: ${error ?? ''}`)).toEqual([
			'failed: broken',
			'failed: This was not done, because what had to be done before it failed',
		]);
		expect(await world.locals()).toEqual(['a.txt: folder']);
		expect(world.remotes()).toEqual(['a.txt: chat']);
	});
});

describe('namesakes', () => {
	it('in the chat get places of their own, which they keep when one of them goes', async () => {
		for (const id of [7, 9]) world.remote.add({ id }, `of ${id}`);
		await world.both();
		expect(await world.locals()).toEqual(['a (9).txt: of 9', 'a.txt: of 7']);
		await isStable();
		world.remote.drop(7);
		await world.both({ propagateDeletes: true });
		expect(await world.locals()).toEqual(['a (9).txt: of 9']);
		expect(world.remotes()).toEqual(['a.txt: of 9']);
		await isStable();
		await world.write('a (9).txt', 'edited');
		await world.both();
		expect(world.remotes()).toEqual(['a (9).txt: edited']);
		await isStable();
	});

	it('are found by their content at a first run', async () => {
		await world.write('a.txt', 'of 9');
		for (const id of [7, 9]) world.remote.add({ id }, `of ${id}`);
		expect((await world.both()).map(({ action, localPath }) => [action, localPath])).toEqual([
			['downloaded', world.path('a (7).txt')],
			['unchanged', world.path('a.txt')],
		]);
		await isStable();
	});

	it('after a sync to local are where that has put them', async () => {
		for (const id of [7, 9]) world.remote.add({ id }, `of ${id}`);
		await world.toLocal();
		expect((await world.both()).map(({ action }) => action)).toEqual(['unchanged', 'unchanged']);
	});
});

it('waits for an upload of its own that the service is still putting together', async () => {
	await world.write('a', 'old');
	await world.both();
	await world.write('a', 'new');
	world.remote.add({ id: 2000, filename: 'a', status: 'merging' }, 'new');
	expect((await world.both()).map(({ fileName, reason }) => `${fileName}: ${reason ?? ''}`)).toEqual([
		'a: The service is still putting together a file of this name and size',
		'a: The service is still putting this file together (status merging)',
	]);
	expect(world.remote.count('upload')).toBe(1);
});
