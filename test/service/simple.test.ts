import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import contentDisposition from 'content-disposition';
import {
	call,
	chatParams,
	dataOf,
	download,
	form,
	noise,
	onDisk,
	refusal,
	start,
	upload,
	USER,
} from './helpers';

const names = ['报告 终稿.pdf', 'a"b;c.txt', '😀🎉.bin', '汉'.repeat(85), "it's 100% (ok).txt"];

test.each(names)('upload, list and download: %s', async (name) => {
	const service = await start();
	const id = await upload(service, name, '内容', chatParams(name, 'c', { size: 6, hashcode: 'as sent' }));

	expect(id).toBe('1');
	const listed = await call(service, 'GET /listChatFiles', { query: { chat_id: 'c', offset: 0, limit: 10 } });
	expect(listed.body).toEqual({
		code: 0,
		data: {
			total: 1,
			items: [
				{
					id: 1,
					filename: name,
					size: 6,
					hashcode: 'as sent',
					upload_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
					user_id: USER,
					status: 'ok',
					biz: 'chat',
					biz_params: { chat_id: 'c' },
				},
			],
		},
		message: null,
	});
	const response = await fetch(`${service.url}/downloadFile?file_id=1`, { headers: { 'x-user-id': USER } });
	expect(await response.text()).toBe('内容');
	expect(response.headers.get('content-type')).toBe('application/octet-stream');
	expect(response.headers.get('content-length')).toBe('6');
	const disposition = response.headers.get('content-disposition') ?? '';
	expect(contentDisposition.parse(disposition).parameters['filename']).toBe(name);
});

test.each([0, 1, 64 * 1024, 512 * 1024, 3 * 1024 * 1024 + 1])(
	'%i bytes come back as they were',
	async (size) => {
		const service = await start();
		const content = noise(size);
		const id = await upload(service, 'f', content, chatParams('f', 'c', { size }));
		expect((await download(service, id)).equals(content)).toBe(true);
		expect((await service.readFile(id)).equals(content)).toBe(true);
		expect(onDisk(service.dataDir)).toEqual({ staged: [], files: ['1'] });
	},
);

test('downloads serve no ranges', async () => {
	const service = await start();
	const id = await upload(service, 'f', '0123456789');
	const headers = { 'x-user-id': USER, range: 'bytes=5-' };
	const response = await fetch(`${service.url}/downloadFile?file_id=${id}`, { headers });
	expect(response.status).toBe(200);
	expect(await response.text()).toBe('0123456789');
});

test('a declared size that is not the real one is refused and leaves nothing', async () => {
	const service = await start();
	const body = form(
		{ name: 'file', filename: 'f', content: noise(600 * 1024) },
		{ name: 'params', content: chatParams('f', 'c', { size: 5 }) },
	);
	expect(await call(service, 'POST /uploadSimpleFile', { form: body })).toMatchObject(
		refusal('file size mismatch') as object,
	);
	expect(service.files()).toEqual([]);
	expect(onDisk(service.dataDir)).toEqual({ staged: [], files: [] });
});

test('size and hashcode may be null or missing', async () => {
	const service = await start();
	await upload(service, 'f', 'x', chatParams('f', 'c', { size: null, hashcode: null }));
	await upload(service, 'f', 'x', chatParams('f'));
	expect(service.files().map((file) => [file.size, file.hashcode])).toEqual([
		[1, ''],
		[1, ''],
	]);
});

test('other biz takes any biz_params and hands them back exactly', async () => {
	const service = await start();
	const params = '{"filename":"f","biz":"zero2x","biz_params":{"n":9007199254740993,"x":[1.5,null,"é"]}}';
	await upload(service, 'f', 'x', params);
	const listed = await call(service, 'GET /listFilesInDirectory', { query: { directory_id: 1 } });
	expect(listed.text).toContain('"biz_params":{"n":9007199254740993,"x":[1.5,null,"é"]}');
	expect(service.files()).toMatchObject([{ biz: 'zero2x', chatId: null }]);
});

test('deleting removes the bytes; a second time the file is not found', async () => {
	const service = await start();
	const id = await upload(service, 'f', 'x');
	expect(dataOf(await call(service, 'DELETE /deleteFile', { query: { file_id: id } }))).toBe(id);
	expect(onDisk(service.dataDir).files).toEqual([]);
	for (const request of ['DELETE /deleteFile', 'GET /downloadFile', 'GET /getFileDownloadUrl']) {
		const answer = await call(service, request, { query: { file_id: id, expires_in: 10 } });
		expect(answer).toMatchObject(refusal('file not found') as object);
	}
	expect(await upload(service, 'f', 'x')).toBe('2');
});

test('ids beyond 2^53 are exact everywhere', async () => {
	const service = await start({ firstId: '9007199254740993', minPartSize: 1 });
	expect(await upload(service, 'f', 'one')).toBe('9007199254740993');
	expect(await upload(service, 'f', 'two')).toBe('9007199254740994');
	expect((await download(service, '9007199254740993')).toString()).toBe('one');
	expect((await download(service, '9007199254740994')).toString()).toBe('two');

	const listed = await call(service, 'GET /listChatFiles', { query: { chat_id: 'c' } });
	expect(listed.text.match(/"id":\d+/g)).toEqual(['"id":9007199254740993', '"id":9007199254740994']);
	const directories = await call(service, 'GET /listDirectories');
	expect(directories.text).toContain('"id":9007199254740993');
	const filed = await call(service, 'GET /listFilesInDirectory', {
		query: { directory_id: '9007199254740993' },
	});
	expect(filed.body).toMatchObject({ data: { total: 2 } });

	const json =
		'{"filename":"m","biz":"zero2x","biz_params":null,"size":1,"part_size":1,"directory_id":9007199254740993}';
	const begun = dataOf(await call(service, 'POST /initMultipartUploadFile', { json }));
	expect(begun).toBe('9007199254740995');
	const state = await call(service, 'GET /getMultipartUploadFileStatus', { query: { file_id: begun } });
	expect(state.text).toContain('"file_id":9007199254740995,');
	const aborted = await call(service, 'POST /abortMultipartUpload', { json: '{"file_id":9007199254740995}' });
	expect(dataOf(aborted)).toBe('9007199254740995');
	const deleted = await call(service, 'DELETE /deleteFile', { query: { file_id: '9007199254740994' } });
	expect(dataOf(deleted)).toBe('9007199254740994');
});

test.each(['../../x', '..', '/etc/x', 'a/b', 'a\\b', '', 'nul\0', 'new\nline', '\ud800'])(
	'a hostile name is only data: %j',
	async (filename) => {
		const service = await start();
		const id = await service.addFile({ filename, content: 'bytes', chatId: 'c' });
		const listed = await call(service, 'GET /listChatFiles', { query: { chat_id: 'c' } });
		expect(listed.body).toMatchObject({ data: { items: [{ filename }] } });
		expect((await download(service, id)).toString()).toBe('bytes');
		expect(await upload(service, filename, 'mine', chatParams(filename))).toBe('2');
		expect(onDisk(service.dataDir).files).toEqual(['1', '2']);
	},
);

test('tests can put any file into the service', async () => {
	const service = await start();
	const directoryId = service.addDirectory('mine');
	const id = await service.addFile({
		filename: 'f',
		content: 'abc',
		chatId: 'c',
		userId: '7',
		status: 'error',
		hashcode: 'h',
		uploadAt: '2024-02-03T04:05:06+08:00',
		directoryId,
	});
	expect(service.files()).toEqual([
		{
			id,
			filename: 'f',
			size: 3,
			hashcode: 'h',
			uploadAt: '2024-02-03T04:05:06+08:00',
			userId: '7',
			status: 'error',
			biz: 'chat',
			chatId: 'c',
			directoryId,
		},
	]);
	const answer = await call(service, 'GET /downloadFile', { query: { file_id: id } });
	expect(answer).toMatchObject(refusal('file is not ok') as object);
});

test.each([100, 1024 * 1024])(
	'a file of %i bytes that is cut short on disk never looks complete',
	async (size) => {
		const service = await start();
		const id = await service.addFile({ filename: 'f', content: noise(size) });
		truncateSync(join(service.dataDir, 'files', id), size - 1);
		await expect(download(service, id)).rejects.toThrow();
		rmSync(join(service.dataDir, 'files', id));
		await expect(download(service, id)).rejects.toThrow();
		expect((await call(service, 'GET /listDirectories')).status).toBe(200);
	},
);

test.each([
	['staged', 3 * 1024 * 1024],
	['files', 10],
])(
	'a disk that refuses to write to %s is an error of the service, and nothing is recorded',
	async (folder, size) => {
		const service = await start();
		rmSync(join(service.dataDir, folder), { recursive: true });
		const body = form(
			{ name: 'params', content: chatParams('f') },
			{ name: 'file', filename: 'f', content: noise(size) },
		);
		const answer = await call(service, 'POST /uploadSimpleFile', { form: body });
		expect(answer).toMatchObject({ status: 500, text: 'Internal Server Error' });
		expect(service.files()).toEqual([]);
	},
);

test('a download that the client leaves does no harm', async () => {
	const service = await start();
	const id = await service.addFile({ filename: 'f', content: noise(8 * 1024 * 1024) });
	const controller = new AbortController();
	const url = `${service.url}/downloadFile?file_id=${id}`;
	const response = await fetch(url, { headers: { 'x-user-id': USER }, signal: controller.signal });
	controller.abort();
	await expect(response.arrayBuffer()).rejects.toThrow();
	expect((await download(service, id)).length).toBe(8 * 1024 * 1024);
});
