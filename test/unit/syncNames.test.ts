import fc from 'fast-check';
import { dirname, join, resolve } from 'node:path';
import { compareIds } from '../../client/api/ids';
import type { FileInfo } from '../../client/api/wire';
import { localNames } from '../../client/sync/local-names';
import {
	assignNames,
	exactName,
	foldedName,
	isOwnTemporary,
	nameProblem,
	numberedName,
	showName,
} from '../../client/sync/names';
import { fileInfo } from './syncMemoryRemote';

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
	fc.record({ id, filename: clashingName, status }).map((info) => fileInfo(info)),
	{ selector: (file) => String(file.id), maxLength: 25 },
);

const platform = fc.constantFrom<NodeJS.Platform>('linux', 'darwin');

function namesById(files: readonly FileInfo[], on: NodeJS.Platform): Map<string, string> {
	const names = localNames(files, 'renameById', on);
	return new Map(files.map((file, index) => [String(file.id), JSON.stringify(names[index])]));
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

	it.each(['console', 'com', 'com10', 'null.txt', 'a b', '.a'])('accepts %j on Windows', (name) =>
		expect(nameProblem(name, 'win32')).toBeUndefined(),
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
		expect(showName('🙂'.repeat(200))).toHaveLength(103);
		expect(showName(`x${'🙂'.repeat(200)}`)).not.toContain('\\u');
	});
});

describe('a number in a name', () => {
	it.each([
		['a.txt', 'a (7).txt'],
		['a.tar.gz', 'a.tar (7).gz'],
		['.env', '.env (7)'],
		['noext', 'noext (7)'],
		[`a.${'x'.repeat(40)}`, `a.${'x'.repeat(40)} (7)`],
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

describe('names of a whole chat', () => {
	it('gives the plain name to the lowest id, beyond 2^53 too, in whichever order they are listed', () => {
		const files = [
			fileInfo({ id: '9007199254740993' }),
			fileInfo({ id: '9007199254740992' }),
			fileInfo({ id: 10 }),
			fileInfo({ id: 9 }),
		];
		expect([...assignNames(files, exactName)].map(([file, name]) => [file.id, name])).toEqual([
			[9, 'a.txt'],
			[10, 'a (10).txt'],
			['9007199254740992', 'a (9007199254740992).txt'],
			['9007199254740993', 'a (9007199254740993).txt'],
		]);
	});

	it('numbers again when the numbered name is taken', () => {
		const files = [
			fileInfo({ id: 1 }),
			fileInfo({ id: 2, filename: 'a (3).txt' }),
			fileInfo({ id: 3 }),
			fileInfo({ id: 4, filename: 'a (3) (3).txt' }),
		];
		expect([...assignNames(files, exactName).values()]).toEqual([
			'a.txt',
			'a (3).txt',
			'a (3) (3).txt',
			'a (3) (3) (4).txt',
		]);
	});

	it('compares without case and composition where the disk does', () => {
		const files = ['É.txt', 'e\u0301.TXT', 'É.txt'].map((filename, index) =>
			fileInfo({ id: index, filename }),
		);
		expect([...assignNames(files, foldedName).values()]).toEqual(['É.txt', 'e\u0301 (1).TXT', 'É (2).txt']);
		expect([...assignNames(files, exactName).values()]).toEqual(['É.txt', 'e\u0301.TXT', 'É (2).txt']);
	});

	it('keeps the name of an unfinished upload free, not that of a failed one', () => {
		const names = (first: FileInfo['status']) =>
			localNames([fileInfo({ id: 1, status: first }), fileInfo({ id: 2 })], 'renameById', 'linux')[1];
		expect(names('uploading')).toEqual({ name: 'a (2).txt' });
		expect(names('merging')).toEqual({ name: 'a (2).txt' });
		expect(names('error')).toEqual({ name: 'a.txt' });
	});

	it('are all different and all safe', () => {
		fc.assert(
			fc.property(chat, platform, (files, on) => {
				const keyOf = on === 'darwin' ? foldedName : exactName;
				const names = [...assignNames(files, keyOf).values()];
				expect(new Set(names.map(keyOf)).size).toBe(names.length);
				for (const name of names) expect(nameProblem(name, on)).toBeUndefined();
			}),
		);
	});

	it('do not depend on the order of the list', () => {
		const shuffled = chat.chain((files) =>
			fc.tuple(fc.constant(files), fc.shuffledSubarray(files, { minLength: files.length })),
		);
		fc.assert(
			fc.property(shuffled, platform, ([files, again], on) => {
				const sorted = (names: Map<string, string>) => [...names].sort();
				expect(sorted(namesById(again, on))).toEqual(sorted(namesById(files, on)));
			}),
		);
	});

	it('are not changed by newer files, nor by an upload that is completed', () => {
		fc.assert(
			fc.property(chat, fc.nat(), platform, (files, cut, on) => {
				const ordered = files.toSorted((a, b) => compareIds(a.id, b.id));
				const earlier = ordered.slice(0, cut % (files.length + 1));
				const now = namesById(
					ordered.map((file) => ({ ...file, status: 'ok' })),
					on,
				);
				const before = namesById(earlier, on);
				for (const { id: known, status: then } of earlier) {
					if (then === 'ok') expect(now.get(String(known))).toBe(before.get(String(known)));
				}
			}),
		);
	});
});

describe('files of one name', () => {
	const files = [
		fileInfo({ id: '9007199254740992' }),
		fileInfo({ id: HUGE }),
		fileInfo({ id: '9007199254740999', status: 'uploading' }),
		fileInfo({ id: 3, filename: 'A.txt' }),
	];

	it('newest: only the highest complete id', () => {
		expect(localNames(files, 'newest', 'linux')).toEqual([
			{ skipped: `A newer file has this name (id ${HUGE})` },
			{ name: 'a.txt' },
			{ skipped: 'The upload of this file is not finished (status uploading)' },
			{ name: 'A.txt' },
		]);
		expect(localNames(files, 'newest', 'darwin')[3]).toEqual({
			skipped: `A newer file has this name (id ${HUGE})`,
		});
	});

	it('fail: every complete one', () => {
		const failed = { failed: '2 files of the chat have the name "a.txt"' };
		expect(localNames(files, 'fail', 'linux')).toEqual([
			failed,
			failed,
			{ skipped: 'The upload of this file is not finished (status uploading)' },
			{ name: 'A.txt' },
		]);
	});

	it('say why a file that is not complete is skipped', () => {
		const reasons = (['merging', 'error', 'new status' as 'ok'] as const).map(
			(status) => localNames([fileInfo({ id: 1, status })], 'renameById', 'linux')[0],
		);
		expect(reasons).toEqual([
			{ skipped: 'The service is still putting this file together (status merging)' },
			{ skipped: 'The upload of this file failed (status error)' },
			{ skipped: 'This file is not complete (status new status)' },
		]);
	});
});

test('our own temporary files are known by their name', () => {
	expect(isOwnTemporary('.bdd-file-0b1c.part')).toBe(true);
	expect(isOwnTemporary('bdd-file-0b1c.part')).toBe(false);
	expect(isOwnTemporary('.bdd-file-0b1c.partial')).toBe(false);
});
