import fc from 'fast-check';
import { hasZone, uploadTime } from '../../../client/api/upload-time';
import { pathFilter } from '../../../client/sync/filter';
import type { Rules } from '../../../client/sync/modes';
import { pairTrees } from '../../../client/sync/pair';
import { planSync } from '../../../client/sync/plan';
import { hashesToRead } from '../../../client/sync/read-hashes';
import type { Step } from '../../../client/sync/steps';
import type { LocalFile, RemoteFile, SyncedFile, Trees } from '../../../client/sync/trees';
import { chainsOf } from '../../../client/sync/uploads';
import { md5 } from './memory-remote';
import { localFile, remoteFile, rulesFor, treesOf } from './trees';

describe('upload time', () => {
	it.each([
		['2024-05-06T07:08:09', '2024-05-06T07:08:09.000Z'],
		['2024-05-06 07:08:09', '2024-05-06T07:08:09.000Z'],
		['2024-05-06T07:08:09.123456', '2024-05-06T07:08:09.123Z'],
		['2024-05-06T07:08:09Z', '2024-05-06T07:08:09.000Z'],
		['2024-05-06T07:08:09.5+08:00', '2024-05-05T23:08:09.500Z'],
		['2024-05-06T07:08:09-0130', '2024-05-06T08:38:09.000Z'],
		['2024-05-06T07:08:09+08', '2024-05-05T23:08:09.000Z'],
		['2024-05-06T07:08', '2024-05-06T07:08:00.000Z'],
		['2024-05-06T07:08:09,25 Z', '2024-05-06T07:08:09.250Z'],
		['2024-05-06T07:08:09.25z', '2024-05-06T07:08:09.250Z'],
		['2024-05-06T07:08:09  +08:00', '2024-05-05T23:08:09.000Z'],
	])('%s', (text, iso) => expect(uploadTime(text)?.toISOString()).toBe(iso));

	it.each([
		'',
		'2024-05-06',
		'yesterday',
		'2024-13-41T99:00:00',
		'1714979289',
		'at 2024-05-06T07:08:09',
		'2024-05-06T07:08:09 or so',
		'2024-05-06T07:08:09.',
		'2024-05-06T07:08:09+8',
	])('%j is none', (text) => {
		expect(uploadTime(text)).toBeUndefined();
		expect(hasZone(text)).toBe(false);
	});

	it.each([
		['2024-05-06T07:08:09Z', true],
		['2024-05-06T07:08:09+08', true],
		['2024-05-06T07:08:09', false],
		['2024-13-41T99:00:00Z', false],
	])('%j is a moment that everybody reads the same: %p', (text, is) => expect(hasZone(text)).toBe(is));
});

describe('include and exclude', () => {
	const accepted = (paths: string[], include?: string[], exclude?: string[]) =>
		paths.filter((path) => pathFilter(include, exclude).accepts(path));
	const paths = ['a.txt', '.hidden.txt', 'sub/b.txt', 'sub/deep/c.pdf', 'sub/d.TXT'];

	it('no patterns, or blank ones, accept everything', () => {
		expect(accepted(paths)).toEqual(paths);
		expect(accepted(paths, [' ', ''], [''])).toEqual(paths);
	});

	it('a pattern without a slash matches the base name at any depth', () => {
		expect(accepted(paths, [' *.txt '])).toEqual(['a.txt', '.hidden.txt', 'sub/b.txt']);
		expect(accepted(paths, undefined, ['*.txt'])).toEqual(['sub/deep/c.pdf', 'sub/d.TXT']);
	});

	it('a pattern with a slash matches the whole path', () => {
		expect(accepted(paths, ['sub/*'])).toEqual(['sub/b.txt', 'sub/d.TXT']);
		expect(accepted(paths, ['sub/**'], ['**/deep/**'])).toEqual(['sub/b.txt', 'sub/d.TXT']);
	});

	it('any of several patterns is enough', () => {
		expect(accepted(paths, ['a.txt', '*.pdf'])).toEqual(['a.txt', 'sub/deep/c.pdf']);
		expect(accepted(paths, undefined, ['*.txt', 'd.*'])).toEqual(['sub/deep/c.pdf']);
	});

	it('a backslash makes the next character a plain one', () =>
		expect(accepted(['a*b', 'axb', 'sub/a*b'], ['a\\*b'])).toEqual(['a*b', 'sub/a*b']));

	it('a backslash in a name is no separator', () => expect(accepted(['sub\\b.txt'], ['sub/*'])).toEqual([]));

	it('excludes is about exclusions only', () => {
		expect(pathFilter(['a'], ['b']).excludes('b')).toBe(true);
		expect(pathFilter(['a'], ['b']).excludes('c')).toBe(false);
		expect(pathFilter().excludes('b')).toBe(false);
	});

	it('a pattern that is none matches nothing', () => {
		const tooLong = '*'.repeat(70_000);
		expect(accepted(paths, [tooLong])).toEqual([]);
		expect(accepted(paths, undefined, [tooLong])).toEqual(paths);
	});
});

const planned = (name: 'toLocal' | 'toRemote' | 'both', trees: Trees, rules: Partial<Rules> = {}): Step[] => [
	...planSync(trees, rulesFor(name, rules)).steps,
];

const hasHash = (text: string) => ({ checksums: [{ algorithm: 'md5' as const, hex: md5(text) }] });

describe('plan to local', () => {
	it('leaves out what was not asked for, without changing a name', () => {
		const remote = [{ id: 1 }, { id: 2, name: 'b.txt' }, { id: 3, name: 'b.txt' }].map(remoteFile);
		const steps = planned('toLocal', treesOf({ remote }), { filter: pathFilter(['b*'], []) });
		expect(steps).toMatchObject([{ path: 'b.txt' }, { path: 'b (3).txt' }]);
	});

	it('leaves what must not be written alone, and says why', () => {
		const names = ['link', 'folder', 'forbidden', 'new and forbidden', '..'];
		const remote = names.map((name, id) => remoteFile({ id, name }));
		const local = (['link', 'folder', 'notAllowed'] as const).map((kind, index) => ({
			kind,
			path: names[index] ?? '',
			name: names[index] ?? '',
		}));
		const isAllowed = (path: string) => path !== 'new and forbidden';
		expect(planned('toLocal', treesOf({ local, remote }), { isAllowed })).toMatchObject([
			{ kind: 'leave', why: { code: 'link' } },
			{ kind: 'leave', why: { code: 'folder' } },
			{ kind: 'leave', why: { code: 'notAllowed' } },
			{ kind: 'leave', why: { code: 'notAllowed' } },
			{ kind: 'leave', why: { code: 'noPlace', place: { why: 'badName' } } },
		]);
	});

	it('treats an existing file as ifExists says', () => {
		const remote = [remoteFile({ id: 1, hash: md5('x') })];
		const step = (file: Partial<LocalFile>, ifExists: Rules['ifExists'], remembers = false) =>
			planned('toLocal', treesOf({ local: [localFile(file)], remote }), { ifExists, remembers })[0];
		const same = hasHash('x');
		expect(step(same, 'overwrite')).toMatchObject({ kind: 'download', replaces: { path: 'a.txt' } });
		expect(step({}, 'skip')).toMatchObject({ kind: 'leave', why: { code: 'exists' } });
		expect(step({}, 'skipUnchanged')).toMatchObject({ kind: 'download', replaces: { path: 'a.txt' } });
		expect(step(same, 'skipUnchanged')).toMatchObject({ kind: 'touch' });
		expect(step(same, 'skipUnchanged', true)).toMatchObject({
			kind: 'leave',
			why: { code: 'unchanged', by: 'content' },
			same: { path: 'a.txt', id: 1 },
		});
	});

	it('never plans two writes to one place, nor one outside the folder', () => {
		const name = fc.oneof(fc.constantFrom('a', 'a (2)', '..', '../a', '/a', 'b/../a'), fc.string());
		const files = fc.uniqueArray(
			fc.record({ id: fc.nat(50), name }).map((info) => remoteFile(info)),
			{ selector: ({ id }) => id },
		);
		const duplicates = fc.constantFrom('renameById' as const, 'newest' as const, 'fail' as const);
		fc.assert(
			fc.property(files, duplicates, (remote, duplicateNames) => {
				const steps = planned('toLocal', treesOf({ remote }), { duplicateNames });
				const paths = steps.flatMap((step) => (step.kind === 'download' ? [step.path] : []));
				expect(steps).toHaveLength(remote.length);
				expect(new Set(paths).size).toBe(paths.length);
				for (const path of paths) expect(path).toMatch(/^[^/]+$/);
			}),
		);
	});
});

describe('a file with other content on either side, both ways', () => {
	const uploadedMs = 1_700_000_000_500;
	const settled = (rules: Partial<Rules>, local: Partial<LocalFile> = {}, remote: Partial<RemoteFile> = {}) =>
		planned(
			'both',
			treesOf({
				local: [localFile({ size: 2, ...local })],
				remote: [remoteFile({ id: 5, uploadedMs, ...remote })],
			}),
			rules,
		);
	const up = { kind: 'upload', path: 'a.txt', conflict: true, replaces: 5 };
	const down = { kind: 'download', path: 'a.txt', conflict: true, replaces: 'a.txt' };
	const beside = { kind: 'download', path: 'a (conflict 5).txt', conflict: false, beside: 'a.txt' };
	/** The parts of a step that a conflict decides about. */
	const shown = (steps: readonly Step[]) =>
		steps.map((step) => {
			if (step.kind === 'upload') {
				const { kind, local, conflict, replaces, after } = step;
				return {
					kind,
					path: local.path,
					conflict,
					replaces: replaces?.id,
					...(after && { after: after.kind }),
				};
			}
			if (step.kind !== 'download') return step;
			const { kind, path, conflict } = step;
			const [replaces, besides] = [step.replaces?.path, step.beside?.path];
			return { kind, path, conflict, ...(replaces && { replaces }), ...(besides && { beside: besides }) };
		});

	it('goes the way that was chosen', () => {
		expect(shown(settled({ conflict: 'local' }))).toEqual([up]);
		expect(shown(settled({ conflict: 'remote' }))).toEqual([down]);
	});

	it.each([
		[uploadedMs - 1, down],
		[uploadedMs, up],
		[uploadedMs + 1, up],
	])('newest: a local time of %d', (mtimeMs, step) =>
		expect(shown(settled({ conflict: 'newest' }, { mtimeMs }))).toEqual([step]),
	);

	it('is kept beside the other, which goes up after that', () => {
		const both = [beside, { ...up, after: 'download' }];
		expect(shown(settled({ conflict: 'keepBoth' }))).toEqual(both);
		expect(shown(settled({ conflict: 'newest' }, {}, { uploadedMs: undefined }))).toEqual(both);
		const [first, second] = settled({ conflict: 'keepBoth' });
		expect(second).toMatchObject({ after: first });
		expect(first?.pair).toMatchObject({ path: 'a (conflict 5).txt', local: undefined, remote: { id: 5 } });
	});

	it('is not kept again where an earlier run has put it', () => {
		const kept = localFile({ path: 'a (conflict 5).txt', mtimeMs: uploadedMs });
		const local = [localFile({ size: 2 }), kept];
		const trees = treesOf({ local, remote: [remoteFile({ id: 5, uploadedMs })] });
		expect(shown(planned('both', trees)).filter(({ kind }) => kind !== 'leave')).toContainEqual(up);
	});

	it('is left where the version of the chat has no place', () => {
		const isAllowed = (path: string) => path === 'a.txt';
		expect(settled({ isAllowed })).toMatchObject([{ kind: 'leave', why: { code: 'notAllowed' } }]);
		expect(settled({}, {}, { id: '9'.repeat(250) })).toMatchObject([
			{ kind: 'leave', why: { code: 'noPlace', place: { why: 'noFreeName' } } },
		]);
	});
});

describe('local and remote namesakes', () => {
	const pairsOf = (local: LocalFile[], remote: RemoteFile[]) => {
		const pairs = pairTrees(treesOf({ local, remote }), rulesFor('toRemote'));
		return local.map((file) => pairs.find((pair) => pair.local === file)?.remote?.id);
	};

	it('are paired by size first, then in any order', () => {
		const locals = [3, 1, 2].map((size) => localFile({ path: `${size}/a.txt`, size }));
		const remotes = [remoteFile({ id: 1, size: 2 }), remoteFile({ id: 2, size: 9 })];
		expect(pairsOf(locals, remotes)).toEqual([2, undefined, 1]);
	});

	it('are paired by content where it is known, so that equal sizes are not confused', () => {
		const locals = ['x', 'y'].map((text) => localFile({ path: `${text}/a.txt`, ...hasHash(text) }));
		const remotes = [remoteFile({ id: 1, hash: md5('y') }), remoteFile({ id: 2, hash: md5('x') })];
		expect(pairsOf(locals, remotes)).toEqual([2, 1]);
	});

	it('are paired by the upload time that a download has left', () => {
		const uploadedMs = 1_700_000_000_123;
		const locals = [0, uploadedMs].map((mtimeMs) => localFile({ path: `${mtimeMs}/a.txt`, mtimeMs }));
		expect(pairsOf(locals, [remoteFile({ id: 1, uploadedMs })])).toEqual([undefined, 1]);
		const coarse = localFile({ mtimeMs: 1_700_000_000_000 });
		expect(pairsOf([localFile({ path: '0/a.txt' }), coarse], [remoteFile({ id: 1, uploadedMs })])).toEqual([
			undefined,
			1,
		]);
	});

	it('ignore failed and unfinished uploads; one being merged counts with the right size', () => {
		const ids = (...remotes: RemoteFile[]) => pairsOf([localFile()], remotes);
		expect(ids(remoteFile({ id: 1, status: 'error' }))).toEqual([undefined]);
		expect(ids(remoteFile({ id: 1, status: 'uploading' }))).toEqual([undefined]);
		expect(ids(remoteFile({ id: 1, status: 'merging', size: 2 }))).toEqual([undefined]);
		expect(ids(remoteFile({ id: 1, status: 'merging' }))).toEqual([1]);
		expect(ids(remoteFile({ id: 1, status: 'merging' }), remoteFile({ id: 2 }))).toEqual([2]);
	});

	it('the oldest is paired, and so replaced, where nothing else tells them apart', () => {
		const remotes = [7, 5, 6].map((id) => remoteFile({ id, size: 9 }));
		expect(pairsOf([localFile()], remotes)).toEqual([5]);
		const trees = treesOf({ local: [localFile()], remote: remotes });
		expect(planned('toRemote', trees, { ifExists: 'overwrite' })).toMatchObject([{ replaces: { id: 5 } }]);
	});

	it('are compared exactly on a disk that does', () => {
		const remotes = [remoteFile({ id: 1, name: 'e\u0301' }), remoteFile({ id: 2, name: 'A' })];
		expect(pairsOf([localFile({ path: '\u00e9' }), localFile({ path: 'a' })], remotes)).toEqual([
			undefined,
			undefined,
		]);
	});

	it('m local and r remote ones leave m - r to upload, and then nothing', () => {
		const namesAndSizes = fc.array(
			fc.record({ name: fc.constantFrom('a', 'b'), size: fc.integer({ min: 0, max: 2 }) }),
			{ maxLength: 12 },
		);
		const choice = fc.constantFrom('skip' as const, 'overwrite' as const);
		fc.assert(
			fc.property(namesAndSizes, namesAndSizes, choice, (locals, remotes, ifExists) => {
				const local = locals.map(({ name, size }, index) => localFile({ path: `${index}/${name}`, size }));
				const remote = remotes.map((file, id) => remoteFile({ id, ...file }));
				const uploads = planned('toRemote', treesOf({ local, remote }), { ifExists }).filter(
					(step) => step.kind === 'upload',
				);
				const fresh = uploads.filter(({ replaces }) => replaces === undefined);
				for (const name of ['a', 'b']) {
					const m = local.filter((file) => file.name === name).length;
					const r = remote.filter((file) => file.name === name).length;
					expect(fresh.filter((step) => step.local.name === name)).toHaveLength(Math.max(0, m - r));
				}
				const replaced = uploads.flatMap(({ replaces }) => (replaces ? [replaces.id] : []));
				expect(new Set(replaced).size).toBe(replaced.length);

				const uploaded = fresh.map((step, index) => remoteFile({ ...step.local, id: 100 + index }));
				const again = planned('toRemote', treesOf({ local, remote: [...remote, ...uploaded] }));
				expect(again.filter(({ kind }) => kind === 'upload')).toEqual([]);
			}),
		);
	});
});

describe('plan to remote', () => {
	const stepFor = (
		local: Partial<LocalFile>,
		remote: Partial<RemoteFile>,
		ifExists: Rules['ifExists'] = 'skipUnchanged',
		synced: SyncedFile[] = [],
	) =>
		planned(
			'toRemote',
			treesOf({ local: [localFile(local)], remote: [remoteFile({ id: 5, ...remote })], synced }),
			{
				ifExists,
			},
		)[0];
	const upload = { kind: 'upload', replaces: { id: 5 } };

	it('skipUnchanged: equal size and hash, or the upload time as local time, or as remembered', () => {
		const mtimeMs = 1_700_000_000_500;
		expect(stepFor(hasHash('x'), { hash: md5('x') })).toMatchObject({ why: { code: 'unchanged' } });
		expect(stepFor(hasHash('x'), { hash: md5('y') })).toMatchObject(upload);
		expect(stepFor({}, { hash: md5('x') })).toMatchObject(upload);
		expect(stepFor({ ...hasHash('x'), size: 2 }, { hash: md5('x') })).toMatchObject(upload);
		expect(stepFor({ mtimeMs }, { uploadedMs: mtimeMs })).toMatchObject({ why: { by: 'time' } });
		expect(stepFor({ mtimeMs }, { uploadedMs: mtimeMs + 1 })).toMatchObject(upload);
		expect(stepFor({ mtimeMs }, { uploadedMs: mtimeMs - 1 })).toMatchObject(upload);
		expect(stepFor({}, {})).toMatchObject(upload);
		// Written at that very instant: then the hash decides, where there is one.
		const written = { mtimeMs, isTimeSet: false };
		expect(stepFor(written, { uploadedMs: mtimeMs })).toMatchObject({ why: { by: 'time' } });
		expect(stepFor(written, { uploadedMs: mtimeMs, hash: md5('x') })).toMatchObject(upload);
		const synced = { path: 'a.txt', id: 5, size: 1, hash: '', mtimeMs };
		expect(stepFor({ mtimeMs }, {}, 'skipUnchanged', [synced])).toMatchObject({ why: { by: 'memory' } });
		expect(stepFor({ mtimeMs }, {}, 'skipUnchanged', [{ ...synced, id: 4 }])).toMatchObject(upload);
		expect(stepFor({ mtimeMs: 1 }, {}, 'skipUnchanged', [synced])).toMatchObject(upload);
	});

	it('overwrite: always uploads', () => {
		expect(stepFor(hasHash('x'), { hash: md5('x') }, 'overwrite')).toMatchObject(upload);
	});

	it('waits for an upload of the same file that the service is still putting together', () => {
		const file = localFile(hasHash('x'));
		const remote = [remoteFile({ id: 5 }), remoteFile({ id: 6, status: 'merging', hash: md5('x') })];
		const trees = treesOf({ local: [file], remote, synced: [{ ...file, id: 5, hash: '', mtimeMs: 0 }] });
		expect(planned('toRemote', trees, { ifExists: 'overwrite' })).toMatchObject([
			{ why: { code: 'merging' } },
		]);
	});

	it('asks only for the hashes that decide something', () => {
		const same = localFile();
		const otherSize = localFile({ path: 'x/a.txt', size: 2 });
		const marked = localFile({ path: 'marked', mtimeMs: 1_700_000_000_500 });
		const remembered = localFile({ path: 'remembered' });
		const local = [same, otherSize, marked, remembered];
		const remote = [
			remoteFile({ id: 1, hash: md5('x') }),
			remoteFile({ id: 2, hash: 'ab'.repeat(32) }),
			remoteFile({ id: 3, size: 2 }),
			remoteFile({ id: 4, size: 2, hash: md5('x'), status: 'error' }),
			remoteFile({ id: 5, name: 'marked', hash: md5('x'), uploadedMs: marked.mtimeMs }),
			remoteFile({ id: 6, name: 'remembered', hash: md5('x') }),
		];
		const synced = [{ ...remembered, id: 6, hash: md5('x') }];
		const rules = rulesFor('toRemote', { ifExists: 'skipUnchanged' });
		const wanted = hashesToRead(treesOf({ local, remote, synced }), [], rules);
		expect([...wanted]).toEqual([[same, ['md5', 'sha256']]]);
		expect(hashesToRead(treesOf({ local, remote, synced }), [], rulesFor('toRemote')).size).toBe(0);
	});

	it('reads what a conflict has kept, and what is in the chat by now under its name too', () => {
		const uploadedMs = 1_700_000_000_500;
		const kept = localFile({ path: 'a (conflict 1).txt', mtimeMs: uploadedMs });
		const old = remoteFile({ id: 1, hash: md5('x'), uploadedMs });
		const rules = rulesFor('both');
		const wanted = (remote: RemoteFile[]) => [...hashesToRead(treesOf({ local: [kept], remote }), [], rules)];
		// Its time says what it is, as long as nothing else can be meant.
		expect(wanted([old])).toEqual([]);
		const arrived = remoteFile({ id: 2, name: kept.name, hash: md5('x'), uploadedMs: uploadedMs + 5000 });
		expect(wanted([old, arrived])).toEqual([[kept, ['md5']]]);
	});

	it('keeps files that could have the same content apart in time', () => {
		const sending = (path: string, size: number) =>
			({ path, size }) as Parameters<typeof chainsOf>[0][number];
		const chains = chainsOf([sending('1/a', 1), sending('2/a', 2), sending('3/a', 1), sending('4/b', 1)]);
		expect(chains.map((chain) => chain.map(({ path }) => path))).toEqual([['1/a', '3/a'], ['2/a'], ['4/b']]);
	});
});
