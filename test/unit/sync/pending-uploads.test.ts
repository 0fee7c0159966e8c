import type { WireId } from '../../../client/api/wire';
import { type PendingUpload, settlePending } from '../../../client/sync/pending';
import type { LocalEntry, RemoteFile, SyncedFile } from '../../../client/sync/trees';
import { localFile, remoteFile, treesOf } from './trees';

/** What became of an upload of "a" that was to replace file 4, told from what both sides and the memory say now. */

const MINE = 'd41d8cd98f00b204e9800998ecf8427e';
const THEIRS = '0cc175b9c0f1b6a831c399e269772661';

const upload = (more: Partial<PendingUpload> = {}): PendingUpload => ({
	path: 'a',
	size: 3,
	mtimeMs: 1,
	replaces: 4,
	above: 9,
	...more,
});
const chatFile = (id: WireId, more: Partial<RemoteFile> = {}) =>
	remoteFile({ id, name: 'a', size: 3, hash: THEIRS, ...more });
const mine = (id: WireId, more: Partial<RemoteFile> = {}) => chatFile(id, { hash: MINE, ...more });
const known = (id: WireId, more: Partial<SyncedFile> = {}): SyncedFile => ({
	path: 'a',
	id,
	size: 3,
	hash: MINE,
	mtimeMs: 2,
	...more,
});
/** The local file, edited since, and read. */
const edited = (hex: string) =>
	localFile({ path: 'a', size: 3, mtimeMs: 5, checksums: [{ algorithm: 'md5', hex }] });

interface Seen {
	local?: readonly LocalEntry[];
	remote: readonly RemoteFile[];
	synced?: readonly SyncedFile[];
}

function settle(uploads: readonly PendingUpload[], seen: Seen) {
	const { local, remote, synced } = treesOf(seen);
	const { files, superseded } = settlePending(uploads, local, remote, synced.files);
	return { files: [...files.values()], superseded: [...superseded] };
}

const OLD = chatFile(4);

describe('arrived: the file is remembered, and the older one is superseded', () => {
	const asUploaded = known(12, { mtimeMs: 1 });

	it.each<[string, PendingUpload, Seen, SyncedFile]>([
		['it says so itself', upload({ arrivedAs: 12 }), { remote: [OLD, mine(12)] }, asUploaded],
		['it has the hash', upload({ md5: MINE }), { remote: [OLD, chatFile(11), mine(12)] }, asUploaded],
		[
			'it has the hash, and the local file is another now',
			upload({ md5: MINE }),
			{ local: [edited(THEIRS)], remote: [mine(12)].concat(OLD) },
			asUploaded,
		],
		[
			'it is as the local file is, whose time is the one to remember then',
			upload(),
			{ local: [edited(MINE)], remote: [OLD, mine(12)] },
			known(12, { mtimeMs: 5 }),
		],
		[
			'the memory has what it replaces',
			upload({ md5: MINE }),
			{ remote: [OLD, mine(12)], synced: [known(4, { hash: THEIRS })] },
			asUploaded,
		],
		[
			'the memory has what is not in the chat any more',
			upload({ md5: MINE }),
			{ remote: [OLD, mine(12)], synced: [known(8)] },
			asUploaded,
		],
		[
			'the memory was written since',
			upload(),
			{ remote: [OLD, mine(12)], synced: [known(12, { remoteName: 'b' })] },
			known(12, { remoteName: 'b' }),
		],
		[
			'the memory was written since, and it has arrived by another name of its id',
			upload({ arrivedAs: 12 }),
			{ remote: [OLD, mine(12)], synced: [known(12)] },
			known(12),
		],
		[
			'the memory knows another one of the chat: that stays known',
			upload({ md5: MINE }),
			{ remote: [OLD, chatFile(8), mine(12)], synced: [known(8)] },
			known(8),
		],
	])('%s', (_why, pending, seen, remembered) => {
		expect(settle([pending], seen)).toEqual({ files: [remembered], superseded: [[4, 12]] });
	});

	it('with another size than was sent: nothing to remember, but what it replaces is still superseded', () => {
		expect(settle([upload({ arrivedAs: 12 })], { remote: [OLD, mine(12, { size: 4 })] })).toEqual({
			files: [],
			superseded: [[4, 12]],
		});
	});

	it('in the place of nothing: it is remembered, and nothing is superseded', () => {
		const added: PendingUpload = { path: 'a', size: 3, mtimeMs: 1, above: 9 };
		expect(settle([added], { local: [edited(MINE)], remote: [OLD, mine(12)] })).toEqual({
			files: [known(12, { mtimeMs: 5 })],
			superseded: [],
		});
	});

	it('one of two that were to replace the same file', () => {
		const uploads = [upload({ md5: MINE }), upload({ path: 'sub/b' })];
		expect(settle(uploads, { remote: [OLD, mine(12)] })).toEqual({
			files: [asUploaded],
			superseded: [[4, 12]],
		});
	});
});

describe('not known to have arrived: nothing changes', () => {
	it.each<[string, PendingUpload, Seen]>([
		['the chat has nothing new', upload({ md5: MINE }), { remote: [OLD] }],
		['what is new has another name', upload({ md5: MINE }), { remote: [OLD, mine(12, { name: 'b' })] }],
		['what is new has another content', upload({ md5: MINE }), { remote: [OLD, chatFile(12)] }],
		[
			'what is new is not complete',
			upload({ md5: MINE }),
			{ remote: [OLD, mine(12, { status: 'merging' })] },
		],
		[
			'what it arrived as is not complete',
			upload({ arrivedAs: 12 }),
			{ remote: [OLD, mine(12, { status: 'merging' })] },
		],
		['without hashes it may be anybody’s', upload(), { remote: [OLD, chatFile(12, { hash: '' })] }],
		[
			'a folder is in the place of the local file',
			upload(),
			{ local: [{ kind: 'folder', path: 'a', name: 'a' }], remote: [OLD, mine(12)] },
		],
		[
			'what is new is known as the file of another folder',
			upload({ md5: MINE }),
			{ remote: [OLD, mine(12)], synced: [known(12, { path: 'sub/a' })] },
		],
		['the older file has the same content', upload({ md5: MINE }), { remote: [mine(4)] }],
		[
			'the memory has what it replaces',
			upload({ replaces: 12 }),
			{ remote: [chatFile(12)], synced: [known(12)] },
		],
		['the memory has what was there before', upload(), { remote: [OLD, mine(9)], synced: [known(9)] }],
		[
			'nobody knows what was there before',
			{ path: 'a', size: 3, mtimeMs: 1, replaces: 4 },
			{ remote: [OLD, mine(10_000_000_000)], synced: [known(10_000_000_000)] },
		],
		[
			'it is said to have arrived as what it replaces',
			upload({ arrivedAs: 4 }),
			{ remote: [OLD], synced: [known(4, { remoteName: 'b' })] },
		],
	])('%s', (_why, pending, seen) => {
		expect(settle([pending], seen)).toEqual({ files: seen.synced ?? [], superseded: [] });
	});

	it('nor does a circle make a file its own successor', () => {
		const uploads = [upload({ arrivedAs: 6 }), upload({ replaces: 6, arrivedAs: 4 })];
		expect(settle(uploads, { remote: [OLD] }).superseded).toEqual([]);
	});
});
