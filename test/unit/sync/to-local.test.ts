import { existsSync } from 'node:fs';
import {
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	readlink,
	rm,
	stat,
	symlink,
	utimes,
	writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelledError, InvalidInputError, LocalFileError, ServiceError } from '../../../client/api/errors';
import { syncToLocal } from '../../../client/sync';
import type { SyncToLocalOptions } from '../../../client/sync-types';
import { md5, MemoryRemote, untilCancelled } from './memory-remote';
import { together } from './together';

const UPLOADED = new Date('2024-05-06T07:08:09.123Z');
const DAY = 24 * 60 * 60 * 1000;

let root: string;
let folder: string;
let remote: MemoryRemote;

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'sync-'));
	folder = join(root, 'folder');
	remote = new MemoryRemote();
});

afterEach(async () => {
	jest.restoreAllMocks();
	await rm(root, { recursive: true });
});

const sync = (options: Partial<SyncToLocalOptions> = {}) =>
	syncToLocal(remote, { chatId: 'c', localDirectory: folder, ...options });
const path = (name: string) => join(folder, name);
/** What is in the folder, but for the lock. */
const names = async () => (await readdir(folder)).filter((name) => name !== '.bdd-file-lock').sort();
const content = (name: string) => readFile(path(name), 'utf8');

/** A file that is there before the sync. */
async function existing(name: string, text: string, modified = new Date()): Promise<string> {
	await mkdir(folder, { recursive: true });
	await writeFile(path(name), text);
	await utimes(path(name), modified, modified);
	return path(name);
}

it('downloads everything in the order of the list, with upload times, into a folder that it creates', async () => {
	folder = join(folder, 'deep', 'er');
	remote.add({ id: '9007199254740993', filename: '报告 终稿.pdf' }, 'one');
	remote.add({ id: 2, filename: 'empty' }, '');
	expect(await sync()).toEqual([
		{
			status: 'success',
			action: 'downloaded',
			fileId: '9007199254740993',
			fileName: '报告 终稿.pdf',
			localPath: path('报告 终稿.pdf'),
			size: 3,
		},
		{
			status: 'success',
			action: 'downloaded',
			fileId: 2,
			fileName: 'empty',
			localPath: path('empty'),
			size: 0,
		},
	]);
	expect(await content('报告 终稿.pdf')).toBe('one');
	expect(await content('empty')).toBe('');
	expect(Math.abs((await stat(path('empty'))).mtimeMs - UPLOADED.getTime())).toBeLessThan(2);
});

it('creates no folder when nothing is to be written', async () => {
	remote.add({ id: 1, status: 'uploading' });
	remote.add({ id: 2, filename: 'a/b' });
	expect(await sync()).toMatchObject([{ status: 'skipped' }, { status: 'failed' }]);
	expect(existsSync(folder)).toBe(false);
});

it.each(['../../x', '..', '/etc/x', 'a/b', 'a\\b', '', 'a\0b', 'a\nb'])(
	'fails the name %j, writes nothing outside, and the other files arrive',
	async (filename) => {
		remote.add({ id: 1, filename });
		remote.add({ id: 2, filename: 'good' });
		const [bad, good] = await sync();
		expect(bad).toEqual({
			status: 'failed',
			action: 'none',
			fileId: 1,
			fileName: filename,
			size: expect.any(Number) as number,
			error: expect.stringContaining(JSON.stringify(filename)) as string,
		});
		expect(good?.status).toBe('success');
		expect(await readdir(root)).toEqual(['folder']);
		expect(await names()).toEqual(['good']);
	},
);

it('does not follow a symbolic link, nor replace a folder', async () => {
	const outside = join(root, 'outside');
	await writeFile(outside, 'mine');
	await mkdir(path('folder'), { recursive: true });
	await symlink(outside, path('link'));
	await symlink(join(root, 'missing'), path('dangling'));
	for (const [id, filename] of ['link', 'dangling', 'folder', 'good'].entries()) remote.add({ id, filename });
	for (const ifExists of ['overwrite', 'skip', 'skipUnchanged'] as const) {
		const items = await sync({ ifExists });
		expect(items.slice(0, 3)).toMatchObject([
			{ status: 'failed', error: expect.stringContaining('symbolic link') as string },
			{ status: 'failed', error: expect.stringContaining('symbolic link') as string },
			{ status: 'failed', error: expect.stringContaining('not a file') as string },
		]);
	}
	expect(await readFile(outside, 'utf8')).toBe('mine');
	expect(await readlink(path('link'))).toBe(outside);
	expect(existsSync(join(root, 'missing'))).toBe(false);
	expect(await content('good')).toBe('3 good');
});

it.each([[[7, 9]], [[9, 7]]])(
	'keeps both of two files with one name, listed %j, synced twice',
	async (ids) => {
		for (const id of ids) remote.add({ id });
		for (const action of ['downloaded', 'unchanged']) {
			const items = await sync();
			expect(items.map((item) => item.action)).toEqual([action, action]);
			expect(await names()).toEqual(['a (9).txt', 'a.txt']);
			expect(await content('a.txt')).toBe('7 a.txt');
			expect(await content('a (9).txt')).toBe('9 a.txt');
		}
	},
);

it('newest and fail write at most one file of a name', async () => {
	remote.add({ id: 7 });
	remote.add({ id: 9 });
	expect(await sync({ duplicateNames: 'fail' })).toMatchObject([{ status: 'failed' }, { status: 'failed' }]);
	expect(await sync({ duplicateNames: 'newest' })).toMatchObject([
		{ status: 'skipped', reason: 'A newer file has this name (id 9)' },
		{ status: 'success' },
	]);
	expect(await content('a.txt')).toBe('9 a.txt');
});

it('asks for every path, and leaves what is not allowed alone', async () => {
	await existing('secret', 'old');
	remote.add({ id: 1, filename: 'secret' });
	remote.add({ id: 2, filename: 'public' });
	const items = await sync({ isPathAllowed: (asked) => asked !== path('secret') });
	expect(items).toMatchObject([
		{ status: 'failed', error: 'This is not allowed as a local path', localPath: path('secret') },
		{ status: 'success' },
	]);
	expect(await content('secret')).toBe('old');
});

it('leaves out what is not asked for', async () => {
	for (const [id, filename] of ['a.txt', 'b.pdf', '.c.txt'].entries()) remote.add({ id, filename });
	const items = await sync({ include: ['*.txt'], exclude: ['a*'] });
	expect(items.map(({ fileName }) => fileName)).toEqual(['.c.txt']);
	expect(await names()).toEqual(['.c.txt']);
});

describe('an existing file', () => {
	it('is replaced by default when it differs, kept by skip, and downloaded again by overwrite', async () => {
		await existing('a.txt', 'old');
		remote.add({ id: 1 }, 'new');
		expect(await sync({ ifExists: 'skip' })).toMatchObject([
			{ status: 'skipped', reason: 'A local file with this name already exists' },
		]);
		expect(await content('a.txt')).toBe('old');
		expect(await sync()).toMatchObject([{ status: 'success', action: 'downloaded' }]);
		expect(await content('a.txt')).toBe('new');
		expect(await sync()).toMatchObject([{ status: 'skipped', action: 'unchanged' }]);
		expect(await sync({ ifExists: 'overwrite' })).toMatchObject([
			{ status: 'success', action: 'downloaded' },
		]);
	});

	it('skipUnchanged: a second run downloads nothing, by time alone', async () => {
		remote.add({ id: 1, hashcode: '' }, 'content');
		await sync();
		expect(await sync({ ifExists: 'skipUnchanged' })).toMatchObject([
			{ status: 'skipped', reason: 'The local file is unchanged (same size and time)' },
		]);
		expect(remote.count('download')).toBe(1);
	});

	it.each([md5('content'), 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73'])(
		'skipUnchanged: equal content under another time is kept (%s), and gets the upload time',
		async (hashcode) => {
			await existing('a.txt', 'content');
			remote.add({ id: 1, hashcode: hashcode.toUpperCase() }, 'content');
			expect(await sync({ ifExists: 'skipUnchanged', dryRun: true })).toMatchObject([{ status: 'skipped' }]);
			expect((await stat(path('a.txt'))).mtimeMs).toBeGreaterThan(UPLOADED.getTime() + DAY);
			expect(await sync({ ifExists: 'skipUnchanged' })).toMatchObject([
				{ status: 'skipped', reason: 'The local file is unchanged (same size and content)' },
			]);
			expect(Math.abs((await stat(path('a.txt'))).mtimeMs - UPLOADED.getTime())).toBeLessThan(2);
			expect(remote.count('download')).toBe(0);
		},
	);

	it.each([
		['other size, same time', 'longer content', UPLOADED, md5('content')],
		['same size, other content', 'tnetnoc', new Date(), md5('content')],
		['same size, no hash, other time', 'tnetnoc', new Date(UPLOADED.getTime() + 5000), 'unknown'],
	])('skipUnchanged downloads: %s', async (_what, text, modified, hashcode) => {
		await existing('a.txt', text, modified);
		remote.add({ id: 1, hashcode }, 'content');
		expect(await sync({ ifExists: 'skipUnchanged' })).toMatchObject([{ status: 'success' }]);
		expect(await content('a.txt')).toBe('content');
	});
});

it('dryRun reports and touches nothing', async () => {
	remote.add({ id: 1, filename: 'new' });
	expect(await sync({ dryRun: true })).toMatchObject([
		{ status: 'skipped', fileId: 1, localPath: path('new'), reason: 'Dry run: would be downloaded' },
	]);
	expect(existsSync(folder)).toBe(false);

	await existing('old', 'old');
	await existing('.bdd-file-1.part', 'leftover');
	jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * DAY);
	remote.add({ id: 2, filename: 'old' });
	remote.add({ id: 3, filename: '..' });
	expect(await sync({ dryRun: true })).toMatchObject([
		{ reason: 'Dry run: would be downloaded' },
		{ reason: 'Dry run: would be downloaded, replacing the local file' },
		{ status: 'failed' },
	]);
	expect(await names()).toEqual(['.bdd-file-1.part', 'old']);
	expect(await content('old')).toBe('old');
	expect(remote.count('download')).toBe(0);
});

describe('leftovers of a killed run', () => {
	const leftovers = async () => (await names()).filter((name) => name.startsWith('.bdd'));

	it('are removed after a day without any change; links and other files stay', async () => {
		await existing('.bdd-file-1.part', 'leftover');
		await existing('.bdd-file-2.part', 'not allowed');
		await existing('.bdd-file', 'not ours');
		await symlink(folder, path('.bdd-file-3.part'));
		jest.spyOn(Date, 'now').mockReturnValue(Date.now() + DAY + 60_000);
		await sync({ isPathAllowed: (asked) => !asked.includes('-2.') });
		expect(await leftovers()).toEqual(['.bdd-file', '.bdd-file-2.part', '.bdd-file-3.part']);
	});

	it('may belong to a run in progress, whatever modification time it has given them', async () => {
		await existing('.bdd-file-1.part', 'in progress', UPLOADED);
		await sync();
		expect(await leftovers()).toEqual(['.bdd-file-1.part']);
	});
});

describe('a failure', () => {
	it('of one file is its item, and the others arrive', async () => {
		await existing('b', 'old');
		for (const [id, filename] of ['a', 'b', 'c'].entries()) remote.add({ id, filename });
		remote.during = (name) => {
			if (name !== 'b') return;
			throw new ServiceError('Downloading "b" failed: broken', {
				status: 500,
				serviceMessage: 'broken',
				description: 'Try again.',
			});
		};
		expect(await sync()).toMatchObject([
			{ status: 'success' },
			{
				status: 'failed',
				fileId: 1,
				localPath: path('b'),
				error: 'Downloading "b" failed: broken. Try again.',
			},
			{ status: 'success' },
		]);
		expect(await content('b')).toBe('old');
		expect(await names()).toEqual(['a', 'b', 'c']);
	});

	it('of another kind than ours is an item too', async () => {
		remote.add({ id: 1 });
		remote.during = () => Promise.reject(new TypeError('unexpected'));
		expect(await sync()).toMatchObject([{ status: 'failed', error: 'unexpected' }]);
	});

	it('of the listing ends the sync', async () => {
		remote.listChatFiles = () => Promise.reject(new Error('refused'));
		await expect(sync()).rejects.toThrow('refused');
	});

	it('of the folder ends the sync before any request', async () => {
		await writeFile(folder, 'a file');
		const failed = sync();
		await expect(failed).rejects.toBeInstanceOf(LocalFileError);
		await expect(failed).rejects.toThrow(`Reading the folder "${folder}" failed: it is not a folder`);
		await expect(sync({ localDirectory: 'relative' })).rejects.toBeInstanceOf(InvalidInputError);
		await expect(sync({ localDirectory: '' })).rejects.toThrow('The local folder is missing');
		await expect(sync({ concurrency: 0 })).rejects.toThrow('Concurrency must be a whole number');
		expect(remote.calls).toEqual([]);
	});

	it('to create the folder ends the sync', async () => {
		await symlink(join(root, 'nowhere', 'deeper'), folder);
		remote.add({ id: 1 });
		await expect(sync()).rejects.toBeInstanceOf(LocalFileError);
		expect(remote.count('download')).toBe(0);
	});
});

it('has as many files in flight as it was told, 24 by default', async () => {
	for (let id = 0; id < 40; id++) remote.add({ id, filename: `${id}` });
	remote.during = together(3);
	await sync({ concurrency: 3 });
	expect(remote.mostRunning).toBe(3);
	remote.during = together(24);
	const items = await sync({ ifExists: 'overwrite' });
	expect(remote.mostRunning).toBe(24);
	expect(items.map(({ fileId }) => fileId)).toEqual(remote.files.map(({ id }) => id));
});

describe('cancelled', () => {
	it('ends what is running, starts nothing new, and leaves no temporary file', async () => {
		for (let id = 0; id < 20; id++) remote.add({ id, filename: `${id}` });
		const controller = new AbortController();
		let waiting = 0;
		remote.during = async (name, signal) => {
			if (name === '0') return;
			waiting += 1;
			if (waiting === 4) setImmediate(() => controller.abort());
			await untilCancelled(signal);
		};
		await expect(sync({ concurrency: 4, signal: controller.signal })).rejects.toBeInstanceOf(CancelledError);
		expect(remote.running).toBe(0);
		expect(remote.count('download')).toBe(5);
		expect(await names()).toEqual(['0']);
	});

	it('by the transfer itself, ends the sync too', async () => {
		remote.add({ id: 1 });
		remote.during = () => untilCancelled(AbortSignal.abort());
		await expect(sync()).rejects.toBeInstanceOf(CancelledError);
	});

	it('before it began, asks for nothing', async () => {
		await expect(sync({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(CancelledError);
		expect(remote.calls).toEqual([]);
	});

	it('counts every error of an aborted transfer as cancellation', async () => {
		remote.add({ id: 1 });
		const controller = new AbortController();
		remote.during = () => {
			controller.abort();
			throw new Error('socket closed');
		};
		await expect(sync({ signal: controller.signal })).rejects.toBeInstanceOf(CancelledError);
	});
});

it('hands each download what the list says, and the options of the call', async () => {
	const file = remote.add({ id: 1 });
	const download = jest.spyOn(remote, 'downloadToFile');
	await sync({ verify: false, userId: '12', timeout: 5, maxTries: 2 });
	expect(download).toHaveBeenCalledWith(1, path('a.txt'), {
		userId: '12',
		signal: expect.any(AbortSignal) as AbortSignal,
		timeout: 5,
		maxTries: 2,
		verify: false,
		expected: { filename: 'a.txt', size: file.size, hashcode: file.hashcode },
		modifiedAt: UPLOADED,
		onto: 'nothing',
		tellTime: false,
		check: expect.any(Function) as () => Promise<void>,
	});
});
