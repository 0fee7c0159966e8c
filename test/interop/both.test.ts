import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BddFileClient, bufferSource, diskSource } from '../../client';
import { faults, startFaultProxy, type FaultProxy } from '../../harness/fault-proxy';
import type { ClientVersion } from './support/environment';
import {
	bytes,
	contents,
	contentsOfChat,
	contentsOfFolder,
	digest,
	FILES,
	md5,
	MIB,
	newChat,
	usePublished,
	USER_ID,
} from './support/fixtures';
import { PublishedClient } from './support/published-client';

/** The published client and ours on one service: what one wrote the other reads, names included. */
const VERSIONS: ClientVersion[] = ['0.5.1', '0.7.5'];

/** The one name of FILES that ours uploads and lists but does not write to disk: elsewhere it would be a path. */
const BACKSLASH = 'a\\b.txt';
const SYNCED = FILES.filter(([name]) => name !== BACKSLASH);

const clients: BddFileClient[] = [];
const proxies: FaultProxy[] = [];

function ourClient(baseUrl: string): BddFileClient {
	const client = new BddFileClient({ baseUrl, userId: USER_ID });
	clients.push(client);
	return client;
}

async function proxyTo(target: string): Promise<FaultProxy> {
	const proxy = await startFaultProxy({ target });
	proxies.push(proxy);
	return proxy;
}

afterEach(async () => {
	for (const client of clients.splice(0)) client.close();
	for (const proxy of proxies.splice(0)) await proxy.close();
});

const statuses = (items: readonly { fileName?: string; status: string }[]) =>
	items.map(({ fileName, status }) => [fileName, status]).sort();

/** Records with their times as milliseconds: the published client reads a time and our driver writes it anew. */
const comparable = (records: readonly object[]) =>
	records.map((record) =>
		Object.fromEntries(
			Object.entries(record).map(([name, value]) => [
				name,
				name.endsWith('_at') ? Date.parse(String(value)) : (value as unknown),
			]),
		),
	);

describe.each(VERSIONS)('ours and bdd-file-client %s', (version) => {
	const bench = usePublished(version);

	test.each(FILES)('ours reads %j as the published client wrote it', async (name, content) => {
		const { published, service } = bench();
		const ours = ourClient(service.url);
		const folder = await bench().folder('theirs');
		const chat_id = newChat();
		await writeFile(join(folder, name), content);
		const id = await published.upload({ path: join(folder, name), chat_id });

		const listed = await ours.listChatFiles(chat_id);
		expect(listed).toMatchObject([
			{ id, filename: name, size: content.length, user_id: USER_ID, status: 'ok' },
		]);
		expect(comparable(listed)).toEqual(comparable(await published.listChatFiles({ chat_id })));

		const { stream, fileName } = await ours.download(id);
		expect(digest(Buffer.concat(await stream.toArray()))).toBe(digest(content));
		// The name comes with the download, in a header of which a path has only the last part.
		expect(fileName).toBe(name === BACKSLASH ? 'b.txt' : name);
		await ours.downloadToFile(id, join(folder, 'copy'));
		expect(digest(await readFile(join(folder, 'copy')))).toBe(digest(content));
	});

	test.each(FILES)('the published client reads %j as ours wrote it', async (name, content) => {
		const { published, service } = bench();
		const folder = await bench().folder('ours');
		const chat_id = newChat();
		const uploaded = await ourClient(service.url).upload(bufferSource(name, content), { chatId: chat_id });
		expect(uploaded).toMatchObject({
			fileName: name,
			size: content.length,
			md5: md5(content),
			mode: 'simple',
		});

		expect(await published.listChatFiles({ chat_id })).toMatchObject([
			{
				id: uploaded.fileId,
				filename: name,
				size: content.length,
				hashcode: md5(content),
				user_id: USER_ID,
				status: 'ok',
				biz_params: { chat_id },
			},
		]);
		await published.download({ file_id: String(uploaded.fileId), path: join(folder, 'copy') });
		expect(digest(await readFile(join(folder, 'copy')))).toBe(digest(content));
	});

	test('the published client reads what ours wrote in parts', async () => {
		const { published, service } = bench();
		const content = bytes(17 * MIB + 1, 20);
		const path = join(await bench().folder('parts'), '模型 权重.safetensors');
		const chat_id = newChat();
		await writeFile(path, content);
		const options = { chatId: chat_id, mode: 'multipart', partSize: 5 } as const;
		const { fileId } = await ourClient(service.url).upload(await diskSource(path), options);
		expect(await published.listChatFiles({ chat_id })).toMatchObject([
			{
				id: fileId,
				filename: '模型 权重.safetensors',
				size: content.length,
				hashcode: md5(content),
				status: 'ok',
			},
		]);
		await published.download({ file_id: String(fileId), path });
		expect(digest(await readFile(path))).toBe(digest(content));
	});

	test('a folder goes up with the published client and comes down with ours', async () => {
		const { published, service } = bench();
		const [up, down] = [await bench().folder('up'), await bench().folder('down')];
		const chat_id = newChat();
		await bench().fill(up);
		await published.syncToRemote({ chat_id, local_dir: up });

		const ours = ourClient(service.url);
		const items = await ours.syncChatFilesToLocal({ chatId: chat_id, localDirectory: down });
		expect(statuses(items)).toEqual(
			FILES.map(([name]) => [name, name === BACKSLASH ? 'failed' : 'success']).sort(),
		);
		expect(await contentsOfFolder(down)).toEqual(contents(SYNCED));

		const back = await ours.syncChatFilesToRemote({ chatId: chat_id, localDirectory: up });
		expect(statuses(back)).toEqual(FILES.map(([name]) => [name, 'skipped']).sort());
	});

	test('a folder goes up with ours and comes down with the published client', async () => {
		const { published, service } = bench();
		const [up, down] = [await bench().folder('up'), await bench().folder('down')];
		const chat_id = newChat();
		await bench().fill(up);
		const items = await ourClient(service.url).syncChatFilesToRemote({ chatId: chat_id, localDirectory: up });
		expect(statuses(items)).toEqual(FILES.map(([name]) => [name, 'success']).sort());
		expect(await contentsOfChat(service, chat_id)).toEqual(contents(FILES));

		await published.syncToLocal({ chat_id, local_dir: down });
		expect(await contentsOfFolder(down)).toEqual(contents(FILES));

		// The published client knows nothing of what our syncs keep hidden in the folder, and takes it for files.
		const back = (await published.syncToRemote({ chat_id, local_dir: up })).filter(
			([path]) => !path.includes('.bdd-file-'),
		);
		expect(back).toHaveLength(FILES.length);
		expect(new Set(back.map(([, { status }]) => status))).toEqual(new Set(['skipped']));
	});

	test('links of both lead to the same bytes, and a file deleted by one is gone for the other', async () => {
		const { published, service } = bench();
		const ours = ourClient(service.url);
		const chat_id = newChat();
		const content = bytes(1000, 21);
		const first = await service.addFile({ filename: 'a', content, chatId: chat_id });
		const second = await service.addFile({ filename: 'b', content, chatId: chat_id });

		for (const url of [
			(await ours.getDownloadUrl(first)).url,
			await published.getDownloadUrl({ file_id: first }),
		])
			expect(digest(Buffer.from(await (await fetch(url)).arrayBuffer()))).toBe(digest(content));

		await ours.delete(first);
		await published.delete({ file_id: second });
		await expect(published.delete({ file_id: first })).rejects.toThrow('not found');
		await expect(ours.delete(second)).rejects.toThrow('not found');
		expect(await ours.listChatFiles(chat_id)).toEqual([]);
	});

	test('both list a chat of several pages alike', async () => {
		const { published, service } = bench();
		const chat_id = newChat();
		for (let i = 0; i < 205; i++) await service.addFile({ filename: `${i % 7}`, chatId: chat_id });
		const ours = await ourClient(service.url).listChatFiles(chat_id);
		expect(ours).toHaveLength(205);
		expect(comparable(ours)).toEqual(comparable(await published.listChatFiles({ chat_id })));
	});
});

describe('ours and bdd-file-client 0.7.5', () => {
	const bench = usePublished('0.7.5');

	/** The part numbers that were sent, as the multipart forms say. */
	const partsSent = (proxy: FaultProxy) =>
		proxy
			.matching('POST /uploadFilePart')
			.map(({ params }) => params?.['part_number'])
			.sort();

	test('ours reads what the published client wrote in parts', async () => {
		const { published, service } = bench();
		const content = bytes(11 * MIB, 22);
		const path = join(await bench().folder('parts'), '数据.bin');
		const chat_id = newChat();
		await writeFile(path, content);
		const id = await published.upload({ path, chat_id, mode: 'multipart', hashcode: md5(content) });
		const [file] = await ourClient(service.url).listChatFiles(chat_id);
		expect(file).toMatchObject({ id, hashcode: md5(content), size: content.length });
		await ourClient(service.url).downloadToFile(id, path, file ? { expected: file } : {});
		expect(digest(await readFile(path))).toBe(digest(content));
	});

	test('ours finishes what the published client began, sending only the missing parts', async () => {
		const { service } = bench();
		const content = bytes(21 * MIB, 23);
		const path = join(await bench().folder('resumed'), '大文件.bin');
		const chat_id = newChat();
		await writeFile(path, content);

		const theirs = await proxyTo(service.url);
		theirs.script({ on: '/uploadFilePart', nth: 3, fault: faults.cutRequest(MIB) });
		const broken = await PublishedClient.start('0.7.5', theirs.url, USER_ID);
		try {
			await expect(
				broken.upload({ path, chat_id, mode: 'multipart', hashcode: md5(content) }),
			).rejects.toMatchObject({ name: 'BddFileError' });
		} finally {
			await broken.stop();
		}
		expect(partsSent(theirs)).toEqual([1, 2, 3]);

		const proxy = await proxyTo(service.url);
		const ours = ourClient(proxy.url);
		const [unfinished] = await ours.listChatFiles(chat_id);
		expect(unfinished).toMatchObject({ status: 'uploading' });
		const uploaded = await ours.upload(await diskSource(path), { chatId: chat_id, mode: 'multipart' });
		expect(uploaded.fileId).toBe(unfinished?.id);
		expect(partsSent(proxy)).toEqual([3, 4, 5]);
		expect(await contentsOfChat(service, chat_id)).toEqual(contents([['大文件.bin', content]]));
	});

	test('both list directories and their files alike', async () => {
		const { published, service } = bench();
		const directoryId = service.addDirectory('目录 甲');
		for (const filename of ['b.txt', '报告.txt', 'c.md'])
			await service.addFile({ filename, directoryId, content: filename });
		const ours = ourClient(service.url);

		const directories = await ours.listDirectories({ name: '目录', sortBy: 'name_asc' });
		const theirDirectories = await published.listDirectories({ name: '目录', sort_by: 'name_asc' });
		expect(comparable(directories)).toEqual(comparable(theirDirectories.items));

		const directory_id = String(directories[0]?.id);
		const files = await ours.listFilesInDirectory(directory_id, { name: 'txt', sortBy: 'name_desc' });
		const theirFiles = await published.listFilesInDirectory({
			directory_id,
			name: 'txt',
			sort_by: 'name_desc',
		});
		expect(files).toHaveLength(2);
		expect(comparable(files)).toEqual(comparable(theirFiles.items));
	});
});
