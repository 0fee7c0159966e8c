import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { RunningService } from '../../local-service';
import {
	afterThisTest,
	begin,
	call,
	chatParams,
	dataOf,
	download,
	form,
	noise,
	onDisk,
	sendPart,
	start,
	until,
	USER,
	type FormBody,
} from './helpers';

const big = noise(2 * 1024 * 1024);
const file = { name: 'file', filename: 'f', content: big };
const params = { name: 'params', content: chatParams('f') };

test.each([
	['params first', form(params, file)],
	['file first', form(file, params)],
	[
		'unknown fields and files in between',
		form({ name: 'x', content: '1' }, file, { ...file, name: 'y' }, params),
	],
	['the first of two files counts', form(file, { ...file, content: 'no' }, params)],
])('%s', async (_order, body) => {
	const service = await start();
	const id = dataOf(await call(service, 'POST /uploadSimpleFile', { form: body }));
	expect((await download(service, id)).equals(big)).toBe(true);
	expect(onDisk(service.dataDir)).toEqual({ staged: [], files: ['1'] });
});

test('the part of a multipart upload may come before its params too', async () => {
	const service = await start({ minPartSize: 1 });
	const id = await begin(service, 3, 2);
	const body = form(
		{ name: 'part', filename: 'part_1', content: 'ab' },
		{ name: 'params', content: `{"file_id":${id},"part_number":1}` },
	);
	expect(dataOf(await call(service, 'POST /uploadFilePart', { form: body }))).toBe(id);
});

test('a form as fetch builds it', async () => {
	const service = await start();
	const data = new FormData();
	data.set('file', new Blob(['hello']), '文件.txt');
	data.set('params', chatParams('文件.txt'));
	const response = await fetch(`${service.url}/uploadSimpleFile`, {
		method: 'POST',
		headers: { 'x-user-id': USER },
		body: data,
	});
	expect(await response.json()).toEqual({ code: 0, data: 1, message: null });
	expect((await download(service, '1')).toString()).toBe('hello');
});

test('a body sent in chunks of unknown length', async () => {
	const service = await start();
	const { type, bytes } = form(params, file);
	const answer = await new Promise<string>((resolve, reject) => {
		const headers = { 'x-user-id': USER, 'content-type': type };
		const request = httpRequest(
			`${service.url}/uploadSimpleFile`,
			{ method: 'POST', headers },
			(response) => {
				let text = '';
				response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
				response.on('end', () => resolve(text));
			},
		);
		request.on('error', reject);
		for (let at = 0; at < bytes.length; at += 99_991) request.write(bytes.subarray(at, at + 99_991));
		request.end();
	});
	expect(JSON.parse(answer)).toMatchObject({ code: 0, data: 1 });
	expect((await service.readFile('1')).equals(big)).toBe(true);
});

const cut = (body: FormBody, at: number): FormBody => ({ type: body.type, bytes: body.bytes.slice(0, at) });

test.each([
	['in the file', cut(form(params, file), 1_500_000)],
	['in the headers of the file', cut(form(params, file), 200)],
	['in the params', cut(form(file, params), big.length + 200)],
	['before the end mark', cut(form(params, file), form(params, file).bytes.length - 5)],
	['at once', cut(form(params, file), 0)],
])('a form that ends %s is refused and leaves nothing', async (_where, body) => {
	const service = await start();
	const answer = await call(service, 'POST /uploadSimpleFile', { form: body });
	expect(answer.status).toBe(400);
	expect(answer.body).toEqual({ detail: 'There was an error parsing the body' });
	expect(service.files()).toEqual([]);
	expect(onDisk(service.dataDir)).toEqual({ staged: [], files: [] });
});

test.each([
	['no form at all', { type: 'text/plain', bytes: form(params).bytes }],
	['no boundary', { type: 'multipart/form-data', bytes: form(params).bytes }],
])('a body with %s is refused', async (_what, body) => {
	const service = await start();
	expect((await call(service, 'POST /uploadSimpleFile', { form: body })).status).toBe(400);
	expect((await call(service, 'POST /uploadFilePart', { form: body })).status).toBe(400);
});

/** Sends the first `length` bytes of a form, waits until they are being stored, and breaks the connection. */
const breakOff = async (
	service: RunningService,
	path: string,
	body: FormBody,
	length: number,
): Promise<void> => {
	const socket = connect(service.port, '127.0.0.1');
	afterThisTest(() => socket.destroy());
	socket.write(
		`POST ${path} HTTP/1.1\r\nHost: localhost\r\nX-User-Id: ${USER}\r\n` +
			`Content-Type: ${body.type}\r\nContent-Length: ${body.bytes.length}\r\n\r\n`,
	);
	socket.write(body.bytes.subarray(0, length));
	await until(() => onDisk(service.dataDir).staged.length > 0);
	socket.destroy();
	await until(() => onDisk(service.dataDir).staged.length === 0);
};

test('an upload whose connection breaks leaves nothing', async () => {
	const service = await start();
	const body = form(params, file);
	await breakOff(service, '/uploadSimpleFile', body, body.bytes.length - 1000);
	expect(service.files()).toEqual([]);
	expect(onDisk(service.dataDir)).toEqual({ staged: [], files: [] });
});

test('a part whose connection breaks is not uploaded and can be sent again', async () => {
	const service = await start();
	const id = await begin(service, big.length, big.length);
	const body = form(
		{ name: 'params', content: `{"file_id":${id},"part_number":1}` },
		{ name: 'part', filename: 'part_1', content: big },
	);
	await breakOff(service, '/uploadFilePart', body, body.bytes.length - 1000);
	const state = await call(service, 'GET /getMultipartUploadFileStatus', { query: { file_id: id } });
	expect(state.body).toMatchObject({ data: { uploaded_parts: [], remaining_parts: [1] } });
	dataOf(await sendPart(service, id, 1, big));
});

test('closing the service in an upload leaves no temporary file', async () => {
	const service = await start();
	const { type, bytes } = form(params, file);
	const socket = connect(service.port, '127.0.0.1');
	socket.on('error', () => undefined);
	const closed = new Promise((resolve) => socket.on('close', resolve));
	const head = `POST /uploadSimpleFile HTTP/1.1\r\nHost: localhost\r\nX-User-Id: ${USER}\r\n`;
	socket.write(`${head}Content-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`);
	socket.write(bytes.subarray(0, bytes.length - 1000));
	await until(() => onDisk(service.dataDir).staged.length > 0);
	await service.close();
	await closed;
	expect(onDisk(service.dataDir)).toEqual({ staged: [], files: [] });
});
