import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalFileError } from '../../../client/api/errors';
import { syncToRemote } from '../../../client/sync';
import { keyOfChat } from '../../../client/sync/memory';
import { pendingFile } from '../../../client/sync/own-files';
import { type PendingUpload, PendingUploads } from '../../../client/sync/pending';
import { SIMPLE_LIMIT_BYTES } from '../../../client/transfer/upload/upload';
import { md5 } from './memory-remote';
import { eachTestHas, short, type SyncWorld } from './world';

/** What a sync writes down before and after it uploads, for the next one. */

const CHAT = { service: 'http://memory', chatId: 'c' };

let world: SyncWorld;

eachTestHas((fresh) => (world = fresh));

const written = async () => (await PendingUploads.load(world.folder, CHAT)).uploads;

const mtimeOf = async (name: string) => (await lstat(world.path(name))).mtimeMs;

/** Of the first upload, looks at what a run that is killed now leaves. */
function lookDuringUpload(): { uploads: readonly PendingUpload[] | undefined } {
	const seen: ReturnType<typeof lookDuringUpload> = { uploads: undefined };
	world.remote.during = async () => {
		// While it downloads there is nothing yet.
		const uploads = await written();
		if (uploads.length > 0) seen.uploads ??= uploads;
	};
	return seen;
}

/** After the scan nothing can be written where pending uploads are. @returns makes it possible again */
function blockPending(): () => Promise<void> {
	const path = world.path(pendingFile(keyOfChat(CHAT)));
	const list = world.remote.listChatFiles;
	world.remote.listChatFiles = async (...args) => {
		world.remote.listChatFiles = list;
		await mkdir(join(path, 'in the way'), { recursive: true });
		return await list(...args);
	};
	return () => rm(path, { recursive: true });
}

describe('before an upload there stands', () => {
	it('with a memory: every file, what it replaces, and what was in the chat', async () => {
		await world.write('a', 'old');
		await world.both();
		world.remote.add({ id: 5000, filename: 'b' });
		world.remote.add({ id: 7, filename: 'c' });
		await world.write('a', 'newer');
		await world.write('new', 'new');
		const seen = lookDuringUpload();
		await world.both();
		expect(seen.uploads).toStrictEqual([
			{
				path: 'a',
				size: 5,
				mtimeMs: await mtimeOf('a'),
				above: 5000,
				replaces: 1000,
				md5: md5('newer'),
			},
			{ path: 'new', size: 3, mtimeMs: await mtimeOf('new'), above: 5000 },
		]);
		expect(await written()).toStrictEqual([]);
	});

	it('with an empty chat: nothing about it', async () => {
		await world.write('new', 'new');
		const seen = lookDuringUpload();
		await world.both();
		expect(seen.uploads).toStrictEqual([{ path: 'new', size: 3, mtimeMs: await mtimeOf('new') }]);
	});

	it('without a memory: only what replaces something', async () => {
		await world.write('a', 'new');
		await world.write('new', 'new');
		world.put('a', 'old');
		const seen = lookDuringUpload();
		await world.toRemote({ ifExists: 'overwrite' });
		expect(seen.uploads).toMatchObject([{ path: 'a', replaces: 1000 }]);
		expect(world.remotes()).toEqual(['a: new', 'new: new']);
	});

	it('the MD5, also where the chat knows another hash', async () => {
		await world.write('a', 'new');
		world.put('a', 'old', createHash('sha256').update('old').digest('hex'));
		const seen = lookDuringUpload();
		await world.toRemote({ ifExists: 'skipUnchanged' });
		expect(seen.uploads).toMatchObject([{ path: 'a', md5: md5('new') }]);
	});

	it('the MD5 of as much as goes up at once, and not of more, which would be read for nothing else', async () => {
		for (const [name, size] of [
			['at most', SIMPLE_LIMIT_BYTES],
			['more', SIMPLE_LIMIT_BYTES + 1],
		] as const) {
			await world.write(name, '');
			await truncate(world.path(name), size);
			world.put(name, 'old');
		}
		let uploads: readonly PendingUpload[] | undefined;
		world.remote.upload = async () => {
			uploads ??= await written();
			throw new Error('refused');
		};
		await world.toRemote({ ifExists: 'overwrite' });
		expect(uploads?.map(({ path, md5: found }) => [path, found?.length])).toStrictEqual([
			['at most', 32],
			['more', undefined],
		]);
	});
});

describe('where nothing can be written down', () => {
	beforeEach(async () => {
		await world.write('a', 'new');
		world.put('a', 'old');
	});

	it.each(['with', 'without'])('a sync to the chat warns and goes on, %s a log', async (log) => {
		const unblock = blockPending();
		world.remote.during = unblock;
		const warnings: string[] = [];
		const ignore = () => undefined;
		const warn = (text: string) => void warnings.push(text);
		const logger = { debug: ignore, info: ignore, warn };
		const items = await syncToRemote(
			world.remote,
			{ chatId: 'c', localDirectory: world.folder, ifExists: 'overwrite' },
			log === 'with' ? logger : undefined,
		);
		expect(items.map(short)).toEqual(['a: success uploaded']);
		expect(world.remotes()).toEqual(['a: new']);
		const name = pendingFile(keyOfChat(CHAT));
		if (log === 'without') return;
		expect(warnings).toHaveLength(1);
		expect(warnings[0]).toMatch(
			/^Writing ".*" failed: .*\. If this sync is interrupted, a file that is being replaced may stay in the chat beside the new one$/,
		);
		expect(warnings[0]).toContain(name);
	});

	it('a sync both ways uploads nothing, as its deletions depend on it', async () => {
		blockPending();
		await world.write('new', 'new');
		await expect(world.both()).rejects.toBeInstanceOf(LocalFileError);
		expect(world.remote.count('upload')).toBe(0);
		expect(world.remotes()).toEqual(['a: old']);
	});
});

it('a sync to the folder, which sees no subfolders, forgets no upload from one of them', async () => {
	await world.write('sub/a', 'new');
	world.put('a', 'old');
	const pending = await PendingUploads.load(world.folder, CHAT);
	const { size, mtimeMs } = await lstat(world.path('sub/a'));
	await pending.announce([{ path: 'sub/a', size, mtimeMs, md5: md5('new'), replaces: 1000, above: 1000 }]);
	await world.toLocal({ exclude: ['a'] });
	// Only now the chat shows what came of it.
	world.add('a', 'new');
	await world.toRemote({ ifExists: 'skipUnchanged' });
	expect(world.remotes()).toEqual(['a: new']);
});

it.each(['link', 'folder'])(
	'writes nothing into what has taken the place of the folder: a %s',
	async (what) => {
		const outside = join(world.folder, '..', 'outside');
		await mkdir(outside);
		await world.write('a', 'mine');
		world.remote.during = async () => {
			await rename(world.folder, `${world.folder} moved`);
			await (what === 'link' ? symlink(outside, world.folder) : rename(outside, world.folder));
		};
		expect((await world.both()).at(-1)).toMatchObject({
			status: 'failed',
			error: expect.stringContaining('could not be written down') as string,
		});
		expect((await readdir(world.folder)).filter((name) => /memory|pending/.test(name))).toEqual([]);
	},
);
