import { createHash } from 'node:crypto';
import disk, { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalFileError } from '../../../client/api/errors';
import { readState, removeState, type StateHeader, writeState } from '../../../client/sync/state-file';

/** What a sync keeps in a folder, read and written on a real disk. */

const HEADER: StateHeader = { kind: 'test', version: 3, service: 'http://service', chatId: 'c' };

let folder: string;
let path: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'state-'));
	path = join(folder, 'state');
});

afterEach(async () => {
	jest.restoreAllMocks();
	await rm(folder, { recursive: true });
});

/** All entries; undefined when there is no file. */
async function read(header = HEADER): Promise<unknown[] | undefined> {
	const entries: unknown[] = [];
	const isThere = await readState(
		path,
		header,
		(line) => line,
		(entry) => entries.push(entry),
	);
	if (!isThere) expect(entries).toStrictEqual([]);
	return isThere ? entries : undefined;
}

/** A file of these words, whose checksum is right. */
async function put(body: string, header: object = HEADER): Promise<void> {
	const md5 = createHash('md5').update(body).digest('hex');
	await writeFile(path, `${JSON.stringify({ ...header, md5 })}\n${body}`);
}

/** How many turns everything else in this process has. */
function countTurns(): { taken: number; stop: () => void } {
	const turns = { taken: 0, stop: () => clearImmediate(next) };
	const count = () => {
		turns.taken += 1;
		next = setImmediate(count);
	};
	let next = setImmediate(count);
	return turns;
}

/** What was opened, to see that it is closed. */
function watchOpen(): disk.FileHandle[] {
	const handles: disk.FileHandle[] = [];
	const open = disk.open;
	jest.spyOn(disk, 'open').mockImplementation(async (...args) => {
		const handle = await open(...args);
		handles.push(handle);
		return handle;
	});
	return handles;
}

const isOpen = ({ fd }: disk.FileHandle) => fd !== -1;

it('what was written is read, in its order', async () => {
	const entries = [1, 'two\n\u2028', { three: [3] }, [], false];
	await writeState(path, HEADER, entries);
	expect(await read()).toStrictEqual(entries);
	await writeState(path, HEADER, []);
	expect(await read()).toStrictEqual([]);
	expect(await readdir(folder)).toStrictEqual(['state']);
});

it('there is none: no failure', async () => {
	expect(await read()).toBeUndefined();
	await removeState(path);
	await writeState(path, HEADER, [1]);
	await removeState(path);
	expect(await read()).toBeUndefined();
});

it('as many entries as there may be, and everything else has its turn now and then', async () => {
	const count = 12_000;
	let turns = countTurns();
	let between = 0;
	await writeState(
		path,
		HEADER,
		(function* () {
			for (let index = 0; index < count; index++) {
				between = turns.taken;
				yield index;
			}
		})(),
	);
	turns.stop();
	expect(between).toBeGreaterThan(0);
	expect(between).toBeLessThan(10);

	const entries: unknown[] = [];
	const seen: number[] = [];
	await readState(
		path,
		HEADER,
		(line) => line,
		(entry) => {
			if (entries.length === 0) turns = countTurns();
			entries.push(entry);
			seen.push(turns.taken);
		},
	);
	turns.stop();
	expect(seen.at(-1)).toBeGreaterThan(0);
	expect(seen.at(-1)).toBeLessThan(10);
	expect(entries).toStrictEqual(Array.from({ length: count }, (_, index) => index));
});

describe('is refused', () => {
	it.each([
		['of another kind', { ...HEADER, kind: 'other' }, 'it is not what its name says'],
		['of another service', { ...HEADER, service: 's' }, 'it belongs to another service or chat'],
		['of another chat', { ...HEADER, chatId: 'd' }, 'it belongs to another service or chat'],
		['without a word about itself', {}, 'it is not what its name says'],
		['of a newer version', { ...HEADER, version: 4 }, 'its version is 4, and only 3 is known here'],
		['of an older version', { ...HEADER, version: 2 }, 'its version is 2, and only 3 is known here'],
		['of no version', { kind: 'test' }, 'its version is undefined, and only 3 is known here'],
	])('one %s', async (_what, header, why) => {
		await put('1\n', header);
		const failed = read();
		await expect(failed).rejects.toBeInstanceOf(LocalFileError);
		await expect(failed).rejects.toMatchObject({
			message: `Reading "${path}" failed: ${why}`,
			description: expect.stringMatching(
				/remove "state": the next sync then starts without a memory/,
			) as string,
		});
	});

	it('one of another version: with the advice to update', async () => {
		await put('1\n', { ...HEADER, version: 4 });
		await expect(read()).rejects.toMatchObject({
			description: expect.stringMatching(
				/^Update this package, as a newer one has written the file\. Or else: Put the file back/,
			) as string,
		});
	});

	it.each([
		['nothing', ''],
		['nothing but a first line', '\n'],
		['a word', 'state'],
		['a list', '[]\n'],
		['null', 'null\n'],
		['a header that does not end', JSON.stringify({ ...HEADER, md5: createHash('md5').digest('hex') })],
	])('one of %s', async (_what, text) => {
		await writeFile(path, text);
		const failed = read();
		await expect(failed).rejects.toBeInstanceOf(LocalFileError);
		await expect(failed).rejects.toThrow(`Reading "${path}" failed: it is not what its name says`);
	});

	it.each([
		['a byte was changed', (text: string) => text.replace('"one"', '"onE"')],
		['an entry is lost', (text: string) => text.replace('"one"\n', '')],
		['the end is lost', (text: string) => text.slice(0, -1)],
		['all entries are lost', (text: string) => text.slice(0, text.indexOf('\n') + 1)],
		['something was added', (text: string) => `${text}"three"\n`],
		['the checksum is lost', (text: string) => text.replace('md5', 'MD5')],
	])('one of which %s', async (_what, damage) => {
		await writeState(path, HEADER, ['one', 'two']);
		await writeFile(path, damage(await readFile(path, 'utf8')));
		await expect(read()).rejects.toMatchObject({
			name: 'LocalFileError',
			message: `Reading "${path}" failed: its checksum is wrong`,
			description: expect.stringMatching(/^Put the file back from a copy, or remove "state"/) as string,
		});
	});

	it.each([
		['an entry that does not end', '1\n2'],
		['an entry that is no JSON', '1\n{\n'],
		['an empty line', '1\n\n2\n'],
	])('one with %s, whatever its checksum says', async (_what, body) => {
		await put(body);
		await expect(read()).rejects.toThrow(`Reading "${path}" failed: an entry makes no sense`);
	});

	it('a folder, and a link, with the reason', async () => {
		const handles = watchOpen();
		await mkdir(path);
		await expect(read()).rejects.toMatchObject({
			name: 'LocalFileError',
			message: `Reading "${path}" failed: it is a folder (EISDIR)`,
			description: expect.stringContaining('remove "state"') as string,
			cause: { code: 'EISDIR' },
		});
		expect(handles).toHaveLength(1);
		expect(handles.filter(isOpen)).toStrictEqual([]);
		await rm(path, { recursive: true });
		await symlink(join(folder, 'nowhere'), path);
		await expect(read()).rejects.toThrow(`Reading "${path}" failed: it is a symbolic link (ELOOP)`);
	});
});

describe('writing', () => {
	it('is over when the file is on the disk: flushed, closed, and only then in its place', async () => {
		const events: string[] = [];
		const { open, rename } = disk;
		jest.spyOn(disk, 'open').mockImplementation(async (...args) => {
			const handle = await open(...args);
			for (const name of ['sync', 'close'] as const) {
				const original = handle[name].bind(handle);
				handle[name] = async () => {
					await original();
					events.push(`${name} ${(await readdir(folder)).includes('state') ? 'in place' : 'aside'}`);
				};
			}
			return handle;
		});
		jest.spyOn(disk, 'rename').mockImplementation(async (...args) => {
			await rename(...args);
			events.push('rename');
		});
		await writeState(path, HEADER, [1]);
		expect(events).toStrictEqual(['sync aside', 'close aside', 'rename']);
	});

	it('that fails leaves nothing behind, and what was there', async () => {
		const handles = watchOpen();
		await mkdir(join(path, 'in the way'), { recursive: true });
		const failed = writeState(path, HEADER, [1]);
		await expect(failed).rejects.toBeInstanceOf(LocalFileError);
		await expect(failed).rejects.toThrow(`Writing "${path}" failed: `);
		expect(handles).toHaveLength(1);
		expect(handles.filter(isOpen)).toStrictEqual([]);
		expect(await readdir(folder)).toStrictEqual(['state']);
		expect(await readdir(path)).toStrictEqual(['in the way']);
	});

	it('where there is no folder says so', async () => {
		path = join(folder, 'no folder', 'state');
		await expect(writeState(path, HEADER, [1])).rejects.toThrow(
			`Writing "${path}" failed: it does not exist (ENOENT)`,
		);
	});
});

it('what cannot be removed says so', async () => {
	await mkdir(path);
	const failed = removeState(path);
	await expect(failed).rejects.toBeInstanceOf(LocalFileError);
	await expect(failed).rejects.toThrow(`Removing "${path}" failed: `);
	expect(await readdir(folder)).toStrictEqual(['state']);
});
