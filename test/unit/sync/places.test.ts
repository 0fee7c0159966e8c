import { exactName, foldedName } from '../../../client/sync/disk-names';
import type { Rules } from '../../../client/sync/modes';
import { placeFiles } from '../../../client/sync/places';
import type { FileStatus, WireId } from '../../../client/api/wire';
import type { LocalEntry, RemoteFile, SyncedFile } from '../../../client/sync/trees';
import { md5 } from './memory-remote';
import { localFile, remoteFile, rulesFor, syncedFile, treesOf } from './trees';

/** Three trees, and the place of each file of the chat. The properties of places are in `names.test.ts`. */

interface Trees {
	local?: readonly LocalEntry[];
	remote: readonly RemoteFile[];
	synced?: readonly SyncedFile[];
	/** Old id, new id. */
	superseded?: ReadonlyArray<readonly [WireId, WireId]>;
}

function placesOf(
	mode: 'toLocal' | 'both',
	given: Trees,
	{ keyOf = exactName, ...rules }: Partial<Rules> = {},
) {
	const trees = treesOf(given);
	const locals = new Map(trees.local.entries.map((entry) => [keyOf(entry.path), entry]));
	const places = placeFiles(trees, rulesFor(mode, { keyOf, ...rules }), locals);
	return given.remote.map((_, position) => places[position]);
}

const here = (path: string, content: string) =>
	localFile({ path, size: content.length, checksums: [{ algorithm: 'md5', hex: md5(content) }] });

const there = (id: WireId, name: string, content = String(id), status: FileStatus = 'ok') =>
	remoteFile({ id, name, size: content.length, hash: md5(content), status });

const known = (path: string, id: WireId) => syncedFile({ path, id, mtimeMs: 1 });

describe('where the content is', () => {
	const trees = {
		local: [here('a.txt', 'two')],
		remote: [there(1, 'a.txt', 'one'), there(2, 'a.txt', 'two')],
	};

	it('plays no part in a sync to the folder', () =>
		expect(placesOf('toLocal', trees)).toEqual(['a.txt', 'a (2).txt']));

	it('decides in a sync both ways', () => expect(placesOf('both', trees)).toEqual(['a (1).txt', 'a.txt']));

	it.each<[string, Trees, unknown[]]>([
		[
			'the first of two with the same content has it',
			{
				local: [here('a.txt', 'red')],
				remote: [there(3, 'a.txt', 'red'), there(2, 'a.txt', 'red'), there(1, 'a.txt', 'blue')],
			},
			['a (3).txt', 'a.txt', 'a (1).txt'],
		],
		[
			'not for an upload on its way',
			{
				local: [here('a.txt', 'two')],
				remote: [there(1, 'a.txt', 'one'), there(2, 'a.txt', 'two', 'uploading')],
			},
			['a.txt', { why: 'notComplete' }],
		],
		[
			'not under another name',
			{ local: [here('b.txt', 'two')], remote: [there(1, 'a.txt', 'one'), there(2, 'a.txt', 'two')] },
			['a.txt', 'a (2).txt'],
		],
		[
			'not in a folder',
			{
				local: [{ kind: 'folder', path: 'a.txt', name: 'a.txt' }],
				remote: [there(1, 'a.txt', 'one'), there(2, 'a.txt', 'two')],
			},
			['a.txt', 'a (2).txt'],
		],
		[
			'after what is remembered',
			{
				local: [here('a.txt', 'two')],
				remote: [there(1, 'a.txt', 'one'), there(2, 'a.txt', 'two')],
				synced: [known('a.txt', 1)],
			},
			['a.txt', 'a (2).txt'],
		],
	])('%s', (_, given, places) => expect(placesOf('both', given)).toEqual(places));

	it('keeps the spelling of the folder', () => {
		const given = {
			local: [here('A.TXT', 'two')],
			remote: [there(1, 'a.txt', 'one'), there(2, 'a.txt', 'two')],
		};
		expect(placesOf('both', given, { keyOf: foldedName })).toEqual(['a (1).txt', 'A.TXT']);
	});
});

describe.each(['toLocal', 'both'] as const)('%s: what is remembered', (mode) => {
	it.each<[string, Trees, unknown[]]>([
		[
			'keeps its place, however many there are and whatever they are called now',
			{
				remote: [9, '9007199254740993', 3, 5, '9007199254740992', 7].map((id) => there(id, 'a.txt')),
				synced: [
					known('seven', 7),
					known('a.txt', '9007199254740993'),
					known('three', 3),
					known('a (3).txt', '9007199254740992'),
					known('nine', 9),
				],
			},
			['nine', 'a.txt', 'three', 'a (5).txt', 'a (3).txt', 'seven'],
		],
		[
			'in a subfolder, as a sync from the folder does, is no place',
			{
				remote: [there(1, 'a.txt'), there(2, 'b.txt')],
				synced: [known('sub/a.txt', 1), known('sub/b.txt', 2)],
			},
			['a.txt', 'b.txt'],
		],
		[
			'twice has its first place, and the other is free',
			{ remote: [there(1, 'x'), there(2, 'b')], synced: [known('a', 1), known('b', 1)] },
			['a', 'b'],
		],
		[
			'and gone from the chat holds nothing',
			{
				remote: [there(2, 'a'), there(4, 'b'), there(6, 'c')],
				synced: [known('a', 1), known('b', 3), known('c', 7)],
			},
			['a', 'b', 'c'],
		],
		[
			'and on its way again holds its place',
			{ remote: [there(1, 'b'), there(2, 'a', 'x', 'merging')], synced: [known('b', 2)] },
			['b (1)', { why: 'notComplete' }],
		],
		[
			'and has failed holds nothing',
			{ remote: [there(1, 'b'), there(2, 'a', 'x', 'error')], synced: [known('b', 2)] },
			['b', { why: 'notComplete' }],
		],
	])('%s', (_, given, places) => expect(placesOf(mode, given)).toEqual(places));
});

describe('no place', () => {
	it.each<[string, Trees, unknown[]]>([
		[
			'for a name that cannot be one, which is said only of what is complete',
			{ remote: [there(1, '..'), there(2, 'x/y', 'x', 'uploading'), there(3, '', 'x', 'error')] },
			[{ why: 'badName' }, { why: 'notComplete' }, { why: 'notComplete' }],
		],
		[
			'for what an upload was to replace, complete or not, and its name is free',
			{
				remote: [there(1, 'a'), there(2, '..'), there(3, 'b', 'x', 'merging'), there(7, 'a'), there(8, 'b')],
				superseded: [
					[1, 7],
					[2, 9],
					[3, 8],
				],
			},
			[{ why: 'superseded', by: 7 }, { why: 'superseded', by: 9 }, { why: 'superseded', by: 8 }, 'a', 'b'],
		],
	])('%s', (_, given, places) => expect(placesOf('toLocal', given)).toEqual(places));

	it.each(['newest', 'fail'] as const)('%s: what is superseded is no namesake', (duplicateNames) => {
		const given = { remote: [there(9, 'a'), there(7, 'a')], superseded: [[9, 7]] as const };
		expect(placesOf('toLocal', given, { duplicateNames })).toEqual([{ why: 'superseded', by: 7 }, 'a']);
	});

	it.each([
		['exactly', exactName],
		['without case', foldedName],
	])('for as many as there are when all names are taken on a disk that compares names %s', (_, keyOf) => {
		// The longest id there may be, and the longest extension: a name has room for two of them.
		const [one, other] = ['8'.repeat(80), '9'.repeat(80)];
		const extension = `.${'x'.repeat(31)}`;
		const name = `a${extension}`;
		const numbered = [one, other].flatMap((id) => [`a (${id})${extension}`, `a (${id}) (${id})${extension}`]);
		const taken = [name, ...numbered].map((each, index) => there(index, each));
		expect(
			placesOf('toLocal', { remote: [...taken, there(one, name), there(other, name)] }, { keyOf }),
		).toEqual([name, ...numbered, undefined, undefined]);
	});
});
