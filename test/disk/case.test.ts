import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { BddFileClient, type SyncItem } from '../../client';
import { startService, type RunningService } from '../../local-service';
import { mountExfat, type Volume } from './volume';

const CHAT = '42';

let volume: Volume;
let data: string;
let service: RunningService;
let client: BddFileClient;
let folder: string;

beforeAll(async () => {
	volume = await mountExfat();
});
afterAll(async () => {
	await volume.close();
});
beforeEach(async () => {
	data = await mkdtemp(path.join(tmpdir(), 'bdd-file-disk-service-'));
	service = await startService({ dataDir: data });
	client = new BddFileClient({ baseUrl: service.url, userId: '7' });
	folder = await mkdtemp(path.join(volume.folder, 'folder-'));
});
afterEach(async () => {
	client.close();
	await service.close();
	await rm(data, { recursive: true });
	await rm(folder, { recursive: true });
});

const addFile = async (filename: string, content: string) =>
	await service.addFile({ filename, content: Buffer.from(content), chatId: CHAT });

/** The folder's files that a person sees, by name, with their content. */
async function visible(): Promise<Record<string, string>> {
	const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
	const contents = names.map(
		async (name) => [name, await readFile(path.join(folder, name), 'utf8')] as const,
	);
	return Object.fromEntries(await Promise.all(contents));
}

const toLocal = (options: object = {}): Promise<SyncItem[]> =>
	client.syncChatFilesToLocal({ chatId: CHAT, localDirectory: folder, ...options });

it('the volume is what the suite is about', async () => {
	await writeFile(path.join(folder, 'A.txt'), 'a');
	expect(await readFile(path.join(folder, 'a.TXT'), 'utf8')).toBe('a');
});

describe('a sync to a folder that knows no case', () => {
	it('names that differ in case only: every file arrives under a name of its own, and none is lost', async () => {
		await addFile('Report.txt', 'one');
		await addFile('report.TXT', 'two');
		await addFile('REPORT.txt', 'three');
		await addFile('other.txt', 'four');
		const items = await toLocal();
		expect(items.map(({ status }) => status)).toEqual(['success', 'success', 'success', 'success']);
		expect(Object.values(await visible()).sort()).toEqual(['four', 'one', 'three', 'two']);
	});

	it('a second run does nothing', async () => {
		await addFile('Report.txt', 'one');
		await addFile('report.TXT', 'two');
		await toLocal();
		const before = await visible();
		const again = await toLocal();
		expect(again.map(({ status }) => status)).toEqual(['skipped', 'skipped']);
		expect(await visible()).toEqual(before);
	});

	it('a local file in another case is the one that exists already', async () => {
		await writeFile(path.join(folder, 'REPORT.TXT'), 'mine');
		await addFile('report.txt', 'theirs');
		const [item] = await toLocal({ ifExists: 'skip' });
		expect(item).toMatchObject({ status: 'skipped' });
		expect(await visible()).toEqual({ 'REPORT.TXT': 'mine' });
	});

	it('a dry run, which may write nothing to find out, sees it by what is there and says what the run then does', async () => {
		await writeFile(path.join(folder, 'Notes.txt'), 'mine');
		await addFile('Report.txt', 'one');
		await addFile('report.TXT', 'two');
		const planned = await toLocal({ dryRun: true });
		expect(await visible()).toEqual({ 'Notes.txt': 'mine' });
		const done = await toLocal();
		expect(done.map(({ localPath }) => localPath)).toEqual(planned.map(({ localPath }) => localPath));
	});
});
