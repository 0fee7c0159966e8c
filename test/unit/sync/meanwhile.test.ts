import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnknownOutcomeError } from '../../../client/api/errors';
import { settlePending } from '../../../client/sync/pending';
import { eachTestHas, short, type SyncWorld } from './world';

/** The folder and the chat go on living while a sync runs. */

let world: SyncWorld;

eachTestHas((fresh) => (world = fresh));

/** Something happens while the file of this name is on its way. */
function during(name: string, happens: () => Promise<void>): void {
	world.remote.during = async (current) => {
		if (current === name) await happens();
	};
}

describe('to local', () => {
	it.each(['skip', 'skipUnchanged', 'overwrite'] as const)(
		'%s does not replace a file that has appeared',
		async (ifExists) => {
			world.put('a', 'chat');
			during('a', () => world.write('a', 'mine'));
			const [item] = await world.toLocal({ ifExists });
			expect(item).toMatchObject(
				ifExists === 'skip'
					? {
							status: 'skipped',
							action: 'none',
							reason: expect.stringMatching(/appeared while the sync ran/) as string,
						}
					: {
							status: 'failed',
							action: 'none',
							error: expect.stringMatching(/changed by someone else in the meantime/) as string,
						},
			);
			expect(await world.locals()).toEqual(['a: mine']);
			expect((await readdir(world.folder)).sort()).toEqual(['.bdd-file-lock', 'a']);
		},
	);

	it('does not replace a file that was edited, or replaced by another one', async () => {
		for (const name of ['a', 'b']) {
			await world.write(name, 'old');
			world.put(name, 'chat');
		}
		world.remote.during = async (name) => {
			await rm(world.path(name));
			await writeFile(world.path(name), name === 'a' ? 'edited' : 'odd');
		};
		expect((await world.toLocal()).map(short)).toEqual(['a: failed none', 'b: failed none']);
		expect(await world.locals()).toEqual(['a: edited', 'b: odd']);
	});

	it.each(['link', 'folder'])(
		'writes nothing into what has taken the place of the folder: a %s',
		async (what) => {
			const outside = join(world.folder, '..', 'outside');
			await mkdir(outside);
			for (const name of ['a', 'b']) world.put(name, 'chat');
			during('a', async () => {
				await rename(world.folder, `${world.folder} moved`);
				if (what === 'link') await symlink(outside, world.folder);
				else await mkdir(world.folder);
			});
			const items = await world.toLocal({ concurrency: 1 });
			expect(items).toMatchObject([
				{ status: 'failed', error: expect.stringMatching(/was not touched, because/) as string },
				{ status: 'failed', error: expect.stringMatching(/was not touched, because/) as string },
			]);
			expect(await readdir(outside)).toEqual([]);
			expect((await readdir(world.folder)).filter((name) => !name.startsWith('.bdd-file-'))).toEqual([]);
		},
	);

	it('asks again whether the real path is allowed', async () => {
		const real = join(world.folder, '..', 'real');
		await mkdir(real);
		await rm(world.folder, { recursive: true });
		await symlink(real, world.folder);
		world.put('a', 'chat');
		const isPathAllowed = (path: string) => !path.startsWith(real);
		expect(await world.toLocal({ isPathAllowed })).toMatchObject([
			{ status: 'failed', error: expect.stringMatching(/not allowed as a local path/) as string },
		]);
		expect(await readdir(real)).toEqual(['.bdd-file-lock']);
	});
});

describe('to remote', () => {
	it('reads nothing from what has taken the place of a subfolder', async () => {
		const outside = join(world.folder, '..', 'outside');
		await mkdir(outside);
		await writeFile(join(outside, 'b'), 'secret');
		await world.write('a', 'mine');
		await world.write('sub/b', 'mine');
		during('a', async () => {
			await rename(world.path('sub'), world.path('moved'));
			await symlink(outside, world.path('sub'));
		});
		expect(await world.toRemote({ concurrency: 1 })).toMatchObject([
			{ fileName: 'a', status: 'success' },
			{ fileName: 'b', status: 'failed', error: expect.stringMatching(/its folder now leads to/) as string },
		]);
		expect(world.remotes()).toEqual(['a: mine']);
	});

	it.each(['link', 'folder'])(
		'uploads nothing of what has taken the place of the folder: a %s',
		async (what) => {
			const outside = join(world.folder, '..', 'outside');
			for (const name of ['a', 'b']) await world.write(name, 'mine');
			await mkdir(outside);
			for (const name of ['a', 'b']) await writeFile(join(outside, name), 'secret');
			during('a', async () => {
				await rename(world.folder, `${world.folder} moved`);
				await (what === 'link' ? symlink(outside, world.folder) : rename(outside, world.folder));
			});
			expect(await world.toRemote({ concurrency: 1 })).toMatchObject([
				{ fileName: 'a', status: 'success' },
				{
					fileName: 'b',
					status: 'failed',
					error: expect.stringMatching(/was not touched, because/) as string,
				},
			]);
			expect(world.remotes()).toEqual(['a: mine']);
		},
	);

	it('deletes nothing when the folder is gone in the middle', async () => {
		for (const name of ['a', 'b']) await world.write(name, 'old');
		await world.toRemote({ propagateDeletes: true });
		await world.dropLocal('b');
		await world.write('c', 'new');
		during('c', () => rename(world.folder, `${world.folder} moved`));
		const items = await world.toRemote({ propagateDeletes: true });
		expect(items.map(short)).toEqual([
			'a: skipped unchanged',
			'c: success uploaded',
			'b: failed none',
			': failed none',
		]);
		expect(items.at(-1)?.error).toContain('could not be written down');
		expect(world.remotes()).toEqual(['a: old', 'b: old', 'c: new']);
	});

	it('keeps the old file until the new one is in the list, and deletes it with the next run', async () => {
		await world.write('a', 'new');
		world.put('a', 'old');
		const list = world.remote.listChatFiles;
		let looks = 0;
		world.remote.listChatFiles = async (...args) => {
			looks += 1;
			const files = await list(...args);
			return looks < 4 ? files.filter(({ id }) => id === 1000) : files;
		};
		expect((await world.toRemote({ ifExists: 'skipUnchanged' })).map(short)).toEqual(['a: success uploaded']);
		expect(looks).toBe(4);
		expect(world.remotes()).toEqual(['a: new']);
	});
});

describe('an older file whose deletion is refused', () => {
	beforeEach(async () => {
		await world.write('a', 'edited');
		world.put('a', 'old');
		world.remote.failDelete = true;
		expect((await world.toRemote({ ifExists: 'overwrite' })).map(short)).toEqual(['a: failed none']);
		expect(world.remotes()).toEqual(['a: edited', 'a: old']);
		world.remote.failDelete = false;
	});

	it('goes with the next run to remote, whatever ifExists says', async () => {
		expect(await world.toRemote()).toMatchObject([
			{ fileName: 'a', fileId: 1001, status: 'skipped' },
			{ fileName: 'a', fileId: 1000, status: 'success', action: 'deletedRemote' },
		]);
		expect(world.remotes()).toEqual(['a: edited']);
		expect(await world.own()).toEqual([]);
		expect(await world.toRemote({ ifExists: 'skipUnchanged' })).toMatchObject([{ action: 'unchanged' }]);
	});

	it('goes with an overwriting run too, even when the file was edited again', async () => {
		await world.write('a', 'edited again');
		await world.toRemote({ ifExists: 'overwrite' });
		expect(world.remotes()).toEqual(['a: edited again']);
		expect(await world.own()).toEqual([]);
	});

	it('does not come down under the edited name', async () => {
		expect(await world.toLocal()).toMatchObject([
			{
				fileId: 1000,
				status: 'skipped',
				reason: 'File 1001 has replaced this one, which is still to be deleted',
			},
			{ fileId: 1001, action: 'unchanged' },
		]);
		expect(await world.locals()).toEqual(['a: edited']);
		expect((await world.both()).map(({ action }) => action)).toEqual(['deletedRemote', 'unchanged']);
		expect(world.remotes()).toEqual(['a: edited']);
	});

	it('is nobody else’s file: two that were there before both stay', async () => {
		await world.write('b', 'b');
		for (const id of [1, 2]) world.remote.add({ id, filename: 'b' }, 'b');
		await world.toRemote({ ifExists: 'skipUnchanged' });
		expect(world.remotes()).toEqual(['a: edited', 'b: b', 'b: b']);
	});
});

it('a killed run to remote leaves a note, the next run reads it', async () => {
	await world.write('a', 'edited');
	world.put('a', 'old');
	const upload = world.remote.upload;
	world.remote.upload = async (...args) => {
		const [note = ''] = await world.own();
		expect(await readFile(world.path(note), 'utf8')).toContain('"replaces":1000');
		return await upload(...args);
	};
	await world.toRemote({ ifExists: 'overwrite' });
	expect(await world.own()).toEqual([]);
});

describe('a run that is killed when its replacing upload has arrived', () => {
	beforeEach(async () => {
		await world.write('a', 'old');
		await world.both();
		await world.write('a', 'edited');
		const { upload } = world.remote;
		await new Promise<void>((resolve) => {
			world.remote.upload = async (...args) => {
				await upload(...args);
				resolve();
				return await new Promise(() => undefined);
			};
			void world.both();
		});
		world.remote.upload = upload;
		await world.moveOn();
		expect(world.remotes()).toEqual(['a: edited', 'a: old']);
	});

	it.each(['both', 'toRemote'] as const)(
		'and whose file was edited once more: %s leaves one file',
		async (operation) => {
			await world.write('a', 'edited again');
			if (operation === 'both') await world.both();
			else await world.toRemote({ ifExists: 'skipUnchanged' });
			expect(world.remotes()).toEqual(['a: edited again']);
			expect(await world.locals()).toEqual(['a: edited again']);
			expect(await world.own()).toEqual([expect.stringContaining('memory')]);
			await world.both();
			expect(world.remotes()).toEqual(['a: edited again']);
		},
	);

	it('and whose file was deleted then: it is deleted in the chat too', async () => {
		await world.dropLocal('a');
		await world.both({ propagateDeletes: true });
		expect(world.remotes()).toEqual([]);
		expect(await world.locals()).toEqual([]);
	});

	it('and somebody has put another file beside: that one is not ours', async () => {
		world.add('a', 'theirs');
		await world.write('a', 'edited again');
		await world.both();
		expect(world.remotes().filter((file) => !file.endsWith(': edited again'))).toEqual(['a: theirs']);
	});
});

it.each([{}, { propagateDeletes: true }])(
	'an older file that could not be deleted goes in the end, although what replaced it was replaced since: %j',
	async (options) => {
		const { remote } = world;
		const sync = () => world.toRemote({ ifExists: 'skipUnchanged', ...options });
		const remove = remote.delete;
		const refuses = (isRefused: (id: unknown) => boolean) => {
			remote.delete = (id) => (isRefused(id) ? Promise.reject(new Error('busy')) : remove(id));
		};
		await world.write('a', 'one');
		await sync();
		const [first] = remote.files;
		refuses(() => true);
		for (const text of ['two', 'three']) {
			await world.write('a', text);
			await sync();
		}
		expect(world.remotes()).toEqual(['a: one', 'a: three', 'a: two']);
		refuses((id) => id === first?.id);
		await sync();
		expect(world.remotes()).toEqual(['a: one', 'a: three']);
		refuses(() => false);
		expect((await sync()).map(short).sort()).toEqual(['a: skipped unchanged', 'a: success deletedRemote']);
		expect(world.remotes()).toEqual(['a: three']);
		await sync();
		expect((await readdir(world.folder)).filter((name) => name.includes('pending'))).toEqual([]);
	},
);

it('without hashes, a file that somebody adds after a killed run is not taken for its upload', async () => {
	const { remote } = world;
	remote.knowsHashes = false;
	await world.write('a', 'old');
	await world.both();
	await world.write('a', 'mine!');
	const { upload } = remote;
	await new Promise<void>((resolve) => {
		remote.upload = () => {
			resolve();
			return new Promise(() => undefined);
		};
		void world.both();
	});
	remote.upload = upload;
	await world.moveOn();
	world.add('a', 'their');
	await world.both();
	await world.both();
	expect(world.remotes()).toEqual(expect.arrayContaining(['a: mine!', 'a: their']));
});

it('an upload of which nobody heard and that is tried again in the place of another file leaves nothing open', async () => {
	const { remote } = world;
	const sync = () => world.toRemote({ ifExists: 'overwrite' });
	world.put('a', 'older');
	await world.write('a', 'mine');
	const { upload } = remote;
	remote.upload = () => Promise.reject(new UnknownOutcomeError('Nobody knows', { description: 'Look.' }));
	expect((await sync()).map(short)).toContain('a: failed none');
	expect(await world.own()).toEqual([expect.stringContaining('pending')]);
	remote.upload = upload;
	// Begun long ago, and complete only now.
	remote.add({ id: 1, filename: 'a' }, 'theirs');
	await sync();
	expect(world.remotes()).toEqual(['a: mine', 'a: older']);
	expect(await world.own()).toEqual([]);
});

it('of two announced uploads, one after the other, what the second replaced is superseded, and what that had replaced', () => {
	const { remote } = world;
	const files = [4, 8].map((id) => {
		const { filename, size, hashcode, status } = remote.add({ id, filename: 'a' });
		return { id, name: filename, size, hash: hashcode, uploadedMs: 0, status };
	});
	const upload = { path: 'a', size: 3, mtimeMs: 1 };
	const uploads = [
		{ ...upload, replaces: 4, arrivedAs: 6 },
		{ ...upload, replaces: 6, arrivedAs: 8 },
	];
	const settle = (all: typeof uploads) =>
		settlePending(all, { exists: true, entries: [] }, { files, unreadable: [] }, new Map()).superseded;
	expect(settle(uploads)).toEqual(new Map([[4, 8]]));
	expect(settle(uploads.slice(0, 1))).toEqual(new Map());
});
