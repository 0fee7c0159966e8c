import { mkdir, mkdtemp, readdir, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalFileError } from '../../../client/api/errors';
import { createFolder, removeLeftovers, SyncFolder } from '../../../client/sync/folder';
import { showName } from '../../../client/sync/names';

const HOUR = 60 * 60 * 1000;
const LONG = 'x'.repeat(256);
const TOO_LONG = 'the name is too long for this disk (ENAMETOOLONG)';

let root: string;
let directory: string;

beforeEach(async () => {
	root = await realpath(await mkdtemp(join(tmpdir(), 'sync-folder-')));
	directory = join(root, 'folder');
	await mkdir(join(directory, 'sub'), { recursive: true });
});

afterEach(async () => {
	jest.restoreAllMocks();
	await rm(root, { recursive: true });
});

const open = (isPathAllowed: (path: string) => boolean = () => true) =>
	SyncFolder.open(directory, isPathAllowed);

/** What a person is told, who has to look at the folder. */
const untouched = (path: string, why: string) => ({
	name: 'LocalFileError',
	message: `"${path}" was not touched, because ${why}`,
	description: 'Somebody changed the folder meanwhile. Check it, then run it again.',
});

const refused = (path: string, why: string) => ({
	name: 'LocalFileError',
	message: `Reading "${path}" failed: ${why}`,
});

it('a folder that is not there cannot be opened', async () => {
	directory = join(root, 'none');
	await expect(open()).rejects.toMatchObject({
		name: 'LocalFileError',
		message: `Reading the folder "${directory}" failed: it does not exist (ENOENT)`,
	});
});

describe('whether a file is gone', () => {
	it('it is when it or its folder is not there', async () => {
		const folder = await open();
		await writeFile(join(directory, 'sub/a'), '');
		expect(await folder.isGone('sub/a')).toBe(false);
		expect(await folder.isGone('sub/b')).toBe(true);
		expect(await folder.isGone('none/at/all')).toBe(true);
	});

	it('a disk that does not say is no answer', async () => {
		const folder = await open();
		await expect(folder.isGone(`sub/${LONG}`)).rejects.toMatchObject({
			name: 'LocalFileError',
			message: `Reading ${showName(join(directory, 'sub', LONG))} failed: ${TOO_LONG}`,
		});
	});
});

describe('what is about to be changed', () => {
	it('is left alone when its folder leads elsewhere by now', async () => {
		const folder = await open();
		await rename(join(directory, 'sub'), join(root, 'elsewhere'));
		await symlink(join(root, 'elsewhere'), join(directory, 'sub'));
		await expect(folder.assertInside('sub/a')).rejects.toMatchObject(
			untouched(join(directory, 'sub/a'), `its folder now leads to "${join(root, 'elsewhere')}"`),
		);
	});

	it('is left alone when its folder is gone', async () => {
		const folder = await open();
		await rm(join(directory, 'sub'), { recursive: true });
		await expect(folder.assertInside('sub/a')).rejects.toMatchObject(
			refused(join(directory, 'sub'), 'it does not exist (ENOENT)'),
		);
	});

	it('is left alone when another folder has taken the place of the synced one', async () => {
		const folder = await open();
		await rename(directory, join(root, 'old'));
		await expect(folder.assertSame()).rejects.toMatchObject(refused(directory, 'it does not exist (ENOENT)'));
		await mkdir(directory);
		await expect(folder.assertSame()).rejects.toMatchObject(
			untouched(directory, 'the synced folder was replaced by another one'),
		);
	});

	it('is asked for by its real path, where the folder was named by a link', async () => {
		const link = join(root, 'link');
		await symlink(directory, link);
		const allowed = (path: string) => path.startsWith(link);
		const folder = await SyncFolder.open(link, allowed);
		await expect(folder.assertInside('sub/a')).rejects.toMatchObject(
			untouched(join(directory, 'sub/a'), `"${join(directory, 'sub/a')}" is not allowed as a local path`),
		);
	});

	it('is not asked for a second time where the folder was named by its real path', async () => {
		const asked: string[] = [];
		const folder = await open((path) => asked.push(path) > 0);
		await folder.assertInside('sub/a');
		expect(asked).toStrictEqual([]);
	});
});

describe('a folder to be made', () => {
	it('a refusal is told in words, and with what the disk said', async () => {
		const place = join(root, 'new', LONG);
		const failed = createFolder(place);
		await expect(failed).rejects.toBeInstanceOf(LocalFileError);
		await expect(failed).rejects.toMatchObject({
			message: `Creating the folder ${showName(place)} failed: ${TOO_LONG}`,
			cause: { code: 'ENAMETOOLONG' },
		});
	});

	it('below a file nothing is tried', async () => {
		await writeFile(join(root, 'file'), '');
		const place = join(root, 'file/a');
		await expect(createFolder(place)).rejects.toMatchObject({ cause: { code: 'ENOTDIR', path: place } });
	});
});

it('a temporary file is a leftover when nothing has touched it for a day', async () => {
	const names = ['.bdd-file-1.part', '.bdd-file-2.part'];
	for (const name of names) await writeFile(join(directory, name), '');
	const { ctimeMs } = await stat(join(directory, names[1] ?? ''));
	const folder = await open((path) => !path.endsWith('2.part'));
	const now = jest.spyOn(Date, 'now');

	now.mockReturnValue(ctimeMs + 23 * HOUR);
	await removeLeftovers(folder, [...names, 'gone']);
	expect((await readdir(directory)).sort()).toEqual([...names, 'sub']);

	now.mockReturnValue(ctimeMs + 25 * HOUR);
	await removeLeftovers(folder, ['gone', ...names]);
	expect((await readdir(directory)).sort()).toEqual(['.bdd-file-2.part', 'sub']);
});
