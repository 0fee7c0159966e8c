import { lstat, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { LocalFileError } from '../../../client/api/errors';
import { SyncFolder } from '../../../client/sync/folder';
import { showName } from '../../../client/sync/names';
import { Trash } from '../../../client/sync/trash';
import type { LocalFile } from '../../../client/sync/trees';
import { PlaceChangedError } from '../../../client/transfer/download/place';
import { localFile } from './trees';

const TRASH = '.bdd-file-trash';
const TODAY = '2025-06-15';

let directory: string;

beforeEach(async () => {
	directory = await realpath(await mkdtemp(join(tmpdir(), 'sync-trash-')));
});

afterEach(async () => {
	await rm(directory, { recursive: true });
});

async function trashOf({
	days = 30,
	isAllowed = (path: string) => path !== '',
	of = directory,
}): Promise<Trash> {
	const folder = await SyncFolder.open(of, isAllowed);
	return new Trash(folder, days, () => Date.parse(`${TODAY}T12:00:00Z`));
}

/** A file as a scan sees it. */
async function seen(path: string, folder = directory): Promise<LocalFile> {
	const { size, mtimeMs, ino } = await lstat(join(folder, path));
	return localFile({ path, size, mtimeMs, ino });
}

async function written(path: string): Promise<LocalFile> {
	await mkdir(dirname(join(directory, path)), { recursive: true });
	await writeFile(join(directory, path), path);
	return await seen(path);
}

const files = async () => (await readdir(directory, { recursive: true })).sort();

describe('what is removed', () => {
	it('goes into the trash of the day, with its own path', async () => {
		const trash = await trashOf({});
		for (let time = 0; time < 2; time++) await trash.take(await written('sub/a.txt'));
		const day = `${TRASH}/${TODAY}`;
		expect(await files()).toEqual(
			[TRASH, day, `${day}/sub`, `${day}/sub/a (2).txt`, `${day}/sub/a.txt`, 'sub'].sort(),
		);
	});

	it('replaces nothing there, also when the free name of one is the name of another that goes at the same time', async () => {
		const trash = await trashOf({});
		await trash.take(await written('x.txt'));
		const both = [await written('x.txt'), await written('x (2).txt')];
		await Promise.all(both.map((file) => trash.take(file)));
		expect(await readdir(join(directory, TRASH, TODAY))).toHaveLength(3);
	});

	it('is gone at once when the trash keeps nothing', async () => {
		const trash = await trashOf({ days: 0 });
		await trash.take(await written('a.txt'));
		expect(await files()).toEqual([TRASH, `${TRASH}/${TODAY}`]);
	});

	it('stays when it is not what was planned to be removed', async () => {
		const trash = await trashOf({});
		const file = await written('a.txt');
		await writeFile(join(directory, 'a.txt'), 'edited since');
		const failed = trash.take(file);
		await expect(failed).rejects.toBeInstanceOf(PlaceChangedError);
		await expect(failed).rejects.toMatchObject({
			message: `"${join(directory, 'a.txt')}" was changed in the meantime, and was left as it is`,
			description: 'Run the sync again: it then starts from what is there now.',
		});
		expect(await files()).toEqual(['a.txt']);
	});

	it('stays when the caller does not allow its place in the trash', async () => {
		const trash = await trashOf({ isAllowed: (path) => !path.includes(TRASH) });
		const failed = trash.take(await written('a.txt'));
		await expect(failed).rejects.toMatchObject({
			name: 'LocalFileError',
			message: `${showName(join(directory, TRASH, TODAY, 'a.txt'))} is not allowed as a local path`,
			description: 'What is removed goes there. Allow it, or switch the option "Propagate Deletions" off.',
		});
		expect(await files()).toEqual(['a.txt']);
	});

	it.each([TRASH, `${TRASH}/${TODAY}`])('stays when a file has the name of the trash: %s', async (name) => {
		const trash = await trashOf({});
		await written(name);
		const there = await files();
		const place = join(directory, name);
		await expect(trash.take(await written('a.txt'))).rejects.toMatchObject({
			name: 'LocalFileError',
			message: `"${dirname(place)}" cannot hold the trash: "${place}" is not a folder`,
			description: 'This name is reserved for what a sync removes. Remove what is in its place.',
			cause: { code: 'EEXIST' },
		});
		expect(await files()).toEqual([...there, 'a.txt']);
	});

	it('stays when its path would be too long in the trash', async () => {
		const MOST = 4095;
		let path = 'x'.repeat(200);
		while (join(directory, path).length < MOST - 200) path += `/${'x'.repeat(150)}`;
		path += `/${'y'.repeat(MOST - join(directory, path).length - 1)}`;
		const failed = (await trashOf({})).take(await written(path));
		await expect(failed).rejects.toBeInstanceOf(LocalFileError);
		await expect(failed).rejects.toThrow(
			`Moving ${showName(join(directory, path))} to the trash failed: the name is too long for this disk (ENAMETOOLONG)`,
		);
		expect(await readdir(dirname(join(directory, path)))).toEqual([basename(path)]);
	});

	// Nothing can be made in `/sys`.
	it('stays when the disk refuses the trash, and the disk is quoted', async () => {
		const trash = await trashOf({ of: '/sys/kernel' });
		await expect(trash.take(await seen('uevent_seqnum', '/sys/kernel'))).rejects.toMatchObject({
			name: 'LocalFileError',
			message: 'Moving "/sys/kernel/uevent_seqnum" to the trash failed: permission denied (EPERM)',
		});
	});
});

describe('emptying', () => {
	/** Of a person, in the trash. */
	const KEPT = ['2025-01-01 (kept)', '2025-01-01-', 'kept', 'kept 2025-01-01'];

	const left = async () => (await readdir(join(directory, TRASH))).sort();

	async function fill(...days: string[]): Promise<void> {
		for (const day of days) await written(`${TRASH}/${day}/a.txt`);
	}

	it('removes the days that are over, and nothing that is no day', async () => {
		await fill('2024-12-31', '2025-05-15', '2025-05-16', TODAY, ...KEPT);
		await (await trashOf({})).empty();
		expect(await left()).toEqual(['2025-05-16', TODAY, ...KEPT].sort());
	});

	it('removes every day when nothing is to be kept, also one to come', async () => {
		await fill('2024-12-31', TODAY, '2025-06-16', ...KEPT);
		await (await trashOf({ days: 0 })).empty();
		expect(await left()).toEqual([...KEPT].sort());
	});

	it('leaves what the caller does not allow', async () => {
		await fill('2024-12-30', '2024-12-31');
		const isAllowed = (path: string) => path !== join(directory, TRASH, '2024-12-31');
		await (await trashOf({ isAllowed })).empty();
		expect(await left()).toEqual(['2024-12-31']);
	});

	it('does not follow a link', async () => {
		await written('other/2024-12-31/a.txt');
		await symlink(join(directory, 'other'), join(directory, TRASH));
		await (await trashOf({})).empty();
		expect(await readdir(join(directory, 'other'))).toEqual(['2024-12-31']);
	});

	it('does nothing where there is no trash', async () => {
		await (await trashOf({})).empty();
		expect(await files()).toEqual([]);
	});
});
