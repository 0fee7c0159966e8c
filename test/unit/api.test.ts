/** What each method of the API sends, and what it makes of each kind of answer. PROTOCOL.md tells both. */
import FormData from 'form-data';
import { buffer } from 'node:stream/consumers';

import { ConnectionError, InvalidInputError, ServiceError } from '../../client';
import { BddFileApi, type CallContext, type FormBody } from '../../client/api/api';
import { afterThisTest, failureOf, oddServer, USER } from '../faults/odd-server';

/** Beyond what a number holds exactly. */
const ID = '1955228426376908801';

interface Answer {
	status?: number;
	headers?: Record<string, string>;
	body?: string;
}
/** The connection breaks instead. */
const LOST = 'lost';
const good = (data: string): Answer => ({ body: `{"code":0,"data":${data},"message":null}` });
const refused = (message: string, status = 200): Answer => ({
	status,
	body: JSON.stringify({ code: 7, data: null, message }),
});
const NOT_FOUND = refused('file not found');

/** A service that gives these answers one after the other, what it was asked, and an API that asks it. */
async function serve(...answers: (Answer | typeof LOST)[]) {
	const asked: { line: string; headers: NodeJS.Dict<unknown>; body: Buffer }[] = [];
	const server = await oddServer((request, response) => {
		const { method, url, headers } = request;
		void buffer(request).then((body) => {
			asked.push({ line: `${method} ${url}`, headers, body });
			const answer = answers.shift();
			if (answer === undefined || answer === LOST) response.destroy();
			else response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
		});
	});
	const apiAt = (url: string) => {
		const api = new BddFileApi(url, {});
		afterThisTest(() => api.close());
		return api;
	};
	const lines = () => asked.map(({ line }) => line);
	return { api: apiAt(server.url), apiAt, url: server.url, asked, lines };
}

const CONTEXT: CallContext = {
	action: 'Testing',
	userId: USER,
	timeoutMs: 10_000,
	settleMs: 100,
	maxTries: 3,
	retryBaseMs: 1,
};

function form(): FormBody {
	const data = new FormData();
	data.setBoundary('-----------------------------of-this-test');
	data.append('params', '{"size":3}');
	data.append('file', Buffer.from('abc'), { filename: 'a.txt', contentType: 'application/octet-stream' });
	return { type: 'form', data, buffered: true };
}

const PAGE = { offset: 200, limit: 100, number: 3 };
const FILE = {
	id: ID,
	filename: 'a.txt',
	size: 3,
	hashcode: '',
	upload_at: '2026-03-01T12:00:00Z',
	user_id: USER,
	status: 'ok',
	biz: 'chat',
	biz_params: { chat_id: '42' },
};
const DIRECTORY = { id: 7, name: 'chat', created_at: '2026-03-01T12:00:00Z' };
const STATUS = { status: 'uploading', part_size: 5, uploaded_parts: [1], remaining_parts: [2] };
const list = (record: object) => `{"total":201,"items":[${JSON.stringify(record)}]}`;
const LINK = 'HTTPS://storage.example.com/a?X-Amz-Signature=b';
const NEW_FILE = {
	fileName: 'a.txt',
	size: 3,
	partSize: 2,
	hashcode: 'ab',
	biz: 'chat',
	bizParams: { chat_id: '42' },
} as const;

interface Method {
	name: string;
	call: (api: BddFileApi, context: CallContext) => Promise<unknown>;
	/** The method, path and query that go out. */
	line: string;
	/** The body: JSON, or the form above. */
	body?: string | FormBody;
	/** An answer's `data`, as JSON. */
	data: string;
	/** What the method makes of it. */
	result?: unknown;
	/** Other `data`, which is not `what` was asked for. */
	odd?: { what: string; data: string[] };
	/** It is safe to be sent once more. */
	isRepeated: boolean;
}

const METHODS: Method[] = [
	{
		name: 'uploadSimpleFile',
		call: (api, context) => api.uploadSimpleFile(form(), context),
		line: 'POST /uploadSimpleFile',
		body: form(),
		data: ID,
		result: ID,
		odd: { what: 'file id', data: ['"x"', '-1', '[7]', '{"id":7}', 'true'] },
		isRepeated: false,
	},
	{
		name: 'initMultipartUpload',
		call: (api, context) => api.initMultipartUpload(NEW_FILE, context),
		line: 'POST /initMultipartUploadFile',
		body: '{"filename":"a.txt","size":3,"part_size":2,"hashcode":"ab","biz":"chat","biz_params":{"chat_id":"42"}}',
		data: ID,
		result: ID,
		odd: { what: 'file id', data: ['"x"', '""'] },
		isRepeated: false,
	},
	{
		name: 'uploadFilePart',
		call: (api, context) => api.uploadFilePart(form, context),
		line: 'POST /uploadFilePart',
		body: form(),
		data: ID,
		isRepeated: true,
	},
	{
		name: 'completeMultipartUpload',
		call: (api, context) => api.completeMultipartUpload(ID, context),
		line: 'POST /completeMultipartUpload',
		body: `{"file_id":${ID}}`,
		data: ID,
		isRepeated: false,
	},
	{
		name: 'abortMultipartUpload',
		call: (api, context) => api.abortMultipartUpload(ID, context),
		line: 'POST /abortMultipartUpload',
		body: `{"file_id":${ID}}`,
		data: ID,
		isRepeated: true,
	},
	{
		name: 'getMultipartStatus',
		call: (api, context) => api.getMultipartStatus(ID, context),
		line: `GET /getMultipartUploadFileStatus?file_id=${ID}`,
		data: JSON.stringify({ file_id: 7, ...STATUS }),
		result: STATUS,
		odd: { what: 'status of an upload', data: ['"uploading"', '{}', '[]'] },
		isRepeated: true,
	},
	{
		name: 'getFileDownloadUrl',
		call: (api, context) => api.getFileDownloadUrl(ID, 60, context),
		line: `GET /getFileDownloadUrl?file_id=${ID}&expires_in=60`,
		data: JSON.stringify(LINK),
		result: LINK,
		odd: {
			what: 'link',
			data: ['7', '"x"', '["http://h/"]', '"ftp://h/"', '"see http://h/"', '"x:http://h/"', '"http://"'],
		},
		isRepeated: true,
	},
	{
		name: 'deleteFile',
		call: (api, context) => api.deleteFile(ID, context),
		line: `DELETE /deleteFile?file_id=${ID}`,
		data: ID,
		isRepeated: true,
	},
	{
		name: 'listChatFiles',
		call: (api, context) => api.listChatFiles('4 2', PAGE, context),
		line: 'GET /listChatFiles?chat_id=4+2&offset=200&limit=100&page_size=100&page_number=3',
		data: list(FILE),
		result: { total: 201, records: [FILE] },
		odd: { what: 'list', data: ['[]', '{"total":1}', '{"items":[]}', '"x"'] },
		isRepeated: true,
	},
	{
		name: 'listDirectories',
		call: (api, context) => api.listDirectories({ name: 'a&b', sortBy: 'name_asc' }, PAGE, context),
		line: 'GET /listDirectories?name=a%26b&sort_by=name_asc&page_size=100&page_number=3',
		data: list(DIRECTORY),
		result: { total: 201, records: [DIRECTORY] },
		odd: { what: 'list', data: ['[]'] },
		isRepeated: true,
	},
	{
		name: 'listFilesInDirectory',
		call: (api, context) =>
			api.listFilesInDirectory(ID, { name: 'a', sortBy: 'upload_at_desc' }, PAGE, context),
		line: `GET /listFilesInDirectory?directory_id=${ID}&name=a&sort_by=upload_at_desc&page_size=100&page_number=3`,
		data: list(FILE),
		result: { total: 201, records: [FILE] },
		odd: { what: 'list', data: ['[]'] },
		isRepeated: true,
	},
];

describe.each(METHODS)('$name', ({ call, line, body, data, result, isRepeated }) => {
	it('sends what the service expects, and reads what it answers', async () => {
		const { api, asked } = await serve(good(data));
		expect(await call(api, CONTEXT)).toEqual(result);
		expect(asked.map((each) => each.line)).toEqual([line]);
		expect(asked[0]?.headers).toMatchObject({ 'x-user-id': USER });
		expect(asked[0]?.headers).not.toHaveProperty('authorization');

		const type = asked[0]?.headers['content-type'];
		const sent = asked[0]?.body.toString();
		if (typeof body === 'object') {
			const { 'content-type': expected } = body.data.getHeaders() as Record<string, string>;
			expect([type, sent]).toEqual([expected, body.data.getBuffer().toString()]);
		} else {
			expect([type, sent]).toEqual([body && 'application/json', body ?? '']);
		}
	});

	it('goes to where the service is, with user and password', async () => {
		const { apiAt, url, asked } = await serve(good(data));
		const address = `${url.replace('//', '//user:secret@')}/api/file/`;
		await call(apiAt(address), CONTEXT);
		expect(asked[0]?.line).toBe(line.replace(' /', ' /api/file/'));
		expect(asked[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('user:secret').toString('base64')}`);
	});

	it('fails with what the service says, and asks once', async () => {
		const { api, lines } = await serve(refused('the biz is not known'), good(data));
		const error = await failureOf(call(api, CONTEXT));
		expect(error).toBeInstanceOf(ServiceError);
		expect(error).toMatchObject({
			message: 'Testing failed: the biz is not known (code 7)',
			status: 200,
			code: 7,
			serviceMessage: 'the biz is not known',
		});
		expect(lines()).toEqual([line]);
	});

	const isRead = line.startsWith('GET');
	it(`${isRead ? 'goes' : 'does not go'} to where the service redirects`, async () => {
		const { api, lines } = await serve({ status: 307, headers: { Location: '/elsewhere' } }, good(data));
		if (isRead) expect(await call(api, CONTEXT)).toEqual(result);
		else expect((await failureOf(call(api, CONTEXT))).message).toContain('the service redirects to http');
		expect(lines()).toEqual(isRead ? [line, 'GET /elsewhere'] : [line]);
	});

	it(`that gets no answer ${isRepeated ? 'asks the same again' : 'fails, as it may be done'}`, async () => {
		const { api, asked, lines } = await serve(LOST, good(data));
		if (isRepeated) {
			expect(await call(api, CONTEXT)).toEqual(result);
			expect(lines()).toEqual([line, line]);
			expect(asked[1]?.body).toEqual(asked[0]?.body);
		} else {
			const error = await failureOf(call(api, CONTEXT));
			expect(error).toBeInstanceOf(ConnectionError);
			expect(error).toMatchObject({ mayHaveArrived: true });
			expect(lines()).toEqual([line]);
		}
	});
});

const ODD = METHODS.flatMap(({ name, call, line, odd: { what, data } = { what: '', data: [] } }) =>
	data.map((answered) => ({ name, call, line, what, answered })),
);

it.each(ODD)('$name: $answered is no $what', async ({ call, line, what, answered }) => {
	const { api, lines } = await serve(good(answered), good('1'));
	const error = await failureOf(call(api, CONTEXT));
	expect(error).toBeInstanceOf(ServiceError);
	expect(error).toMatchObject({
		message: `Testing failed: the service's answer is not a ${what}`,
		status: 200,
		serviceMessage: `not a ${what}`,
		description: 'Check that the base URL of the credential is that of a BDD file service.',
	});
	expect(lines()).toEqual([line]);
});

it.each(['http://storage/a', 'https://storage/a?b=c', LINK])('%s is a link', async (link) => {
	const { api } = await serve(good(JSON.stringify(link)));
	expect(await api.getFileDownloadUrl(ID, 60, CONTEXT)).toBe(link);
});

it('closing it ends what is under way', async () => {
	const server = await oddServer(() => api.close());
	const api = new BddFileApi(server.url, {});
	const error = await failureOf(api.deleteFile(ID, { ...CONTEXT, maxTries: 1 }));
	expect(error).toBeInstanceOf(ConnectionError);
});

it('a file id that is none says which', async () => {
	const { api } = await serve(good('"007"'));
	const { cause } = await failureOf(api.uploadSimpleFile(form(), CONTEXT));
	expect(cause).toBeInstanceOf(InvalidInputError);
	expect(cause).toMatchObject({ message: 'file id is not an id: "007"' });
});

describe('what may be done already', () => {
	const LATER = refused('try again', 503);
	const NO_PAGE: Answer = { status: 404, body: '<html>Not Found</html>' };
	const DOING = {
		'a file is deleted': (api: BddFileApi) => api.deleteFile(ID, CONTEXT),
		'a part is uploaded': (api: BddFileApi) => api.uploadFilePart(form, CONTEXT),
		'an upload is aborted': (api: BddFileApi) => api.abortMultipartUpload(ID, CONTEXT),
	};
	type Row = [doing: keyof typeof DOING, what: string, answers: (Answer | typeof LOST)[], failure?: string];

	it.each<Row>([
		['a file is deleted', 'nothing, then not found', [LOST, NOT_FOUND]],
		['a file is deleted', 'nothing, then no such page', [LOST, NO_PAGE]],
		['a file is deleted', 'a gateway that gave up, then not found', [{ status: 502 }, NOT_FOUND]],
		['a file is deleted', 'nothing, then try again, then not found', [LOST, LATER, NOT_FOUND]],
		['a part is uploaded', 'already there', [refused('Part already uploaded')]],
		['a part is uploaded', 'already there, as an error', [refused('part already uploaded', 409)]],
		['a part is uploaded', 'nothing, then already there', [LOST, refused('part already uploaded')]],
		['an upload is aborted', 'not found', [NOT_FOUND]],
		['an upload is aborted', 'no such page', [NO_PAGE]],
		['an upload is aborted', 'try again, then not found', [LATER, NOT_FOUND]],
	])('%s: done, after %s', async (doing, _, answers) => {
		const { api, lines } = await serve(...answers, good(ID));
		await expect(DOING[doing](api)).resolves.toBeUndefined();
		expect(lines()).toHaveLength(answers.length);
	});

	it.each<Row>([
		['a file is deleted', 'not found', [NOT_FOUND], 'file not found (code 7)'],
		['a file is deleted', 'try again, then not found', [LATER, NOT_FOUND], 'file not found (code 7)'],
		['a file is deleted', 'nothing, then no', [LOST, refused('no')], 'no (code 7)'],
		['a file is deleted', 'nothing at all', [LOST, LOST, LOST], 'the connection broke (ECONNRESET)'],
		['a part is uploaded', 'another size', [refused('part size mismatch')], 'part size mismatch (code 7)'],
		['a part is uploaded', 'not found', [NOT_FOUND], 'file not found (code 7)'],
		['an upload is aborted', 'no', [refused('file is not uploading')], 'file is not uploading (code 7)'],
	])('%s: not done, after %s', async (doing, _, answers, failure) => {
		const { api, lines } = await serve(...answers, good(ID));
		expect((await failureOf(DOING[doing](api))).message).toBe(`Testing failed: ${failure}`);
		expect(lines()).toHaveLength(answers.length);
	});
});

it.each([
	['nothing', {}],
	['an empty name', { name: '' }],
	['undefined', { name: undefined, sortBy: undefined }],
])('what is not asked for is not in the query: %s', async (_, filter) => {
	const { api, lines } = await serve(good(list(DIRECTORY)), good(list(FILE)));
	await api.listDirectories(filter, PAGE, CONTEXT);
	await api.listFilesInDirectory('7', filter, PAGE, CONTEXT);
	expect(lines()).toEqual([
		'GET /listDirectories?page_size=100&page_number=3',
		'GET /listFilesInDirectory?directory_id=7&page_size=100&page_number=3',
	]);
});

describe('the bytes of a file', () => {
	it.each([
		['bytes', { body: 'abc' }],
		['an error', { status: 404, body: 'no' }],
	])('are passed on as the service sends them: %s', async (_, answer: Answer) => {
		const { api, asked } = await serve(answer, good(ID));
		const given = await api.downloadFile(ID, CONTEXT);
		expect([given.status, await given.text(100)]).toEqual([answer.status ?? 200, answer.body]);
		expect(asked.map(({ line }) => line)).toEqual([`GET /downloadFile?file_id=${ID}`]);
		expect(asked[0]?.headers).toMatchObject({ 'x-user-id': USER });
	});

	it.each<[what: string, range: Parameters<BddFileApi['openSignedUrl']>[1], headers: object]>([
		['all of it', undefined, {}],
		['the rest', { start: 5 }, { range: 'bytes=5-' }],
		['a part', { start: 0, end: 10 }, { range: 'bytes=0-9' }],
		['nothing but the first byte', { start: 0, end: 1 }, { range: 'bytes=0-0' }],
		['a part of this version', { start: 5, end: 10, etag: '"a"' }, { range: 'bytes=5-9', 'if-range': '"a"' }],
		['a part of any version', { start: 5, etag: undefined }, { range: 'bytes=5-' }],
	])('are asked of a storage without our headers: %s', async (_, range, headers) => {
		const { apiAt, url, asked } = await serve({ status: 206, body: 'abc' });
		const api = apiAt(url.replace('//', '//user:secret@'));
		const answer = await api.openSignedUrl(`${url}/a?Signature=b`, range, CONTEXT);
		expect([answer.status, await answer.text(100)]).toEqual([206, 'abc']);
		expect(asked[0]?.line).toBe('GET /a?Signature=b');
		const ours = ['range', 'if-range', 'x-user-id', 'authorization'];
		const seen = Object.entries(asked[0]?.headers ?? {}).filter(([name]) => ours.includes(name));
		expect(Object.fromEntries(seen)).toEqual(headers);
	});

	it.each([
		['the service', (api: BddFileApi) => api.downloadFile(ID, CONTEXT)],
		['a storage', (api: BddFileApi, url: string) => api.openSignedUrl(`${url}/a`, undefined, CONTEXT)],
	])('are asked of %s once, and where it redirects', async (_, ask) => {
		const { api, url, lines } = await serve(
			{ status: 302, headers: { Location: '/elsewhere' } },
			{ body: 'abc' },
			LOST,
			good(ID),
		);
		expect(await (await ask(api, url)).text(100)).toBe('abc');
		expect(await failureOf(ask(api, url))).toBeInstanceOf(ConnectionError);
		expect(lines()).toHaveLength(3);
	});
});

describe("the service's clock", () => {
	const HOUR = 3_600_000;

	it.each([
		['an hour ahead', HOUR],
		['two hours behind', -2 * HOUR],
	])('is seen in each answer: %s', async (_, skew) => {
		const at = new Date(Date.now() + skew).toUTCString();
		const { api } = await serve({ ...NOT_FOUND, headers: { Date: at } });
		expect(api.clockSkewMs).toBeUndefined();
		await failureOf(api.deleteFile(ID, CONTEXT));
		// Its seconds are whole, and this computer may be busy.
		expect(Math.round((api.clockSkewMs ?? 0) / HOUR)).toBe(skew / HOUR);
	});

	it('stays what it was where an answer does not tell', async () => {
		const { api } = await serve({ ...good(ID), headers: { Date: 'soon' } });
		await api.deleteFile(ID, CONTEXT);
		expect(api.clockSkewMs).toBeUndefined();
	});
});
