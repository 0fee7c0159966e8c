import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { download, list, startWorld, step, text, upload, type World } from './world';

let world: World;
beforeAll(async () => {
	world = await startWorld();
});
afterAll(() => world.close());

const folderOf = async (name: string) => {
	const folder = world.folder(name);
	await mkdir(folder, { recursive: true });
	return folder;
};
const jsonOf = async (name: string, parameters: object) => {
	const run = await world.run([step(name, { ...parameters })]);
	if (run.error) throw run.error;
	return run.items(name).map(({ json }) => json);
};
const namesOf = (chatId: string) =>
	world.service
		.files()
		.filter((file) => file.chatId === chatId)
		.map(({ filename }) => filename);

describe('Upload from a path', () => {
	const fromDisk = (filePath: string, parameters: object = {}) =>
		upload({ source: 'path', filePath, ...parameters });

	it('takes the file from disk, under its own name or another', async () => {
		const file = path.join(await folderOf('up'), 'report.txt');
		await writeFile(file, 'weekly');
		const [first] = await jsonOf('Upload', fromDisk(file, { chatId: 'up' }));
		await jsonOf('Upload', fromDisk(file, { chatId: 'up', options: { fileName: 'other.txt' } }));

		expect(first).toMatchObject({ status: 'success', fileName: 'report.txt', size: 6, mode: 'simple' });
		expect(namesOf('up')).toEqual(['report.txt', 'other.txt']);
	});

	it('refuses what n8n forbids, what is a link, a folder or missing, and sends nothing', async () => {
		const folder = await folderOf('refused');
		await writeFile(path.join(folder, 'real.txt'), 'real');
		await symlink(path.join(folder, 'real.txt'), path.join(folder, 'link.txt'));
		await symlink('/etc', path.join(folder, 'outside'));
		world.forgetRequests();
		for (const [filePath, words] of [
			['/etc/hostname', /File Path "\/etc\/hostname" is not one that n8n allows workflows to use/],
			[path.join(folder, 'outside/hostname'), /is not one that n8n allows workflows to use/],
			[path.join(folder, 'link.txt'), /symbolic link/],
			[folder, /is a folder/],
			['={{ "/tmp/a\\0b" }}', /holds a NUL character/],
			[path.join(folder, 'missing.txt'), /it does not exist/],
			[path.join(folder, 'real.txt/'), /is a file/],
			[path.join(folder, 'missing/missing.txt'), /The folder of File Path .* does not exist/],
			['report.txt', /is not an absolute path/],
			['={{ "" }}', /File Path is empty/],
		] as const) {
			const run = await world.run([step('Upload', fromDisk(filePath))]);
			expect(run.error?.message).toMatch(words);
		}
		expect(world.requests).toEqual([]);
	});
});

describe('If File Exists on an upload', () => {
	it('keeps both, skips, or replaces; what is skipped goes to its own output', async () => {
		const file = path.join(await folderOf('again'), 'a.txt');
		const chat = { chatId: 'again', source: 'path', filePath: file, splitByStatus: true };
		const run = async (ifExists: string) =>
			await world.run([step('Upload', upload({ ...chat, options: { ifExists } }))]);
		await writeFile(file, 'one');
		const first = await run('skipUnchanged');
		const { fileId } = first.items('Upload', 0)[0]?.json ?? {};
		expect(first.items('Upload', 0)[0]?.json).toMatchObject({ status: 'success', replaced: [] });

		expect((await run('skipUnchanged')).items('Upload', 1).map(({ json }) => json)).toEqual([
			{ status: 'skipped', fileId, fileName: 'a.txt', size: 3, reason: 'The same file is there already' },
		]);
		await writeFile(file, 'two');
		expect((await run('skip')).items('Upload', 1)[0]?.json).toMatchObject({
			reason: 'A file of this name is there already',
		});
		expect((await run('replace')).items('Upload', 0)[0]?.json).toMatchObject({ replaced: [fileId] });
		expect((await run('keepBoth')).items('Upload', 0)[0]?.json).not.toHaveProperty('replaced');
		expect(namesOf('again')).toEqual(['a.txt', 'a.txt']);
	});
});

describe('Two files of one name in one run', () => {
	const pair = async (chatId: string) => {
		for (const content of ['one', 'two'])
			await world.service.addFile({ filename: 'a.txt', content: Buffer.from(content), chatId });
	};

	it('both go up with "replace", which replaces only what was there before', async () => {
		await pair('pair');
		const old = { filename: 'a.txt', content: Buffer.from('old'), chatId: 'twins' };
		const before = await world.service.addFile(old);
		const run = await world.run([
			step('List', list({ chatId: 'pair' })),
			step('Get', download()),
			step('Upload', upload({ chatId: 'twins', options: { ifExists: 'replace' } })),
		]);
		expect(run.error).toBeUndefined();
		const replaced = run.items('Upload').flatMap(({ json }) => json.replaced);
		expect(replaced).toEqual([Number(before)]);
		expect(namesOf('twins')).toEqual(['a.txt', 'a.txt']);
	});

	it('the second one does not replace the first on disk', async () => {
		await pair('same');
		const folder = await folderOf('same');
		const toFolder = download({ destination: 'path', filePath: folder });
		const run = await world.run([
			step('List', list({ chatId: 'same' })),
			step('Download', toFolder, { onError: 'continueRegularOutput' }),
		]);
		const items = run.items('Download').map(({ json }) => json);
		expect(items.map(({ status }) => status).sort()).toEqual(['failed', 'success']);
		const failed = items.find(({ status }) => status === 'failed');
		expect(failed?.error).toMatch(
			/^Downloading file \d+ failed: ".*a\.txt" is where file \d+ of this run goes/,
		);
		expect(await readdir(folder)).toEqual(['a.txt']);
	});
});

describe('Download to a path', () => {
	const toDisk = (filePath: string, parameters: object = {}) =>
		download({ destination: 'path', filePath, ...parameters });

	it('writes into a folder or to a whole path, with the upload time, and chains from a list', async () => {
		await world.service.addFile({
			filename: 'report.txt',
			content: Buffer.from('weekly'),
			chatId: 'down',
			uploadAt: '2024-02-03T04:05:06Z',
		});
		const folder = await folderOf('down');
		const run = await world.run([
			step('List', list({ chatId: 'down' })),
			step('Download', toDisk(folder)),
			step('Again', toDisk(path.join(folder, 'copy.txt'))),
		]);

		expect(run.error).toBeUndefined();
		const json = run.items('Download')[0]?.json;
		expect(json).toEqual({
			status: 'success',
			fileId: expect.any(Number) as number,
			fileName: 'report.txt',
			size: 6,
			localPath: path.join(folder, 'report.txt'),
		});
		expect(await readFile(text(json, 'localPath'), 'utf8')).toBe('weekly');
		expect((await readdir(folder)).sort()).toEqual(['copy.txt', 'report.txt']);

		const again = await world.run([
			step('List', list({ chatId: 'down' })),
			step('Download', toDisk(folder, { options: { ifExists: 'skipUnchanged' } })),
		]);
		expect(again.items('Download')[0]?.json).toMatchObject({
			status: 'skipped',
			reason: 'The file on disk is the same already',
		});
	});

	it('names the file in a folder by the option, else by the record, else by the service', async () => {
		const id = Number(await world.service.addFile({ filename: 'remote.txt', chatId: 'named' }));
		const record = { id, filename: 'record.txt', size: 0, hashcode: '', status: 'ok' };
		const folder = await folderOf('named');
		const named = async (json: object, options = {}) => {
			const run = await world.run([step('Download', toDisk(folder, { fileId: id, options }))], {
				input: [{ json: { ...json } }],
			});
			return run.items('Download')[0]?.json.localPath;
		};

		expect(await named(record, { fileName: 'chosen.txt' })).toBe(path.join(folder, 'chosen.txt'));
		expect(await named(record)).toBe(path.join(folder, 'record.txt'));
		expect(await named({})).toBe(path.join(folder, 'remote.txt'));
	});

	it('skips what is there, with the reason, and leaves it as it is', async () => {
		const fileId = await world.service.addFile({
			filename: 'x.txt',
			content: Buffer.from('new'),
			chatId: 'skip',
		});
		const folder = await folderOf('skip');
		await writeFile(path.join(folder, 'x.txt'), 'old');
		const run = await world.run([
			step('Download', toDisk(folder, { fileId, splitByStatus: true, options: { ifExists: 'skip' } })),
		]);
		expect(run.items('Download', 1)[0]?.json).toMatchObject({
			status: 'skipped',
			reason: 'There is a file of this name on disk already',
			size: 3,
		});
		expect(await readFile(path.join(folder, 'x.txt'), 'utf8')).toBe('old');
	});

	it('refuses what n8n forbids and a name that leads elsewhere; nothing is written', async () => {
		const fileId = await world.service.addFile({
			filename: '../up.txt',
			content: Buffer.from('x'),
			chatId: 'bad',
		});
		const folder = await folderOf('bad');
		const outcomes = [
			await world.run([step('Download', toDisk('/etc', { fileId }))]),
			await world.run([step('List', list({ chatId: 'bad' })), step('Download', toDisk(folder))]),
			await world.run([step('Download', toDisk(folder, { fileId }))]),
			await world.run([step('Download', toDisk(path.join(folder, 'a/b.txt'), { fileId }))]),
			// As one file it would be replaced with each item.
			await world.run([step('Download', toDisk(path.join(folder, 'inbox/'), { fileId }))]),
			await world.run([
				step('Download', toDisk(path.join(folder, 'c.txt'), { fileId, options: { fileName: 'd' } })),
			]),
		];
		expect(outcomes.map(({ error }) => error?.message)).toEqual([
			expect.stringMatching(/File Path "\/etc" is not one that n8n allows/),
			expect.stringMatching(/The remote name "\.\.\/up\.txt" holds a path separator/),
			expect.stringMatching(/The remote name "\.\.\/up\.txt" holds a path separator/),
			expect.stringMatching(/The folder of File Path .* does not exist/),
			expect.stringMatching(/File Path .*inbox\/" does not exist/),
			expect.stringMatching(/is no folder, and the option "File Name" is set too/),
		]);
		expect(await readdir(folder)).toEqual([]);
	});
});
