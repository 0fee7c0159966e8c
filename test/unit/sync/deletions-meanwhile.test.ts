import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { CancelledError } from '../../../client/api/errors';
import { UnreadableRecord } from '../../../client/api/records';
import type { FileInfo } from '../../../client/api/wire';
import { together } from './together';
import { eachTestHas, short, type SyncWorld } from './world';

/** Right before anything is deleted both sides are looked at once more: what happened since the plan was made counts. */

let world: SyncWorld;

eachTestHas((fresh) => (world = fresh));

const ON = { propagateDeletes: true };

/** Something happens while the file of this name is on its way, which is after the plan and before the deletions. */
function during(name: string, happens: () => Promise<void> | void): void {
	world.remote.during = (current) => (current === name ? happens() : undefined);
}

const remoteOf = (name: string): FileInfo => {
	const file = world.remote.files.find(({ filename }) => filename === name);
	if (file === undefined) throw new Error(`${name} is not in the chat`);
	return file;
};

/** From the look on with this number the list is what `as` makes of it, for so many looks. */
function showing(from: number, looks: number, as: (files: FileInfo[]) => FileInfo[]): void {
	const list = world.remote.listChatFiles;
	let count = 0;
	world.remote.listChatFiles = async (...args) => {
		count += 1;
		const files = await list(...args);
		return count >= from && count < from + looks ? as(files) : files;
	};
}

describe('a file that is gone in the chat', () => {
	it('stays in the folder when it is edited meanwhile', async () => {
		world.put('a', 'old');
		await world.toLocal(ON);
		world.dropRemote('a');
		world.put('new', 'new');
		during('new', () => world.write('a', 'edited'));
		expect(await world.toLocal(ON)).toEqual(
			expect.arrayContaining([
				expect.objectContaining({ fileName: 'new', action: 'downloaded' }),
				expect.objectContaining({
					fileName: 'a',
					status: 'skipped',
					action: 'none',
					notDeleted: 'changedMeanwhile',
				}),
			]),
		);
		expect(await world.locals()).toEqual(['a: edited', 'new: new']);
	});
});

describe('a file that is gone in the folder', () => {
	beforeEach(async () => {
		await world.write('a', 'old');
		await world.both(ON);
		await world.dropLocal('a');
		await world.write('new', 'new');
	});

	const kept = [
		{ fileName: 'a', status: 'skipped', action: 'none', notDeleted: 'changedMeanwhile' },
		{ fileName: 'new', status: 'success', action: 'uploaded' },
	];

	it('stays in the chat when it is back in the folder', async () => {
		during('new', () => world.write('a', 'again'));
		expect(await world.both(ON)).toMatchObject(kept);
		expect(world.remotes()).toEqual(['a: old', 'new: new']);
	});

	it.each<Partial<FileInfo>>([
		{ status: 'error' },
		{ hashcode: 'ab'.repeat(16) },
		{ filename: 'b' },
		{ size: 9 },
	])('stays in the chat when it is another one there meanwhile: %j', async (change) => {
		during('new', () => void Object.assign(remoteOf('a'), change));
		expect(await world.both(ON)).toMatchObject(kept);
		expect(world.remote.count('delete')).toBe(0);
	});

	it('counts as deleted when somebody else has deleted it meanwhile', async () => {
		during('new', () => world.dropRemote('a'));
		expect((await world.both(ON)).map(short)).toEqual(['a: success deletedRemote', 'new: success uploaded']);
		expect(world.remote.count('delete')).toBe(0);
		expect((await world.both(ON)).map(short)).toEqual(['new: skipped unchanged']);
	});

	it('is not remembered: who puts the same file into the chat again gets it into the folder', async () => {
		await world.both(ON);
		expect(world.remotes()).toEqual(['new: new']);
		world.put('a', 'old');
		expect((await world.both(ON)).map(short)).toEqual(['new: skipped unchanged', 'a: success downloaded']);
		expect(await world.locals()).toEqual(['a: old', 'new: new']);
	});

	it('costs one more look at the chat', async () => {
		await world.dropLocal('new');
		const before = world.remote.count('list');
		expect((await world.both(ON)).map(short)).toEqual(['a: success deletedRemote']);
		expect(world.remote.count('list') - before).toBe(2);
	});
});

it('nothing is deleted on either side when the list then holds records that cannot be read', async () => {
	await world.write('a', 'old');
	await world.write('b', 'old');
	await world.both(ON);
	await world.dropLocal('a');
	world.dropRemote('b');
	await world.write('new', 'new');
	during('new', () => void (world.remote.unreadable = [new UnreadableRecord('it has no name', 77)]));
	expect(await world.both(ON)).toEqual(
		expect.arrayContaining([
			expect.objectContaining({ fileName: 'a', status: 'skipped', notDeleted: 'unreadableRecords' }),
			expect.objectContaining({ fileName: 'b', status: 'skipped', notDeleted: 'unreadableRecords' }),
		]),
	);
	expect(await world.locals()).toEqual(['b: old', 'new: new']);
	expect(world.remotes()).toEqual(['a: old', 'new: new']);
});

it('a file of the chat stays when another one of its name failed before', async () => {
	await world.write('x/a', 'first');
	await world.write('y/a', 'second');
	await world.toRemote({ ...ON, ifExists: 'skipUnchanged' });
	await world.write('x/a', 'edited');
	await world.dropLocal('y/a');
	during('a', () => Promise.reject(new Error('broken')));
	expect(await world.toRemote({ ...ON, ifExists: 'skipUnchanged' })).toMatchObject([
		{ fileName: 'a', status: 'failed', error: 'broken' },
		{ fileName: 'a', status: 'skipped', action: 'none', notDeleted: 'earlierFailure' },
	]);
	expect(world.remotes()).toEqual(['a: first', 'a: second']);
});

describe('a file that an upload replaces', () => {
	beforeEach(async () => {
		world.put('a', 'old');
		await world.write('a', 'edited');
	});

	const overwrite = () => world.toRemote({ ifExists: 'overwrite' });

	/** Something happens when the upload has arrived. */
	function afterUpload(happens: (id: unknown) => void): void {
		const { upload } = world.remote;
		world.remote.upload = async (...args) => {
			const result = await upload(...args);
			happens(result.fileId);
			return result;
		};
	}

	const change = (id: unknown, to: Partial<FileInfo>) =>
		Object.assign(world.remote.files.find((file) => file.id === id) ?? {}, to);

	it.each<[string, (id: unknown) => void]>([
		['is gone', (id) => world.remote.drop(id as number)],
		['is no longer complete', (id) => void change(id, { status: 'merging' })],
	])('stays when the new one %s', async (_what, happens) => {
		afterUpload(happens);
		expect(await overwrite()).toMatchObject([
			{
				fileName: 'a',
				fileId: 1001,
				status: 'failed',
				action: 'none',
				error: expect.stringMatching(
					/older file 1000 could not be deleted: the chat's list does not show the new file yet/,
				) as string,
			},
		]);
		expect(world.remotes()).toContain('a: old');
		expect(world.remote.count('delete')).toBe(0);
	});

	it('goes as soon as the new one is complete', async () => {
		showing(2, 2, (files) => files.map((file) => ({ ...file, status: file.id === 1001 ? 'merging' : 'ok' })));
		expect((await overwrite()).map(short)).toEqual(['a: success uploaded']);
		expect(world.remotes()).toEqual(['a: edited']);
	});

	it('stays when the chat cannot be listed, and the item says why', async () => {
		const list = world.remote.listChatFiles;
		afterUpload(() => {
			world.remote.listChatFiles = () => Promise.reject(new Error('the list broke off'));
		});
		expect(await overwrite()).toMatchObject([
			{ fileId: 1001, status: 'failed', error: expect.stringMatching(/the list broke off/) as string },
		]);
		world.remote.listChatFiles = list;
		expect(world.remotes()).toEqual(['a: edited', 'a: old']);
	});

	it('is not asked for again when somebody else has deleted it', async () => {
		afterUpload(() => world.remote.drop(1000));
		expect((await overwrite()).map(short)).toEqual(['a: success uploaded']);
		expect(world.remote.count('delete')).toBe(0);
		expect(world.remotes()).toEqual(['a: edited']);
	});

	describe('and that an earlier run could not delete', () => {
		beforeEach(async () => {
			world.remote.failDelete = true;
			expect((await overwrite()).map(short)).toEqual(['a: failed none']);
			world.remote.failDelete = false;
			await world.write('new', 'new');
		});

		it.each<[string, () => void]>([
			['is gone', () => world.remote.drop(1001)],
			['is no longer complete', () => void change(1001, { status: 'error' })],
		])('stays when the new one %s by then', async (_what, happens) => {
			during('new', happens);
			expect(await world.toRemote()).toMatchObject([
				{ fileName: 'a', status: 'skipped' },
				{ fileName: 'new', action: 'uploaded' },
				{ fileId: 1000, status: 'skipped', action: 'none', notDeleted: 'changedMeanwhile' },
			]);
			expect(world.remotes()).toContain('a: old');
		});

		it('goes although the list is behind for a moment', async () => {
			showing(2, 2, (files) => files.filter(({ id }) => id !== 1001));
			expect((await world.toRemote()).map(short)).toEqual([
				'a: skipped unchanged',
				'new: success uploaded',
				'a: success deletedRemote',
			]);
			expect(world.remotes()).toEqual(['a: edited', 'new: new']);
		});
	});
});

describe('many deletions', () => {
	beforeEach(async () => {
		for (let index = 0; index < 6; index++) await world.write(`file ${index}`, `${index}`);
		await world.toRemote(ON);
		for (let index = 0; index < 6; index++) await world.dropLocal(`file ${index}`);
	});

	it('are no more at once than transfers are', async () => {
		const remove = world.remote.delete;
		const two = together(2);
		let [running, most] = [0, 0];
		world.remote.delete = async (...args) => {
			most = Math.max(most, ++running);
			await two();
			// Long enough for a third one to begin, which looks at the disk first too.
			for (let look = 0; look < 20; look++) await readdir(world.folder);
			await remove(...args);
			running -= 1;
		};
		await world.toRemote({ ...ON, concurrency: 2 });
		expect(world.remotes()).toEqual([]);
		expect(most).toBe(2);
	});

	it('end when they are cancelled', async () => {
		const remove = world.remote.delete;
		const stop = new AbortController();
		world.remote.delete = async (...args) => {
			await remove(...args);
			stop.abort();
		};
		const cancelled = world.toRemote({ ...ON, concurrency: 1, signal: stop.signal });
		await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
		expect(world.remotes()).toHaveLength(5);
	});
});

it('a sync that writes nothing into the folder leaves the trash in it alone', async () => {
	const day = '.bdd-file-trash/2001-02-03';
	await mkdir(world.path(day), { recursive: true });
	await writeFile(world.path(`${day}/a`), 'removed long ago');
	await world.write('b', 'b');
	await world.toRemote(ON);
	expect(await readdir(world.path(day))).toEqual(['a']);
	await world.both(ON);
	expect(await readdir(world.path('.bdd-file-trash'))).toEqual([]);
});
