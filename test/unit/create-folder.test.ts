import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createFolder } from '../../client/sync/folder';

describe('createFolder', () => {
	let root: string;
	beforeEach(async () => {
		root = await mkdtemp(path.join(tmpdir(), 'bdd-create-folder-'));
	});
	afterEach(() => rm(root, { recursive: true }));

	it('creates what is missing, also when others create the same at once, and takes what is there', async () => {
		const folder = path.join(root, 'a/b/c');
		await Promise.all([createFolder(folder), createFolder(folder), createFolder(path.join(root, 'a/b/d'))]);
		await createFolder(folder);
		await mkdir(path.join(folder, 'made'));
	});

	it('goes through a link to a folder', async () => {
		await mkdir(path.join(root, 'real'));
		await symlink(path.join(root, 'real'), path.join(root, 'link'));
		await createFolder(path.join(root, 'link/new'));
		await createFolder(path.join(root, 'link'));
		await mkdir(path.join(root, 'real/new/made'));
	});

	it('refuses what is a file, or below one', async () => {
		const file = path.join(root, 'file');
		await writeFile(file, '');
		for (const place of [file, path.join(file, 'a'), path.join(file, 'a/b')]) {
			await expect(createFolder(place)).rejects.toMatchObject({
				name: 'LocalFileError',
				message: `Creating the folder "${place}" failed: it is not a folder`,
			});
		}
	});

	it('says which folder the disk refuses, and why', async () => {
		await expect(createFolder('/sys/kernel/bdd/new')).rejects.toMatchObject({
			name: 'LocalFileError',
			message: 'Creating the folder "/sys/kernel/bdd/new" failed: permission denied (EPERM)',
		});
	});

	// A folder that can never be created is `ENOENT` there, again and again.
	it('ends in /proc too', async () => {
		await expect(createFolder('/proc/bdd/new')).rejects.toMatchObject({ name: 'LocalFileError' });
	});
});
