import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faults, startFaultProxy, type FaultProxy } from '../../harness/fault-proxy';
import type { ClientVersion } from './support/environment';
import {
	bytes,
	contents,
	contentsOfChat,
	contentsOfFolder,
	digest,
	FILES,
	FIRST_ID,
	md5,
	MIB,
	newChat,
	usePublished,
	USER_ID,
} from './support/fixtures';
import { PublishedClient } from './support/published-client';

/** The published client against the local service: what its users do must work here as it does there. */
const VERSIONS: ClientVersion[] = ['0.5.1', '0.7.5'];

describe.each(VERSIONS)('bdd-file-client %s', (version) => {
	const bench = usePublished(version);

	test.each(FILES)('uploads, lists and downloads %j', async (name, content) => {
		const { published, service } = bench();
		const folder = await bench().folder('one');
		const chat_id = newChat();
		await writeFile(join(folder, name), content);

		const id = String(await published.upload({ path: join(folder, name), chat_id, mode: 'simple' }));
		expect(BigInt(id)).toBeGreaterThanOrEqual(BigInt(FIRST_ID));
		expect(digest(await service.readFile(id))).toBe(digest(content));
		expect(await published.listChatFiles({ chat_id })).toEqual([
			{
				id,
				filename: name,
				size: content.length,
				hashcode: '',
				upload_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
				user_id: USER_ID,
				status: 'ok',
				biz: 'chat',
				biz_params: { chat_id },
			},
		]);

		const copy = join(folder, 'copy');
		await published.download({ file_id: id, path: copy });
		expect(digest(await readFile(copy))).toBe(digest(content));
	});

	test('uploads an open file under another name', async () => {
		const { published, service } = bench();
		const path = join(await bench().folder('stream'), 'local');
		const chat_id = newChat();
		const content = bytes(100_000);
		await writeFile(path, content);
		const size = version === '0.5.1' ? {} : { size: content.length };
		const id = await published.upload({ stream: path, chat_id, filename: '远程.bin', ...size });
		expect(digest(await service.readFile(String(id)))).toBe(digest(content));
		expect(await published.listChatFiles({ chat_id })).toMatchObject([{ filename: '远程.bin' }]);
	});

	// JSON carries a name of any characters, but both clients also put it into a UTF-8 header of the form: half a
	// surrogate pair, which is what Python makes of a file name that is no UTF-8, cannot be encoded there.
	test('cannot upload a name that is no UTF-8, and says so', async () => {
		const { published } = bench();
		const path = join(await bench().folder('surrogate'), 'plain');
		await writeFile(path, 'x');
		await expect(
			published.upload({ path, chat_id: newChat(), filename: 'latin-\udce9.txt' }),
		).rejects.toMatchObject({
			name: 'BddFileError',
			message: expect.stringContaining('surrogates not allowed') as string,
		});
	});

	test('gets links that anyone can read, in ranges too, until they expire', async () => {
		const { published, service } = bench();
		const content = bytes(50_000);
		const file_id = await service.addFile({ filename: '报告.pdf', content, chatId: newChat() });
		const url = await published.getDownloadUrl({ file_id, expires_seconds: 60 });
		expect(new URL(url).origin).toBe(new URL(service.url).origin);
		expect(digest(Buffer.from(await (await fetch(url)).arrayBuffer()))).toBe(digest(content));
		const rest = await fetch(url, { headers: { Range: 'bytes=40000-' } });
		expect(rest.status).toBe(206);
		expect(digest(Buffer.from(await rest.arrayBuffer()))).toBe(digest(content.subarray(40_000)));

		const short = await published.getDownloadUrl({ file_id, expires_seconds: 1 });
		await new Promise((resolve) => setTimeout(resolve, 1100));
		expect((await fetch(short)).status).toBe(403);
	});

	test('deletes once; a second time, and a link to the file, fails', async () => {
		const { published, service } = bench();
		const chat_id = newChat();
		const file_id = await service.addFile({ filename: 'a', chatId: chat_id });
		await published.delete({ file_id });
		expect(await published.listChatFiles({ chat_id })).toEqual([]);
		const refusal = { name: 'BddFileError', message: expect.stringMatching(/失败.*not found/) as string };
		await expect(published.delete({ file_id })).rejects.toMatchObject(refusal);
		await expect(published.getDownloadUrl({ file_id })).rejects.toMatchObject(refusal);
	});

	// The service may refuse with status 200 and an envelope. The published client looks at the status only.
	test('takes a refused download for the content of the file', async () => {
		const path = join(await bench().folder('gone'), 'a');
		await bench().published.download({ file_id: '7', path });
		expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ data: null, message: 'file not found' });
	});

	test('lists a chat of more than two pages whole and once', async () => {
		const { published, service } = bench();
		const chat_id = newChat();
		const ids: string[] = [];
		for (let i = 0; i < 205; i++) ids.push(await service.addFile({ filename: `${i}`, chatId: chat_id }));
		const listed = (await published.listChatFiles({ chat_id })).map(({ id }) => String(id));
		expect(listed.sort()).toEqual(ids.sort());
	});

	test('syncs a chat to a folder', async () => {
		const { published, service } = bench();
		const chat_id = newChat();
		const folder = await bench().folder('down');
		await writeFile(join(folder, FILES[0]?.[0] ?? ''), 'to be overwritten');
		const ids = new Map<string, string>();
		for (const [filename, content] of FILES)
			ids.set(
				await service.addFile({ filename, content, chatId: chat_id, hashcode: md5(content) }),
				filename,
			);

		const results = await published.syncToLocal({ chat_id, local_dir: folder });
		expect(new Map(results.map(([id, { local_path }]) => [String(id), local_path]))).toEqual(
			new Map([...ids].map(([id, name]) => [id, join(folder, name)])),
		);
		expect(results.map(([, { is_success, error_message }]) => [is_success, error_message])).toEqual(
			FILES.map(() => [true, null]),
		);
		expect(await contentsOfFolder(folder)).toEqual(contents(FILES));
	});

	test('syncs a folder to a chat, skipping names that are there', async () => {
		const { published, service } = bench();
		const chat_id = newChat();
		const folder = await bench().folder('up');
		await bench().fill(folder);
		await mkdir(join(folder, '子 目录'));
		await writeFile(join(folder, '子 目录', 'deep.txt'), 'deep');
		const [first = ['', Buffer.alloc(0)] as const] = FILES;
		await service.addFile({ filename: first[0], content: 'remote', chatId: chat_id });

		const results = await published.syncToRemote({ chat_id, local_dir: folder });
		expect(results.map(([path, { status, error_message }]) => [path, status, error_message]).sort()).toEqual(
			[
				...FILES.map(([name]) => [join(folder, name), name === first[0] ? 'skipped' : 'success', null]),
				[join(folder, '子 目录', 'deep.txt'), 'success', null],
			].sort(),
		);
		expect(await contentsOfChat(service, chat_id)).toEqual(
			contents([...FILES.slice(1), [first[0], Buffer.from('remote')], ['deep.txt', Buffer.from('deep')]]),
		);

		const again = await published.syncToRemote({ chat_id, local_dir: folder });
		expect(new Set(again.map(([, { status }]) => status))).toEqual(new Set(['skipped']));
	});
});

/** Works with a published client of its own, which reaches the service through a proxy. */
async function throughProxy(
	target: string,
	work: (proxy: FaultProxy, published: PublishedClient) => Promise<void>,
): Promise<void> {
	const proxy = await startFaultProxy({ target });
	try {
		const published = await PublishedClient.start('0.7.5', proxy.url, USER_ID);
		try {
			await work(proxy, published);
		} finally {
			await published.stop();
		}
	} finally {
		await proxy.close();
	}
}

describe('bdd-file-client 0.7.5', () => {
	const bench = usePublished('0.7.5');

	test.each([
		['1 byte', 1, 1],
		['exactly one part', 5 * MIB, 1],
		['exactly two parts', 10 * MIB, 2],
		['a last part of one byte', 10 * MIB + 1, 3],
		['nothing', 0, 0],
	])('uploads %s in parts', async (_what, size, parts) => {
		const { service } = bench();
		await throughProxy(service.url, async (proxy, published) => {
			const content = bytes(size, 11);
			const path = join(await bench().folder('parts'), '分片 上传.bin');
			const chat_id = newChat();
			await writeFile(path, content);
			const id = await published.upload({ path, chat_id, mode: 'multipart', hashcode: md5(content) });
			expect(digest(await service.readFile(String(id)))).toBe(digest(content));
			expect(await published.listChatFiles({ chat_id })).toMatchObject([
				{ id, filename: '分片 上传.bin', size, hashcode: md5(content), status: 'ok' },
			]);
			expect(proxy.matching('POST /uploadFilePart').map(({ params }) => params)).toEqual(
				Array.from({ length: parts }, (_, index) => ({ file_id: id, part_number: index + 1 })),
			);
		});
	});

	test('lists an upload that broke as uploading, and skips its name in a sync', async () => {
		const { service } = bench();
		await throughProxy(service.url, async (proxy, published) => {
			const folder = await bench().folder('broken');
			const path = join(folder, 'broken.bin');
			const chat_id = newChat();
			await writeFile(path, bytes(11 * MIB));
			proxy.script({ on: '/uploadFilePart', nth: 2, fault: faults.cutRequest(MIB) });
			await expect(published.upload({ path, chat_id, mode: 'multipart' })).rejects.toMatchObject({
				name: 'BddFileError',
			});
			expect(await published.listChatFiles({ chat_id })).toMatchObject([
				{ filename: 'broken.bin', status: 'uploading' },
			]);
			expect(await published.syncToRemote({ chat_id, local_dir: folder })).toMatchObject([
				[path, { status: 'skipped' }],
			]);
		});
	});

	test('lists directories and their files, by name, sorted and in pages', async () => {
		const { published, service } = bench();
		for (const name of ['目录 甲', '目录 乙', 'other']) {
			const directoryId = service.addDirectory(name);
			for (const file of ['b.txt', 'a.txt', 'c.md'])
				await service.addFile({ filename: file, directoryId, content: name });
		}
		const { total, items } = await published.listDirectories({
			name: '目录',
			sort_by: 'name_desc',
			page_size: 1,
			page_number: 2,
		});
		expect(total).toBe(2);
		expect(items).toHaveLength(1);
		const directory_id = String(items[0]?.id);
		expect(
			await published.listFilesInDirectory({
				directory_id,
				name: '.txt',
				sort_by: 'name_asc',
				page_size: 10,
			}),
		).toMatchObject({ total: 2, items: [{ filename: 'a.txt' }, { filename: 'b.txt' }] });
		expect((await published.listDirectories({})).total).toBeGreaterThanOrEqual(3);
	});
});
