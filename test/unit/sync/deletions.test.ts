import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LocalFileError, TooManyDeletionsError, UnknownOutcomeError } from '../../../client/api/errors';
import { UnreadableRecord } from '../../../client/api/records';
import { MODES } from '../../../client/sync/modes';
import { scanTrees } from '../../../client/sync/scan';
import { settingsFor } from '../../../client/sync/settings';
import { eachTestHas, short, type SyncWorld } from './world';

let world: SyncWorld;

eachTestHas((fresh) => (world = fresh));

const ON = { propagateDeletes: true };

/** A file that was synced, in the way of the operation that is tested. */
async function synced(operation: 'toLocal' | 'toRemote' | 'both', ...names: string[]): Promise<void> {
	for (const name of names) {
		if (operation === 'toLocal') world.put(name, `old ${name}`);
		else await world.write(name, `old ${name}`);
	}
	await world[operation](ON);
	expect(world.remotes()).toEqual(names.map((name) => `${basename(name)}: old ${name}`).sort());
}

describe('gone in the chat', () => {
	it.each(['toLocal', 'both'] as const)('%s: an unchanged local file is removed', async (operation) => {
		await synced(operation, 'a', 'b');
		world.dropRemote('a');
		expect((await world[operation](ON)).map(short).sort()).toEqual([
			'a: success deletedLocal',
			'b: skipped unchanged',
		]);
		expect(await world.locals()).toEqual(['b: old b']);
		expect(world.remotes()).toEqual(['b: old b']);
		expect((await world[operation](ON)).map(short)).toEqual(['b: skipped unchanged']);
	});

	it('toLocal: a changed local file is kept, said so at every run', async () => {
		await synced('toLocal', 'a');
		world.dropRemote('a');
		await world.write('a', 'edited');
		for (let run = 0; run < 2; run++) {
			expect(await world.toLocal(ON)).toMatchObject([
				{
					fileName: 'a',
					status: 'skipped',
					action: 'none',
					notDeleted: 'changedLocally',
					reason: expect.stringContaining('it was changed here since the last sync') as string,
				},
			]);
		}
		expect(await world.locals()).toEqual(['a: edited']);
	});

	it('both: a changed local file is uploaded again', async () => {
		await synced('both', 'a');
		world.dropRemote('a');
		await world.write('a', 'edited');
		expect((await world.both(ON)).map(short)).toEqual(['a: success uploaded']);
		expect(world.remotes()).toEqual(['a: edited']);
	});

	it('a local file that was only touched counts as unchanged', async () => {
		await synced('toLocal', 'a');
		world.dropRemote('a');
		await utimes(world.path('a'), new Date(), new Date());
		expect((await world.toLocal(ON)).map(short)).toEqual(['a: success deletedLocal']);
	});
});

describe('gone locally', () => {
	it('toLocal: is downloaded again', async () => {
		await synced('toLocal', 'a');
		await world.dropLocal('a');
		expect((await world.toLocal(ON)).map(short)).toEqual(['a: success downloaded']);
	});

	it.each(['toRemote', 'both'] as const)(
		'%s: an unchanged file of the chat is deleted',
		async (operation) => {
			await synced(operation, 'a', 'b');
			await world.dropLocal('a');
			expect((await world[operation](ON)).map(short).sort()).toEqual([
				'a: success deletedRemote',
				'b: skipped unchanged',
			]);
			expect(world.remotes()).toEqual(['b: old b']);
			expect(await world.locals()).toEqual(['b: old b']);
			expect((await world[operation](ON)).map(short)).toEqual(['b: skipped unchanged']);
		},
	);

	it('toRemote: a newer file of the chat is kept, said so at every run', async () => {
		await synced('toRemote', 'a');
		await world.dropLocal('a');
		world.put('a', 'newer');
		for (let run = 0; run < 2; run++) {
			expect(await world.toRemote(ON)).toMatchObject([
				{
					fileName: 'a',
					status: 'skipped',
					action: 'none',
					notDeleted: 'changedRemotely',
					reason: expect.stringMatching(/\w/) as string,
				},
			]);
		}
		expect(world.remotes()).toEqual(['a: newer']);
	});

	it('both: is not forgotten while the file of the chat is not complete', async () => {
		await synced('both', 'a');
		await world.dropLocal('a');
		const setStatus = (status: string) => Object.assign(world.remote.files[0] ?? {}, { status });
		setStatus('merging');
		await world.both(ON);
		setStatus('ok');
		expect((await world.both(ON)).map(short)).toEqual(['a: success deletedRemote']);
	});

	it('both: a newer file of the chat is downloaded', async () => {
		await synced('both', 'a');
		await world.dropLocal('a');
		world.put('a', 'newer');
		expect((await world.both(ON)).map(short)).toEqual(['a: success downloaded']);
		expect(await world.locals()).toEqual(['a: newer']);
	});

	it('toRemote: a whole subfolder, and what was only moved is not deleted', async () => {
		await synced('toRemote', 'sub/deep/a', 'sub/b', 'c');
		await mkdir(world.path('elsewhere'));
		await rename(world.path('sub/b'), world.path('elsewhere/b'));
		await rm(world.path('sub'), { recursive: true });
		expect((await world.toRemote(ON)).map(short).sort()).toEqual([
			'a: success deletedRemote',
			'b: skipped unchanged',
			'c: skipped unchanged',
		]);
		expect(world.remotes()).toEqual(['b: old sub/b', 'c: old c']);
	});
});

describe('never deleted', () => {
	it.each(['toLocal', 'toRemote', 'both'] as const)('%s: what was never synced', async (operation) => {
		await synced(operation, 'a');
		await world.write('only here', '1');
		world.put('only there', '2');
		await world[operation](ON);
		const all = ['a: old a', 'only here: 1'];
		expect((await world.locals()).filter((file) => !file.startsWith('only there'))).toEqual(all);
		expect(world.remotes()).toContain('only there: 2');
	});

	it('while the option is off; what is gone comes back where that direction is synced', async () => {
		await synced('both', 'a', 'b');
		world.dropRemote('a');
		await world.dropLocal('b');
		expect((await world.both()).map(short).sort()).toEqual(['a: success uploaded', 'b: success downloaded']);
		await world.dropLocal('b');
		world.dropRemote('a');
		expect((await world.toRemote()).map(short)).toEqual(['a: success uploaded']);
		expect((await world.toLocal()).map(short).sort()).toEqual([
			'a: skipped unchanged',
			'b: success downloaded',
		]);
	});

	it('without a memory, also when the folder is a new one', async () => {
		await synced('both', 'a', 'b');
		const [memory] = (await world.own()).filter((name) => name.includes('memory'));
		await rm(world.path(memory ?? ''));
		await world.dropLocal('a');
		world.dropRemote('b');
		expect((await world.both(ON)).map(short).sort()).toEqual([
			'a: success downloaded',
			'b: success uploaded',
		]);

		await rm(world.folder, { recursive: true });
		await mkdir(world.folder);
		expect((await world.toRemote(ON)).map(short)).toEqual([]);
		expect(world.remotes()).toHaveLength(2);
	});

	it.each([
		['cut short', (text: string) => text.slice(0, -5)],
		['changed', (text: string) => text.replace('"a"', '"A"')],
		['empty', () => ''],
		['of a later version', (text: string) => text.replace('"version":1', '"version":2')],
		['of another chat', (text: string) => text.replace('"chatId":"c"', '"chatId":"d"')],
		['garbage', () => '\0\0\0'],
	])('with a memory that is %s: an error that says what to do', async (_what, damage) => {
		await synced('both', 'a', 'b');
		const [memory = ''] = (await world.own()).filter((name) => name.includes('memory'));
		const text = await readFile(world.path(memory), 'utf8');
		await writeFile(world.path(memory), damage(text));
		await world.dropLocal('a');
		world.dropRemote('b');
		for (const operation of ['toLocal', 'toRemote', 'both'] as const) {
			const failed = world[operation](ON);
			await expect(failed).rejects.toBeInstanceOf(LocalFileError);
			await expect(failed).rejects.toMatchObject({
				message: expect.stringContaining(memory) as string,
				description: expect.stringContaining(`remove "${memory}"`) as string,
			});
		}
		expect(world.remote.count('delete')).toBe(0);
		expect(await world.locals()).toEqual(['b: old b']);
		await rm(world.path(memory));
		expect((await world.both(ON)).map(short).sort()).toEqual([
			'a: success downloaded',
			'b: success uploaded',
		]);
	});

	it('with a link in the place of the memory', async () => {
		await synced('both', 'a');
		const [memory = ''] = (await world.own()).filter((name) => name.includes('memory'));
		await rename(world.path(memory), join(world.folder, '..', 'moved'));
		await symlink(join(world.folder, '..', 'moved'), world.path(memory));
		await expect(world.both(ON)).rejects.toThrow('symbolic link');
	});

	it('when the list holds records that cannot be read', async () => {
		await synced('both', 'a', 'b', 'c');
		await world.dropLocal('a');
		world.dropRemote('b');
		world.remote.unreadable = [new UnreadableRecord('it has no name', 77)];
		// The chat's order is the one in which the uploads ended.
		const items = (await world.both(ON)).sort((one, two) =>
			String(one.fileName) < String(two.fileName) ? -1 : 1,
		);
		expect(items).toMatchObject([
			{
				fileName: '',
				fileId: 77,
				status: 'failed',
				action: 'none',
				error: expect.stringContaining('it has no name') as string,
			},
			{ fileName: 'a', status: 'skipped', notDeleted: 'unreadableRecords' },
			{ fileName: 'b', status: 'skipped', notDeleted: 'unreadableRecords' },
			{ fileName: 'c', action: 'unchanged' },
		]);
		world.remote.unreadable = [];
		expect((await world.both(ON)).map(short).sort()).toEqual([
			'a: success deletedRemote',
			'b: success deletedLocal',
			'c: skipped unchanged',
		]);
	});

	it('when the second look at the chat shows what the first did not', async () => {
		await synced('both', 'a', 'b');
		await world.dropLocal('a');
		const list = world.remote.listChatFiles;
		const [gone] = world.remote.files.filter(({ filename }) => filename === 'b');
		world.remote.exists = () => Promise.resolve(false);
		let looks = 0;
		world.remote.listChatFiles = async (...args) => {
			looks += 1;
			const files = await list(...args);
			return looks === 1
				? files.filter(({ id }) => id !== gone?.id)
				: files.map((file) => (file.filename === 'a' ? { ...file, size: 99 } : file));
		};
		expect(await world.both(ON)).toMatchObject([
			{ fileName: 'a', status: 'skipped', notDeleted: 'changedMeanwhile' },
			{ fileName: 'b', status: 'skipped', notDeleted: 'changedMeanwhile' },
		]);
		expect(world.remote.count('delete')).toBe(0);
		expect(await world.locals()).toEqual(['b: old b']);
	});

	it('when the second look at the chat fails', async () => {
		await synced('both', 'a', 'b');
		await world.dropLocal('a');
		world.dropRemote('b');
		const list = world.remote.listChatFiles;
		let looks = 0;
		world.remote.listChatFiles = (...args) =>
			++looks === 1 ? list(...args) : Promise.reject(new Error('the list broke off'));
		expect((await world.both(ON)).map(({ status, error }) => `${status}: ${error ?? ''}`)).toEqual([
			'failed: the list broke off',
			'failed: the list broke off',
		]);
		expect(world.remote.count('delete')).toBe(0);
		expect(await world.locals()).toEqual(['b: old b']);
	});

	it.each(['a file', 'a subfolder'])('when %s of the folder cannot be read', async (what) => {
		await synced('toRemote', 'a', 'b');
		await world.dropLocal('a');
		// Node cannot find a name that is not UTF-8, whoever asks.
		const make = what === 'a file' ? 'printf x > "$(printf "x\\377")"' : 'mkdir "$(printf "x\\377")"';
		execFileSync('sh', ['-c', `cd "$1" && ${make}`, '-', world.folder]);
		expect(await world.toRemote(ON)).toMatchObject([
			{ fileName: 'b', action: 'unchanged' },
			{ fileName: 'x\ufffd', status: 'failed' },
			{ fileName: 'a', status: 'skipped', notDeleted: 'unreadableFolder' },
		]);
		expect(world.remotes()).toHaveLength(2);
	});

	it.each(['a file', 'a subfolder'])('when %s of the folder is newly hidden by a policy', async (what) => {
		await synced('toRemote', 'b', 'sub/a');
		const [from, to] = what === 'a file' ? ['sub/a', 'sub/hidden'] : ['sub', '.git'];
		await rename(world.path(from), world.path(to));
		const isPathAllowed = (path: string) => !/\/(hidden|\.git)(\/|$)/.test(path);
		const items = await world.toRemote({ ...ON, isPathAllowed });
		expect(items).toEqual(
			expect.arrayContaining([
				expect.objectContaining({ fileName: to.replace('sub/', ''), status: 'failed', action: 'none' }),
				expect.objectContaining({ fileName: 'a', status: 'skipped', notDeleted: 'unreadableFolder' }),
				expect.objectContaining({ fileName: 'b', action: 'unchanged' }),
			]),
		);
		expect(world.remotes()).toEqual(['a: old sub/a', 'b: old b']);

		// What is excluded is not to be seen: then what is gone is gone.
		const exclude = [what === 'a file' ? 'sub/hidden' : '.git/**'];
		expect((await world.toRemote({ ...ON, isPathAllowed, exclude })).map(short).sort()).toEqual([
			'a: success deletedRemote',
			'b: skipped unchanged',
		]);
	});

	it('what a filter hides, or a policy', async () => {
		await synced('both', 'a.txt', 'b.txt', 'c.pdf');
		await world.dropLocal('a.txt');
		world.dropRemote('b.txt');
		expect((await world.both({ ...ON, exclude: ['*.txt'] })).map(short)).toEqual([
			'c.pdf: skipped unchanged',
		]);
		const isPathAllowed = (path: string) => !path.endsWith('.txt');
		expect((await world.both({ ...ON, isPathAllowed })).map(short).sort()).toEqual([
			'a.txt: skipped none',
			'b.txt: failed none',
			'c.pdf: skipped unchanged',
		]);
		expect(await world.locals()).toEqual(['b.txt: old b.txt', 'c.pdf: old c.pdf']);
		expect(world.remotes()).toContain('a.txt: old a.txt');
	});

	it('when something else failed for the same name', async () => {
		await synced('both', 'a');
		world.put('b', 'old b');
		await world.both(ON);
		// Two namesakes: the older one is gone, the newer one cannot be downloaded.
		world.dropRemote('a');
		world.put('a', 'newer');
		await world.both(ON);
		world.remote.add({ id: 5000, filename: 'a' }, 'second');
		world.dropRemote('a');
		world.remote.during = (name) => (name === 'a' ? Promise.reject(new Error('broken')) : undefined);
		const items = await world.both(ON);
		expect(items.map(short).sort()).toEqual(['a: failed none', 'b: skipped unchanged']);
		expect(await world.locals()).toContain('a: newer');
	});

	it('in a dry run, which says what would be', async () => {
		await synced('both', 'a', 'b');
		await world.dropLocal('a');
		world.dropRemote('b');
		expect(await world.both({ ...ON, dryRun: true })).toMatchObject([
			{
				fileName: 'a',
				status: 'skipped',
				action: 'deletedRemote',
				reason: expect.stringMatching(/would be deleted in the chat/) as string,
			},
			{
				fileName: 'b',
				status: 'skipped',
				action: 'deletedLocal',
				reason: expect.stringMatching(/would be removed from the folder/) as string,
			},
		]);
		expect(world.remotes()).toEqual(['a: old a']);
		expect(await world.locals()).toEqual(['b: old b']);
	});
});

describe('too many', () => {
	const names = Array.from({ length: 20 }, (_, index) => `file ${index}`);

	it.each([
		['toLocal', 'the folder'],
		['both', 'the folder'],
		['toRemote', 'the chat'],
		['both', 'the chat'],
	] as const)('%s: 15 of 20 in %s: nothing is done', async (operation, where) => {
		await synced(operation, ...names);
		for (const name of names.slice(0, 15)) {
			if (where === 'the folder') world.dropRemote(name);
			else await world.dropLocal(name);
		}
		world.put('new', 'new');
		await world.write('also new', 'new');
		const before = [await world.locals(), world.remotes()];
		for (const dryRun of [false, true]) {
			const failed = world[operation]({ ...ON, dryRun });
			await expect(failed).rejects.toBeInstanceOf(TooManyDeletionsError);
			await expect(failed).rejects.toMatchObject({
				message: expect.stringMatching(new RegExp(`15 of the 20 .* deleted in ${where}, .* 50 %`)) as string,
				description: expect.stringContaining('"Max Delete (%)" to 75 or more') as string,
				deletions: 15,
				remembered: 20,
			});
		}
		expect([await world.locals(), world.remotes()]).toEqual(before);
		const items = await world[operation]({ ...ON, maxDelete: 75 });
		expect(items.filter(({ action }) => action.startsWith('deleted'))).toHaveLength(15);
	});

	it('10 of 10 are not too many, nor are 10 of 20', async () => {
		await synced('both', ...names);
		for (const name of names.slice(0, 10)) world.dropRemote(name);
		expect((await world.both(ON)).filter(({ action }) => action === 'deletedLocal')).toHaveLength(10);
		for (const name of names.slice(10)) await world.dropLocal(name);
		expect((await world.both(ON)).filter(({ action }) => action === 'deletedRemote')).toHaveLength(10);
		expect(world.remotes()).toEqual([]);
	});
});

describe('the trash', () => {
	const DAY = 24 * 60 * 60 * 1000;
	const trash = async () =>
		(await readdir(world.path('.bdd-file-trash'), { recursive: true }).catch(() => [])).sort();
	const at = (date: string) => jest.spyOn(Date, 'now').mockReturnValue(Date.parse(date));

	it('keeps what was removed, by date, and never replaces anything in it', async () => {
		at('2030-03-04T12:00:00Z');
		for (const text of ['first', 'second']) {
			world.put('a.txt', text);
			await world.toLocal(ON);
			world.dropRemote('a.txt');
			await world.toLocal(ON);
		}
		expect(await trash()).toEqual(['2030-03-04', '2030-03-04/a (2).txt', '2030-03-04/a.txt']);
		expect(await readFile(world.path('.bdd-file-trash/2030-03-04/a.txt'), 'utf8')).toBe('first');
		expect((await world.toRemote()).map(short)).toEqual([]);
	});

	it('is emptied after its days, and leaves alone what is not its own', async () => {
		await synced('toLocal', 'a');
		at('2030-03-04T12:00:00Z');
		world.dropRemote('a');
		await world.toLocal(ON);
		await mkdir(world.path('.bdd-file-trash/notes'));
		await symlink(world.folder, world.path('.bdd-file-trash/2029-01-01'));
		await world.write('kept', 'kept');
		at(new Date(Date.parse('2030-03-04') + 31 * DAY - 1).toISOString());
		await world.toLocal();
		expect(await trash()).toContain('2030-03-04/a');
		at(new Date(Date.parse('2030-03-04') + 31 * DAY).toISOString());
		await world.toLocal({ dryRun: true });
		expect(await trash()).toContain('2030-03-04/a');
		await world.toLocal();
		expect(await trash()).toEqual(['notes']);
		expect(await world.locals()).toEqual(['kept: kept']);
	});

	it('with 0 days keeps nothing', async () => {
		await synced('toLocal', 'a');
		world.dropRemote('a');
		expect((await world.toLocal({ ...ON, trashDays: 0 })).map(short)).toEqual(['a: success deletedLocal']);
		expect((await trash()).filter((name) => name.endsWith('a'))).toEqual([]);
		expect(await world.locals()).toEqual([]);
	});

	it('that leads out of the folder is not used', async () => {
		await synced('toLocal', 'a');
		world.dropRemote('a');
		const outside = join(world.folder, '..', 'outside');
		await mkdir(outside);
		await symlink(outside, world.path('.bdd-file-trash'));
		expect(await world.toLocal(ON)).toMatchObject([
			{ status: 'failed', action: 'none', error: expect.stringContaining('is not a folder') as string },
		]);
		expect(await readdir(outside)).toEqual([]);
		expect(await world.locals()).toEqual(['a: old a']);
	});
});

it('a file that is as it was, sent in place of a stranger in the chat by a run that never heard of its end, is not sent again', async () => {
	const options = { propagateDeletes: true, ifExists: 'skipUnchanged' } as const;
	await world.write('a', 'mine');
	await world.toRemote(options);
	world.put('a', 'theirs');
	const { upload } = world.remote;
	world.remote.upload = async (...args) => {
		await upload(...args);
		throw new UnknownOutcomeError('Nobody knows', { description: 'Look.' });
	};
	expect((await world.toRemote(options)).map(short)).toEqual(['a: failed none']);
	world.remote.upload = upload;
	expect(world.remotes()).toEqual(['a: mine', 'a: theirs']);
	await world.toRemote(options);
	expect(world.remotes()).toEqual(['a: mine']);
	expect(world.remote.count('upload')).toBe(2);
});

it('files that were there before and are the same are read once, and then remembered', async () => {
	for (const name of ['a', 'b']) {
		world.put(name, `of ${name}`);
		await world.write(name, `of ${name}`);
	}
	const settings = settingsFor(MODES.toLocal, { chatId: 'c', localDirectory: world.folder, ...ON });
	const read = async () => {
		const { trees } = await scanTrees(world.remote, settings, { mayWrite: false });
		return trees.local.entries.filter((entry) => entry.kind === 'file' && entry.checksums).length;
	};
	expect(await read()).toBe(2);
	expect((await world.toLocal(ON)).map(short)).toEqual(['a: skipped unchanged', 'b: skipped unchanged']);
	expect(await read()).toBe(0);
});
