import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { taskOf } from '../../harness/n8n-host';
import { startService } from '../../local-service';
import { bddFile, chain, chainWithOutputs, items, readFiles, writeFiles } from './support/workflow';
import { jsonOf, outputOf, USER_ID, useWorld } from './support/world';

const md5 = (content: Buffer): string => createHash('md5').update(content).digest('hex');

const md5OfFile = async (path: string): Promise<string> => {
	const hash = createHash('md5');
	await pipeline(createReadStream(path), hash);
	return hash.digest('hex');
};

/** The most memory that a process has had so far, in bytes. @throws where the system does not tell: only Linux does */
const peakMemory = async (pid: number): Promise<number> => {
	const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
	const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
	if (kilobytes === undefined) throw new Error(`Linux does not tell the peak memory of ${String(pid)}`);
	return Number(kilobytes) * 1024;
};

// jest's own matchers are of type `any`.
const anyText: unknown = expect.any(String);
const anyNumber: unknown = expect.any(Number);
const containing = (fields: object): unknown => expect.objectContaining(fields);
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const textWith = (text: string): unknown => expect.stringContaining(text);

/** A workflow imported and executed by n8n's command line, as people run it from cron. */
const LIST_BY_CLI = {
	...chain('List from the command line', [bddFile('List', 'chat', 'list', { chatId: 'cli-chat' })]),
	id: 'listFromCommandLine',
};

describe('the package in the real n8n', () => {
	const world = useWorld({ workflows: [LIST_BY_CLI] });

	const folderWith = async (name: string, contents: Record<string, string | Buffer>): Promise<string> => {
		const folder = join(world().n8n.filesFolder, name);
		await mkdir(folder, { recursive: true });
		await Promise.all(Object.entries(contents).map(([file, bytes]) => writeFile(join(folder, file), bytes)));
		return folder;
	};

	test('uploads several items, and the service has their bytes, names, owner and checksums', async () => {
		const contents = {
			'a.txt': 'first',
			'b.bin': randomBytes(300_000),
			'季度报告 (终稿).pdf': randomBytes(1000),
		};
		const folder = await folderWith('upload', contents);

		const run = await world().run(
			chain('Upload', [
				readFiles(`${folder}/*`),
				bddFile('Upload', 'file', 'upload', { chatId: 'c-upload' }),
			]),
		);

		const uploaded = outputOf(run, 'Upload');
		expect(uploaded.map(({ json }) => json)).toEqual(
			Object.entries(contents)
				.sort(([a], [b]) => (a < b ? -1 : 1))
				.map(([fileName, bytes]) => ({
					status: 'success',
					fileId: anyNumber,
					fileName,
					size: bytes.length,
					mode: 'simple',
					md5: md5(Buffer.from(bytes)),
				})),
		);
		expect(uploaded.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
		for (const [filename, bytes] of Object.entries(contents)) {
			const stored = world()
				.service.files()
				.find((file) => file.filename === filename);
			expect(stored).toMatchObject({
				status: 'ok',
				userId: USER_ID,
				chatId: 'c-upload',
				hashcode: md5(Buffer.from(bytes)),
			});
			expect(await world().service.readFile(stored?.id ?? '')).toEqual(Buffer.from(bytes));
		}
	});

	test('chains upload, link, download and delete without editing a field, and writes the same bytes to disk', async () => {
		const content = randomBytes(200_000);
		const folder = await folderWith('chain', { 'photo.png': content });
		const target = await folderWith('chain-out', {});

		const run = await world().run(
			chain('Whole chain', [
				readFiles(`${folder}/photo.png`),
				bddFile('Upload', 'file', 'upload', { chatId: 'c-chain' }),
				bddFile('Link', 'file', 'getUrl'),
				bddFile('Download', 'file', 'download'),
				writeFiles(target),
				bddFile('Delete', 'file', 'delete', { fileId: "={{ $('Upload').item.json.fileId }}" }),
			]),
		);

		const [link] = jsonOf(run, 'Link') as { url: string; expiresAt: string }[];
		expect(link).toMatchObject({ status: 'success', fileName: 'photo.png' });
		expect(Date.parse(link?.expiresAt ?? '') - Date.now()).toBeGreaterThan(500_000);
		const [downloaded] = outputOf(run, 'Download');
		expect(downloaded?.json).toMatchObject({ status: 'success', fileName: 'photo.png', size: 200_000 });
		expect(downloaded?.binary?.data).toMatchObject({ fileName: 'photo.png', mimeType: 'image/png' });
		expect(await world().n8n.rest.binary(downloaded?.binary?.data?.id ?? '')).toEqual(content);
		expect(await readFile(join(target, 'photo.png'))).toEqual(content);
		expect(jsonOf(run, 'Delete')).toEqual([containing({ status: 'success' })]);
		expect(
			world()
				.service.files()
				.filter(({ chatId }) => chatId === 'c-chain'),
		).toEqual([]);
		// The link is signed by the service for this file alone, so it dies with it.
		expect((await fetch(link?.url ?? '')).ok).toBe(false);
	});

	test('lists a chat, the directories and the files of a directory', async () => {
		const names = ['会议纪要.md', '设计稿-最终版.zip', 'データ.csv'];
		for (const filename of names) {
			await world().service.addFile({ filename, content: filename, chatId: 'c-list', userId: USER_ID });
		}

		const run = await world().run(
			chain('Lists', [
				bddFile('Chat', 'chat', 'list', { chatId: 'c-list', returnAll: true }),
				bddFile('Directories', 'directory', 'list', { returnAll: true }, { executeOnce: true }),
				bddFile(
					'Files',
					'directory',
					'listFiles',
					{ directoryId: { __rl: true, mode: 'id', value: '={{ $json.id }}' }, limit: 2, name: '.' },
					{ executeOnce: true },
				),
			]),
		);

		expect(jsonOf(run, 'Chat')).toEqual(
			names.map((filename) =>
				containing({ filename, status: 'ok', user_id: USER_ID, size: Buffer.byteLength(filename) }),
			),
		);
		expect(jsonOf(run, 'Directories')).toContainEqual(containing({ name: 'chat' }));
		expect(jsonOf(run, 'Files')).toHaveLength(2);
	});

	test('keeps ids beyond 2^53 exact from upload to delete', async () => {
		const dataDir = await mkdtemp(join(tmpdir(), 'e2e-service-'));
		const service = await startService({ dataDir, firstId: '9007199254740993' });
		try {
			const name = 'Service with long ids';
			const data = { profile: 'custom', baseUrl: service.url, userId: USER_ID };
			const id = await world().n8n.rest.createCredential(name, 'bddFileApi', data);
			const settings = { credentials: { bddFileApi: { id, name } } };
			const folder = await folderWith('long-ids', { '1.txt': 'one', '2.txt': 'two' });

			const run = await world().run(
				chain('Long ids', [
					readFiles(`${folder}/*`),
					bddFile('Upload', 'file', 'upload', { chatId: 'c-long' }, settings),
					bddFile('List', 'chat', 'list', { chatId: 'c-long' }, { ...settings, executeOnce: true }),
					bddFile('Download', 'file', 'download', {}, settings),
					bddFile('Delete', 'file', 'delete', {}, settings),
				]),
			);

			// The two went up at the same time, so either may have got the first id.
			const ids = jsonOf(run, 'Upload').map(({ fileId }) => fileId);
			expect([...ids].sort()).toEqual(['9007199254740993', '9007199254740994']);
			expect(jsonOf(run, 'Download')).toEqual(
				jsonOf(run, 'List').map(({ id, filename }) =>
					containing({ fileId: id, fileName: filename, size: 3 }),
				),
			);
			expect(
				jsonOf(run, 'List')
					.map(({ id }) => id)
					.sort(),
			).toEqual([...ids].sort());
			expect(
				jsonOf(run, 'Delete')
					.map(({ fileId }) => fileId)
					.sort(),
			).toEqual([...ids].sort());
			expect(service.files()).toEqual([]);
		} finally {
			await service.close();
			await rm(dataDir, { recursive: true, force: true });
		}
	});

	test('moves 200 MiB in parts, both ways, without holding it in memory', async () => {
		const size = 200 * 1024 * 1024;
		const folder = await folderWith('large', {});
		const target = await folderWith('large-out', {});
		await writeFile(
			join(folder, 'large.bin'),
			Array.from({ length: 200 }, () => randomBytes(1024 * 1024)),
		);
		const expected = await md5OfFile(join(folder, 'large.bin'));
		const before = await peakMemory(world().n8n.process.pid);

		const run = await world().run(
			chain('Large', [
				readFiles(`${folder}/large.bin`),
				bddFile('Upload', 'file', 'upload', { chatId: 'c-large' }),
				bddFile('Download', 'file', 'download'),
				writeFiles(target),
			]),
			180_000,
		);

		expect(jsonOf(run, 'Upload')).toEqual([
			containing({ status: 'success', fileName: 'large.bin', size, mode: 'multipart' }),
		]);
		expect(jsonOf(run, 'Download')).toEqual([containing({ status: 'success', fileName: 'large.bin', size })]);
		expect(
			world()
				.service.files()
				.find(({ chatId }) => chatId === 'c-large'),
		).toMatchObject({
			status: 'ok',
			size,
			hashcode: expected,
		});
		expect(await md5OfFile(join(target, 'large.bin'))).toBe(expected);
		expect((await peakMemory(world().n8n.process.pid)) - before).toBeLessThan(size);
	}, 240_000);

	test('executes by the command line too', async () => {
		await world().service.addFile({
			filename: 'by-cli.txt',
			content: 'x',
			chatId: 'cli-chat',
			userId: USER_ID,
		});
		const run = await world().n8n.home.execute(LIST_BY_CLI.id);
		expect(jsonOf(run, 'List')).toEqual([containing({ filename: 'by-cli.txt' })]);
	}, 60_000);

	test('syncs a chat with Chinese names to a folder and back, byte for byte', async () => {
		const contents: Record<string, Buffer> = {
			'周报.docx': randomBytes(10_000),
			'图片 1.png': randomBytes(20_000),
			'plain.txt': Buffer.from('plain'),
		};
		for (const [filename, content] of Object.entries(contents)) {
			await world().service.addFile({
				filename,
				content,
				chatId: 'c-sync',
				userId: USER_ID,
				hashcode: md5(content),
			});
		}
		const localDirectory = join(world().n8n.filesFolder, 'made-by-sync');

		const run = await world().run(
			chain('Sync', [
				bddFile('To Local', 'chat', 'syncToLocal', { chatId: 'c-sync', localDirectory }),
				bddFile(
					'To Remote',
					'chat',
					'syncToRemote',
					{ chatId: 'c-sync-copy', localDirectory },
					{ executeOnce: true },
				),
			]),
		);

		expect(jsonOf(run, 'To Local')).toEqual(
			Object.keys(contents).map((fileName) =>
				containing({ status: 'success', fileName, localPath: join(localDirectory, fileName) }),
			),
		);
		expect((await readdir(localDirectory)).filter((name) => !name.startsWith('.bdd-file-')).sort()).toEqual(
			Object.keys(contents).sort(),
		);
		expect(jsonOf(run, 'To Remote')).toHaveLength(3);
		for (const [fileName, content] of Object.entries(contents)) {
			expect(await readFile(join(localDirectory, fileName))).toEqual(content);
			const copy = world()
				.service.files()
				.find((file) => file.chatId === 'c-sync-copy' && file.filename === fileName);
			expect(await world().service.readFile(copy?.id ?? '')).toEqual(content);
		}
	});

	test('sends success, skipped and failed files to three outputs when they are switched on', async () => {
		const chat = { chatId: 'c-three', userId: USER_ID };
		await world().service.addFile({ ...chat, filename: 'new.txt', content: 'new' });
		await world().service.addFile({ ...chat, filename: 'kept.txt', content: 'remote' });
		await world().service.addFile({ ...chat, filename: '../escape.txt', content: 'bad' });
		const localDirectory = await folderWith('three', { 'kept.txt': 'local' });

		const run = await world().run(
			chainWithOutputs(
				'Three outputs',
				[
					bddFile('Sync', 'chat', 'syncToLocal', {
						chatId: 'c-three',
						localDirectory,
						splitByStatus: true,
						options: { ifExists: 'skip' },
					}),
				],
				['Success', 'Skipped', 'Failed'],
			),
		);

		expect(jsonOf(run, 'Success')).toEqual([containing({ status: 'success', fileName: 'new.txt' })]);
		expect(jsonOf(run, 'Skipped')).toEqual([
			containing({
				status: 'skipped',
				fileName: 'kept.txt',
				reason: anyText,
			}),
		]);
		expect(jsonOf(run, 'Failed')).toEqual([
			containing({
				status: 'failed',
				fileName: '../escape.txt',
				error: anyText,
			}),
		]);
		expect(await readFile(join(localDirectory, 'kept.txt'), 'utf8')).toBe('local');
		expect((await readdir(localDirectory)).filter((name) => !name.startsWith('.bdd-file-')).sort()).toEqual([
			'kept.txt',
			'new.txt',
		]);
	});

	test('sends what fails to the error output, with the input item, and goes on with the rest', async () => {
		const fileId = await world().service.addFile({
			filename: 'there.txt',
			content: 'there',
			userId: USER_ID,
		});

		const run = await world().run(
			chainWithOutputs(
				'Error output',
				[
					items([{ fileId: 987654321, from: 'nowhere' }, { fileId }]),
					bddFile('Download', 'file', 'download', {}, { onError: 'continueErrorOutput' }),
				],
				['Done', 'Error'],
			),
		);

		expect(jsonOf(run, 'Done')).toEqual([
			{ status: 'success', fileId: Number(fileId), fileName: 'there.txt', size: 5 },
		]);
		expect(jsonOf(run, 'Error')).toEqual([containing({ from: 'nowhere', error: matching(/987654321/) })]);
	});

	test('stops the workflow at a failure, with the item and what to do in the error', async () => {
		const run = await world().run(
			chain('Failure', [items([{ fileId: 987654321 }]), bddFile('Download', 'file', 'download')]),
		);

		expect(run.status).toBe('error');
		expect(taskOf(run, 'Download').error).toMatchObject({
			message: matching(/987654321/),
			description: anyText,
			context: { itemIndex: 0 },
		});
	});

	test('refuses a folder that n8n forbids, before anything is listed or sent, and names the setting', async () => {
		for (const [operation, localDirectory] of [
			['syncToRemote', world().n8n.privateFolder],
			['syncToLocal', join(world().n8n.home.settings.userFolder, '.n8n')],
			['syncToLocal', '/etc'],
		] as const) {
			const run = await world().run(
				chain('Forbidden', [bddFile('Sync', 'chat', operation, { chatId: 'c-forbidden', localDirectory })]),
			);
			expect(run.status).toBe('error');
			expect(taskOf(run, 'Sync').error).toMatchObject({
				message: textWith(localDirectory),
				description: textWith('N8N_RESTRICT_FILE_ACCESS_TO'),
			});
		}
		expect(
			world()
				.service.files()
				.filter(({ chatId }) => chatId === 'c-forbidden'),
		).toEqual([]);
	});

	test("leaves nothing in n8n's log that somebody would have to look at", () => {
		expect(world().unexpectedInLog()).toEqual([]);
	});
});
