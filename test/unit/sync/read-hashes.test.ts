import { mkdtemp, readdir, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelledError } from '../../../client/api/errors';
import { nameKeyOf } from '../../../client/sync/disk-names';
import { pathFilter } from '../../../client/sync/filter';
import type { MODES, Rules } from '../../../client/sync/modes';
import type { PendingUpload } from '../../../client/sync/pending';
import { hashesToRead, hashFile, readDecidingHashes } from '../../../client/sync/read-hashes';
import { type LocalEntry, NO_TIME, type RemoteFile, type SyncedFile } from '../../../client/sync/trees';
import { md5 } from './memory-remote';
import { localFile, remoteFile, rulesFor, syncedFile, treesOf } from './trees';

const MD5 = md5('x');
const SHA256 = 'ab'.repeat(32);
const UPLOADED = 1_700_000_000_500;

interface Case extends Partial<Rules> {
	run?: keyof typeof MODES;
	local: LocalEntry[];
	remote: RemoteFile[];
	synced?: SyncedFile[];
	pending?: string[];
	/** What an upload under way elsewhere was to replace. */
	replaces?: number | undefined;
}

/** By path, the algorithms of which a hash is read. */
function read({ run = 'toRemote', local, remote, synced = [], pending = [], replaces, ...rules }: Case) {
	const uploads = pending.map((path): PendingUpload => ({ path, size: 1, mtimeMs: 0 }));
	if (replaces !== undefined) uploads.push({ path: 'c/x', size: 1, mtimeMs: 0, replaces });
	const all = rulesFor(run, { ifExists: 'skipUnchanged', ...rules });
	const wanted = hashesToRead(treesOf({ local, remote, synced }), uploads, all);
	return Object.fromEntries([...wanted].map(([{ path }, algorithms]) => [path, algorithms]));
}

/** As the memory has the local file, but for what is said. */
const remembered = (file: Partial<SyncedFile> = {}) => syncedFile({ id: 1, ...file });

/** Files of one name and size, each with its own id and upload time. */
const namesakes = (count: number): RemoteFile[] =>
	Array.from({ length: count }, (_, index) =>
		remoteFile({ id: index + 1, hash: MD5, uploadedMs: UPLOADED + 10 * index }),
	);

describe('of local files a hash is read', () => {
	const remote = [remoteFile({ id: 1, hash: MD5 }), remoteFile({ id: 2, name: 'b.txt', hash: MD5 })];
	const local = [localFile(), localFile({ path: 'b.txt' })];

	it('unless they are as the memory has them; with an upload whose end is open also then', () => {
		const synced = [remembered(), remembered({ path: 'b.txt', id: 2 })];
		const pending = ['b.txt'];
		expect(read({ local, remote })).toStrictEqual({ 'a.txt': ['md5'], 'b.txt': ['md5'] });
		expect(read({ local, remote, synced })).toStrictEqual({});
		expect(read({ local, remote, synced, pending })).toStrictEqual({ 'b.txt': ['md5'] });
		// What comes of it depends on the content whatever the sync is told to do with existing files.
		expect(read({ local, remote, pending, ifExists: 'skip' })).toStrictEqual({ 'b.txt': ['md5'] });
	});

	it.each<[string, Partial<Case>, boolean]>([
		['skip', {}, false],
		['skip, and delete', { propagateDeletes: true }, true],
		['overwrite', { ifExists: 'overwrite' }, false],
		['overwrite in the folder', { ifExists: 'overwrite', run: 'toLocal' }, false],
		['skipUnchanged', { ifExists: 'skipUnchanged' }, true],
	])('where content decides: %s', (_, rules, isRead) => {
		const one = { local: [localFile()], remote: [remoteFile({ id: 1, hash: MD5 })] };
		expect(read({ ...one, ifExists: 'skip', ...rules })).toStrictEqual(isRead ? { 'a.txt': ['md5'] } : {});
	});

	it('by an overwriting upload only where it must find its own among several namesakes of its size', () => {
		const overwriting = (run: 'toRemote' | 'toLocal', ...sizes: number[]) =>
			read({
				run,
				ifExists: 'overwrite',
				local: [localFile()],
				remote: sizes.map((size, index) => remoteFile({ id: index + 1, size, hash: MD5 })),
			});
		expect(overwriting('toRemote', 1, 1)).toStrictEqual({ 'a.txt': ['md5'] });
		expect(overwriting('toRemote', 1, 2)).toStrictEqual({});
		expect(overwriting('toRemote', 2, 2)).toStrictEqual({});
		expect(overwriting('toRemote')).toStrictEqual({});
		expect(overwriting('toLocal', 1, 1)).toStrictEqual({});
	});

	const shared = ['a/x', 'b/x'].map((path) => localFile({ path }));
	const inChat = (file: Partial<RemoteFile> = {}) => remoteFile({ id: 1, name: 'x', hash: MD5, ...file });
	it.each<[string, Partial<Case>, isRead: boolean]>([
		['has one of two', {}, true],
		['has none', { remote: [] }, false],
		['has both', { remote: [inChat(), inChat({ id: 2 })] }, false],
		['has one of another size', { remote: [inChat({ size: 2 })] }, false],
		[
			'has one beside one that is put together',
			{ remote: [inChat(), inChat({ id: 2, size: 2, status: 'merging' })] },
			true,
		],
		['has one, and only one is wanted', { filter: pathFilter(['a/**']) }, true],
		['has one, and none is wanted', { filter: pathFilter(['c/**']) }, false],
		[
			'has both, of which one was to be replaced',
			{ remote: [inChat(), inChat({ id: 2 })], replaces: 1 },
			true,
		],
		['has what is remembered of one', { synced: [remembered({ path: 'a/x' })] }, true],
	])('with skip where the chat %s: %p', (_, { replaces, ...rules }, isRead) => {
		const found = read({ local: shared, remote: [inChat()], ifExists: 'skip', replaces, ...rules });
		const isKnown = rules.synced === undefined ? {} : { 'a/x': undefined };
		expect(found).toEqual(isRead ? { 'a/x': ['md5'], 'b/x': ['md5'], ...isKnown } : {});
	});

	it('with skip where the disk does not tell two names apart, and the chat has one', () => {
		const keyOf = nameKeyOf({ ignoresCase: true, ignoresForm: false }, []);
		const local = ['a/X', 'b/x'].map((path) => localFile({ path }));
		expect(Object.keys(read({ local, remote: [inChat()], ifExists: 'skip', keyOf }))).toEqual(['a/X', 'b/x']);
	});

	it('of namesakes that are as the memory has them, when the chat has the file no more', () => {
		const synced = [remembered({ path: 'a/x', id: 9, hash: MD5 })];
		expect(Object.keys(read({ local: shared, remote: [inChat()], synced }))).toEqual(['a/x', 'b/x']);
	});

	it('when the upload takes them, or a file of the same name', () => {
		const filter = pathFilter(['x/a.txt']);
		const files = ['b.txt', 'x/a.txt', 'y/a.txt'].map((path) => localFile({ path }));
		const wanted = { 'x/a.txt': ['md5'], 'y/a.txt': ['md5'] };
		expect(read({ local: files, remote, filter })).toStrictEqual(wanted);
	});

	it('when the filter takes the name in the chat, and the place in the folder has another', () => {
		const kept = localFile({ path: 'a (1).txt' });
		const rules = { run: 'both', filter: pathFilter(['a.txt']) } as const;
		expect(read({ ...rules, local: [kept], remote })).toStrictEqual({ [kept.path]: ['md5'] });
	});

	it('and of nothing else that has such a name', () => {
		const obstacles = (['link', 'folder', 'special', 'unreadable'] as const).map((kind) => ({
			kind,
			path: `${kind}/a.txt`,
			name: 'a.txt',
		}));
		expect(read({ local: [...obstacles, ...local], remote })).toStrictEqual(read({ local, remote }));
	});

	it('as the disk compares names', () => {
		const keyOf = nameKeyOf({ ignoresCase: true, ignoresForm: false }, []);
		const upper = [localFile({ path: 'A.TXT' })];
		expect(read({ local: upper, remote })).toStrictEqual({});
		expect(read({ local: upper, remote, keyOf })).toStrictEqual({ 'A.TXT': ['md5'] });
	});
});

describe('a local file may be', () => {
	it.each([
		['ok', ['md5']],
		['merging', ['md5']],
		['uploading', undefined],
		['error', undefined],
	] as const)(
		"a file of the chat that is '%s', by its name or by the id in its own",
		(status, algorithms) => {
			const remote = [remoteFile({ id: 1, hash: MD5, status })];
			const marked = localFile({ path: 'a (1).txt' });
			const wanted = algorithms === undefined ? {} : { 'a.txt': algorithms };
			expect(read({ local: [localFile()], remote })).toStrictEqual(wanted);
			expect(read({ run: 'both', local: [marked], remote })).toStrictEqual(
				algorithms === undefined ? {} : { [marked.path]: algorithms },
			);
		},
	);

	it('what is remembered of it, in the chat under another name, and what the memory itself has of it', () => {
		const local = [localFile()];
		const before = (file: Partial<SyncedFile>) => [remembered({ mtimeMs: NO_TIME, ...file })];
		const remote = [remoteFile({ id: 1, name: 'renamed.txt', hash: MD5 })];
		expect(read({ local, remote })).toStrictEqual({});
		expect(read({ local, remote, synced: before({}) })).toStrictEqual({ 'a.txt': ['md5'] });
		expect(read({ local, remote: [], synced: before({ hash: SHA256 }) })).toStrictEqual({
			'a.txt': ['sha256'],
		});
		expect(read({ local, remote, synced: before({ hash: SHA256 }) })).toStrictEqual({
			'a.txt': ['sha256', 'md5'],
		});
		// Of another size nothing is the same.
		expect(read({ local, remote: [], synced: before({ hash: MD5, size: 2 }) })).toStrictEqual({});
	});

	it('known by its time, unless the memory has a hash of it', () => {
		const local = [localFile({ mtimeMs: UPLOADED })];
		const remote = [remoteFile({ id: 1, hash: MD5, uploadedMs: UPLOADED })];
		expect(read({ local, remote })).toStrictEqual({});
		expect(read({ local, remote, synced: [remembered()] })).toStrictEqual({});
		expect(read({ local, remote, synced: [remembered({ hash: SHA256 })] })).toStrictEqual({
			'a.txt': ['md5', 'sha256'],
		});
		// What the memory has of it is known by the time, too, under whatever name it is in the chat.
		const renamed = remote.map((file) => ({ ...file, name: 'renamed.txt' }));
		expect(read({ local, remote: renamed, synced: [remembered()] })).toStrictEqual({});
	});

	it('one of eight namesakes by its time; where there are more, its hash is read', () => {
		const has = (mtimeMs: number, remote: RemoteFile[]) => read({ local: [localFile({ mtimeMs })], remote });
		for (const nth of [0, 7]) expect(has(UPLOADED + 10 * nth, namesakes(8))).toStrictEqual({});
		expect(has(UPLOADED + 5, namesakes(8))).toStrictEqual({ 'a.txt': ['md5'] });
		for (const nth of [0, 8])
			expect(has(UPLOADED + 10 * nth, namesakes(9))).toStrictEqual({ 'a.txt': ['md5'] });
	});

	it('any of many namesakes, whatever algorithm the service used for it', () => {
		const last = [
			remoteFile({ id: 20, hash: SHA256 }),
			remoteFile({ id: 21, hash: 'unknown' }),
			remoteFile({ id: 22, hash: SHA256, size: 2 }),
		];
		const remote = [...namesakes(12), ...last];
		const local = [
			localFile(),
			localFile({ path: 'x/a.txt', size: 2 }),
			localFile({ path: 'y/a.txt', size: 3 }),
		];
		expect(read({ local, remote })).toStrictEqual({ 'a.txt': ['md5', 'sha256'], 'x/a.txt': ['sha256'] });
	});
});

describe('reading', () => {
	let folder: string;

	beforeEach(async () => {
		folder = await realpath(await mkdtemp(join(tmpdir(), 'hashes-')));
		await writeFile(join(folder, 'a.txt'), 'x');
	});

	afterEach(async () => {
		await rm(folder, { recursive: true });
	});

	const remote = [remoteFile({ id: 1, hash: MD5 }), remoteFile({ id: 2, name: 'b.txt', hash: MD5 })];
	const rules = rulesFor('toRemote', { ifExists: 'skipUnchanged' });

	/** Descriptors of this process that are open on the file. */
	async function handlesOn(path: string): Promise<number> {
		const descriptors = await readdir('/proc/self/fd');
		const paths = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
		return paths.filter((open) => open === path).length;
	}

	it('goes on past a file that is gone', async () => {
		const there = localFile();
		const gone = localFile({ path: 'b.txt' });
		await readDecidingHashes(folder, treesOf({ local: [gone, there], remote }), [], rules, undefined);
		expect(there.checksums).toStrictEqual([{ algorithm: 'md5', hex: MD5 }]);
		expect(gone).not.toHaveProperty('checksums');
	});

	it('ends when the sync is cancelled', async () => {
		const file = localFile();
		const reading = (signal: AbortSignal) =>
			readDecidingHashes(folder, treesOf({ local: [file], remote }), [], rules, signal);
		await expect(reading(AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
		const during = new AbortController();
		const read = reading(during.signal);
		during.abort();
		await expect(read).rejects.toBeInstanceOf(CancelledError);
		expect(file).not.toHaveProperty('checksums');
	});

	it('leaves no file open, cancelled or not', async () => {
		const path = join(folder, 'a.txt');
		expect(await hashFile(path, ['md5', 'sha256'], undefined)).toMatchObject([{ hex: MD5 }, {}]);
		await expect(hashFile(path, ['md5'], AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
		expect(await handlesOn(path)).toBe(0);
	});
});
