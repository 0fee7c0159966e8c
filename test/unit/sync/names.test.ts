import fc from 'fast-check';
import { dirname, join, resolve } from 'node:path';
import { compareIds } from '../../../client/api/ids';
import { clashing, exactName, foldedName, type NameKey, nameKeyOf } from '../../../client/sync/disk-names';
import { conflictName, idsIn, nameProblem, numberedName, pathIn, showName } from '../../../client/sync/names';
import {
	isOwnFile,
	isOwnTemporary,
	memoryFile,
	pendingFile,
	temporaryFile,
	TRASH_FOLDER,
} from '../../../client/sync/own-files';
import { type NoPlace, placeFiles } from '../../../client/sync/places';
import type { RemoteFile } from '../../../client/sync/trees';
import type { DuplicateNames } from '../../../client/sync-types';
import { remoteFile, rulesFor, treesOf } from './trees';

const HUGE = '9007199254740993';

/** Names that clash often: few letters, numbers that look like ours, either case. */
const clashingName = fc
	.tuple(
		fc.constantFrom('a', 'A', 'é', 'e\u0301', '.a', 'x'.repeat(254), '报'.repeat(84)),
		fc.constantFrom('', ' (1)', ' (2)', ' (2) (2)', ` (${HUGE})`),
		fc.constantFrom('', '.txt', '.tar.gz', '.'),
	)
	.map((parts) => parts.join(''))
	.filter((name) => nameProblem(name, 'linux') === undefined);

const id = fc.oneof(
	fc.integer({ min: 1, max: 20 }),
	fc.bigInt({ min: 9007199254740990n, max: 9007199254741010n }).map(String),
);

const status = fc.constantFrom('ok' as const, 'ok' as const, 'uploading' as const, 'merging' as const);

const chat = fc.uniqueArray(
	fc.record({ id, name: clashingName, status }).map((info) => remoteFile(info)),
	{ selector: (file) => String(file.id), maxLength: 25 },
);

const disk = fc.constantFrom<NameKey>(exactName, foldedName);

/** The places of a chat's files, in the order of the list. */
function placesOf(
	files: readonly RemoteFile[],
	duplicateNames: DuplicateNames,
	keyOf: NameKey,
): Array<string | NoPlace | undefined> {
	const rules = rulesFor('toLocal', { duplicateNames, keyOf });
	const places = placeFiles(treesOf({ remote: files }), rules, new Map());
	return files.map((_, position) => places[position]);
}

function placesById(files: readonly RemoteFile[], keyOf: NameKey): Map<string, string> {
	const places = placesOf(files, 'renameById', keyOf);
	return new Map(files.map((file, index) => [String(file.id), JSON.stringify(places[index])]));
}

describe('a remote name as a local name', () => {
	it.each([
		['', 'The remote name "" is empty'],
		['.', 'means a folder'],
		['..', 'means a folder'],
		['/etc/x', 'is an absolute path'],
		['../../x', 'holds a path separator ("/")'],
		['a/b', 'holds a path separator ("/")'],
		['a\\b', 'holds a path separator ("\\")'],
		['a\0b', 'The remote name "a\\u0000b" holds a NUL'],
		['a\nb', 'The remote name "a\\nb" holds a control character'],
		['a\u007f', 'The remote name "a\\u007f" holds a control character'],
		['a\u0085', 'The remote name "a\\u0085" holds a control character'],
		['\ud800', 'The remote name "\\ud800" is not valid Unicode'],
		['报'.repeat(86), 'is longer than 255 bytes'],
		['.bdd-file-1.part', 'is reserved'],
		['.bdd-file-memory-0123456789abcdef.txt', 'is reserved'],
		['.bdd-file-trash', 'is reserved'],
		['.bdd\u00ad-\uff46ile-lock'.normalize('NFKC'), 'is reserved'],
		['.BDD-file-1.PART', 'is reserved'],
	])('refuses %j', (name, problem) => {
		expect(nameProblem(name, 'linux')).toContain(problem);
	});

	it.each(['a"b;c.txt', '报告 终稿.pdf', '🙂.txt', '...', '~', ' ', 'con', 'a:b', '报'.repeat(85), '.part'])(
		'accepts %j',
		(name) => expect(nameProblem(name, 'linux')).toBeUndefined(),
	);

	it.each([
		'a:b',
		'a*',
		'a?',
		'<',
		'>',
		'|',
		'"',
		'a.',
		'a ',
		'CON',
		'nul.txt',
		'Com1.tar.gz',
		'LPT¹',
		'aux .x',
	])('refuses %j on Windows', (name) => expect(nameProblem(name, 'win32')).toBeDefined());

	it.each([
		['a?b', 'The remote name "a?b" holds ?, which Windows does not allow'],
		['a.', 'The remote name "a." ends with a dot or a space, which Windows does not allow'],
		['nul', 'The remote name "nul" is the name of a Windows device'],
	])('says why %j is refused on Windows', (name, problem) =>
		expect(nameProblem(name, 'win32')).toBe(problem),
	);

	it.each(['console', 'com', 'com10', 'null.txt', 'falcon.txt', 'a b', '.a'])(
		'accepts %j on Windows',
		(name) => expect(nameProblem(name, 'win32')).toBeUndefined(),
	);

	it('never leads out of the folder when accepted', () => {
		const hostile = fc
			.array(fc.constantFrom('.', '..', '/', '\\', 'a', '\0', '\n', '~', ':', 'C:', '%2f', '\u2215', ' '), {
				maxLength: 6,
			})
			.map((parts) => parts.join(''));
		fc.assert(
			fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (name) => {
				if (nameProblem(name, 'linux') !== undefined) return;
				const path = join('/folder', name);
				expect(path).toBe(`/folder/${name}`);
				expect(dirname(resolve(path))).toBe('/folder');
			}),
		);
	});

	it('is shown with everything invisible escaped, and not at any length', () => {
		expect(showName('a\u202eb\u009f"')).toBe('"a\\u202eb\\u009f\\""');
		expect(showName('x'.repeat(100))).toBe(`"${'x'.repeat(100)}"`);
		expect(showName('🙂'.repeat(200))).toHaveLength(103);
		expect(showName(`x${'🙂'.repeat(200)}`)).not.toContain('\\u');
	});
});

it('what sync puts into a folder is found there again under these names', () => {
	expect([memoryFile('k'), pendingFile('k'), temporaryFile('k'), TRASH_FOLDER]).toEqual([
		'.bdd-file-memory-k',
		'.bdd-file-pending-k',
		'.bdd-file-k.part',
		'.bdd-file-trash',
	]);
});

it.each(['/', '/a', '/a b/c'])('the path of a name in %s is what joining them gives', (folder) => {
	for (const name of ['x', 'x/y.txt', ' ', 'a..b', '...'])
		expect(pathIn(folder, name)).toBe(join(folder, name));
});

it.each([
	[['A'], []],
	[['A', 'A'], []],
	[['a', 'b'], []],
	[
		['A', 'a'],
		['A', 'a'],
	],
	[
		['aB', 'c', 'AB', 'Ab'],
		['aB', 'AB', 'Ab'],
	],
])('of the names %j these share a key: %j', (names, shared) =>
	expect([...clashing(names, foldedName)].sort()).toEqual([...shared].sort()),
);

it('a name whose key is a third one shares none with the name that has it as its key', () => {
	const keys = new Map([
		['c', 'b'],
		['b', 'a'],
	]);
	expect([...clashing(['c', 'b'], (name) => keys.get(name) ?? name)]).toEqual([]);
});

describe('a number in a name', () => {
	it.each([
		['a.txt', 'a (7).txt'],
		['a.tar.gz', 'a.tar (7).gz'],
		['.env', '.env (7)'],
		['noext', 'noext (7)'],
		[`a.${'x'.repeat(31)}`, `a (7).${'x'.repeat(31)}`],
		[`a.${'x'.repeat(32)}`, `a.${'x'.repeat(32)} (7)`],
	])('goes before the extension: %s', (name, numbered) => expect(numberedName(name, 7, 1)).toBe(numbered));

	it('shortens at a character boundary', () => {
		const name = numberedName(`${'🙂'.repeat(62)}abc.txt`, HUGE, 1) ?? '';
		expect(name).toMatch(/^🙂+ \(9007199254740993\)\.txt$/u);
		expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
		expect(Buffer.byteLength(name)).toBeGreaterThan(251);
	});

	it('gives up when nothing of the name would be left', () => {
		expect(numberedName('a.txt', '9'.repeat(250), 1)).toBeUndefined();
	});
});

describe('places of a whole chat', () => {
	it('gives the plain name to the lowest id, beyond 2^53 too, in whichever order they are listed', () => {
		const files = ['9007199254740993', '9007199254740992', 10, 9].map((each) => remoteFile({ id: each }));
		expect(placesOf(files, 'renameById', exactName)).toEqual([
			'a (9007199254740993).txt',
			'a (9007199254740992).txt',
			'a (10).txt',
			'a.txt',
		]);
	});

	it('numbers again when the numbered name is taken', () => {
		const files = [
			remoteFile({ id: 1 }),
			remoteFile({ id: 2, name: 'a (3).txt' }),
			remoteFile({ id: 3 }),
			remoteFile({ id: 4, name: 'a (3) (3).txt' }),
		];
		expect(placesOf(files, 'renameById', exactName)).toEqual([
			'a.txt',
			'a (3).txt',
			'a (3) (3).txt',
			'a (3) (3) (4).txt',
		]);
	});

	it('compares without case and composition where the disk does', () => {
		const files = ['É.txt', 'e\u0301.TXT', 'É.txt'].map((name, index) => remoteFile({ id: index, name }));
		expect(placesOf(files, 'renameById', foldedName)).toEqual(['É.txt', 'e\u0301 (1).TXT', 'É (2).txt']);
		expect(placesOf(files, 'renameById', exactName)).toEqual(['É.txt', 'e\u0301.TXT', 'É (2).txt']);
	});

	it('keeps the name of an unfinished upload free, not that of a failed one', () => {
		const second = (first: RemoteFile['status']) =>
			placesOf([remoteFile({ id: 1, status: first }), remoteFile({ id: 2 })], 'renameById', exactName)[1];
		expect(second('uploading')).toBe('a (2).txt');
		expect(second('merging')).toBe('a (2).txt');
		expect(second('error')).toBe('a.txt');
	});

	it('are all different and all safe', () => {
		fc.assert(
			fc.property(chat, disk, (files, keyOf) => {
				const places = placesOf(files, 'renameById', keyOf).filter((place) => typeof place === 'string');
				expect(places).toHaveLength(files.filter(({ status: each }) => each === 'ok').length);
				expect(new Set(places.map(keyOf)).size).toBe(places.length);
				for (const place of places) expect(nameProblem(place, 'linux')).toBeUndefined();
			}),
		);
	});

	it('do not depend on the order of the list', () => {
		const shuffled = chat.chain((files) =>
			fc.tuple(fc.constant(files), fc.shuffledSubarray(files, { minLength: files.length })),
		);
		fc.assert(
			fc.property(shuffled, disk, ([files, again], keyOf) => {
				const sorted = (places: Map<string, string>) => [...places].sort();
				expect(sorted(placesById(again, keyOf))).toEqual(sorted(placesById(files, keyOf)));
			}),
		);
	});

	it('are not changed by newer files, nor by an upload that is completed', () => {
		fc.assert(
			fc.property(chat, fc.nat(), disk, (files, cut, keyOf) => {
				const ordered = files.toSorted((a, b) => compareIds(a.id, b.id));
				const earlier = ordered.slice(0, cut % (files.length + 1));
				const now = placesById(
					ordered.map((file) => ({ ...file, status: 'ok' as const })),
					keyOf,
				);
				const before = placesById(earlier, keyOf);
				for (const { id: known, status: then } of earlier) {
					if (then === 'ok') expect(now.get(String(known))).toBe(before.get(String(known)));
				}
			}),
		);
	});
});

describe('files of one name', () => {
	const files = [
		remoteFile({ id: '9007199254740992' }),
		remoteFile({ id: HUGE }),
		remoteFile({ id: '9007199254740999', status: 'uploading' }),
		remoteFile({ id: 3, name: 'A.txt' }),
	];

	it('newest: only the highest complete id', () => {
		expect(placesOf(files, 'newest', exactName)).toEqual([
			{ why: 'newerNamesake', id: HUGE },
			'a.txt',
			{ why: 'notComplete' },
			'A.txt',
		]);
		expect(placesOf(files, 'newest', foldedName)[3]).toEqual({ why: 'newerNamesake', id: HUGE });
	});

	it('fail: every complete one', () => {
		const failed = { why: 'namesakes', count: 2 };
		expect(placesOf(files, 'fail', exactName)).toEqual([failed, failed, { why: 'notComplete' }, 'A.txt']);
	});
});

describe('what a disk compares', () => {
	it('takes for equal what any such disk does', () => {
		const same = (one: string, other: string) => foldedName(one) === foldedName(other);
		expect(same('STRASSE', 'stra\u00dfe')).toBe(true);
		expect(same('\ufb01le', 'FILE')).toBe(true);
		expect(same('a\u200cb', 'AB')).toBe(true);
		expect(same('\u03c3', '\u03c2')).toBe(true);
		expect(same('a\u00b2', 'a2')).toBe(false);
	});

	it('ignores only what the disk ignores', () => {
		const names = ['\u00c9', 'e\u0301', '\u00e9'];
		const keys = (ignoresCase: boolean, ignoresForm: boolean) =>
			new Set(names.map(nameKeyOf({ ignoresCase, ignoresForm }, []))).size;
		expect([keys(false, false), keys(true, false), keys(false, true), keys(true, true)]).toEqual([
			3, 2, 2, 1,
		]);
	});

	it('tells apart what lies side by side on it', () => {
		const keyOf = nameKeyOf({ ignoresCase: true, ignoresForm: true }, ['\ufb01le', 'file', 'other']);
		expect(keyOf('\ufb01le')).not.toBe(keyOf('file'));
		expect(keyOf('OTHER')).toBe(keyOf('other'));
	});
});

test('our own files are known by their name, however it is written', () => {
	for (const name of ['.bdd-file-0b1c.part', '.BDD-File-lock', '.bdd-file-trash', '.bdd\u200b-file-x']) {
		expect([name, isOwnFile(name)]).toEqual([name, true]);
	}
	for (const name of ['bdd-file-0b1c.part', '.bdd-file', 'x.bdd-file-1']) expect(isOwnFile(name)).toBe(false);
	expect(isOwnTemporary('.bdd-file-0b1c.part')).toBe(true);
	expect(isOwnTemporary('.bdd-file-0b1c.partial')).toBe(false);
});

test('a conflict name holds the id, which can be read from it', () => {
	expect(conflictName('a.tar.gz', 7, 1)).toBe('a.tar (conflict 7).gz');
	expect(conflictName('.env', HUGE, 1)).toBe(`.env (conflict ${HUGE})`);
	expect(idsIn(`a (conflict ${HUGE}) (9).txt`)).toEqual([HUGE, 9]);
	expect(idsIn('a (b).txt')).toEqual([]);
});
