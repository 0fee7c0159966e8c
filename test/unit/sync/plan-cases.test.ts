import { UnreadableRecord } from '../../../client/api/records';
import { exactName, foldedName } from '../../../client/sync/disk-names';
import { pathFilter } from '../../../client/sync/filter';
import type { MODES, Rules } from '../../../client/sync/modes';
import { planSync } from '../../../client/sync/plan';
import type { Step } from '../../../client/sync/steps';
import type {
	LocalEntry,
	LocalFile,
	LocalObstacle,
	RemoteFile,
	SyncedFile,
	Trees,
} from '../../../client/sync/trees';
import { md5 } from './memory-remote';
import { localFile, remoteFile, rulesFor, syncedFile, treesOf } from './trees';

/** A situation, and the steps that are planned for it: a table that says in a line each what happens to a file. */

interface Situation {
	local?: readonly LocalEntry[];
	remote?: readonly RemoteFile[];
	synced?: readonly SyncedFile[];
	/** Of the chat's files: the old id, and the id of the upload that took its place. */
	superseded?: ReadonlyArray<[number, number]>;
	/** The list of the chat has a record that nobody understands. */
	isListBroken?: boolean;
	rules?: Partial<Rules>;
}

const TIME = localFile().mtimeMs;
const content = (text: string) => [{ algorithm: 'md5' as const, hex: md5(text) }];

const remembered = (file: Partial<SyncedFile> = {}) => syncedFile({ id: 5, ...file });

const obstacle = (kind: LocalObstacle['kind'], path: string, hidesAll?: boolean): LocalObstacle => ({
	kind,
	path,
	name: path,
	...(hidesAll !== undefined && { hidesAll }),
});

function treesFor({ isListBroken = false, ...given }: Situation): Trees {
	const trees = treesOf(given);
	const unreadable = isListBroken ? [new UnreadableRecord('it has no id')] : [];
	return { ...trees, remote: { ...trees.remote, unreadable } };
}

const planFor = (mode: keyof typeof MODES, situation: Situation) =>
	planSync(treesFor(situation), rulesFor(mode, situation.rules));

const shown = (mode: keyof typeof MODES, situation: Situation) => planFor(mode, situation).steps.map(inWords);

function inWords(step: Step): string {
	switch (step.kind) {
		case 'leave': {
			const { pair, why } = step;
			const more = why.code === 'notDeleted' ? why.because : why.code === 'noPlace' && why.place.why;
			return `leave ${pair.path ?? String(pair.remote?.id)}: ${why.code}${more ? `, ${more}` : ''}`;
		}
		case 'touch':
			return `touch ${step.local.path}`;
		case 'download':
			return `download ${step.remote.id} as ${step.path}`;
		case 'upload':
			return `upload ${step.local.path}${step.replaces === undefined ? '' : ` for ${step.replaces.id}`}`;
		case 'removeLocal':
			return `remove ${step.local.path}`;
		case 'removeRemote':
			return `remove ${step.remote.id}${step.supersededBy === undefined ? '' : ` after ${step.supersededBy}`}`;
		case 'forget':
			return `forget ${step.pair.path ?? ''}`;
	}
}

type Case = [situation: string, mode: keyof typeof MODES, Situation, steps: string[]];

describe('gone on both sides', () => {
	const id = 5;
	const synced = [remembered({ id })];
	it.each<Case>([
		['it is forgotten', 'both', { synced }, ['forget a.txt']],
		['in a sync one way too', 'toRemote', { synced }, ['forget a.txt']],
		[
			'but not while the chat has it, and it only has no place for now',
			'both',
			{ synced, remote: [remoteFile({ id, status: 'uploading' })] },
			['leave 5: noPlace, notComplete'],
		],
		[
			'when it has another place by now',
			'toLocal',
			{
				synced: [remembered({ id, path: 'a (5).txt', remoteName: 'a.txt' })],
				remote: [remoteFile({ id })],
				rules: { duplicateNames: 'newest' },
			},
			['download 5 as a.txt', 'forget a (5).txt'],
		],
		['not what a filter leaves out', 'both', { synced, rules: { filter: pathFilter(['b*']) } }, []],
	])('%s (%s)', (_, mode, situation, steps) => expect(shown(mode, situation)).toStrictEqual(steps));
});

describe('names that a filter is about', () => {
	const only = (...names: string[]) => ({ filter: pathFilter(names) });
	const numbered = [1, 2].map((id) => remoteFile({ id, name: 'b.txt' }));
	it.each<Case>([
		[
			'the name in the chat, whatever the place',
			'toLocal',
			{ remote: numbered, rules: only('b.txt') },
			['download 1 as b.txt', 'download 2 as b (2).txt'],
		],
		['and not the place', 'toLocal', { remote: numbered, rules: only('b (2).txt') }, []],
		[
			'the name that the file had in the chat',
			'toLocal',
			{
				local: [localFile({ path: 'b (2).txt' })],
				synced: [remembered({ path: 'b (2).txt', remoteName: 'b.txt' })],
				rules: { ...only('b.txt'), propagateDeletes: true },
			},
			['remove b (2).txt'],
		],
		[
			'to remote the path',
			'toRemote',
			{ local: ['x/a.txt', 'y/a.txt'].map((path) => localFile({ path })), rules: only('x/*') },
			['upload x/a.txt'],
		],
		[
			'a link that is not included is no item',
			'toRemote',
			{ local: [obstacle('link', 'a.txt'), obstacle('link', 'b.pdf')], rules: only('*.pdf') },
			['leave b.pdf: link'],
		],
		[
			'a folder that cannot be read is one, as anything may be in it',
			'toRemote',
			{ local: [obstacle('unreadable', 'sub', true)], rules: only('*.pdf') },
			['leave sub: unreadable'],
		],
		[
			'unless it is excluded',
			'toRemote',
			{ local: [obstacle('unreadable', 'sub', true)], rules: { filter: pathFilter([], ['sub']) } },
			[],
		],
	])('%s (%s)', (_, mode, situation, steps) => expect(shown(mode, situation)).toStrictEqual(steps));
});

describe('something else than a file', () => {
	const remote = [remoteFile({ id: 5, name: 'sub' })];
	it.each<Case>([
		['a folder is no item', 'both', { local: [obstacle('folder', 'sub')] }, []],
		[
			'but in the way of a file',
			'both',
			{ local: [obstacle('folder', 'sub')], remote },
			['leave sub: folder'],
		],
		['a link is one', 'both', { local: [obstacle('link', 'a.txt')] }, ['leave a.txt: link']],
		['a link that nothing comes down to', 'toLocal', { local: [obstacle('link', 'a.txt')] }, []],
		[
			'also where a file was that is gone in the chat',
			'toLocal',
			{
				local: [obstacle('link', 'a.txt')],
				synced: [remembered()],
				rules: { propagateDeletes: true },
			},
			[],
		],
	])('%s (%s)', (_, mode, situation, steps) => expect(shown(mode, situation)).toStrictEqual(steps));
});

describe('an upload that the service is still putting together', () => {
	const x = md5('x');
	const y = md5('y');
	/** Beside a file that is replaced, so that the local one has its partner. */
	const steps = (
		checksums: LocalFile['checksums'],
		merging: ReadonlyArray<Partial<RemoteFile>>,
		rules: Partial<Rules> = {},
	) => {
		const file = localFile(checksums && { checksums });
		const remote = [
			remoteFile({ id: 5, size: 9 }),
			...merging.map((info, index) => remoteFile({ id: 6 + index, status: 'merging', ...info })),
		];
		const synced = [remembered({ mtimeMs: 0 })];
		return shown('toRemote', {
			local: [file],
			remote,
			synced,
			rules: { ifExists: 'overwrite', ...rules },
		});
	};
	const waits = ['leave a.txt: merging'];
	const goesUp = ['upload a.txt for 5'];
	it.each<[string, string[], LocalFile['checksums'], Array<Partial<RemoteFile>>]>([
		['none', goesUp, content('x'), []],
		['of its content', waits, content('x'), [{ hash: x }]],
		['of other content', goesUp, content('y'), [{ hash: x }]],
		['of other size', goesUp, content('x'), [{ size: 2 }]],
		['whose hash is not known', waits, content('x'), [{}]],
		['when the local hash is not known', waits, undefined, [{ hash: x }]],
		['when neither hash is known', waits, undefined, [{}]],
		['of another name', goesUp, content('x'), [{ hash: x, name: 'b.txt' }]],
		['two, of which one is it', waits, content('x'), [{ hash: y }, { hash: x }]],
	])('%s', (_, expected, checksums, merging) => expect(steps(checksums, merging)).toStrictEqual(expected));

	it('is found by its name as the disk compares names', () => {
		const merging = [{ name: 'A.TXT', hash: x }];
		expect(steps(content('x'), merging, { keyOf: foldedName })).toEqual(waits);
		expect(steps(content('x'), merging, { keyOf: exactName })).toEqual(goesUp);
	});

	it('is itself replaced by what overwrites it', () =>
		expect(
			shown('toRemote', {
				local: [localFile()],
				remote: [remoteFile({ id: 6, status: 'merging' })],
				rules: { ifExists: 'overwrite' },
			}),
		).toEqual(['upload a.txt for 6']));
});

describe('on both sides', () => {
	const uploadedMs = TIME;
	const checksums = content('x');
	const synced = [remembered({ hash: md5('x') })];
	const without = { remembers: false };
	const skipUnchanged = { ifExists: 'skipUnchanged' } as const;
	const [local, changedLocal] = [[localFile({ checksums })], [localFile({ size: 2 })]];
	const remote = [remoteFile({ id: 5, hash: md5('x') })];
	const changedRemote = [remoteFile({ id: 6, hash: md5('y') })];
	const unchanged = ['leave a.txt: unchanged'];
	it.each<Case>([
		['the same', 'both', { local, remote, synced }, unchanged],
		['changed locally', 'both', { local: changedLocal, remote, synced }, ['upload a.txt for 5']],
		['changed in the chat', 'both', { local, remote: changedRemote, synced }, ['download 6 as a.txt']],
		['the same content, which a memory knows from now on', 'toLocal', { local, remote }, unchanged],
		['the same content, without a memory', 'toLocal', { local, remote, rules: without }, ['touch a.txt']],
		['the same content, without a memory', 'both', { local, remote, rules: without }, unchanged],
		[
			'the same content, without a memory',
			'toRemote',
			{ local, remote, rules: { ...without, ...skipUnchanged } },
			unchanged,
		],
		[
			'with the time of the upload already',
			'toLocal',
			{ local: [localFile()], remote: [remoteFile({ id: 5, uploadedMs })], rules: without },
			unchanged,
		],
	])('%s (%s)', (_, mode, situation, steps) => expect(shown(mode, situation)).toStrictEqual(steps));
});

describe('gone on one side, with deletions', () => {
	const id = 5;
	const synced = [remembered({ id, hash: md5('x') })];
	const rules = { propagateDeletes: true };
	const [local, changedLocal] = [[localFile()], [localFile({ size: 2 })]];
	const remote = [remoteFile({ id, hash: md5('x') })];
	const changedRemote = [remoteFile({ id, hash: md5('y') })];
	it.each<Case>([
		['locally, unchanged', 'toRemote', { remote, synced, rules }, ['remove 5']],
		['locally, unchanged', 'both', { remote, synced, rules }, ['remove 5']],
		['locally, unchanged', 'toLocal', { remote, synced, rules }, ['download 5 as a.txt']],
		[
			'locally, changed in the chat',
			'toRemote',
			{ remote: changedRemote, synced, rules },
			['leave a.txt: notDeleted, changedRemotely'],
		],
		[
			'locally, changed in the chat',
			'both',
			{ remote: changedRemote, synced, rules },
			['download 5 as a.txt'],
		],
		[
			'locally, not complete in the chat',
			'toRemote',
			{ remote: [remoteFile({ id, hash: md5('x'), status: 'uploading' })], synced, rules },
			[],
		],
		[
			'locally, and the list is not to be trusted',
			'toRemote',
			{ remote, synced, rules, isListBroken: true },
			['leave a.txt: notDeleted, unreadableRecords'],
		],
		[
			'locally, and a folder cannot be read',
			'both',
			{ local: [obstacle('unreadable', 'sub', true)], remote, synced, rules },
			['leave a.txt: notDeleted, unreadableFolder', 'leave sub: unreadable'],
		],
		[
			'locally, and a folder must not be read',
			'both',
			{ local: [obstacle('notAllowed', 'sub', true)], remote, synced, rules },
			['leave a.txt: notDeleted, unreadableFolder', 'leave sub: notAllowed'],
		],
		['locally, without deletions', 'toRemote', { remote, synced }, []],
		['locally, without deletions', 'both', { remote, synced }, ['download 5 as a.txt']],
		[
			'locally, without deletions, where nothing may be written',
			'both',
			{ remote, synced, rules: { isAllowed: (path) => path !== 'a.txt' } },
			['leave a.txt: notAllowed'],
		],
		['in the chat, unchanged', 'toLocal', { local, synced, rules }, ['remove a.txt']],
		['in the chat, unchanged', 'both', { local, synced, rules }, ['remove a.txt']],
		['in the chat, unchanged', 'toRemote', { local, synced, rules }, ['upload a.txt']],
		[
			'in the chat, changed locally',
			'toLocal',
			{ local: changedLocal, synced, rules },
			['leave a.txt: notDeleted, changedLocally'],
		],
		['in the chat, changed locally', 'both', { local: changedLocal, synced, rules }, ['upload a.txt']],
		[
			'in the chat, and the list is not to be trusted',
			'both',
			{ local, synced, rules, isListBroken: true },
			['leave a.txt: notDeleted, unreadableRecords'],
		],
		['in the chat, without deletions', 'toLocal', { local, synced }, []],
		[
			'not in the chat, which has the file, not complete',
			'toLocal',
			{ local, synced, remote: [remoteFile({ id, status: 'uploading' })], rules },
			['leave 5: noPlace, notComplete'],
		],
		['never: a new file of the chat', 'both', { remote, rules }, ['download 5 as a.txt']],
		['never: a new local file', 'both', { local, rules }, ['upload a.txt']],
		['never: another local file', 'toLocal', { local, rules }, []],
	])('%s (%s)', (_, mode, situation, steps) => expect(shown(mode, situation)).toStrictEqual(steps));
});

describe('too many deletions', () => {
	const many = (count: number, folder = '') =>
		Array.from({ length: count }, (_, index) => remembered({ path: `${folder}${index}`, id: index + 1 }));
	const rules = { propagateDeletes: true };
	const remote = (count: number) => many(count).map(({ id, path }) => remoteFile({ id, name: path }));
	const local = (count: number) => many(count).map(({ path }) => localFile({ path }));

	it('are told with the side, and what they are a share of', () => {
		const synced = many(20);
		expect(planFor('toRemote', { remote: remote(11), synced, rules }).tooMany).toEqual({
			side: 'remote',
			deletions: 11,
			remembered: 20,
		});
		expect(planFor('toLocal', { local: local(11), synced, rules }).tooMany).toEqual({
			side: 'local',
			deletions: 11,
			remembered: 20,
		});
	});

	it('begin above ten files, and above the share', () => {
		const tooMany = (deletions: number, of: number) =>
			planFor('toRemote', { remote: remote(deletions), synced: many(of), rules }).tooMany?.deletions;
		expect([tooMany(9, 9), tooMany(10, 10), tooMany(11, 11)]).toEqual([undefined, undefined, 11]);
		expect([tooMany(11, 21), tooMany(11, 22), tooMany(12, 23)]).toEqual([11, undefined, 12]);
	});

	it('are a share of that part of the folder which takes part', () => {
		const synced = [...many(20), ...many(20, 'sub/')];
		const tooMany = (recursive: boolean) =>
			planFor('toRemote', { remote: remote(11), synced, rules: { ...rules, recursive } }).tooMany;
		expect(tooMany(false)).toMatchObject({ deletions: 11, remembered: 20 });
		expect(tooMany(true)).toBeUndefined();
	});

	it.each(['toRemote', 'both'] as const)('do not count what an upload has replaced (%s)', (mode) => {
		const old = remote(11);
		const superseded = old.map(({ id }): [number, number] => [Number(id), 100]);
		const plan = planFor(mode, { remote: old, superseded, rules });
		expect(plan.steps.map(inWords)).toEqual(old.map(({ id }) => `remove ${id} after 100`));
		expect(plan.tooMany).toBeUndefined();
	});
});
