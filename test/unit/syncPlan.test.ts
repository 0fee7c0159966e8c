import fc from 'fast-check';
import type { FileInfo } from '../../client/api/wire';
import { knownChecksum } from '../../client/transfer/hash';
import { pathFilter } from '../../client/sync/globs';
import { localNames } from '../../client/sync/local-names';
import { exactName } from '../../client/sync/names';
import { type LocalFile, pairNamesakes } from '../../client/sync/namesakes';
import { chooseTargets, planToLocal, type Target } from '../../client/sync/plan-to-local';
import { hashesToCompare, planToRemote, uploadChains } from '../../client/sync/plan-to-remote';
import { uploadTime } from '../../client/api/upload-time';
import { fileInfo, md5 } from './syncMemoryRemote';

const localFile = (file: Partial<LocalFile>): LocalFile => ({
	path: '/folder/a.txt',
	name: 'a.txt',
	size: 1,
	mtimeMs: Date.parse('2024-01-01T00:00:00Z'),
	...file,
});

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
	])('%s', (text, iso) => expect(uploadTime(text)?.toISOString()).toBe(iso));

	it.each(['', '2024-05-06', 'yesterday', '2024-13-41T99:00:00', '1714979289'])('%j is none', (text) =>
		expect(uploadTime(text)).toBeUndefined(),
	);
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

	it('a pattern that is none matches nothing', () => {
		const tooLong = '*'.repeat(70_000);
		expect(accepted(paths, [tooLong])).toEqual([]);
		expect(accepted(paths, undefined, [tooLong])).toEqual(paths);
	});
});

describe('plan to local', () => {
	const directory = '/folder';
	const targetsOf = (files: FileInfo[], options: Partial<Parameters<typeof chooseTargets>[0]> = {}) =>
		chooseTargets({
			files,
			names: localNames(files, 'renameById', 'linux'),
			filter: pathFilter(),
			directory,
			keyOf: exactName,
			entries: new Map(),
			isPathAllowed: () => true,
			...options,
		});

	it('leaves out what was not asked for, without changing a name', () => {
		const files = [
			fileInfo({ id: 1, filename: 'a.txt' }),
			fileInfo({ id: 2, filename: 'b.txt' }),
			fileInfo({ id: 3, filename: 'b.txt' }),
		];
		const targets = targetsOf(files, { filter: pathFilter(['b*'], []) });
		expect(targets).toMatchObject([{ path: '/folder/b.txt' }, { path: '/folder/b (3).txt' }]);
	});

	it('fails what must not be written, and names the path', () => {
		const files = ['link', 'folder', 'forbidden', '..'].map((filename, id) => fileInfo({ id, filename }));
		const targets = targetsOf(files, {
			entries: new Map([
				['link', 'link'],
				['folder', 'other'],
			]),
			isPathAllowed: (path) => path !== '/folder/forbidden',
		});
		expect(targets).toMatchObject([
			{
				item: {
					status: 'failed',
					localPath: '/folder/link',
					error: 'The local path is a symbolic link, which sync does not follow',
				},
			},
			{ item: { status: 'failed', error: 'Something that is not a file is at the local path' } },
			{ item: { status: 'failed', error: 'This is not allowed as a local path' } },
			{ item: { status: 'failed', error: 'The remote name ".." means a folder, not a file' } },
		]);
		expect(targets[3]).not.toHaveProperty('item.localPath');
	});

	it('treats an existing file as ifExists says', () => {
		const targets = targetsOf([fileInfo({ id: 1 })], { entries: new Map([['a.txt', 'file']]) });
		const unchanged = new Map(targets.map((target) => [target as Target, 'content' as const]));
		const path = '/folder/a.txt';
		expect(planToLocal(targets, 'overwrite', unchanged)).toMatchObject([
			{ kind: 'download', path, replaces: true },
		]);
		expect(planToLocal(targets, 'skip', new Map())).toMatchObject([
			{ item: { status: 'skipped', localPath: path } },
		]);
		expect(planToLocal(targets, 'skipUnchanged', new Map())).toMatchObject([
			{ kind: 'download', replaces: true },
		]);
		expect(planToLocal(targets, 'skipUnchanged', unchanged)).toMatchObject([
			{ kind: 'touch', item: { status: 'skipped' } },
		]);
	});

	it('never plans two writes to one place, nor one outside the folder', () => {
		const name = fc.oneof(fc.constantFrom('a', 'a (2)', '..', '../a', '/a', 'b/../a'), fc.string());
		const files = fc.uniqueArray(
			fc.record({ id: fc.nat(50), filename: name }).map((info) => fileInfo(info)),
			{ selector: ({ id }) => id },
		);
		fc.assert(
			fc.property(
				files,
				fc.constantFrom('renameById' as const, 'newest' as const, 'fail' as const),
				(all, mode) => {
					const targets = targetsOf(all, { names: localNames(all, mode, 'linux') });
					const paths = planToLocal(targets, 'overwrite', new Map()).flatMap((step) =>
						step.kind === 'download' ? [step.path] : [],
					);
					expect(targets).toHaveLength(all.length);
					expect(new Set(paths).size).toBe(paths.length);
					for (const path of paths) expect(path).toMatch(/^\/folder\/[^/]+$/);
				},
			),
		);
	});
});

describe('local and remote namesakes', () => {
	const pairsOf = (locals: LocalFile[], remotes: FileInfo[]) =>
		locals.map((local) => pairNamesakes(locals, remotes).get(local)?.id);

	it('pairs by size first, then in any order', () => {
		const locals = [3, 1, 2].map((size) => localFile({ size }));
		const remotes = [fileInfo({ id: 1, size: 2 }), fileInfo({ id: 2, size: 9 })];
		expect(pairsOf(locals, remotes)).toEqual([2, undefined, 1]);
	});

	it('pairs by content where it is known, so that equal sizes are not confused', () => {
		const locals = ['x', 'y'].map((text) => localFile({ checksums: [{ algorithm: 'md5', hex: md5(text) }] }));
		const remotes = [
			fileInfo({ id: 1, hashcode: md5('y') }),
			fileInfo({ id: 2, hashcode: md5('x').toUpperCase() }),
		];
		expect(pairsOf(locals, remotes)).toEqual([2, 1]);
	});

	it('ignores failed and unfinished uploads; one being merged counts with the right size', () => {
		expect(pairsOf([localFile({})], [fileInfo({ id: 1, status: 'error' })])).toEqual([undefined]);
		expect(pairsOf([localFile({})], [fileInfo({ id: 1, status: 'uploading' })])).toEqual([undefined]);
		expect(pairsOf([localFile({})], [fileInfo({ id: 1, status: 'merging', size: 2 })])).toEqual([undefined]);
		expect(pairsOf([localFile({})], [fileInfo({ id: 1, status: 'merging' })])).toEqual([1]);
		const both = [fileInfo({ id: 1, status: 'merging' }), fileInfo({ id: 2 })];
		expect(pairsOf([localFile({})], both)).toEqual([2]);
	});

	it('compares names exactly', () => {
		const remotes = [fileInfo({ id: 1, filename: 'e\u0301' }), fileInfo({ id: 2, filename: 'A' })];
		expect(pairsOf([localFile({ name: '\u00e9' }), localFile({ name: 'a' })], remotes)).toEqual([
			undefined,
			undefined,
		]);
	});

	const namesAndSizes = fc.array(
		fc.record({ name: fc.constantFrom('a', 'b'), size: fc.integer({ min: 0, max: 2 }) }),
		{ maxLength: 12 },
	);

	it('m local and r remote ones leave m - r to upload, and then nothing', () => {
		fc.assert(
			fc.property(
				namesAndSizes,
				namesAndSizes,
				fc.constantFrom('skip' as const, 'overwrite' as const),
				(localNamesAndSizes, remoteNamesAndSizes, ifExists) => {
					const locals = localNamesAndSizes.map((file) => localFile(file));
					const remotes = remoteNamesAndSizes.map(({ name, size }, id) =>
						fileInfo({ id, filename: name, size }),
					);
					const steps = [...planToRemote(locals, remotes, ifExists).values()];
					const uploads = steps.filter((step) => step.kind === 'upload');
					const fresh = uploads.filter(({ replaces }) => replaces === undefined);
					for (const name of ['a', 'b']) {
						const m = locals.filter((file) => file.name === name).length;
						const r = remotes.filter((file) => file.filename === name).length;
						expect(fresh.filter(({ file }) => file.name === name)).toHaveLength(Math.max(0, m - r));
					}
					const replaced = uploads.flatMap(({ replaces }) => (replaces ? [replaces.id] : []));
					expect(new Set(replaced).size).toBe(replaced.length);

					const uploaded = fresh.map(({ file }, index) =>
						fileInfo({ id: 100 + index, filename: file.name, size: file.size }),
					);
					const again = [...planToRemote(locals, [...remotes, ...uploaded], 'skip').values()];
					expect(again.filter(({ kind }) => kind === 'upload')).toEqual([]);
				},
			),
		);
	});
});

describe('plan to remote', () => {
	const stepFor = (
		local: Partial<LocalFile>,
		remote: Partial<FileInfo>,
		ifExists: 'skipUnchanged' | 'overwrite',
	) => [...planToRemote([localFile(local)], [fileInfo({ id: 5, ...remote })], ifExists).values()][0];
	const checksums = [{ algorithm: 'md5' as const, hex: md5('x') }];

	it('skipUnchanged: equal size and hash; without a known hash, uploaded after the last change', () => {
		expect(stepFor({ checksums }, { hashcode: md5('x') }, 'skipUnchanged')).toMatchObject({
			item: { status: 'skipped', fileId: 5 },
		});
		const upload = { kind: 'upload', replaces: { id: 5 } };
		expect(stepFor({ checksums }, { hashcode: md5('y') }, 'skipUnchanged')).toMatchObject(upload);
		expect(stepFor({}, { hashcode: md5('x') }, 'skipUnchanged')).toMatchObject(upload);
		expect(stepFor({ checksums, size: 2 }, { hashcode: md5('x') }, 'skipUnchanged')).toMatchObject(upload);
		expect(stepFor({}, { upload_at: '2024-01-01T00:00:00' }, 'skipUnchanged')).toMatchObject({
			kind: 'report',
		});
		expect(stepFor({}, { upload_at: '2023-12-31T23:59:59' }, 'skipUnchanged')).toMatchObject(upload);
		expect(stepFor({}, { upload_at: '' }, 'skipUnchanged')).toMatchObject(upload);
	});

	it('overwrite: always uploads', () => {
		expect(stepFor({ checksums }, { hashcode: md5('x') }, 'overwrite')).toMatchObject({
			kind: 'upload',
			replaces: { id: 5 },
		});
	});

	it('asks only for the hashes that decide something', () => {
		const same = localFile({});
		const otherSize = localFile({ size: 2 });
		const remotes = [
			fileInfo({ id: 1, hashcode: md5('x') }),
			fileInfo({ id: 2, hashcode: 'ab'.repeat(32) }),
			fileInfo({ id: 3, size: 2, hashcode: 'etag-1' }),
			fileInfo({ id: 4, size: 2, hashcode: md5('x'), status: 'error' }),
		];
		expect([...hashesToCompare([same, otherSize], remotes)]).toEqual([[same, ['md5', 'sha256']]]);
		expect(knownChecksum(md5('x').slice(1))).toBeUndefined();
	});

	it('keeps files that could have the same content apart in time', () => {
		const steps = [
			...planToRemote(
				[
					localFile({ path: '/1' }),
					localFile({ path: '/2', size: 2 }),
					localFile({ path: '/3' }),
					localFile({ path: '/4', name: 'b' }),
				],
				[],
				'skip',
			).values(),
		];
		expect(uploadChains(steps).map((chain) => chain.map(({ position }) => position))).toEqual([
			[0, 2],
			[1],
			[3],
		]);
	});
});
