import { exactName, foldedName } from '../../../client/sync/disk-names';
import type { MODES, Rules } from '../../../client/sync/modes';
import { type Pair, pairTrees } from '../../../client/sync/pair';
import { planSync } from '../../../client/sync/plan';
import { TakenNames } from '../../../client/sync/situation';
import type { LocalObstacle, RemoteFile, SyncedFile } from '../../../client/sync/trees';
import { localFile, remoteFile, rulesFor, syncedFile, treesOf } from './trees';

const here = (path: string) => localFile({ path });
const obstacle = (kind: LocalObstacle['kind'], path: string, hidesAll?: true): LocalObstacle => ({
	kind,
	path,
	name: path,
	...(hidesAll && { hidesAll }),
});
const remote = (id: number, name = 'a.txt', file: Partial<RemoteFile> = {}) =>
	remoteFile({ id, name, ...file });
const synced = (path: string, id: number, file: Partial<SyncedFile> = {}) =>
	syncedFile({ path, id, mtimeMs: 0, ...file });

/** What a pair is about: its path, the local file, the chat's id, the remembered id, and why it has no place. */
const shown = ({ path, local, remote: file, synced: before, noPlace }: Pair) => [
	path,
	local?.path,
	file?.id,
	before?.id,
	noPlace?.why,
];
const no = undefined;

interface Case {
	is: string;
	trees: Parameters<typeof treesOf>[0];
	rules?: Partial<Rules>;
	pairs: Array<ReturnType<typeof shown>>;
}

const pairsIn = (mode: keyof typeof MODES, { trees, rules }: Case) =>
	pairTrees(treesOf(trees), rulesFor(mode, rules)).map(shown);

const BOTH: Case[] = [
	{ is: 'nothing makes no pairs', trees: {}, pairs: [] },
	{
		is: 'each side alone, and both',
		trees: {
			local: [here('a.txt'), here('mine.txt')],
			remote: [remote(1), remote(2, 'theirs.txt')],
			synced: [synced('a.txt', 1)],
		},
		pairs: [
			['a.txt', 'a.txt', 1, 1, no],
			['theirs.txt', no, 2, no, no],
			['mine.txt', 'mine.txt', no, no, no],
		],
	},
	{
		is: 'what is remembered and gone from one side or from both',
		trees: {
			local: [here('kept.txt'), here('gone there.txt')],
			remote: [remote(1, 'kept.txt'), remote(2, 'gone here.txt')],
			synced: [
				synced('gone.txt', 4),
				synced('kept.txt', 1),
				synced('gone here.txt', 2),
				synced('gone there.txt', 3),
			],
		},
		pairs: [
			['kept.txt', 'kept.txt', 1, 1, no],
			['gone here.txt', no, 2, 2, no],
			['gone there.txt', 'gone there.txt', no, 3, no],
			['gone.txt', no, no, 4, no],
		],
	},
	{
		is: 'a chat file that no name is left for',
		trees: { local: [here('a.txt')], remote: [remote(1), remoteFile({ id: '9'.repeat(255) })] },
		pairs: [
			['a.txt', 'a.txt', 1, no, no],
			[no, no, '9'.repeat(255), no, 'noFreeName'],
		],
	},
	{
		is: 'names that the disk does not tell apart',
		trees: {
			local: [here('A.txt')],
			remote: [remote(1, 'a.TXT')],
			synced: [synced('a.TXT', 1), synced('B.txt', 2)],
		},
		rules: { keyOf: foldedName },
		pairs: [
			['A.txt', 'A.txt', 1, 1, no],
			['B.txt', no, no, 2, no],
		],
	},
	{
		is: 'what is remembered of a folder that this sync does not look at is left alone',
		trees: { synced: [synced('sub/a.txt', 1)] },
		pairs: [],
	},
	{
		is: 'the same beside what it does look at',
		trees: { synced: [synced('sub/a.txt', 1), synced('a.txt', 2)] },
		pairs: [['a.txt', no, no, 2, no]],
	},
];

describe('both ways', () => {
	it.each(BOTH)('$is', (example) => expect(pairsIn('both', example)).toEqual(example.pairs));
});

const TO_LOCAL: Case[] = [
	{
		is: 'a local file that neither the chat nor the memory knows is in no pair',
		trees: {
			local: [here('known.txt'), here('mine.txt')],
			remote: [remote(1)],
			synced: [synced('known.txt', 2)],
		},
		pairs: [
			['a.txt', no, 1, no, no],
			['known.txt', 'known.txt', no, 2, no],
		],
	},
];

describe('to local', () => {
	it.each(TO_LOCAL)('$is', (example) => expect(pairsIn('toLocal', example)).toEqual(example.pairs));
});

const TO_REMOTE: Case[] = [
	{ is: 'nothing makes no pairs', trees: { remote: [remote(1)] }, pairs: [] },
	{
		is: 'a folder takes no name in the chat, anything else does',
		trees: {
			local: [obstacle('folder', 'a.txt'), obstacle('link', 'b')],
			remote: [remote(1), remote(2, 'b')],
		},
		pairs: [['b', 'b', no, no, no]],
	},
	{
		is: 'a file whose place a folder has taken is gone',
		trees: { local: [obstacle('folder', 'a.txt')], remote: [remote(1)], synced: [synced('a.txt', 1)] },
		pairs: [['a.txt', no, 1, 1, no]],
	},
	{
		is: 'what is gone here is the remembered file, by its id',
		trees: {
			local: [here('here.txt')],
			remote: [remote(1, 'renamed.txt'), remote(2, 'here.txt')],
			synced: [synced('here.txt', 2), synced('a.txt', 1)],
		},
		pairs: [
			['here.txt', 'here.txt', 2, 2, no],
			['a.txt', no, 1, 1, no],
		],
	},
	{
		is: 'else the newest of its name in the chat, once',
		trees: {
			remote: [remote(9), remote(10, 'b.txt'), remote(7), remote(8)],
			synced: [synced('1/a.txt', 1), synced('2/other.txt', 2, { remoteName: 'a.txt' }), synced('3/c.txt', 3)],
		},
		pairs: [
			['1/a.txt', no, 9, 1, no],
			['2/other.txt', no, 8, 2, no],
			['3/c.txt', no, no, 3, no],
		],
	},
	{
		is: 'which is no upload that failed or is under way',
		trees: {
			remote: [remote(2, 'a.txt', { status: 'merging' }), remote(3, 'a.txt', { status: 'error' })],
			synced: [synced('a.txt', 1)],
		},
		pairs: [['a.txt', no, no, 1, no]],
	},
	{
		is: 'and none that another remembered path stands for, whatever the order',
		trees: {
			remote: [remote(5)],
			synced: [synced('1/a.txt', 4), synced('2/a.txt', 5), synced('3/a.txt', 6), synced('4/a.txt', 5)],
		},
		pairs: [
			['1/a.txt', no, no, 4, no],
			['2/a.txt', no, 5, 5, no],
			['3/a.txt', no, no, 6, no],
			['4/a.txt', no, no, 5, no],
		],
	},
	{
		is: 'nor one that a local file has a claim to',
		trees: {
			local: [here('1/a.txt')],
			remote: [remote(1), remote(2)],
			synced: [synced('1/a.txt', 2), synced('2/a.txt', 3), synced('3/a.txt', 4)],
		},
		pairs: [
			['1/a.txt', '1/a.txt', 2, 2, no],
			['2/a.txt', no, 1, 3, no],
			['3/a.txt', no, no, 4, no],
		],
	},
	{
		is: 'nor one that an upload has taken the place of, which has none',
		trees: {
			local: [here('1/a.txt')],
			remote: [remote(1), remote(2), remote(3)],
			synced: [synced('1/a.txt', 2), synced('2/a.txt', 1)],
			superseded: [
				[1, 2],
				[3, 2],
			],
		},
		pairs: [
			['1/a.txt', '1/a.txt', 2, 2, no],
			['2/a.txt', no, no, 1, no],
			[no, no, 1, no, 'superseded'],
			[no, no, 3, no, 'superseded'],
		],
	},
	{
		is: 'nor one that is remembered of a folder that this sync does not look at',
		trees: { remote: [remote(2)], synced: [synced('a.txt', 1), synced('sub/a.txt', 2)] },
		rules: { recursive: false },
		pairs: [['a.txt', no, no, 1, no]],
	},
	{
		is: 'two remembered names that the disk does not tell apart: the later one is gone where only the other is there',
		trees: { local: [here('A.txt')], remote: [], synced: [synced('A.txt', 1), synced('a.txt', 2)] },
		rules: { keyOf: foldedName },
		pairs: [
			['A.txt', 'A.txt', no, 1, no],
			['a.txt', no, no, 2, no],
		],
	},
	{
		is: 'what is remembered of a folder of which nothing is known is not gone',
		trees: {
			local: [obstacle('unreadable', 'sub', true)],
			remote: [remote(1), remote(2)],
			synced: [synced('sub/a.txt', 1), synced('sub/deep/a.txt', 2)],
		},
		pairs: [['sub', 'sub', no, no, no]],
	},
	{
		is: 'what only looks like it, and what lies where a file or a link is now, is',
		trees: {
			local: [obstacle('link', 'link'), obstacle('unreadable', 'sub', true), here('text')],
			remote: [],
			synced: ['link/a.txt', 'subs/a.txt', 'sub.txt', 'text/a.txt', 'sub/a.txt'].map((path, id) =>
				synced(path, id),
			),
		},
		pairs: [
			['link', 'link', no, no, no],
			['sub', 'sub', no, no, no],
			['text', 'text', no, no, no],
			['link/a.txt', no, no, 0, no],
			['subs/a.txt', no, no, 1, no],
			['sub.txt', no, no, 2, no],
			['text/a.txt', no, no, 3, no],
		],
	},
	{
		is: 'the same on a disk that ignores case',
		trees: {
			local: [obstacle('notAllowed', 'sub', true)],
			synced: ['sub/a.txt', 'A.txt'].map((path, id) => synced(path, id)),
		},
		rules: { keyOf: foldedName },
		pairs: [
			['sub', 'sub', no, no, no],
			['A.txt', no, no, 1, no],
		],
	},
	{
		is: 'subfolders that do not take part are left alone',
		trees: { synced: [synced('sub/a.txt', 1)] },
		rules: { recursive: false },
		pairs: [],
	},
];

describe('to remote', () => {
	it.each(TO_REMOTE)('$is', (example) => expect(pairsIn('toRemote', example)).toEqual(example.pairs));

	it('what is gone here goes from the chat too, though a namesake is remembered that is gone there', () => {
		const trees = treesOf({
			remote: [remote(5)],
			synced: [synced('1/a.txt', 4, { size: 2 }), synced('2/a.txt', 5)],
		});
		const { steps } = planSync(trees, rulesFor('toRemote', { propagateDeletes: true }));
		expect(steps).toMatchObject([
			{ kind: 'forget', pair: { path: '1/a.txt' } },
			{ kind: 'removeRemote', pair: { path: '2/a.txt' }, remote: { id: 5 } },
		]);
	});
});

describe('the place of what a conflict keeps', () => {
	it('is one that no file of the chat is to have', () => {
		const trees = treesOf({
			local: [localFile({ size: 2 })],
			remote: [remote(5), remote(6, 'a (conflict 5).txt')],
		});
		const { steps } = planSync(trees, rulesFor('both'));
		expect(steps).toMatchObject([
			{ kind: 'download', path: 'a (conflict 5) (conflict 5).txt' },
			{ kind: 'upload', local: { path: 'a.txt' } },
			{ kind: 'download', path: 'a (conflict 5).txt' },
		]);
	});

	it('is given once', () => {
		const names = new TakenNames([], exactName);
		const given = [names.forConflict(remote(5)), names.forConflict(remote(5))];
		expect(given.map((place) => place?.path)).toEqual([
			'a (conflict 5).txt',
			'a (conflict 5) (conflict 5).txt',
		]);
	});
});
