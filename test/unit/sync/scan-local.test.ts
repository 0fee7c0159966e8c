import { mkdir, mkdtemp, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelledError, LocalFileError } from '../../../client/api/errors';
import { scanLocal } from '../../../client/sync/scan-local';

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'scan-'));
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

const OPTIONS = { recursive: true, isPathAllowed: () => true, signal: undefined };

it.each([1, 80])('what isPathAllowed throws at file %d of 100 is what the scan fails with', async (nth) => {
	await Promise.all(Array.from({ length: 100 }, (_, index) => writeFile(join(folder, `${index}`), '')));
	let asked = 0;
	const isPathAllowed = () => {
		asked += 1;
		if (asked >= nth) throw new Error(`asked ${asked} times`);
		return true;
	};
	await expect(scanLocal(folder, { ...OPTIONS, isPathAllowed })).rejects.toThrow(`asked ${nth} times`);
	// Nobody is asked any more, and nothing is thrown where nobody catches it.
	await new Promise((resolve) => setImmediate(resolve));
	expect(asked).toBe(nth);
});

it('our own files are no entries; temporary ones of the folder itself are told, those below are not', async () => {
	await mkdir(join(folder, '.bdd-file-trash'));
	await mkdir(join(folder, 'sub'));
	for (const name of [
		'a',
		'.bdd-file-memory-1',
		'.BDD-File-1.part',
		'.bdd-file-2.part',
		'b',
		'sub/.bdd-file-3.part',
	])
		await writeFile(join(folder, name), '');
	const { tree, temporaries } = await scanLocal(folder, OPTIONS);
	expect(tree.entries.map(({ path }) => path)).toEqual(['a', 'b']);
	expect([...temporaries].sort()).toEqual(['.BDD-File-1.part', '.bdd-file-2.part']);
});

describe('what is in a folder', () => {
	it('is told as it is, with its size and time, sorted by path', async () => {
		await mkdir(join(folder, 'b'));
		await writeFile(join(folder, 'b/c'), 'xy');
		await writeFile(join(folder, 'b-'), 'x');
		await writeFile(join(folder, 'a'), '');
		await symlink('a', join(folder, 'link'));
		const { tree } = await scanLocal(folder, OPTIONS);
		expect(tree.exists).toBe(true);
		const shown = tree.entries.map((entry) => [
			entry.kind,
			entry.path,
			entry.name,
			'size' in entry && entry.size,
		]);
		expect(shown).toStrictEqual([
			['file', 'a', 'a', 0],
			['file', 'b-', 'b-', 1],
			['file', 'b/c', 'c', 2],
			['link', 'link', 'link', false],
		]);
	});

	it('is nothing while there is none; something else in its place is an error', async () => {
		const path = join(folder, 'new');
		expect(await scanLocal(path, OPTIONS)).toStrictEqual({
			tree: { exists: false, entries: [] },
			temporaries: [],
		});
		await writeFile(path, '');
		const scan = scanLocal(path, OPTIONS);
		await expect(scan).rejects.toBeInstanceOf(LocalFileError);
		await expect(scan).rejects.toThrow(/^Reading the folder ".+" failed: it is not a folder$/);
	});

	it('of a time that was set is known that no writing made it', async () => {
		for (const name of ['older', 'newer', 'written']) await writeFile(join(folder, name), 'x');
		const set = async (name: string, by: number) => {
			const seconds = (await stat(join(folder, name))).mtimeMs / 1000 + by;
			await utimes(join(folder, name), seconds, seconds);
		};
		await set('older', -10);
		await set('newer', 1000);
		const { tree } = await scanLocal(folder, OPTIONS);
		const times = tree.entries.map((entry) => [entry.path, entry.kind === 'file' && entry.isTimeSet]);
		expect(Object.fromEntries(times)).toStrictEqual({ older: true, newer: true, written: false });
	});
});

describe('once the sync is cancelled nothing more is looked at', () => {
	/** Cancels when it is asked for the first time. */
	function cancelling() {
		const stop = new AbortController();
		const asked: string[] = [];
		const isPathAllowed = (path: string) => {
			asked.push(path);
			stop.abort();
			return true;
		};
		return { asked, options: { ...OPTIONS, isPathAllowed, signal: stop.signal } };
	}

	it.each([
		['files', (path: string) => writeFile(path, '')],
		['folders', (path: string) => mkdir(path)],
	])('of several %s', async (_, make) => {
		for (const name of ['a', 'b', 'c']) await make(join(folder, name));
		const { asked, options } = cancelling();
		await expect(scanLocal(folder, options)).rejects.toBeInstanceOf(CancelledError);
		expect(asked).toHaveLength(1);
	});

	it('and a folder that is not there is not told to be missing', async () => {
		const options = { ...OPTIONS, signal: AbortSignal.abort() };
		await expect(scanLocal(join(folder, 'new'), options)).rejects.toBeInstanceOf(CancelledError);
	});
});
