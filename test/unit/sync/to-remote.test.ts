import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CancelledError, InvalidInputError, LocalFileError } from '../../../client/api/errors';
import { syncToRemote } from '../../../client/sync';
import type { SyncToRemoteOptions } from '../../../client/sync-types';
import { md5, MemoryRemote, untilCancelled } from './memory-remote';
import { together } from './together';

let folder: string;
let remote: MemoryRemote;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'sync-'));
	remote = new MemoryRemote();
});

afterEach(async () => {
	jest.restoreAllMocks();
	await rm(folder, { recursive: true });
});

const sync = (options: Partial<SyncToRemoteOptions> = {}) =>
	syncToRemote(remote, { chatId: 'c', localDirectory: folder, ...options });
const path = (name: string) => join(folder, name);

/** A local file; its content defaults to its path. */
async function local(name: string, content = name, modified?: Date): Promise<void> {
	await mkdir(dirname(path(name)), { recursive: true });
	await writeFile(path(name), content);
	if (modified) await utimes(path(name), modified, modified);
}

const remoteContents = () =>
	remote.files.map(({ id, filename }) => `${filename}: ${remote.contents.get(id)?.toString() ?? ''}`).sort();

it('uploads what is only local, skips what exists by base name, leaves alone what is only remote', async () => {
	await local('z.txt');
	await local('sub/deep/new.txt');
	await local('sub/empty', '');
	await local('.hidden');
	remote.add({ id: '9007199254740993', filename: 'z.txt' }, 'remote');
	remote.add({ id: 2, filename: 'only remote' }, 'remote');
	const expected = { status: 'success', action: 'uploaded', fileId: expect.any(Number) as number };
	expect(await sync()).toEqual([
		{ ...expected, fileName: '.hidden', localPath: path('.hidden'), size: 7 },
		{ ...expected, fileName: 'new.txt', localPath: path('sub/deep/new.txt'), size: 16 },
		{ ...expected, fileName: 'empty', localPath: path('sub/empty'), size: 0 },
		{
			status: 'skipped',
			action: 'none',
			fileId: '9007199254740993',
			fileName: 'z.txt',
			localPath: path('z.txt'),
			size: 5,
			reason: 'A file with this name already exists in the chat (id 9007199254740993)',
		},
	]);
	expect(remoteContents()).toEqual([
		'.hidden: .hidden',
		'empty: ',
		'new.txt: sub/deep/new.txt',
		'only remote: remote',
		'z.txt: remote',
	]);
	expect((await sync()).map(({ status }) => status)).toEqual(Array(4).fill('skipped'));
	expect(remote.count('upload')).toBe(3);
});

it('stays in the folder itself without recursive', async () => {
	await local('a');
	await local('sub/b');
	expect((await sync({ recursive: false })).map(({ fileName }) => fileName)).toEqual(['a']);
});

it('does not follow symbolic links, and reports them and what is no file', async () => {
	await local('real/file');
	await symlink(path('real'), path('folder link'));
	await symlink(path('real/file'), path('file link'));
	execFileSync('mkfifo', [path('pipe')]);
	expect(await sync()).toMatchObject([
		{
			status: 'skipped',
			fileName: 'file link',
			reason: 'This is a symbolic link, which sync does not follow',
		},
		{
			status: 'skipped',
			fileName: 'folder link',
			reason: 'This is a symbolic link, which sync does not follow',
		},
		{ status: 'skipped', fileName: 'pipe', reason: 'This is not a regular file' },
		{ status: 'success', fileName: 'file' },
	]);
});

it('never uploads nor mentions our own temporary files', async () => {
	await local('.bdd-file-12.part');
	await local('sub/.bdd-file-13.part');
	expect(await sync()).toEqual([]);
});

it('takes only what is asked for', async () => {
	for (const name of ['a.txt', 'sub/b.txt', 'sub/c.pdf', 'other/d.txt']) await local(name);
	const paths = (await sync({ include: ['*.txt'], exclude: ['other/**'] })).map(({ localPath }) => localPath);
	expect(paths).toEqual([path('a.txt'), path('sub/b.txt')]);
	expect(remote.count('upload')).toBe(2);
});

it('reports a subfolder that cannot be read or is not allowed, and goes on', async () => {
	await local('forbidden/a');
	await local('sub/forbidden');
	await local('sub/b');
	const asked: string[] = [];
	const items = await sync({
		isPathAllowed: (candidate) => {
			asked.push(candidate);
			return !candidate.endsWith('forbidden');
		},
	});
	expect(items).toMatchObject([
		{ status: 'failed', localPath: path('forbidden'), error: 'This is not allowed as a local path' },
		{ status: 'success', localPath: path('sub/b') },
		{ status: 'failed', localPath: path('sub/forbidden'), error: 'This is not allowed as a local path' },
	]);
	expect(asked).not.toContain(path('forbidden/a'));
	const isPathAllowed = (candidate: string) => candidate !== path('forbidden');
	// What it holds could be wanted.
	expect(await sync({ include: ['*.txt'], isPathAllowed })).toMatchObject([{ localPath: path('forbidden') }]);
	expect(
		await sync({ exclude: ['forbidden'], isPathAllowed: (p) => !p.endsWith('forbidden') }),
	).toMatchObject([{ localPath: path('sub/b') }]);
});

it('reports names that are not UTF-8', async () => {
	execFileSync('sh', [
		'-c',
		'cd "$1" && printf x > "$(printf "a\\377")" && mkdir "$(printf "b\\377")"',
		'-',
		folder,
	]);
	const items = await sync();
	expect(items).toHaveLength(2);
	for (const item of items) {
		expect(item).toMatchObject({
			status: 'failed',
			error: expect.stringContaining('not valid UTF-8') as string,
		});
	}
});

describe('namesakes', () => {
	it('each remote file accounts for one local file; a second run uploads nothing', async () => {
		for (const name of ['x/a', 'y/a', 'z/a']) await local(name, 'same');
		remote.add({ id: 1, filename: 'a' }, 'same');
		expect((await sync()).map(({ status }) => status)).toEqual(['skipped', 'success', 'success']);
		expect((await sync()).map(({ status }) => status)).toEqual(['skipped', 'skipped', 'skipped']);
		expect(remote.files).toHaveLength(3);
	});

	it('a filter does not change which remote file is whose', async () => {
		await local('x/a', '1');
		await local('y/a', '22');
		remote.add({ id: 1, filename: 'a' }, '1');
		expect(await sync({ include: ['y/*'] })).toMatchObject([{ status: 'success', localPath: path('y/a') }]);
	});

	it('a failed upload does not count', async () => {
		await local('a');
		remote.add({ id: 1, filename: 'a', status: 'error' }, 'a');
		expect(await sync()).toMatchObject([{ status: 'success' }]);
	});

	it('an unfinished upload of the same content is continued', async () => {
		await local('a');
		remote.add({ id: 1, filename: 'a', status: 'uploading' }, 'a');
		expect(await sync()).toMatchObject([{ status: 'success', fileId: 1 }]);
		expect(remote.files).toHaveLength(1);
	});

	it('a file being merged counts with the same size', async () => {
		await local('a', 'four');
		remote.add({ id: 1, filename: 'a', status: 'merging', size: 4 });
		expect(await sync()).toMatchObject([{ status: 'skipped', fileId: 1 }]);
		await truncate(path('a'), 3);
		expect(await sync()).toMatchObject([{ status: 'success' }]);
	});

	it('of one size never go up at the same time, so that none is taken for the other', async () => {
		for (const name of ['x/a', 'y/a', 'z/a']) await local(name, 'same');
		remote.during = () => new Promise((resolve) => setTimeout(resolve, 2));
		await sync();
		expect(remote.mostRunning).toBe(1);
		expect(remote.files).toHaveLength(3);
	});
});

describe('skipUnchanged', () => {
	const ifExists = 'skipUnchanged';

	it('skips equal content, and replaces what has changed: first up, then the old one away', async () => {
		await local('same');
		await local('changed', 'new');
		remote.add({ id: 1, filename: 'same' }, 'same');
		remote.add({ id: 2, filename: 'changed' }, 'old');
		expect(await sync({ ifExists })).toMatchObject([
			{ status: 'success', fileId: 1000 },
			{ status: 'skipped', fileId: 1, reason: 'The chat already has this file unchanged (id 1)' },
		]);
		expect(remoteContents()).toEqual(['changed: new', 'same: same']);
		// The new file is seen in the list before the old one goes.
		expect(remote.calls).toEqual([['list'], ['upload', 'changed'], ['list'], ['delete', 2]]);
		expect((await sync({ ifExists })).map(({ status }) => status)).toEqual(['skipped', 'skipped']);
	});

	it('without a hash only the upload time itself proves equality: clocks differ', async () => {
		const uploaded = '2024-05-06T07:08:09.5';
		await local('older', '1', new Date('2024-05-06T07:08:08Z'));
		await local('newer', '1', new Date('2024-05-06T07:08:10Z'));
		await local('downloaded', '1', new Date('2024-05-06T07:08:09.5Z'));
		await local('on a coarse disk', '1', new Date('2024-05-06T07:08:09Z'));
		for (const [id, filename] of ['older', 'newer', 'downloaded', 'on a coarse disk'].entries()) {
			remote.add({ id, filename, hashcode: id % 2 ? 'etag-1' : '', upload_at: uploaded }, '1');
		}
		expect(await sync({ ifExists })).toMatchObject([
			{ fileName: 'downloaded', action: 'unchanged' },
			{ fileName: 'newer', action: 'uploaded' },
			{ fileName: 'older', action: 'uploaded' },
			{ fileName: 'on a coarse disk', action: 'unchanged' },
		]);
	});

	it('tells namesakes of one size apart', async () => {
		await local('x/a', '1');
		await local('y/a', '2');
		remote.add({ id: 1, filename: 'a' }, '2');
		remote.add({ id: 2, filename: 'a' }, '1');
		expect(await sync({ ifExists })).toMatchObject([
			{ status: 'skipped', fileId: 2 },
			{ status: 'skipped', fileId: 1 },
		]);
	});
});

describe('skip', () => {
	it('sends the one of several namesakes that the chat lacks, also where they have one size', async () => {
		await local('sub/a', 'old');
		await sync();
		await local('a', 'new');
		expect((await sync()).map(({ localPath, action }) => [localPath, action])).toEqual([
			[path('a'), 'uploaded'],
			[path('sub/a'), 'unchanged'],
		]);
		expect(remoteContents()).toEqual(['a: new', 'a: old']);
	});
});

describe('overwrite', () => {
	const ifExists = 'overwrite';

	it("replaces the folder's own older file, not a stranger's of the same name and size", async () => {
		await local('a', 'own');
		remote.add({ id: 1, filename: 'a', hashcode: md5('its') }, 'its');
		remote.add({ id: 2, filename: 'a', hashcode: md5('own') }, 'own');
		for (let runs = 0; runs < 2; runs++) {
			expect(await sync({ ifExists })).toMatchObject([{ status: 'success', action: 'uploaded' }]);
			expect(remoteContents()).toEqual(['a: its', 'a: own']);
		}
	});

	it('replaces even what is equal', async () => {
		await local('a');
		remote.add({ id: 1, filename: 'a' }, 'a');
		expect(await sync({ ifExists })).toMatchObject([{ status: 'success', fileId: 1000 }]);
		expect(remote.files.map(({ id }) => id)).toEqual([1000]);
	});

	it('keeps the old file when the upload fails', async () => {
		await local('a', 'new');
		remote.add({ id: 1, filename: 'a' }, 'old');
		remote.during = () => Promise.reject(new Error('broken'));
		expect(await sync({ ifExists })).toMatchObject([{ status: 'failed', error: 'broken' }]);
		expect(remoteContents()).toEqual(['a: old']);
	});

	it('says so when the old file could not be deleted', async () => {
		await local('a', 'new');
		remote.add({ id: 1, filename: 'a' }, 'old');
		remote.failDelete = true;
		expect(await sync({ ifExists })).toMatchObject([
			{
				status: 'failed',
				fileId: 1000,
				error:
					'Uploaded as file 1000, but the older file 1 could not be deleted: ' +
					'Handling file 1 failed: file not found. List the chat again.',
			},
		]);
	});

	it('never deletes the file that the upload has completed', async () => {
		await local('a');
		const merging = remote.add({ id: 1, filename: 'a', status: 'merging' }, 'a');
		remote.upload = (source) =>
			Promise.resolve({ fileId: '1', fileName: source.fileName, size: 1, mode: 'multipart', md5: md5('a') });
		expect(await sync({ ifExists })).toMatchObject([{ status: 'success' }]);
		expect(remote.files).toEqual([merging]);
		expect(remote.count('delete')).toBe(0);
	});
});

it('dryRun reports and changes nothing', async () => {
	await local('a', 'new');
	await local('b');
	await symlink(path('a'), path('link'));
	remote.add({ id: 1, filename: 'a' }, 'old');
	const reasons = async (ifExists: 'skip' | 'overwrite' | 'skipUnchanged') =>
		(await sync({ ifExists, dryRun: true })).map(({ status, reason }) => `${status}: ${reason ?? ''}`);
	const link = 'skipped: This is a symbolic link, which sync does not follow';
	expect(await reasons('skip')).toEqual([
		'skipped: A file with this name already exists in the chat (id 1)',
		'skipped: Dry run: would be uploaded',
		link,
	]);
	for (const ifExists of ['overwrite', 'skipUnchanged'] as const) {
		expect(await reasons(ifExists)).toEqual([
			'skipped: Dry run: would be uploaded, replacing file 1',
			'skipped: Dry run: would be uploaded',
			link,
		]);
	}
	expect(remote.count('upload') + remote.count('delete')).toBe(0);
});

describe('a failure', () => {
	it('of one file is its item, and the others go up', async () => {
		for (const name of ['a', 'b', 'c']) await local(name);
		remote.during = (name) => (name === 'b' ? Promise.reject(new Error('broken')) : undefined);
		expect(await sync()).toMatchObject([
			{ status: 'success' },
			{ status: 'failed', localPath: path('b'), error: 'broken' },
			{ status: 'success' },
		]);
	});

	it('of a file that has disappeared is its item', async () => {
		await local('a');
		await local('b');
		const list = remote.listChatFiles;
		remote.listChatFiles = async (...args) => {
			await rm(path('a'));
			return await list(...args);
		};
		expect(await sync()).toMatchObject([
			{ status: 'failed', error: expect.stringContaining('it does not exist') as string },
			{ status: 'success' },
		]);
	});

	it('of the listing ends the sync', async () => {
		await local('a');
		remote.listChatFiles = () => Promise.reject(new Error('refused'));
		await expect(sync()).rejects.toThrow('refused');
		expect(remote.count('upload')).toBe(0);
	});

	it('of the folder ends the sync before any request', async () => {
		await local('file');
		for (const name of ['missing', 'file']) {
			const failed = sync({ localDirectory: path(name) });
			await expect(failed).rejects.toBeInstanceOf(LocalFileError);
			await expect(failed).rejects.toThrow(JSON.stringify(path(name)));
		}
		await expect(sync({ localDirectory: '.' })).rejects.toBeInstanceOf(InvalidInputError);
		await expect(sync({ concurrency: 1.5 })).rejects.toBeInstanceOf(InvalidInputError);
		await expect(sync({ partSize: 4 })).rejects.toThrow('Part size must be from 5 and at most 5120 MiB');
		await expect(sync({ mode: 'parts' as 'multipart' })).rejects.toThrow('Mode is unknown: "parts"');
		expect(remote.calls).toEqual([]);
	});
});

it('has 24 small files in flight by default, 8 large ones, and limits the parts of them all', async () => {
	for (let index = 0; index < 30; index++) await local(`${index}`);
	remote.during = together(24);
	const upload = jest.spyOn(remote, 'upload');
	const options = { chatId: 'c', biz: 'chat', resume: true, timeout: 5 };
	const lastUploadHad = (more: object) =>
		expect(upload).toHaveBeenLastCalledWith(
			expect.anything(),
			expect.objectContaining({ ...options, ...more }),
		);
	await sync({ timeout: 5 });
	expect(remote.mostRunning).toBe(24);
	lastUploadHad({ concurrency: 1 });

	remote.mostRunning = 0;
	remote.during = together(8);
	for (let index = 0; index < 10; index++) {
		await local(`large ${index}`);
		await truncate(path(`large ${index}`), 5 * 1024 * 1024 + 1);
	}
	await sync({ timeout: 5 });
	expect(remote.mostRunning).toBe(8);
	lastUploadHad({ concurrency: 2 });

	await local('one more');
	await sync({ timeout: 5 });
	lastUploadHad({ concurrency: 4 });
});

describe('cancelled', () => {
	it('ends what is running, starts nothing new, deletes nothing', async () => {
		for (let index = 0; index < 20; index++) {
			await local(`${index}`);
			remote.add({ id: index, filename: `${index}` });
		}
		const controller = new AbortController();
		let waiting = 0;
		remote.during = async (_name, signal) => {
			waiting += 1;
			if (waiting === 3) setImmediate(() => controller.abort());
			await untilCancelled(signal);
		};
		const cancelled = sync({ ifExists: 'overwrite', concurrency: 3, signal: controller.signal });
		await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
		expect([remote.running, remote.count('upload'), remote.count('delete')]).toEqual([0, 3, 0]);
	});

	it('does not go on within files of one name', async () => {
		for (const name of ['x/a', 'y/a']) await local(name, 'same');
		const controller = new AbortController();
		remote.during = () => controller.abort();
		await expect(sync({ signal: controller.signal })).rejects.toBeInstanceOf(CancelledError);
		expect(remote.count('upload')).toBe(1);
	});

	it('before it began, asks for nothing', async () => {
		await expect(sync({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(CancelledError);
		expect(remote.calls).toEqual([]);
	});
});

it('removes what a killed run has left unfinished in the folder, after a day', async () => {
	await local('.bdd-file-1.part');
	await local('a');
	await sync();
	expect(existsSync(path('.bdd-file-1.part'))).toBe(true);
	jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 25 * 60 * 60 * 1000);
	await sync();
	expect(existsSync(path('.bdd-file-1.part'))).toBe(false);
	expect(existsSync(path('a'))).toBe(true);
});
