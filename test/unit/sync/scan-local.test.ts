import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
