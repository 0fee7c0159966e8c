import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { faults } from '../../harness/fault-proxy';
import { CHAT, namesIn, PROXIED, startWorld, step, sync, USER, type World } from './world';

describe('sync to local', () => {
	let world: World;
	let chats = 0;
	beforeAll(async () => (world = await startWorld()));
	afterAll(() => world.close());

	/** A chat of its own with these files, and a folder of its own to bring them to. */
	async function chatWith(...names: string[]) {
		const chatId = `chat-${++chats}`;
		const folder = world.folder(`local-${chats}`);
		for (const filename of names)
			await world.service.addFile({ filename, content: `of ${filename}`, chatId });
		return { chatId, folder };
	}
	const toLocal = (folder: string, chatId: string, parameters = {}, settings = {}) =>
		world.run([step('Sync', sync('syncToLocal', folder, { chatId, ...parameters }), settings)]);

	it('brings every file into a folder that it creates, one item each', async () => {
		const { chatId, folder } = await chatWith('报告.pdf', 'b.txt');
		const run = await toLocal(path.join(folder, 'new', 'deep'), chatId);

		expect(run.error).toBeUndefined();
		expect(
			run
				.items('Sync')
				.map(({ json, pairedItem }) => [json.status, json.fileName, json.localPath, pairedItem]),
		).toEqual(
			['报告.pdf', 'b.txt'].map((name) => [
				'success',
				name,
				path.join(folder, 'new', 'deep', name),
				{ item: 0 },
			]),
		);
		expect(await readFile(path.join(folder, 'new', 'deep', '报告.pdf'), 'utf8')).toBe('of 报告.pdf');
	});

	it('works on one item after the other, since two could meet in one folder', async () => {
		const synced = [await chatWith('a.txt'), await chatWith('b.txt'), await chatWith('c.txt')];
		world.forgetRequests();
		const run = await world.run(
			[step('Sync', sync('syncToLocal', '={{ $json.folder }}', { chatId: '={{ $json.chatId }}' }))],
			{ input: synced.map((json) => ({ json })) },
		);

		const items = run.items('Sync').map(({ json }) => json);
		expect(items.map(({ status }) => status)).toEqual(['success', 'success', 'success']);
		const itemOf = ({ query }: { query: Readonly<Record<string, string>> }) =>
			query['file_id'] === undefined
				? synced.findIndex(({ chatId }) => chatId === query['chat_id'])
				: items.findIndex(({ fileId }) => fileId === Number(query['file_id']));
		const order = world.requests.map(itemOf);
		expect(new Set(order)).toEqual(new Set([0, 1, 2]));
		expect(order).toEqual([...order].sort());
	});

	it('row "remote names": each hostile name fails with the reason, nothing is written outside, the others arrive', async () => {
		const hostile = ['../../x', '..', '/etc/x', 'a/b', 'a\\b', '', 'nul\0byte', 'new\nline'];
		const { chatId, folder } = await chatWith(...hostile, 'good.txt', 'also good.txt');
		await mkdir(folder);
		const before = await readdir(path.dirname(folder));
		const run = await toLocal(folder, chatId);

		const byName = new Map(run.items('Sync').map(({ json }) => [json.fileName, json]));
		for (const name of hostile) {
			expect(byName.get(name)).toMatchObject({
				status: 'failed',
				error: expect.stringMatching(/\w{3}/) as string,
			});
			expect(byName.get(name)).not.toHaveProperty('localPath');
		}
		expect(await namesIn(folder)).toEqual(['also good.txt', 'good.txt']);
		expect(await readdir(path.dirname(folder))).toEqual(before);
		expect(run.hints('Sync')).toEqual([
			{
				message: '8 of 10 files failed. The field "error" of each failed item says why.',
				type: 'warning',
				location: 'outputPane',
			},
		]);
	});

	it('row "remote names": a symbolic link inside the target folder is not followed', async () => {
		const { chatId, folder } = await chatWith('link.txt', 'good.txt');
		const outside = world.folder('outside.txt');
		await mkdir(folder);
		await writeFile(outside, 'untouched');
		await symlink(outside, path.join(folder, 'link.txt'));
		const run = await toLocal(folder, chatId);

		expect(await readFile(outside, 'utf8')).toBe('untouched');
		expect(run.items('Sync').map(({ json }) => [json.fileName, json.status])).toEqual([
			['link.txt', 'failed'],
			['good.txt', 'success'],
		]);
	});

	it("asks n8n's file-access policy for every file", async () => {
		// n8n forbids ".git" anywhere in a path.
		const { chatId, folder } = await chatWith('.git', 'good.txt');
		const run = await toLocal(folder, chatId);

		expect(run.items('Sync').map(({ json }) => json.status)).toEqual(['failed', 'success']);
		expect(await namesIn(folder)).toEqual(['good.txt']);
	});

	it('refuses a folder reached through a symbolic link that leads out of what is allowed', async () => {
		const { chatId } = await chatWith('a.txt');
		await symlink('/etc', world.folder('link-to-etc'));
		world.forgetRequests();
		const run = await toLocal(world.folder('link-to-etc/new'), chatId);

		expect(run.error?.message).toMatch(/is not one that n8n allows/);
		expect(world.requests).toEqual([]);
	});

	it('row "two remote files with the same name": both on disk, the second run changes no name', async () => {
		const { chatId, folder } = await chatWith('same.txt', 'same.txt');
		const first = await toLocal(folder, chatId);
		const names = await namesIn(folder);
		const second = await toLocal(folder, chatId);

		expect(names).toHaveLength(2);
		expect(names).toContain('same.txt');
		expect(await namesIn(folder)).toEqual(names);
		expect(second.items('Sync').map(({ json }) => json.localPath)).toEqual(
			first.items('Sync').map(({ json }) => json.localPath),
		);
	});

	it('gives three outputs: success, skipped with the reason, failed with the error', async () => {
		const { chatId, folder } = await chatWith('good.txt', '..');
		await world.service.addFile({ filename: 'coming.txt', chatId, status: 'uploading' });
		const run = await toLocal(folder, chatId, { splitByStatus: true });

		expect(run.outputs('Sync').map((items) => items.map(({ json }) => json.fileName))).toEqual([
			['good.txt'],
			['coming.txt'],
			['..'],
		]);
		expect(run.items('Sync', 1)[0]?.json).toMatchObject({
			status: 'skipped',
			reason: expect.stringMatching(/\w/) as string,
		});
	});

	it('keeps failed files as items even with the error output, which is for the sync as a whole', async () => {
		const { chatId, folder } = await chatWith('good.txt', '..');
		const settings = { onError: 'continueErrorOutput' };
		const files = await toLocal(folder, chatId, {}, settings);
		expect(files.outputs('Sync').map((items) => items.map(({ json }) => json.status))).toEqual([
			['success', 'failed'],
			[],
		]);

		world.proxy.script({ on: 'GET /listChatFiles', fault: faults.answer(404, { body: 'no' }) });
		const whole = await toLocal(folder, chatId, {}, { ...settings, ...PROXIED });
		expect(whole.outputs('Sync')[0]).toEqual([]);
		expect(whole.outputs('Sync')[1]).toEqual([
			{
				json: { error: expect.stringContaining(`Listing chat "${chatId}"`) as string },
				pairedItem: { item: 0 },
			},
		]);
	});

	it('plans without doing anything in a dry run', async () => {
		const { chatId, folder } = await chatWith('a.txt');
		const run = await toLocal(folder, chatId, { options: { dryRun: true } });

		expect(run.items('Sync')).toHaveLength(1);
		await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
	});

	it('honours include and exclude patterns', async () => {
		const { chatId, folder } = await chatWith('a.pdf', 'b.txt', 'c.md', 'draft.pdf');
		await toLocal(folder, chatId, { options: { include: '*.{pdf,txt}', exclude: 'draft*\n*.md' } });

		expect(await namesIn(folder)).toEqual(['a.pdf', 'b.txt']);
	});
});

describe('sync to remote', () => {
	let world: World;
	beforeAll(async () => (world = await startWorld()));
	afterAll(() => world.close());

	it('uploads what is only local, skips what the chat has, leaves what is only remote', async () => {
		const folder = world.folder('out');
		await mkdir(path.join(folder, 'sub'), { recursive: true });
		await writeFile(path.join(folder, 'both.txt'), 'local content');
		await writeFile(path.join(folder, 'sub', '报告 终稿.pdf'), 'new');
		await world.service.addFile({
			filename: 'both.txt',
			content: 'remote content',
			chatId: CHAT,
			userId: USER,
		});
		await world.service.addFile({ filename: 'remote.txt', chatId: CHAT, userId: USER });
		const run = await world.run([step('Sync', sync('syncToRemote', folder, { splitByStatus: true }))]);

		expect(run.error).toBeUndefined();
		expect(run.items('Sync', 0).map(({ json }) => json)).toEqual([
			{
				status: 'success',
				action: 'uploaded',
				fileId: expect.any(Number) as number,
				fileName: '报告 终稿.pdf',
				localPath: path.join(folder, 'sub', '报告 终稿.pdf'),
				size: 3,
			},
		]);
		expect(run.items('Sync', 1).map(({ json }) => json)).toMatchObject([
			{ status: 'skipped', fileName: 'both.txt', reason: expect.stringMatching(/\w/) as string },
		]);
		expect(
			world.service
				.files()
				.map(({ filename }) => filename)
				.sort(),
		).toEqual(['both.txt', 'remote.txt', '报告 终稿.pdf']);
	});

	it("one file that fails is that file's item", async () => {
		const folder = world.folder('partly');
		await mkdir(folder);
		await Promise.all(['a.txt', 'b.txt', 'c.txt'].map((name) => writeFile(path.join(folder, name), name)));
		world.proxy.script({
			on: 'POST /uploadSimpleFile',
			params: ({ filename }) => filename === 'b.txt',
			fault: faults.answer(200, { body: { code: 7, data: null, message: 'quota exceeded' } }),
		});
		const run = await world.run([step('Sync', sync('syncToRemote', folder, { chatId: 'partly' }), PROXIED)]);

		expect(run.status).toBe('success');
		expect(run.items('Sync').map(({ json }) => [json.fileName, json.status])).toEqual([
			['a.txt', 'success'],
			['b.txt', 'failed'],
			['c.txt', 'success'],
		]);
		expect(run.items('Sync')[1]?.json.error).toMatch(/quota exceeded/);
	});
});
