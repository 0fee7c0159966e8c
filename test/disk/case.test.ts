import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { BddFileClient, Siblings, type SyncItem } from '../../client';
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

const toRemote = (options: object = {}): Promise<SyncItem[]> =>
	client.syncChatFilesToRemote({ chatId: CHAT, localDirectory: folder, ...options });

const bothWays = (options: object = {}): Promise<SyncItem[]> =>
	client.syncChatFilesBothWays({ chatId: CHAT, localDirectory: folder, ...options });

/** The chat's files by name, with their content. */
async function inChat(): Promise<string[][]> {
	const files = service
		.files()
		.map(async ({ id, filename }) => [filename, (await service.readFile(id)).toString()]);
	return (await Promise.all(files)).sort();
}

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

it('a dry run of a sync to remote sees that the disk knows no case, also when the first file lies in a subfolder', async () => {
	await mkdir(path.join(folder, 'A'));
	await writeFile(path.join(folder, 'A', 'b.txt'), 'b');
	await writeFile(path.join(folder, 'Report.txt'), 'mine');
	await addFile('report.TXT', 'theirs');
	const planned = (await toRemote({ dryRun: true })).map(({ fileName, reason }) => `${fileName}: ${reason}`);
	expect(planned).toEqual([
		'b.txt: Dry run: would be uploaded',
		'Report.txt: A file with this name already exists in the chat (id 1)',
	]);
});

describe('a sync of a folder that knows no case, both ways', () => {
	it.each([{}, { propagateDeletes: true }])(
		'names that differ in case only, on either side: every content is on both sides, and a second run does nothing (%j)',
		async (options) => {
			await writeFile(path.join(folder, 'REPORT.txt'), 'mine');
			await writeFile(path.join(folder, 'same.txt'), 'same');
			await addFile('Report.txt', 'one');
			await addFile('report.TXT', 'two');
			await addFile('Same.txt', 'same');
			const items = await bothWays(options);
			expect(items.filter(({ status }) => status === 'failed')).toEqual([]);
			const contents = ['mine', 'one', 'same', 'two'];
			const before = [await visible(), await inChat()];
			expect(Object.values(before[0] ?? {}).sort()).toEqual(contents);
			expect((await inChat()).map(([, content]) => content).sort()).toEqual(contents);

			const again = await bothWays(options);
			expect(new Set(again.map(({ action }) => action))).toEqual(new Set(['unchanged']));
			expect([await visible(), await inChat()]).toEqual(before);
		},
	);

	it('a file that is written in another case on one side only is neither new nor gone', async () => {
		await writeFile(path.join(folder, 'Notes.txt'), 'notes');
		await bothWays({ propagateDeletes: true });
		await rename(path.join(folder, 'Notes.txt'), path.join(folder, 'NOTES.txt'));
		const items = await bothWays({ propagateDeletes: true });
		expect(items.map(({ action }) => action)).toEqual(['unchanged']);
		expect(await inChat()).toEqual([['Notes.txt', 'notes']]);
	});
});

it('a sync to the chat takes a file in another case for the one that the chat has', async () => {
	await writeFile(path.join(folder, 'Report.txt'), 'mine');
	await addFile('report.txt', 'theirs');
	expect((await toRemote()).map(({ status }) => status)).toEqual(['skipped']);
	expect((await toRemote({ dryRun: true })).map(({ status }) => status)).toEqual(['skipped']);
	expect(await inChat()).toEqual([['report.txt', 'theirs']]);
});

describe('composed and decomposed letters, which this disk tells apart', () => {
	const [composed, decomposed] = ['r\u00e9sum\u00e9.txt', 're\u0301sume\u0301.txt'];

	it.each(['to local', 'both ways'] as const)(
		'%s: both arrive, and a second run does nothing',
		async (way) => {
			const sync = way === 'to local' ? toLocal : bothWays;
			await addFile(composed, 'one');
			await addFile(decomposed, 'two');
			expect((await sync()).map(({ status }) => status)).toEqual(['success', 'success']);
			const before = await visible();
			expect(before).toEqual({ [composed]: 'one', [decomposed]: 'two' });
			expect((await sync()).map(({ action }) => action)).toEqual(['unchanged', 'unchanged']);
			expect(await visible()).toEqual(before);
		},
	);

	it.each(['to remote', 'both ways'] as const)(
		'%s: both go up, and a second run does nothing',
		async (way) => {
			const sync = way === 'to remote' ? () => toRemote({ ifExists: 'skipUnchanged' }) : bothWays;
			await writeFile(path.join(folder, composed), 'one');
			await writeFile(path.join(folder, decomposed), 'two');
			expect((await sync()).map(({ status }) => status)).toEqual(['success', 'success']);
			expect(new Map((await inChat()) as Array<[string, string]>)).toEqual(
				new Map([
					[composed, 'one'],
					[decomposed, 'two'],
				]),
			);
			expect((await sync()).map(({ action }) => action)).toEqual(['unchanged', 'unchanged']);
		},
	);
});

it.each([
	['Report.txt', 'report.TXT'],
	// What is small in two ways, and both are one in capitals.
	['Κως.txt', 'Κωσ.txt'],
	['Data/a.txt', 'data/a.txt'],
	['Data/a.txt', 'data/A.txt'],
])('downloads that belong together do not write over each other: %s and %s', async (first, second) => {
	const siblings = new Siblings();
	const put = async (to: string, content: string) => {
		const [id, place] = [await addFile(path.basename(to), content), path.join(folder, path.dirname(to))];
		await mkdir(place, { recursive: true });
		await client.downloadInto(id, place, { siblings });
	};
	await put(first, 'one');
	await expect(put(second, 'two')).rejects.toThrow('of this run goes');
	expect(await readFile(path.join(folder, second), 'utf8')).toBe('one');
});
