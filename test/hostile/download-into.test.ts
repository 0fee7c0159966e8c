/** A download into a folder: its name is data, what is there is left or replaced whole, and nothing is left behind. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { LocalFileError, Siblings, type DownloadIntoOptions } from '../../client';
import { refused } from './support/answers';
import { failureOf, noSockets, scenario, type Scenario } from './support/scenario';

const CONTENT = randomBytes(2000);
const NAME = 'report.pdf';

const stored = ({ service }: Scenario, filename = NAME) => service.store.add({ filename, bytes: CONTENT });
const asListed = ({ id, ...file }: ReturnType<typeof stored>) => ({ id, expected: file });

it('writes it under its own name, and leaves nothing else', () =>
	scenario(async (parts) => {
		const { id } = stored(parts);
		const outcome = await parts.client.downloadInto(id, parts.folder);
		const size = CONTENT.length;
		const target = path.join(parts.folder, NAME);
		expect(outcome).toEqual({ status: 'downloaded', fileId: id, fileName: NAME, path: target, size });
		expect(await readFile(target)).toEqual(CONTENT);
		expect(await readdir(parts.folder)).toEqual([NAME]);
	}));

it('gives it another name and its upload time, when told to', () =>
	scenario(async (parts) => {
		const { id } = stored(parts);
		const modifiedAt = new Date('2024-02-03T04:05:06Z');
		await parts.client.downloadInto(id, parts.folder, { fileName: 'mine.pdf', modifiedAt });
		expect((await stat(path.join(parts.folder, 'mine.pdf'))).mtime).toEqual(modifiedAt);
	}));

it.each([
	'../escaped.txt',
	'/tmp/escaped.txt',
	'..',
	'',
	'a\0b',
	'a\nb',
	'.bdd-file-memory-1',
	'sub/file.txt',
])('a name such as %j is refused, and nothing is written', (filename) =>
	scenario(async (parts) => {
		const { id, expected } = asListed(stored(parts, filename));
		const error = await failureOf(parts.client.downloadInto(id, parts.folder, { expected }));
		expect(error).toBeInstanceOf(LocalFileError);
		expect(error.message).toMatch(/^Downloading file \d+ failed: The remote name /);
		expect(await readdir(parts.folder)).toEqual([]);
		expect(await readdir(path.dirname(parts.folder))).toEqual(['folder']);
	}),
);

it.each(['../escaped.txt', '/etc/escaped.txt', 'sub\\file.txt', '..'])(
	'the name %j is refused also where only the answer tells it',
	(filename) =>
		scenario(async (parts) => {
			const { id } = stored(parts, filename);
			parts.service.on('downloadFile', () => ({
				status: 200,
				headers: { 'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename)}` },
				body: CONTENT,
			}));
			const error = await failureOf(parts.client.downloadInto(id, parts.folder));
			expect(error.message).toMatch(/^Downloading file \d+ failed: The remote name /);
			expect(await readdir(parts.folder)).toEqual([]);
			expect(await readdir(path.dirname(parts.folder))).toEqual(['folder']);
		}),
);

it.each<[what: string, DownloadIntoOptions, message: string, description: string]>([
	[
		'a name of the service',
		{ expected: { filename: '..' } },
		'The remote name ',
		'Name the file yourself: give the whole path, or another file name.',
	],
	[
		'a name of the service that is given as it is',
		{ fileName: '..', expected: { filename: '..' } },
		'The remote name ',
		'Name the file yourself: give the whole path, or another file name.',
	],
	['a name of the caller', { fileName: '..' }, 'The name ', 'Give the file another name.'],
	[
		'a path that is not allowed',
		{ fileName: NAME, isPathAllowed: () => false },
		'"<folder>/report.pdf" is not allowed as a local path',
		'Give the file another name.',
	],
])('%s: the error says whose it is, and what to do', (_, options, message, description) =>
	scenario(async (parts) => {
		const { id } = stored(parts);
		const error = await failureOf(parts.client.downloadInto(id, parts.folder, options));
		expect(error.message.replace(parts.folder, '<folder>')).toContain(
			`Downloading file ${id} failed: ${message}`,
		);
		expect(error).toMatchObject({ description });
		expect(parts.service.calls).toEqual([]);
	}),
);

it('a name that is refused once the answer is there: its connection is closed', () =>
	scenario(async (parts) => {
		const { id } = stored(parts);
		// Of a file that is small the whole answer is there, and nothing is left to close.
		parts.service.on('downloadFile', () => ({
			status: 200,
			headers: { 'Content-Disposition': 'attachment; filename="../escaped.txt"' },
			body: randomBytes(8_000_000),
		}));
		await failureOf(parts.client.downloadInto(id, parts.folder));
		await noSockets(parts.service);
		expect(parts.service.openSockets()).toBe(0);
	}));

it('without any name it has its id', () =>
	scenario(async (parts) => {
		const { id } = stored(parts);
		parts.service.on('downloadFile', () => ({ status: 200, body: CONTENT }));
		expect(await parts.client.downloadInto(id, parts.folder)).toMatchObject({ fileName: `file-${id}` });
	}));

describe('downloads that belong together', () => {
	const REFUSED = /^Downloading file \d+ failed: ".*report\.pdf" is where file \d+ of this run goes/;
	const together = (parts: Scenario) => {
		const siblings = new Siblings();
		return (file: ReturnType<typeof stored>, ifExists?: 'skip' | 'skipUnchanged') => {
			const { id, expected } = asListed(file);
			return parts.client.downloadInto(id, parts.folder, { siblings, ifExists, expected, fileName: NAME });
		};
	};
	const another = ({ service }: Scenario) => service.store.add({ filename: NAME, bytes: randomBytes(2000) });

	it('do not replace what another one has written, but what it wrote itself', () =>
		scenario(async (parts) => {
			const [one, two] = [stored(parts), stored(parts)];
			const into = together(parts);
			await into(one);
			await into(one);
			const error = await failureOf(into(two));
			expect(error).toBeInstanceOf(LocalFileError);
			expect(error.message).toMatch(REFUSED);
			expect(error).toMatchObject({
				description: 'Give each file a name of its own, or another folder.',
			});
			expect(await into(two, 'skip')).toMatchObject({ status: 'skipped', reason: 'exists' });
			expect(parts.service.count('downloadFile')).toBe(2);
		}));

	it('do not replace what another one was told to be the same, nor what one has written that skips', () =>
		scenario(async (parts) => {
			const [one, two] = [stored(parts), another(parts)];
			await together(parts)(one);
			const again = together(parts);
			expect(await again(one, 'skipUnchanged')).toMatchObject({ reason: 'unchanged' });
			expect((await failureOf(again(two, 'skipUnchanged'))).message).toMatch(REFUSED);
			await rm(path.join(parts.folder, NAME));
			const skipping = together(parts);
			expect(await skipping(two, 'skip')).toMatchObject({ status: 'downloaded' });
			expect((await failureOf(skipping(one))).message).toMatch(REFUSED);
		}));

	it('replace what one of them only left alone', () =>
		scenario(async (parts) => {
			const [one, two] = [stored(parts), another(parts)];
			await writeFile(path.join(parts.folder, NAME), 'old');
			const into = together(parts);
			expect(await into(one, 'skip')).toMatchObject({ status: 'skipped', reason: 'exists' });
			expect(await into(two)).toMatchObject({ status: 'downloaded' });
		}));

	it('wait for each other, and one that fails leaves the place to the next', () =>
		scenario(async (parts) => {
			const [one, two] = [stored(parts), another(parts)];
			const into = together(parts);
			// Both may be asked for at once, and either first.
			parts.service.on('downloadFile', (work, { query }) =>
				query.get('file_id') === String(one.id) ? refused('file not found', 404) : work(),
			);
			const outcomes = await Promise.allSettled([into(one), into(two)]);
			expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
			expect(await readFile(path.join(parts.folder, NAME))).toEqual(two.bytes);
		}));
});

describe('what is there already', () => {
	const there = async (parts: Scenario, content: Buffer | string) => {
		await writeFile(path.join(parts.folder, NAME), content);
		return asListed(stored(parts));
	};
	const now = ({ folder }: Scenario) => readFile(path.join(folder, NAME));

	it('is replaced by default', () =>
		scenario(async (parts) => {
			const { id } = await there(parts, 'old');
			expect(await parts.client.downloadInto(id, parts.folder)).toMatchObject({ status: 'downloaded' });
			expect(await now(parts)).toEqual(CONTENT);
		}));

	it.each(['overwrite', 'skipUnchanged'] as const)('%s: stays when the download fails', (ifExists) =>
		scenario(async (parts) => {
			const { id } = await there(parts, 'old');
			parts.service.on('downloadFile', () => ({
				status: 404,
				body: '{"code":1,"message":"file not found"}',
			}));
			await failureOf(parts.client.downloadInto(id, parts.folder, { ifExists }));
			expect((await now(parts)).toString()).toBe('old');
			expect(await readdir(parts.folder)).toEqual([NAME]);
		}),
	);

	it('skip: stays, and where the name is known nothing is asked for', () =>
		scenario(async (parts) => {
			const { id, expected } = await there(parts, 'old');
			const skipped = { status: 'skipped', reason: 'exists', size: 3 };
			expect(await parts.client.downloadInto(id, parts.folder, { ifExists: 'skip', expected })).toMatchObject(
				skipped,
			);
			expect(parts.service.calls).toEqual([]);
			expect(await parts.client.downloadInto(id, parts.folder, { ifExists: 'skip' })).toMatchObject(skipped);
			expect((await now(parts)).toString()).toBe('old');
		}));

	it('skip: stays also when it appears while the file comes down', () =>
		scenario(async (parts) => {
			const { id, expected } = asListed(stored(parts));
			parts.service.on('downloadFile', async (work) => {
				await writeFile(path.join(parts.folder, NAME), 'appeared');
				return work();
			});
			const outcome = await parts.client.downloadInto(id, parts.folder, { ifExists: 'skip', expected });
			expect(outcome).toMatchObject({ status: 'skipped', reason: 'exists', size: 8 });
			expect((await now(parts)).toString()).toBe('appeared');
			expect(await readdir(parts.folder)).toEqual([NAME]);
		}));

	it('skipUnchanged: stays when it has the content, and is replaced when it only has the size', () =>
		scenario(async (parts) => {
			const { id, expected } = await there(parts, CONTENT);
			const options = { ifExists: 'skipUnchanged', expected } as const;
			expect(await parts.client.downloadInto(id, parts.folder, options)).toMatchObject({
				status: 'skipped',
				reason: 'unchanged',
			});
			expect(parts.service.calls).toEqual([]);
			await writeFile(path.join(parts.folder, NAME), randomBytes(CONTENT.length));
			expect(await parts.client.downloadInto(id, parts.folder, options)).toMatchObject({
				status: 'downloaded',
			});
			expect(await now(parts)).toEqual(CONTENT);
		}));

	const leave = () => Promise.resolve();
	it.each<[what: string, Partial<DownloadIntoOptions>, change: (place: string) => Promise<void>]>([
		['nothing is known of it', { fileName: NAME, expected: undefined }, leave],
		['neither hash nor time are known', { expected: { filename: NAME, size: CONTENT.length } }, leave],
		['its size is another one', { expected: { filename: NAME, size: CONTENT.length - 1 } }, leave],
		[
			'it is a link to the same content, with a path as long as that',
			{},
			async (place) => {
				const [from, name] = [`${place}-moved`, path.basename(place)];
				await rename(place, from);
				const long = `${'./'.repeat((CONTENT.length - name.length - 6) / 2)}${name}-moved`;
				expect(long).toHaveLength(CONTENT.length);
				await symlink(long, place);
			},
		],
	])('skipUnchanged: is replaced when %s', (_, options, change) =>
		scenario(async (parts) => {
			const { id, expected } = await there(parts, CONTENT);
			await change(path.join(parts.folder, NAME));
			const { size, hashcode } = expected;
			// The service has what the test says, whatever it says that it knows.
			const asked = { expected: { filename: NAME, size, hashcode }, ...options };
			parts.service.on('downloadFile', () => ({
				status: 200,
				body: Buffer.alloc(asked.expected?.size ?? 1, 'n'),
			}));
			const into = { ifExists: 'skipUnchanged', verify: false, ...asked } as const;
			expect(await parts.client.downloadInto(id, parts.folder, into)).toMatchObject({ status: 'downloaded' });
			expect((await now(parts)).toString()).toMatch(/^n+$/);
		}),
	);

	it('skipUnchanged: without a hash the upload time of an earlier download tells', () =>
		scenario(async (parts) => {
			const { id, expected } = asListed(stored(parts));
			const modifiedAt = new Date('2024-02-03T04:05:06.789Z');
			const options = {
				ifExists: 'skipUnchanged',
				expected: { ...expected, hashcode: '' },
				modifiedAt,
			} as const;
			const statuses = [];
			for (let time = 0; time < 2; time++)
				statuses.push((await parts.client.downloadInto(id, parts.folder, options)).status);
			expect(statuses).toEqual(['downloaded', 'skipped']);
		}));

	it('a link is replaced, not followed', () =>
		scenario(async (parts) => {
			const { id } = stored(parts);
			const outside = path.join(parts.folder, '..', 'outside.txt');
			await writeFile(outside, 'kept');
			await symlink(outside, path.join(parts.folder, NAME));
			await parts.client.downloadInto(id, parts.folder);
			expect(await readFile(outside, 'utf8')).toBe('kept');
			expect(await now(parts)).toEqual(CONTENT);
		}));

	it('a folder of that name is an error, before anything is asked for', () =>
		scenario(async (parts) => {
			const { id, expected } = asListed(stored(parts));
			await mkdir(path.join(parts.folder, NAME));
			const error = await failureOf(parts.client.downloadInto(id, parts.folder, { expected }));
			expect(error.message).toMatch(/^Writing ".*report\.pdf" failed: it is a folder/);
			expect(parts.service.calls).toEqual([]);
		}));
});

it('a folder that does not exist is an error that names it', () =>
	scenario(async (parts) => {
		const { id } = stored(parts);
		const error = await failureOf(parts.client.downloadInto(id, path.join(parts.folder, 'missing')));
		expect(error).toBeInstanceOf(LocalFileError);
		expect(error.message).toMatch(/missing" failed: it does not exist/);
		expect(parts.service.calls).toEqual([]);
	}));

it('a folder that is swapped for a link while the file comes down gets nothing, nor does the place behind it', () =>
	scenario(async (parts) => {
		const { id, expected } = asListed(stored(parts));
		const inner = path.join(parts.folder, 'inner');
		const behind = path.join(parts.folder, 'behind');
		await mkdir(inner);
		await mkdir(behind);
		parts.service.on('downloadFile', async (work) => {
			await rename(inner, `${inner}-moved`);
			await symlink(behind, inner);
			return work();
		});
		const error = await failureOf(parts.client.downloadInto(id, inner, { expected }));
		expect(error).toBeInstanceOf(LocalFileError);
		expect(await readdir(behind)).toEqual([]);
		expect(await readdir(`${inner}-moved`)).toEqual([]);
	}));
