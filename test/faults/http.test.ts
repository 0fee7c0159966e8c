import type { ServerResponse } from 'node:http';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { bufferSource, ConnectionError, IntegrityError, isBddFileError, ServiceError } from '../../client';
import { BddFileApi } from '../../client/api/api';
import { MIB } from './support';
import {
	afterThisTest,
	clientOf,
	failureOf,
	oddServer,
	rawServer,
	secureServer,
	USER,
	type OddServer,
} from './odd-server';

const CHAT = '42';
const EMPTY_LIST = JSON.stringify({ code: 0, data: { total: 0, items: [] }, message: null });

const redirect = (response: ServerResponse, location: string, status = 302) =>
	response.writeHead(status, { Location: location }).end();

/** A body without an end, as fast as the client takes it. */
function pourInto(response: ServerResponse): void {
	const chunk = Buffer.alloc(64 * 1024, 'x');
	const pour = () => {
		while (!response.destroyed && response.write(chunk));
	};
	response.on('drain', pour);
	pour();
}

async function folder(): Promise<string> {
	const made = await mkdtemp(path.join(tmpdir(), 'bdd-http-'));
	afterThisTest(() => rm(made, { recursive: true, force: true }));
	return made;
}

describe('a redirect', () => {
	it.each([
		'http://',
		'//',
		'http://[',
		'http://:99999/',
		'ftp://127.0.0.1/x',
		'file:///etc/passwd',
		'data:application/json,{"code":0,"data":{"total":0,"items":[]}}',
		'javascript:1',
	])('to %j is an error of ours', async (location) => {
		const server = await oddServer((_, response) => redirect(response, location));
		const client = clientOf(server);
		const calls = [client.listChatFiles(CHAT), client.download(1), client.getDownloadUrl(1)];
		for (const error of await Promise.all(calls.map(failureOf))) {
			expect(error).toBeInstanceOf(ServiceError);
			expect(error.message).toMatch(/^(Listing|Downloading|Getting) .* an address that is none$/);
		}
		expect(server.requests).toHaveLength(3);
	});

	it('in a circle ends', async () => {
		const server = await oddServer((_, response) => redirect(response, '/listChatFiles'));
		const error = await failureOf(clientOf(server).listChatFiles(CHAT));
		expect(error).toBeInstanceOf(ServiceError);
		expect(error.message).toContain('redirects in a circle');
		expect(server.requests).toHaveLength(6);
	});

	it('to another origin carries nothing of ours, not even back', async () => {
		const elsewhere = await oddServer((_, response) => redirect(response, `${server.url}/back`));
		const server = await oddServer((request, response) => {
			if (request.url === '/back') response.end(EMPTY_LIST);
			else if (request.url?.startsWith('/again')) redirect(response, elsewhere.url);
			else redirect(response, '/again');
		});
		const client = clientOf({ url: server.url.replace('//', '//user:secret@') });
		expect(await client.listChatFiles(CHAT)).toEqual([]);

		const seen = [...server.requests, ...elsewhere.requests].map(({ url, headers }) => [
			url?.split('?')[0],
			headers['x-user-id'],
			headers.authorization,
		]);
		const basic = `Basic ${Buffer.from('user:secret').toString('base64')}`;
		expect(seen).toEqual([
			['/listChatFiles', USER, basic],
			['/again', USER, basic],
			['/back', undefined, undefined],
			['/', undefined, undefined],
		]);
	});

	it("to another host tells nothing of the service's clock", async () => {
		const elsewhere = await oddServer((_, response) => response.end(EMPTY_LIST));
		const server = await oddServer((request, response) =>
			request.url?.startsWith('/listChatFiles')
				? redirect(response, elsewhere.url)
				: response.end(EMPTY_LIST),
		);
		const api = new BddFileApi(server.url, {});
		afterThisTest(() => api.close());
		const context = { action: 'Listing', userId: USER, timeoutMs: 10_000, maxTries: 1, settleMs: 100 };
		const page = { offset: 0, limit: 1, number: 1 };
		await api.listChatFiles(CHAT, page, context);
		expect(api.clockSkewMs).toBeUndefined();
		await api.listDirectories({}, page, context);
		expect(api.clockSkewMs).toBeDefined();
	});

	it('to an address with a user does not log in there', async () => {
		const elsewhere = await oddServer((_, response) => response.end(EMPTY_LIST));
		const location = elsewhere.url.replace('//', '//user:secret@');
		const server = await oddServer((_, response) => redirect(response, location));
		await clientOf(server).listChatFiles(CHAT);
		expect(elsewhere.requests[0]?.headers.authorization).toBeUndefined();
	});

	it.each([301, 302, 303, 307, 308])('with %d replays no POST and no DELETE', async (status) => {
		const elsewhere = await oddServer((_, response) => response.end('{"code":0,"data":1}'));
		const server = await oddServer((request, response) => {
			request.resume().once('end', () => redirect(response, elsewhere.url, status));
		});
		const client = clientOf(server);
		const upload = { biz: 'zero2x' } as const;
		for (const size of [10, 2 * MIB]) {
			const error = await failureOf(client.upload(bufferSource('a', Buffer.alloc(size)), upload));
			expect(error.message).toContain(`redirects to ${elsewhere.url}`);
		}
		await failureOf(client.delete(1));
		const changing = ({ requests }: OddServer) => requests.filter(({ method }) => method !== 'GET');
		expect(changing(elsewhere)).toEqual([]);
		expect(changing(server)).toHaveLength(3);
	});

	it('closes the connection of every hop that it leaves', async () => {
		const elsewhere = await oddServer((_, response) => response.end(EMPTY_LIST));
		const server = await oddServer((_, response) => {
			response.writeHead(302, { Location: elsewhere.url });
			pourInto(response);
		});
		await clientOf(server).listChatFiles(CHAT);
		await server.untilQuiet();
	});
});

describe('a body is not read beyond what was announced', () => {
	/** What the system may take on its way, in both directions' buffers. */
	const BUFFERS = 16 * MIB;

	it.each([
		['a list', 200, 'application/json', 8 * MIB],
		['an error', 500, 'text/html', 0],
	])('%s without an end', async (_, status, type, read) => {
		const server = await oddServer((__, response) => {
			response.writeHead(status, { 'Content-Type': type });
			pourInto(response);
		});
		const error = await failureOf(clientOf(server).listChatFiles(CHAT, { maxTries: 1 }));
		expect(error).toBeInstanceOf(ServiceError);
		await server.untilQuiet();
		expect(server.written()).toBeLessThan(read + BUFFERS);
	});

	it('a list that is announced to be far too long is not read at all', async () => {
		const server = await oddServer((_, response) => {
			response.writeHead(200, { 'Content-Length': String(10 ** 12) }).flushHeaders();
		});
		const error = await failureOf(clientOf(server).listChatFiles(CHAT, { timeout: 20 }));
		expect(error.message).toContain('far too long');
		await server.untilQuiet();
	});

	it.each([
		['small', 10],
		['large', 3 * MIB],
	])('a %s file that is longer than its list says', async (_, size) => {
		const server = await oddServer((__, response) => {
			response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
			pourInto(response);
		});
		const target = path.join(await folder(), 'a.bin');
		const call = clientOf(server).downloadToFile(1, target, { expected: { size } });
		const error = await failureOf(call);
		expect(error).toBeInstanceOf(IntegrityError);
		expect(error.message).toContain(`sends more than the ${size} bytes it announced`);
		await server.untilQuiet();
		expect(server.written()).toBeLessThan(size + BUFFERS);
		expect(await readdir(path.dirname(target))).toEqual([]);
	});

	it('a JSON file without a length is a file, however long', async () => {
		const server = await oddServer((_, response) => {
			response.writeHead(200, { 'Content-Type': 'application/json' });
			response.write('{"code":7,"message":"');
			for (let index = 0; index < 20; index += 1) response.write(Buffer.alloc(64 * 1024, 'x'));
			response.end('"}');
		});
		const { stream } = await clientOf(server).download(1);
		let bytes = 0;
		let head = '';
		for await (const chunk of stream as AsyncIterable<Buffer>) {
			head ||= chunk.toString('latin1', 0, 30);
			bytes += chunk.length;
		}
		expect(head).toBe('{"code":7,"message":"xxxxxxxxx');
		expect(bytes).toBe(20 * 64 * 1024 + 23);
	});
});

describe('an odd answer is an error of ours', () => {
	const head = (lines: string) => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n${EMPTY_LIST}`;
	it.each([
		['nothing', ''],
		['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
		['a head without an end', 'HTTP/1.1 200 OK\r\nServer: x'],
		['a huge head', head(`X: ${'x'.repeat(100_000)}`)],
		['two lengths', head('Content-Length: 5\r\nContent-Length: 50')],
		['a length that is none', head('Content-Length: -5')],
		['a status that is none', 'HTTP/1.1 999999 ?\r\n\r\n'],
		['a status of zero', 'HTTP/1.1 000 ?\r\nContent-Length: 0\r\n\r\n'],
		['a chunk that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
		['two places to go to', 'HTTP/1.1 302 x\r\nLocation: http://\r\nLocation: //\r\n\r\n'],
		['a body that breaks off', 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"code"'],
		['a switch of protocols', 'HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
		['control characters', 'HTTP/1.1 500 x\r\nRetry-After: \x01\r\n\r\n\x00\x1b[31m'],
	])('%s', async (_, answer) => {
		const client = clientOf(await rawServer(answer), { patience: { retry: 0.001, settle: 0.1, answer: 1 } });
		const target = path.join(await folder(), 'a');
		const calls = [
			client.listChatFiles(CHAT, { maxTries: 2, timeout: 1 }),
			client.downloadToFile(1, target, { maxTries: 2, timeout: 1, expected: { size: 5 } }),
			client.upload(bufferSource('a', Buffer.from('x')), { biz: 'zero2x', maxTries: 2, timeout: 1 }),
		];
		for (const error of await Promise.all(calls.map(failureOf))) {
			expect(isBddFileError(error)).toBe(true);
			expect(error.message).toMatch(/^(Listing chat "42"|Downloading file 1|Uploading "a")/);
			// eslint-disable-next-line no-control-regex
			expect(error.message).not.toMatch(/[\x00-\x1f]/);
		}
	});

	it('headers that come several times are no error', async () => {
		const lines = [
			'Set-Cookie: a=1',
			'Set-Cookie: b=2',
			'ETag: "a"',
			'ETag: "b"',
			'constructor: x',
			'__proto__: x',
			...Array<string>(500).fill('X: x'),
		];
		const server = await rawServer(head([...lines, `Content-Length: ${EMPTY_LIST.length}`].join('\r\n')));
		expect(await clientOf(server).listChatFiles(CHAT)).toEqual([]);
	});
});

describe('the other protocol', () => {
	it('https where the service speaks http says what to check', async () => {
		const { url } = await oddServer((_, response) => response.end(EMPTY_LIST));
		const error = await failureOf(
			clientOf({ url: url.replace('http:', 'https:') }).listChatFiles(CHAT, { maxTries: 1 }),
		);
		expect(error).toBeInstanceOf(ConnectionError);
		expect(error).toMatchObject({
			message: 'Listing chat "42" failed: what answers there does not speak https (EPROTO)',
			mayHaveArrived: false,
			description: expect.stringContaining(
				'begins with https://, but the service seems to speak http',
			) as string,
		});
	});

	it('http where the service speaks https says what to check', async () => {
		const { url } = await secureServer((_, response) => response.end(EMPTY_LIST));
		const error = await failureOf(
			clientOf({ url: url.replace('https:', 'http:') }).listChatFiles(CHAT, { maxTries: 1 }),
		);
		expect(error).toBeInstanceOf(ConnectionError);
		expect(error).toMatchObject({
			description: expect.stringContaining('its address then begins with https://') as string,
		});
	});
});

describe('certificates', () => {
	it('are verified, unless that is switched off', async () => {
		const server = await secureServer((_, response) => response.end(EMPTY_LIST));
		const error = await failureOf(clientOf(server).listChatFiles(CHAT));
		expect(error).toBeInstanceOf(ServiceError);
		expect(error.message).toContain("the service's certificate is not trusted");
		expect(error).toMatchObject({
			description: expect.stringContaining('"Ignore SSL Issues (Insecure)" in the credential') as string,
		});
		expect(server.requests).toEqual([]);

		const trusting = clientOf(server, { allowUnauthorizedCerts: true });
		expect(await trusting.listChatFiles(CHAT)).toEqual([]);
		expect(server.requests).toHaveLength(1);
	});
});

it.each([
	['http', oddServer],
	['https', secureServer],
])('closing the client ends what is under way over %s', async (_, start) => {
	const server = await start(() => client.close());
	const client = clientOf(server, { allowUnauthorizedCerts: true });
	const error = await failureOf(client.listChatFiles(CHAT, { maxTries: 1, timeout: 5 }));
	expect(error).toBeInstanceOf(ConnectionError);
	await server.untilQuiet();
});

it.each([
	['simple', 'uploadSimpleFile'],
	['multipart', 'uploadFilePart'],
] as const)('an answer before the body is through ends the request: %s', async (mode, endpoint) => {
	const server = await oddServer((request, response) => {
		// It reads on, to see whether more comes.
		request.resume();
		if (request.url === `/${endpoint}`) response.writeHead(413).end();
		else {
			response.setHeader('Connection', 'close');
			response.end(request.method === 'POST' ? '{"code":0,"data":1}' : EMPTY_LIST);
		}
	});
	const source = bufferSource('a.bin', Buffer.alloc(24 * MIB));
	const upload = clientOf(server).upload(source, { biz: 'zero2x', mode, partSize: 24 });
	expect((await failureOf(upload)).message).toContain('HTTP 413');
	await server.untilQuiet();
});

it('an id before the body is through is the id of something else', async () => {
	const server = await oddServer((request, response) => {
		request.resume();
		response.end('{"code":0,"data":7}');
	});
	const source = bufferSource('a.bin', Buffer.alloc(24 * MIB));
	const upload = clientOf(server).upload(source, { biz: 'zero2x', mode: 'simple', maxTries: 1 });
	expect((await failureOf(upload)).message).toContain('the service answered before it had the whole file');
});

it('an error before the body is through: nothing is looked for, it is sent again', async () => {
	let asked = 0;
	const server = await oddServer((request, response) => {
		request.resume();
		if ((asked += 1) === 1) response.writeHead(503).end();
		else request.once('end', () => response.end('{"code":0,"data":7}'));
	});
	const source = bufferSource('a.bin', Buffer.alloc(24 * MIB));
	const upload = clientOf(server).upload(source, { biz: 'zero2x', mode: 'simple', maxTries: 2 });
	expect(await upload).toMatchObject({ fileId: 7 });
	expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
});
