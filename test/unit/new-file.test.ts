import { lstatSync, type Stats } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { MIB } from '../../client/transfer/bytes';
import { NewFile } from '../../client/transfer/download/new-file';

let folder: string;
let file: string;
beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'bdd-new-file-'));
	file = path.join(folder, 'a.bin');
});
afterEach(async () => {
	await rm(folder, { recursive: true });
});

/** Chunks of these sizes, no two of the same bytes. */
const chunksOf = (sizes: number[]) => sizes.map((size, index) => Buffer.alloc(size, index + 1));

async function written(chunks: Buffer[], like?: Stats, modifiedAt?: Date): Promise<number> {
	const created = await NewFile.create(file, like);
	for (const chunk of chunks) await created.write(chunk);
	await created.finish(modifiedAt);
	const mtimeMs = await created.modificationTime();
	await created.close();
	return mtimeMs;
}

it.each([[[]], [[0]], [[10]], [[10, 20, 30]], [[MIB - 1, 1, 5]], [[3 * MIB, 10, 2 * MIB, MIB, 7]]])(
	'chunks of %j bytes are the file',
	async (sizes) => {
		const chunks = chunksOf(sizes);
		await written(chunks);
		expect((await readFile(file)).equals(Buffer.concat(chunks))).toBe(true);
	},
);

it.each([
	[[MIB - 1], 0],
	[[MIB - 1, 1], MIB],
	[[MIB], MIB],
	[[MIB, 5], MIB],
])('of chunks of %j bytes, closed before the end, %d are on the disk', async (sizes, onDisk) => {
	const created = await NewFile.create(file);
	for (const chunk of chunksOf(sizes)) await created.write(chunk);
	await created.close();
	expect(lstatSync(file).size).toBe(onDisk);
});

it('has the time that it is given, and tells it', async () => {
	const modifiedAt = new Date('2020-02-02T02:02:02Z');
	expect(await written(chunksOf([10]), undefined, modifiedAt)).toBe(modifiedAt.getTime());
	expect(lstatSync(file).mtime).toEqual(modifiedAt);
});

it('is none where something is', async () => {
	await writeFile(file, 'theirs');
	await expect(NewFile.create(file)).rejects.toMatchObject({ code: 'EEXIST' });
});

describe('like another file', () => {
	const [user, group] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
	const OTHER = 12345;
	const MODE = 0o6751;

	/** Only root may give files away; for anybody else the owner stays. */
	async function another(uid: number, gid: number): Promise<Stats> {
		const other = path.join(folder, 'other');
		await writeFile(other, '');
		await chown(other, uid, gid).catch(() => undefined);
		await chmod(other, MODE);
		return lstatSync(other);
	}

	it.each([
		['the process', user, group],
		['another user', OTHER, group],
		['another group', user, OTHER],
		['others', OTHER, OTHER],
	])('of %s it has mode and owner', async (_, uid, gid) => {
		const like = await another(uid, gid);
		await written([], like);
		const { mode, uid: itsUser, gid: itsGroup } = lstatSync(file);
		expect([mode, itsUser, itsGroup]).toEqual([like.mode, like.uid, like.gid]);
	});

	it('whose owner it cannot have, it runs as nobody else', async () => {
		const like = await another(user, group);
		await written([], Object.assign(like, { uid: 2 ** 33 }));
		const { mode, uid } = lstatSync(file);
		expect([mode & 0o7777, uid]).toEqual([MODE & 0o777, user]);
	});
});
