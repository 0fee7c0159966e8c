import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
	Agent,
	createServer,
	request as httpRequest,
	type IncomingMessage,
	type RequestOptions,
	type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { faults, startFaultProxy, type FaultProxy } from '../../harness/fault-proxy';

const BLOB = randomBytes(3 * 1024 * 1024);

/** Echoes what it got as JSON; `/blob` serves BLOB. Every request it saw whole is in `seen`. */
let service: Server;
let seen: { url: string; host: string; bytes: number; md5: string }[];
let proxy: FaultProxy;
let agent: Agent;

beforeEach(async () => {
	seen = [];
	service = createServer((request, response) => {
		const md5 = createHash('md5');
		let bytes = 0;
		request.on('data', (chunk: Buffer) => {
			md5.update(chunk);
			bytes += chunk.length;
		});
		request.on('end', () => {
			const entry = {
				url: request.url ?? '',
				host: request.headers.host ?? '',
				bytes,
				md5: md5.digest('hex'),
			};
			seen.push(entry);
			if (entry.url === '/blob') response.setHeader('Content-Length', BLOB.length).end(BLOB);
			else
				response
					.setHeader('X-Name', Buffer.from('报告', 'utf8').toString('latin1'))
					.end(Buffer.from(JSON.stringify(entry)));
		});
	}).listen(0, '127.0.0.1');
	await once(service, 'listening');
	agent = new Agent({ keepAlive: true });
	proxy = await startFaultProxy({ target: `http://127.0.0.1:${(service.address() as AddressInfo).port}` });
});

afterEach(async () => {
	agent.destroy();
	await proxy.close();
	service.closeAllConnections();
	service.close();
});

interface Got {
	status?: number;
	headers: Record<string, unknown>;
	body: Buffer;
	error?: string;
}

/** One request through the proxy, body and all; a broken connection is a result, not an exception. */
async function send(path: string, body?: Buffer | string, options: RequestOptions = {}): Promise<Got> {
	return await new Promise((resolve) => {
		const chunks: Buffer[] = [];
		const got: Got = { headers: {}, body: Buffer.alloc(0) };
		const settle = (error?: NodeJS.ErrnoException) =>
			resolve({
				...got,
				body: Buffer.concat(chunks),
				...(error ? { error: error.code ?? error.message } : {}),
			});
		const request = httpRequest(
			proxy.url + path,
			{ agent, method: body ? 'POST' : 'GET', ...options },
			(response) => {
				got.status = response.statusCode ?? 0;
				got.headers = response.headers;
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.once('end', () => settle()).once('error', settle);
			},
		);
		request.once('error', settle);
		request.end(body);
	});
}

const PART_FIELD = 'form-data; name="params"';
const PART_FILE = 'form-data; name="part"; filename="part_1"\r\nContent-Type: application/octet-stream';

/** A part upload as the published client sends it, or with the file before the parameters. */
async function sendPart(params: string, file: Buffer, filesFirst = false): Promise<Got> {
	const piece = (disposition: string, content: Buffer | string) =>
		Buffer.concat([
			Buffer.from(`--B\r\nContent-Disposition: ${disposition}\r\n\r\n`),
			Buffer.from(content),
			Buffer.from('\r\n'),
		]);
	const pieces = [piece(PART_FIELD, params), piece(PART_FILE, file)];
	const body = Buffer.concat([...(filesFirst ? pieces.reverse() : pieces), Buffer.from('--B--\r\n')]);
	return await send('/api/uploadFilePart', body, {
		headers: { 'Content-Type': 'multipart/form-data; boundary=B' },
	});
}

/** Nothing is to be heard from a stalled exchange: resolves with its state some time after it stalled. */
async function stalls(path: string, sending: Promise<Got>, fault: string) {
	let ended = false;
	void sending.then(() => (ended = true));
	const record = await proxy.waitFor(path, 1, (request) => request.fault === fault);
	await new Promise((resolve) => setTimeout(resolve, 60));
	expect(ended).toBe(false);
	expect(record.outcome).toBe('open');
	return record;
}

describe('without faults', () => {
	test('passes both bodies, headers and Host on, and records the exchange', async () => {
		const got = await send('/echo?file_id=1955228426376908801', BLOB, { headers: { Range: 'bytes=1-' } });
		const md5 = createHash('md5').update(BLOB).digest('hex');
		expect(JSON.parse(got.body.toString())).toEqual({
			url: '/echo?file_id=1955228426376908801',
			host: new URL(proxy.url).host,
			bytes: BLOB.length,
			md5,
		});
		expect(Buffer.from(String(got.headers['x-name']), 'latin1').toString()).toBe('报告');
		expect((await send('/blob')).body.equals(BLOB)).toBe(true);
		expect(proxy.requests).toMatchObject([
			{
				order: 1,
				method: 'POST',
				path: '/echo',
				query: { file_id: '1955228426376908801' },
				range: 'bytes=1-',
				reused: false,
				requestBytes: BLOB.length,
				requestComplete: true,
				status: 200,
				outcome: 'complete',
			},
			{ order: 2, method: 'GET', path: '/blob', connection: 1, reused: true, responseBytes: BLOB.length },
		]);
		expect(proxy.openSockets()).toBe(1);
	});

	test.each([
		['before', false],
		['after', true],
	])('decodes params sent %s the file, and JSON bodies, ids without loss', async (_where, filesFirst) => {
		await sendPart('{"file_id": 1955228426376908801, "part_number": 3}', BLOB, filesFirst);
		await send('/completeMultipartUpload', '{"file_id": 7}', {
			headers: { 'Content-Type': 'application/json' },
		});
		await sendPart('no JSON', BLOB);
		expect(proxy.requests.map(({ params }) => params)).toEqual([
			{ file_id: '1955228426376908801', part_number: 3 },
			{ file_id: 7 },
			undefined,
		]);
	});

	test('latency is paid by every request, twice by the first of a connection', async () => {
		await send('/kept');
		proxy.latency(300);
		const started = performance.now();
		const first = send('/first', undefined, { agent: false });
		await proxy.waitFor('/first');
		await Promise.all([first, send('/second')]);
		expect(performance.now() - started).toBeGreaterThanOrEqual(599);
		expect(seen.map(({ url }) => url)).toEqual(['/kept', '/second', '/first']);
	});

	test('refuses connections like a stopped service, and listens again at the same address', async () => {
		await send('/a');
		await proxy.refuse(true);
		expect((await send('/b', undefined, { agent: false })).error).toBe('ECONNREFUSED');
		expect(proxy.openSockets()).toBe(0);
		await proxy.refuse(false);
		expect((await send('/c', undefined, { agent: false })).status).toBe(200);
	});

	test('resets the client when the service is gone', async () => {
		service.closeAllConnections();
		service.close();
		await once(service, 'close');
		expect((await send('/a')).error).toBe('ECONNRESET');
		expect(proxy.requests[0]?.outcome).toBe('serviceLost');
	});
});

describe('the script', () => {
	test('acts on the nth match, the stated number of times, rules in order', async () => {
		proxy.script(
			{ on: 'POST /a', nth: 2, times: 2, fault: faults.answer(503, { headers: { 'Retry-After': '1' } }) },
			{ on: /^\/a$/, fault: faults.answer(422, { body: { detail: [] } }) },
		);
		const post = { method: 'POST' };
		const statuses: unknown[] = [];
		for (let i = 0; i < 5; i++) statuses.push((await send('/a', 'x', post)).status);
		expect(statuses).toEqual([422, 503, 503, 200, 200]);
		expect(proxy.unusedRules()).toEqual([]);
		expect(proxy.matching('POST /a').map(({ fault }) => fault)).toEqual([
			'answer',
			'answer',
			'answer',
			undefined,
			undefined,
		]);
		expect(seen).toHaveLength(2);
	});

	test('finds one part among others by its decoded params, and loses no byte by looking', async () => {
		proxy.script({
			on: '/uploadFilePart',
			params: ({ part_number }) => part_number === 2,
			times: 2,
			fault: faults.answer(503),
		});
		const statuses: unknown[] = [];
		for (const part of [1, 2, 3, 2, 2])
			statuses.push((await sendPart(`{"part_number":${part}}`, BLOB)).status);
		expect(statuses).toEqual([200, 503, 200, 503, 200]);
		expect(new Set(seen.map(({ bytes }) => bytes)).size).toBe(1);
		expect(seen[0]?.bytes).toBe(proxy.requests[0]?.requestBytes);
	});

	test('holds a request until a promise settles; a client that leaves meanwhile never reaches the service', async () => {
		let release: () => void = () => undefined;
		proxy.script(
			{ on: '/held', wait: new Promise<void>((resolve) => (release = resolve)) },
			{ on: '/left', wait: 60_000 },
		);
		const held = send('/held');
		await proxy.waitFor('/held');
		expect(seen).toEqual([]);
		release();
		expect((await held).status).toBe(200);

		const leaving = new AbortController();
		const left = send('/left', undefined, { signal: leaving.signal });
		await proxy.waitFor('/left');
		leaving.abort();
		expect((await left).error).toBe('ABORT_ERR');
		await proxy.waitForNoSockets();
		expect(proxy.matching('/left')[0]?.outcome).toBe('clientLeft');
		expect(seen).toHaveLength(1);
	});

	test('names rules that were never used, and says what came when a wait is in vain', async () => {
		proxy.script({ on: '/never', fault: faults.silence() });
		await send('/a');
		expect(proxy.unusedRules()).toMatchObject([{ on: '/never' }]);
		await expect(proxy.waitUntil(() => false, 'a miracle', 20)).rejects.toThrow(
			/waited 20 ms for a miracle; so far:\n {2}1\. GET \/a/,
		);
	});
});

describe('faults', () => {
	test.each(['reset', 'fin'] as const)('cut the request after N bytes (%s)', async (ending) => {
		proxy.script({ on: '/up', fault: faults.cutRequest(100_000, ending) });
		const serviceError = once(service, 'request').then(async ([request]) => {
			const [error] = (await once(request as IncomingMessage, 'error')) as [NodeJS.ErrnoException];
			return error.code;
		});
		expect((await send('/up', BLOB)).error).toMatch(/ECONNRESET|EPIPE/);
		expect(await serviceError).toBe('ECONNRESET');
		expect(proxy.requests[0]).toMatchObject({ requestBytes: 100_000, outcome: 'cut', fault: 'cutRequest' });
		expect(seen).toEqual([]);
	});

	test.each(['reset', 'fin'] as const)('cut the response after N bytes (%s)', async (ending) => {
		proxy.script({ on: '/blob', fault: faults.cutResponse(1_500_000, ending) });
		const got = await send('/blob');
		expect(got).toMatchObject({ status: 200, error: 'ECONNRESET' });
		expect(got.body.equals(BLOB.subarray(0, 1_500_000))).toBe(true);
		expect(proxy.requests[0]).toMatchObject({
			responseBytes: 1_500_000,
			outcome: 'cut',
			fault: 'cutResponse',
		});
	});

	test('a cut beyond the end is no cut, and is not called one', async () => {
		proxy.script(
			{ on: '/blob', fault: faults.cutResponse(BLOB.length + 1) },
			{ on: '/up', fault: faults.cutRequest(99) },
		);
		expect((await send('/blob')).body.equals(BLOB)).toBe(true);
		expect((await send('/up', 'short')).status).toBe(200);
		expect(proxy.requests).toMatchObject([{ outcome: 'complete' }, { outcome: 'complete' }]);
		expect(proxy.requests.some(({ fault }) => fault)).toBe(false);
	});

	test.each(['reset', 'fin'] as const)('drop the answer after the work is done (%s)', async (ending) => {
		proxy.script({ on: '/up', fault: faults.dropAnswer(ending) });
		const got = await send('/up', BLOB);
		expect(got.error).toBe('ECONNRESET');
		expect(got.status).toBeUndefined();
		expect(seen).toMatchObject([{ bytes: BLOB.length }]);
		expect(proxy.requests[0]).toMatchObject({ serviceStatus: 200, outcome: 'cut', responseBytes: 0 });
		expect(proxy.requests[0]?.status).toBeUndefined();
	});

	test.each(['reset', 'fin'] as const)(
		'close a kept-alive connection when it is used again (%s)',
		async (ending) => {
			proxy.script({ on: '*', fault: faults.closeReused(ending) });
			expect((await send('/a')).status).toBe(200);
			expect((await send('/b')).error).toBe('ECONNRESET');
			expect((await send('/c')).status).toBe(200);
			expect(seen.map(({ url }) => url)).toEqual(['/a', '/c']);
		},
	);

	test('answer in the place of the service: any status, header and body', async () => {
		proxy.script(
			{ on: '*', fault: faults.answer(200, { body: { code: 7, data: null, message: 'no' } }) },
			{ on: '*', fault: faults.answer(502, { body: '<html>Bad Gateway</html>' }) },
			{
				on: '*',
				fault: faults.answer(200, {
					body: '{"code": 0, "da',
					headers: { 'Content-Type': 'application/json' },
				}),
			},
		);
		expect((await send('/a', BLOB)).body.toString()).toBe('{"code":7,"data":null,"message":"no"}');
		expect(await send('/a', BLOB)).toMatchObject({
			status: 502,
			headers: { 'content-type': 'text/html; charset=utf-8' },
		});
		expect((await send('/a', BLOB)).headers['content-type']).toBe('application/json');
		expect(proxy.requests).toMatchObject(
			Array(3).fill({
				requestBytes: BLOB.length,
				requestComplete: true,
				reused: expect.any(Boolean) as boolean,
			}),
		);
		expect(proxy.openSockets()).toBe(1);
		expect(seen).toEqual([]);
	});

	test('answer early, without reading the body', async () => {
		proxy.script({
			on: '*',
			fault: faults.answer(503, { headers: { 'Retry-After': '2' }, body: 'busy', readBody: false }),
		});
		const got = await send('/a', randomBytes(16 * 1024 * 1024));
		expect(got).toMatchObject({ status: 503, headers: { 'retry-after': '2' }, body: Buffer.from('busy') });
		expect(proxy.requests[0]).toMatchObject({ requestBytes: 0, requestComplete: false, outcome: 'complete' });
		await proxy.waitForNoSockets();
	});

	test('stall the request, the answer or the response, without closing anything', async () => {
		proxy.script(
			{ on: '/request', fault: faults.stallRequest(1000) },
			{ on: '/answer', fault: faults.stallAnswer() },
			{ on: '/blob', fault: faults.stallResponse(1000) },
			{ on: '/silence', fault: faults.silence() },
		);
		const leaving = new AbortController();
		const { signal } = leaving;
		const sendings = [
			send('/request', BLOB, { signal }),
			send('/answer', 'x', { signal }),
			send('/blob', undefined, { signal }),
			send('/silence', BLOB, { signal }),
		] as const;
		expect(await stalls('/request', sendings[0], 'stallRequest')).toMatchObject({ requestBytes: 1000 });
		expect(await stalls('/answer', sendings[1], 'stallAnswer')).toMatchObject({
			serviceStatus: 200,
			responseBytes: 0,
		});
		expect(await stalls('/blob', sendings[2], 'stallResponse')).toMatchObject({
			status: 200,
			responseBytes: 1000,
		});
		expect(await stalls('/silence', sendings[3], 'silence')).toMatchObject({ requestBytes: BLOB.length });
		expect(proxy.openRequests()).toBe(4);
		expect(seen.map(({ url }) => url).sort()).toEqual(['/answer', '/blob']);

		leaving.abort();
		await Promise.all(sendings);
		await proxy.waitForNoSockets();
		expect(proxy.openRequests()).toBe(0);
	});

	test('close() breaks what is open and ends every wait', async () => {
		proxy.script({ on: '*', fault: faults.silence() });
		const stalled = send('/a');
		const waiting = expect(proxy.waitFor('/b')).rejects.toThrow('the fault proxy was closed');
		await proxy.waitFor('/a', 1, ({ fault }) => fault === 'silence');
		await proxy.close();
		expect((await stalled).error).toBe('ECONNRESET');
		await waiting;
	});
});
