import disk, { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { NumberedFilesOnDisk } from '../../client/sync/lock-disk';
import { LockPlaceGoneError } from '../../client/sync/lock-errors';

let folder: string;
let files: NumberedFilesOnDisk;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'lock-disk-'));
	files = new NumberedFilesOnDisk(folder);
});

afterEach(async () => {
	jest.restoreAllMocks();
	await rm(folder, { recursive: true });
});

const refusal = (code: string) => Object.assign(new Error(code), { code });

/** What is opened from now on. */
function watchOpen(onOpen: (handle: disk.FileHandle) => void = () => undefined): disk.FileHandle[] {
	const handles: disk.FileHandle[] = [];
	const { open } = disk;
	jest.spyOn(disk, 'open').mockImplementation(async (...args) => {
		const handle = await open(...args);
		handles.push(handle);
		onOpen(handle);
		return handle;
	});
	return handles;
}

it('a file is created once, and read, written and removed while it is there', async () => {
	expect(await files.create(7, 'first')).toBe(true);
	expect(await files.create(7, 'second')).toBe(false);
	expect(await files.read(7)).toBe('first');
	await files.write(7, 'new');
	expect(await readFile(join(folder, '7'), 'utf8')).toBe('new');
	await files.remove(7);
	await files.remove(7);
	await files.write(7, 'late');
	expect(await files.read(7)).toBeUndefined();
	expect(await readdir(folder)).toEqual([]);
});

it('keeps nothing open, whatever fails', async () => {
	await mkdir(join(folder, '8'));
	const handles = watchOpen((handle) => {
		handle.truncate = () => Promise.reject(refusal('EIO'));
	});
	await files.create(7, 'text');
	await files.read(7);
	await expect(files.read(8)).rejects.toMatchObject({ code: 'EISDIR' });
	await expect(files.write(7, 'new')).rejects.toMatchObject({ code: 'EIO' });
	expect(handles.map(({ fd }) => fd)).toEqual([-1, -1, -1, -1]);
});

/** NFS says so of what another machine has removed. */
describe.each(['ENOENT', 'ESTALE'])('a file that is gone (%s)', (code) => {
	beforeEach(async () => await writeFile(join(folder, '7'), 'text'));

	it('when it is opened holds nothing, and nothing is written', async () => {
		jest.spyOn(disk, 'open').mockRejectedValue(refusal(code));
		expect(await files.read(7)).toBeUndefined();
		await files.write(7, 'new');
	});

	it('when it is read holds nothing', async () => {
		watchOpen((handle) => {
			handle.read = () => Promise.reject(refusal(code));
		});
		expect(await files.read(7)).toBeUndefined();
	});
});

it.each<[what: string, use: () => Promise<unknown>]>([
	['listed', () => files.list()],
	['created in', () => files.create(7, 'text')],
])('a place that is gone when it is %s', async (_, use) => {
	await rm(folder, { recursive: true });
	await expect(use()).rejects.toBeInstanceOf(LockPlaceGoneError);
	await writeFile(folder, 'no folder');
	await expect(use()).rejects.toMatchObject({ code: 'ENOTDIR' });
});
