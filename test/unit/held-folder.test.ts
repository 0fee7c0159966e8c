import { chmod, chown, mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { compared, holdFolder } from '../../client/transfer/download/held-folder';

const isLinux = process.platform === 'linux';

let root: string;
let folder: string;
beforeEach(async () => {
	root = await realpath(await mkdtemp(path.join(tmpdir(), 'bdd-held-')));
	folder = path.join(root, 'folder');
	await mkdir(folder);
});
afterEach(async () => {
	await rm(root, { recursive: true });
});

it('who comes later shares it with those who still have it', async () => {
	const [first, second] = [await holdFolder(folder), await holdFolder(folder)];
	await first.release();
	const third = await holdFolder(folder);
	expect(third.pathOf('a')).toBe(second.pathOf('a'));
	await second.release();
	await writeFile(third.pathOf('a'), '');
	await third.release();
});

it('who comes after all have let go of it has one that is there now', async () => {
	const first = await holdFolder(folder);
	await first.release();
	await rename(folder, path.join(root, 'moved'));
	await mkdir(folder);
	const second = await holdFolder(folder);
	expect(await second.isSame()).toBe(true);
	await second.release();
});

it.each([
	['held by its handle', holdFolder],
	['compared', compared],
])('one that is %s is the same until another is there, or none', async (_, hold) => {
	const held = await hold(folder);
	const seen = [await held.isSame()];
	await rename(folder, path.join(root, 'moved'));
	seen.push(await held.isSame());
	await mkdir(folder);
	seen.push(await held.isSame());
	await held.release();
	expect(seen).toEqual([true, false, false]);
});

it('one that may be written to but not read is reached by its path', async () => {
	const isRoot = process.geteuid?.() === 0;
	const NOBODY = 65_534;
	if (isRoot) for (const each of [root, folder]) await chown(each, NOBODY, NOBODY);
	await chmod(folder, 0o300);
	if (isRoot) process.seteuid?.(NOBODY);
	try {
		const held = await holdFolder(folder);
		expect(held).toMatchObject({ realPath: folder, isPinned: false });
		expect(held.pathOf('a')).toBe(path.join(folder, 'a'));
		await writeFile(held.pathOf('a'), '');
		await held.release();
	} finally {
		if (isRoot) process.seteuid?.(0);
		await chmod(folder, 0o700);
	}
});

it('one that can be read is held by its handle where the system has paths for those', async () => {
	const held = await holdFolder(folder);
	expect(held).toMatchObject({ realPath: folder, isPinned: isLinux });
	await held.release();
});
