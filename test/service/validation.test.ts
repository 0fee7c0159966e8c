import { call, chatParams, form, start } from './helpers';

const endpoints = [
	'POST /uploadSimpleFile',
	'GET /downloadFile',
	'GET /getFileDownloadUrl',
	'DELETE /deleteFile',
	'GET /listChatFiles',
	'POST /initMultipartUploadFile',
	'POST /uploadFilePart',
	'POST /completeMultipartUpload',
	'POST /abortMultipartUpload',
	'GET /getMultipartUploadFileStatus',
	'GET /listDirectories',
	'GET /listFilesInDirectory',
];

const bodyFor = (endpoint: string) => {
	const params = chatParams('f', 'c', { file_id: 1, part_number: 1, size: 1, part_size: 1 });
	if (endpoint.includes('/upload'))
		return {
			form: form(
				{ name: 'params', content: params },
				{ name: 'file', filename: 'f', content: 'x' },
				{ name: 'part', filename: 'f', content: 'x' },
			),
		};
	return endpoint.startsWith('POST') ? { json: params } : {};
};

test.each(endpoints)('%s wants a user id of digits', async (endpoint) => {
	const service = await start();
	const query = { file_id: 1, chat_id: 'c', expires_in: 1, directory_id: 1 };
	const missing = await call(service, endpoint, { query, user: null, ...bodyFor(endpoint) });
	expect(missing.status).toBe(422);
	expect(missing.body).toMatchObject({
		detail: [{ type: 'missing', loc: ['header', 'x-user-id'], msg: 'Field required', input: null }],
	});
	for (const user of ['abc', '12a', '-1', '1 2', ' ']) {
		const wrong = await call(service, endpoint, { query, user, ...bodyFor(endpoint) });
		expect(wrong.status).toBe(422);
		expect(wrong.body).toMatchObject({
			detail: [{ type: 'string_pattern_mismatch', loc: ['header', 'x-user-id'] }],
		});
	}
	expect(service.files()).toEqual([]);
});

test.each([
	['GET /downloadFile', 'file_id'],
	['GET /getFileDownloadUrl', 'file_id', 'expires_in'],
	['DELETE /deleteFile', 'file_id'],
	['GET /listChatFiles', 'chat_id'],
	['GET /getMultipartUploadFileStatus', 'file_id'],
	['GET /listFilesInDirectory', 'directory_id'],
])('%s names every missing parameter', async (endpoint, ...names) => {
	const service = await start();
	const answer = await call(service, endpoint);
	expect(answer.status).toBe(422);
	expect(answer.body).toEqual({
		detail: names.map((name) => ({
			type: 'missing',
			loc: ['query', name],
			msg: 'Field required',
			input: null,
		})),
	});
});

test.each(['abc', '', '1.0', '0x10', '１'])('file id %j is no integer', async (id) => {
	const service = await start();
	const answer = await call(service, 'GET /downloadFile', { query: { file_id: id } });
	expect(answer.status).toBe(422);
	expect(answer.body).toMatchObject({
		detail: [{ type: 'int_parsing', loc: ['query', 'file_id'], input: id }],
	});
});

test.each([
	['GET /listChatFiles', { chat_id: 'c', limit: 0 }, 'limit'],
	['GET /listChatFiles', { chat_id: 'c', offset: -1 }, 'offset'],
	['GET /listChatFiles', { chat_id: 'c', page_size: 0 }, 'page_size'],
	['GET /listChatFiles', { chat_id: 'c', page_number: 0 }, 'page_number'],
	['GET /listDirectories', { sort_by: 'size' }, 'sort_by'],
	['GET /listDirectories', { sort_by: 'upload_at_asc' }, 'sort_by'],
	['GET /listDirectories', { page_number: 'x' }, 'page_number'],
	['GET /listFilesInDirectory', { directory_id: 'x' }, 'directory_id'],
	['GET /listFilesInDirectory', { directory_id: 1, sort_by: 'created_at_asc' }, 'sort_by'],
	['GET /listFilesInDirectory', { directory_id: 1, page_size: '9'.repeat(30) }, 'page_size'],
])('%s rejects %j', async (endpoint, query, name) => {
	const service = await start();
	const answer = await call(service, endpoint, { query: query });
	expect(answer.status).toBe(422);
	expect(answer.body).toMatchObject({ detail: [{ loc: ['query', name] }] });
});

test('of a repeated parameter the last counts', async () => {
	const service = await start();
	await service.addFile({ filename: 'f', chatId: 'two' });
	const url = `${service.url}/listChatFiles?chat_id=one&chat_id=two`;
	const response = await fetch(url, { headers: { 'x-user-id': '1' } });
	expect(await response.json()).toMatchObject({ data: { total: 1 } });
});

const chat = { filename: 'f', biz: 'chat', biz_params: { chat_id: 'c' } };
const badParams: [string, unknown, string[]][] = [
	['no object', '[1]', []],
	['no JSON', '{"filename":', []],
	['nothing in it', {}, ['filename']],
	['no file name', { ...chat, filename: null }, ['filename']],
	['a number as file name', { ...chat, filename: 5 }, ['filename']],
	['an unknown biz', { ...chat, biz: 'other' }, ['biz']],
	['no biz_params', { filename: 'f', biz: 'zero2x' }, ['biz_params']],
	['chat without parameters', { ...chat, biz_params: null }, ['biz_params']],
	['chat with text for parameters', { ...chat, biz_params: 'c' }, ['biz_params']],
	['chat without chat id', { ...chat, biz_params: {} }, ['biz_params', 'chat_id']],
	['chat with a number as chat id', { ...chat, biz_params: { chat_id: 5 } }, ['biz_params', 'chat_id']],
	['a negative size', { ...chat, size: -1, part_size: 5 }, ['size']],
	['a broken size', { ...chat, size: 1.5, part_size: 5 }, ['size']],
	['an endless size', { ...chat, size: 1e300, part_size: 5 }, ['size']],
	['a number as hash code', { ...chat, size: 1, part_size: 5, hashcode: 5 }, ['hashcode']],
];

test.each(badParams)('uploads with %s are rejected', async (_what, value, path) => {
	const service = await start();
	const text = typeof value === 'string' ? value : JSON.stringify(value);
	const body = form({ name: 'params', content: text }, { name: 'file', filename: 'f', content: 'x' });
	const simple = await call(service, 'POST /uploadSimpleFile', { form: body });
	expect(simple.status).toBe(422);
	expect((simple.body as { detail: unknown[] }).detail[0]).toMatchObject({
		loc: ['body', 'params', ...path],
	});
	const init = await call(service, 'POST /initMultipartUploadFile', { json: text });
	expect(init.status).toBe(422);
	expect((init.body as { detail: unknown[] }).detail[0]).toMatchObject({ loc: ['body', ...path] });
	expect(service.files()).toEqual([]);
});

test.each([
	[{ ...chat, part_size: 5 }, 'size'],
	[{ ...chat, size: 5 }, 'part_size'],
	[{ ...chat, size: 5, part_size: 0 }, 'part_size'],
	[{ ...chat, size: 5, part_size: -5 }, 'part_size'],
	[{ ...chat, size: 5, part_size: 5, directory_id: 'x' }, 'directory_id'],
])('init with %j is rejected', async (params, name) => {
	const service = await start();
	const answer = await call(service, 'POST /initMultipartUploadFile', { json: JSON.stringify(params) });
	expect(answer.status).toBe(422);
	expect(answer.body).toMatchObject({ detail: [{ loc: ['body', name] }] });
});

test.each(['/completeMultipartUpload', '/abortMultipartUpload'])('%s wants a file id', async (path) => {
	const service = await start();
	for (const [json, loc] of [
		['{}', ['body', 'file_id']],
		['{"file_id":"x"}', ['body', 'file_id']],
		['{"file_id":1.5}', ['body', 'file_id']],
		['', ['body']],
		['nonsense', ['body']],
		['['.repeat(100_000), ['body']],
	] as const) {
		const answer = await call(service, `POST ${path}`, { json });
		expect(answer.status).toBe(422);
		expect(answer.body).toMatchObject({ detail: [{ loc }] });
	}
});

test('forms without their parts are rejected', async () => {
	const service = await start();
	const params = { name: 'params', content: chatParams('f', 'c', { file_id: 1, part_number: 1 }) };
	for (const [path, name] of [
		['/uploadSimpleFile', 'file'],
		['/uploadFilePart', 'part'],
	] as const) {
		const file = { name, filename: 'f', content: 'x' };
		for (const [body, loc] of [
			[form(params), ['body', name]],
			[form(params, { name, content: 'text, no file' }), ['body', name]],
			[form(file), ['body', 'params']],
			[form(file, { ...params, filename: 'params.json' }), ['body', 'params']],
		] as const) {
			const answer = await call(service, `POST ${path}`, { form: body });
			expect(answer.status).toBe(422);
			expect(answer.body).toMatchObject({ detail: [{ type: 'missing', loc }] });
		}
	}
});

test('a part wants its file id and number', async () => {
	const service = await start();
	const body = form({ name: 'params', content: '{}' }, { name: 'part', filename: 'f', content: 'x' });
	const answer = await call(service, 'POST /uploadFilePart', { form: body });
	expect(answer.status).toBe(422);
	expect(answer.body).toMatchObject({
		detail: [{ loc: ['body', 'params', 'file_id'] }, { loc: ['body', 'params', 'part_number'] }],
	});
});

test('an unknown address', async () => {
	const service = await start({ basePath: '/api/file' });
	const answer = await call({ url: `http://127.0.0.1:${service.port}` }, 'GET /listDirectories');
	expect(answer.status).toBe(404);
	expect(answer.body).toEqual({ detail: 'Not Found' });
});
