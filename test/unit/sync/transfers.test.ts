import disk from 'node:fs/promises';
import { statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink, truncate, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CancelledError, ServiceError, UnknownOutcomeError } from '../../../client/api/errors';
import { syncToLocal, syncToRemote } from '../../../client/sync';
import type { SyncToLocalOptions } from '../../../client/sync-types';
import { together } from './together';
import { eachTestHas, short, type SyncWorld } from './world';

/** What single transfers leave: in the chat, in the folder, in the memory and in the log. */

let world: SyncWorld;

eachTestHas((fresh) => (world = fresh));

const ON = { propagateDeletes: true };
const actions = (items: Awaited<ReturnType<SyncWorld['both']>>) => items.map(({ action }) => action);
const modified = (name: string) => statSync(world.path(name)).mtimeMs;

describe('what goes up', () => {
	it('goes by size: what fits into one part first, then what is larger', async () => {
		const part = 5 * 1024 * 1024;
		for (const [name, size] of [
			['a', part + 1],
			['b', part],
			['c', 1],
		] as const) {
			await world.write(name, '');
			await truncate(world.path(name), size);
		}
		await world.toRemote({ concurrency: 1 });
		expect(world.remote.calls.filter(([kind]) => kind === 'upload').map(([, name]) => name)).toEqual([
			'b',
			'c',
			'a',
		]);
	});

	it('goes together with what a conflict has kept', async () => {
		await world.write('a', 'folder');
		world.put('a', 'chat');
		await world.write('new', '1');
		const both = together(2);
		world.remote.during = async (name) => {
			if (name !== 'a') await both();
		};
		expect(actions(await world.both())).toEqual(['downloaded', 'conflict', 'uploaded']);
	});

	const told = { description: 'Try again.' };
	it.each([
		[
			'that has failed leaves no note',
			new ServiceError('refused', { status: 500, serviceMessage: 'refused', ...told }),
			[],
		],
		[
			'that may still arrive is noted',
			new UnknownOutcomeError('cut off', told),
			[expect.stringContaining('pending') as string],
		],
	])('in place of another file %s', async (_what, error, own) => {
		await world.write('a', 'new');
		world.put('a', 'old');
		world.remote.during = () => Promise.reject(error);
		expect((await world.toRemote({ ifExists: 'overwrite' })).map(short)).toEqual(['a: failed none']);
		expect(await world.own()).toEqual(own);
	});

	it('and turns out to be the file that it was to replace leaves no note', async () => {
		await world.write('a', 'a');
		world.put('a', 'a');
		world.remote.upload = (source) =>
			Promise.resolve({ fileId: '1000', fileName: source.fileName, size: 1, mode: 'multipart', md5: '' });
		expect((await world.toRemote({ ifExists: 'overwrite' })).map(short)).toEqual(['a: success uploaded']);
		expect(await world.own()).toEqual([]);
	});
});

it.each([
	['to', syncToLocal],
	['from', syncToRemote],
] as const)('the log of a long sync %s the folder counts the bytes', async (_what, sync) => {
	if (sync === syncToLocal) world.put('a', '12345');
	else await world.write('a', '12345');
	const { now } = Date;
	let ahead = 0;
	jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
	world.remote.during = () => void (ahead = 6_000);
	const info = jest.fn();
	const logger = { debug: () => {}, info, warn: () => {} };
	await sync(world.remote, { chatId: 'c', localDirectory: world.folder }, logger);
	expect(info.mock.calls).toEqual([[expect.stringContaining('1 of 1 files, 5 bytes of 5 bytes')]]);
});

describe('what a conflict keeps', () => {
	it.each([
		['the hash', 'chat!!', undefined],
		['the size', 'chat', ''],
	])(
		'is kept, whatever has become of the local file, where %s tells the contents apart',
		async (...given) => {
			const [, text, hash] = given;
			await world.write('a', 'folder');
			world.put('a', text, hash);
			world.remote.during = () => rm(world.path('a'), { force: true });
			expect((await world.both()).map(short)).toEqual([
				'a (conflict 1000): success downloaded',
				'a: failed none',
			]);
			expect(await world.locals()).toEqual([`a (conflict 1000): ${text}`]);
		},
	);

	it('is nothing where both sides are the same, also without a memory', async () => {
		await world.write('a', 'same');
		world.put('a', 'same', '');
		const isPathAllowed = (path: string) => !basename(path).startsWith('.bdd-file-memory');
		expect((await world.both({ isPathAllowed })).map(short)).toEqual(['a: skipped unchanged']);
		expect(await world.locals()).toEqual(['a: same']);
	});
});

describe('the memory', () => {
	it('knows what a file is called in the chat, when it is gone there', async () => {
		for (const id of [7, 9]) world.remote.add({ id }, `of ${id}`);
		await world.toLocal(ON);
		expect(await world.locals()).toEqual(['a (9).txt: of 9', 'a.txt: of 7']);
		world.remote.drop(9);
		expect(await world.toLocal({ ...ON, include: ['a.txt'] })).toMatchObject([
			{ action: 'unchanged' },
			{ action: 'deletedLocal', fileName: 'a.txt', localPath: world.path('a (9).txt') },
		]);
	});

	it('lets go what is gone on both sides: the same file put back is a new one', async () => {
		await world.write('a', 'a');
		await world.both(ON);
		await rename(world.path('a'), `${world.folder} a`);
		world.dropRemote('a');
		expect(await world.both(ON)).toEqual([]);
		await rename(`${world.folder} a`, world.path('a'));
		expect((await world.both(ON)).map(short)).toEqual(['a: success uploaded']);
	});

	it('is not written again when nothing has changed', async () => {
		await world.write('here', '1');
		world.put('there', '2');
		await world.both();
		const [memory = ''] = await world.own();
		const written = () => [statSync(world.path(memory)).ino, modified(memory)];
		const before = written();
		expect(actions(await world.both())).toEqual(['unchanged', 'unchanged']);
		expect(written()).toEqual(before);
	});
});

/** Nothing but a note tells of this upload in place of another file, whose deletion is refused: there is no memory. */
async function noted(path: string): Promise<void> {
	await world.write(path, 'edited');
	world.put(basename(path), 'old');
	world.remote.failDelete = true;
	expect(actions(await world.toRemote({ ifExists: 'overwrite' }))).toEqual(['none']);
	world.remote.failDelete = false;
	expect(await world.own()).toEqual([expect.stringContaining('pending')]);
}

describe('without a memory, a file of which a note tells', () => {
	it('may have been moved to another subfolder', async () => {
		await noted('sub/a');
		await rename(world.path('sub'), world.path('other'));
		expect((await world.toRemote()).map(short)).toEqual(['a: skipped none', 'a: success deletedRemote']);
		expect(world.remotes()).toEqual(['a: edited']);
	});

	it('comes down where it is to be overwritten', async () => {
		await noted('a');
		expect((await world.toLocal({ ifExists: 'overwrite' })).map(short)).toEqual([
			'a: skipped none',
			'a: success downloaded',
		]);
		expect(await world.locals()).toEqual(['a: edited']);
	});
});

describe('on a disk that ignores case, a file that is renamed in nothing else', () => {
	/** The real one is in the suite `disk`. */
	beforeEach(() => {
		const { lstat } = disk;
		jest.spyOn(disk, 'lstat').mockImplementation((async (path: string) => {
			const key = basename(path).toLowerCase();
			const names = await readdir(dirname(path)).catch(() => []);
			return await lstat(join(dirname(path), names.find((name) => name.toLowerCase() === key) ?? key));
		}) as typeof lstat);
	});

	it.each(['here', 'there'] as const)('and edited %s, there and back, stays one', async (where) => {
		await world.write('A.txt', 'first');
		await world.both();
		for (const [from, to] of [
			['A.txt', 'a.txt'],
			['a.txt', 'A.txt'],
		] as const) {
			await rename(world.path(from), world.path(to));
			if (where === 'here') await world.write(to, `edited as ${to}`);
			else world.put('A.txt', `edited when it was ${to}`);
			expect(actions(await world.both())).toEqual([where === 'here' ? 'uploaded' : 'downloaded']);
		}
		await world.write('A.txt', 'last');
		expect(actions(await world.both())).toEqual(['uploaded']);
		expect(world.remotes()).toEqual(['A.txt: last']);
	});

	it('is left where it is, without a memory too', async () => {
		await noted('A.txt');
		await rename(world.path('A.txt'), world.path('a.txt'));
		expect((await world.toLocal({ ifExists: 'skip' })).map(short)).toEqual([
			'A.txt: skipped none',
			'A.txt: skipped unchanged',
		]);
		expect(await world.locals()).toEqual(['a.txt: edited']);
	});

	it('is remembered by its new name alone, also where the folder is carried to a disk that knows case', async () => {
		await world.write('A.txt', 'text');
		await world.both(ON);
		await rename(world.path('A.txt'), world.path('a.txt'));
		expect(actions(await world.both(ON))).toEqual(['unchanged']);
		jest.restoreAllMocks();
		expect(actions(await world.both(ON))).toEqual(['unchanged']);
		expect([await world.locals(), world.remotes()]).toEqual([['a.txt: text'], ['A.txt: text']]);
	});
});

describe('a file with the content of the chat’s and another time', () => {
	const uploaded = Date.parse('2024-05-06T07:08:09.123Z');
	const other = Date.parse('2025-02-03T04:05:06Z');
	let real: string;

	/** The folder is named by a link: then each path is asked for once more right before it is touched. */
	async function links(...names: string[]): Promise<void> {
		real = join(world.folder, '..', 'real');
		await rm(world.folder, { recursive: true });
		await mkdir(real);
		await symlink(real, world.folder);
		for (const [id, name] of names.entries()) {
			await world.write(name, name);
			await utimes(world.path(name), new Date(other), new Date(other));
			world.remote.add({ id, filename: name }, name);
		}
	}

	/** @returns what the log says about times */
	async function syncUnchanged(options: Partial<SyncToLocalOptions> = {}): Promise<string[]> {
		const texts: string[] = [];
		const logger = { debug: (text: string) => void texts.push(text), info: () => {}, warn: () => {} };
		const given = { chatId: 'c', localDirectory: world.folder, ...options };
		expect((await syncToLocal(world.remote, given, logger)).map(short)).toEqual(['a: skipped unchanged']);
		return texts.filter((text) => text.includes('time'));
	}

	it('keeps that where it may not be touched, which only the log says', async () => {
		await links('a');
		const isPathAllowed = (path: string) => !path.startsWith(real);
		const [text, ...more] = await syncUnchanged({ isPathAllowed });
		expect(text).toContain(`Setting the time of ${JSON.stringify(world.path('a'))} failed`);
		expect(text).toContain('is not allowed as a local path');
		expect(more).toEqual([]);
		expect((await world.toLocal({ isPathAllowed })).map(short)).toEqual(['a: skipped unchanged']);
		expect(modified('a')).toBe(other);
	});

	it('keeps that where the service tells no upload time', async () => {
		await links('a');
		for (const file of world.remote.files) file.upload_at = '';
		expect(await syncUnchanged()).toEqual([]);
		expect(modified('a')).toBe(other);
	});

	it('keeps the time of an edit that comes in between', async () => {
		await links('a');
		let edited: number | undefined;
		const isPathAllowed = (path: string) => {
			if (path !== join(real, 'a')) return true;
			world.writeNow('a', 'edited');
			edited = modified('a');
			return true;
		};
		expect(await syncUnchanged({ isPathAllowed })).toEqual([]);
		expect(modified('a')).toBe(edited);
	});

	it('keeps that once the sync is cancelled, but for the one in hand', async () => {
		const names = ['a', 'b', 'c'];
		await links(...names);
		const controller = new AbortController();
		const isPathAllowed = (path: string) => {
			if (path.startsWith(real)) controller.abort();
			return true;
		};
		await expect(
			world.toLocal({ isPathAllowed, concurrency: 1, signal: controller.signal }),
		).rejects.toBeInstanceOf(CancelledError);
		expect(names.map((name) => Math.round(modified(name)))).toEqual([uploaded, other, other]);
	});
});
