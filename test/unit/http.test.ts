/** One request over HTTP: what goes out, where a redirect leads, and what is known when no answer comes. */
import FormData from 'form-data';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type LookupFunction, type Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import {
	CancelledError,
	ConnectionError,
	IntegrityError,
	isBddFileError,
	ServiceError,
	StalledError,
} from '../../client';
import { HttpClient, type HttpRequest, type RequestBody } from '../../client/api/http';
import type { HttpOptions } from '../../client/api/network';
import { afterThisTest, failureOf, oddServer, rawServer, secureServer } from '../faults/odd-server';

function clientWith(options: HttpOptions = {}): HttpClient {
	const client = new HttpClient(options);
	afterThisTest(() => client.close());
	return client;
}

const request = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
	method: 'GET',
	url,
	action: 'Asking',
	timeoutMs: 10_000,
	...more,
});

/** What a server that says "here" to everything gets. */
async function listener() {
	const bodies: Buffer[] = [];
	const server = await oddServer((incoming, response) => {
		void buffer(incoming).then((body) => {
			bodies.push(body);
			response.end('here');
		});
	});
	return { ...server, bodies, headers: () => server.requests.map(({ headers }) => headers) };
}

const CONTENT = 'bytes of a file';

/** A form whose only part is this. */
function formOf(part: Buffer | Readable, buffered: boolean, knownLength = CONTENT.length) {
	const data = new FormData();
	data.setBoundary('-----------------------------of-this-test');
	data.append('file', part, { filename: 'a.txt', contentType: 'application/octet-stream', knownLength });
	return { type: 'form', data, buffered } as const;
}
const buffered = () => formOf(Buffer.from(CONTENT), true);
const streamed = () => formOf(Readable.from([Buffer.from(CONTENT)], { objectMode: false }), false);
/** One that begins, and does not go on. */
const stuck = (then: (stream: Readable) => void = () => undefined) => {
	const stream: Readable = new Readable({
		read: () => {
			stream.push('x');
			stream._read = () => then(stream);
		},
	});
	return formOf(stream, false);
};
const json = (data: string): RequestBody => ({ type: 'application/json', data });

describe('what goes out', () => {
	const COMMON = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'n8n-nodes-bdd-file' };

	it('are a few headers, and those of the request', async () => {
		const server = await listener();
		const answer = await clientWith().send(request(server.url, { headers: { 'X-User-Id': '7' } }));
		expect(await answer.text(10)).toBe('here');
		expect(server.headers()).toEqual([
			{ ...COMMON, 'x-user-id': '7', host: server.url.slice(7), connection: 'keep-alive' },
		]);
	});

	const form = buffered().data;
	const TYPE = (form.getHeaders() as Record<string, string>)['content-type'];
	it.each<[string, () => RequestBody, type: string | undefined, content: string]>([
		['JSON', () => json('{"name":"报告"}'), 'application/json', '{"name":"报告"}'],
		['a small form', buffered, TYPE, form.getBuffer().toString()],
		['a form that is read on its way', streamed, TYPE, form.getBuffer().toString()],
	])('of %s is its type, its length in bytes and all of it', async (_, body, type, content) => {
		const server = await listener();
		const answer = await clientWith().send(request(server.url, { method: 'POST', body: body() }));
		expect(await answer.text(10)).toBe('here');
		expect(server.bodies.map(String)).toEqual([content]);
		expect(server.headers()).toEqual([
			{
				...COMMON,
				'content-type': type,
				'content-length': String(Buffer.byteLength(content)),
				host: server.url.slice(7),
				connection: 'keep-alive',
			},
		]);
	});

	it('ends with the client, whose connections are closed', async () => {
		const server = await oddServer(() => client.close());
		const client = clientWith();
		expect(await failureOf(client.send(request(server.url)))).toBeInstanceOf(ConnectionError);
		await server.untilQuiet();
	});

	it('goes over TLS to where the address begins with https', async () => {
		const server = await secureServer((_, response) => response.end('here'));
		const answer = await clientWith({ allowUnauthorizedCerts: true }).send(request(server.url));
		expect(await answer.text(10)).toBe('here');
	});
});

describe('a redirect', () => {
	/** A service that answers its first requests with these places, and then says "here". */
	async function leading(...places: string[]) {
		return await oddServer((_, response) => {
			const place = places.shift();
			if (place === undefined) response.end('here');
			else response.writeHead(302, { Location: place }).end();
		});
	}

	it.each([
		['no place to go to', 302, {}],
		['another status', 201, { Location: '/b' }],
		['a status that tells of a copy', 304, { Location: '/b' }],
	])('is none with %s', async (_, status, headers) => {
		const server = await oddServer((__, response) => response.writeHead(status, headers).end());
		const answer = await clientWith().send(request(server.url));
		expect([answer.status, await answer.text(10)]).toEqual([status, '']);
		expect(server.requests).toHaveLength(1);
	});

	const HEADERS = { 'X-User-Id': '7', Authorization: 'Basic x', Range: 'bytes=5-', 'If-Range': '"a"' };
	it.each([
		['the same host', false, ['7', 'Basic x', 'bytes=5-', '"a"']],
		['another one', true, [undefined, undefined, 'bytes=5-', '"a"']],
	])('to %s carries what may be known there', async (_, isElsewhere, carried) => {
		const elsewhere = await leading();
		const server = await leading(isElsewhere ? elsewhere.url : '/b?c=d');
		const answer = await clientWith().send(request(server.url, { headers: HEADERS }));
		expect(await answer.text(10)).toBe('here');
		expect(answer.redirectedTo).toBe(isElsewhere ? elsewhere.url : undefined);
		const last = (isElsewhere ? elsewhere : server).requests.at(-1);
		expect(last?.url).toBe(isElsewhere ? '/' : '/b?c=d');
		const names = ['x-user-id', 'authorization', 'range', 'if-range'];
		expect(names.map((name) => last?.headers[name])).toEqual(carried);
	});

	it('is followed five times, not six', async () => {
		const circle = (times: number) => Array<string>(times).fill('/');
		const patient = await leading(...circle(5));
		expect(await (await clientWith().send(request(patient.url))).text(10)).toBe('here');

		const endless = await leading(...circle(6));
		const error = await failureOf(clientWith().send(request(endless.url)));
		expect(error).toBeInstanceOf(ServiceError);
		expect(error).toMatchObject({
			message: 'Asking failed: the service redirects in a circle',
			status: 302,
			serviceMessage: 'too many redirects',
			description: expect.stringMatching(/^Check the base URL of the credential, and the gateway/) as string,
		});
		expect(endless.requests).toHaveLength(6);
	});

	it.each(['POST', 'DELETE'] as const)(
		'of a %s is not followed, and says to where it leads',
		async (method) => {
			const server = await leading('http://files.invalid/b?Signature=secret');
			const error = await failureOf(clientWith().send(request(server.url, { method })));
			expect(error).toBeInstanceOf(ServiceError);
			expect(error).toMatchObject({
				message:
					'Asking failed: the service redirects to http://files.invalid instead of doing it (HTTP 302)',
				status: 302,
				serviceMessage: 'redirected',
				description: expect.stringMatching(/set the base URL of the credential to it\.$/) as string,
			});
			expect(server.requests).toHaveLength(1);
		},
	);

	it.each(['http://', 'ftp://127.0.0.1/', 'xhttp://127.0.0.1/', 'https-x://127.0.0.1/'])(
		'to %s leads nowhere',
		async (place) => {
			const server = await leading(place);
			const error = await failureOf(clientWith().send(request(server.url)));
			expect(error.message).toBe('Asking failed: the service names an address that is none');
		},
	);
});

describe('a form whose source fails', () => {
	const OURS = new IntegrityError('it has changed', { description: '' });

	it.each([
		['an error of ours', OURS, 'it has changed'],
		['any other', new Error('EIO: i/o error'), 'Asking failed: EIO: i/o error'],
	])('on its way fails with %s, and was not received', async (_, reason, message) => {
		const server = await listener();
		const body = stuck((stream) => stream.destroy(reason));
		const error = await failureOf(clientWith().send(request(server.url, { method: 'POST', body })));
		expect(error.message).toBe(message);
		if (reason === OURS) expect(error).toBe(OURS);
		else expect(error).toMatchObject({ mayHaveArrived: false });
		expect(server.bodies).toEqual([]);
	});

	it.each([
		['an error of ours', OURS, 'it has changed'],
		['any other', new Error('EIO: i/o error'), 'Asking failed: the source failed'],
	])('before anything is sent is not sent, and fails with %s', async (_, reason, message) => {
		const server = await listener();
		const body = streamed();
		const validateUrl = async () => {
			await delay(1);
			body.data.emit('error', reason);
		};
		const client = clientWith({ network: { validateUrl } });
		const error = await failureOf(client.send(request(server.url, { method: 'POST', body })));
		expect(error.message).toBe(message);
		expect(server.requests).toEqual([]);
	});
});

describe('when no answer comes', () => {
	it.each<[string, () => RequestBody | undefined, boolean]>([
		['no body', () => undefined, true],
		['JSON', () => json('{}'), true],
		['a small form', buffered, true],
		['a whole form', streamed, true],
		['half a form', () => stuck(), false],
	])('a request with %s may have been done only if all of it was sent', async (_, body, mayHaveArrived) => {
		const server = await oddServer((incoming, response) => {
			// The connection breaks after the last byte, or where it stops.
			const isWhole = incoming.headers['content-length'] === undefined || mayHaveArrived;
			incoming.resume().once(isWhole ? 'end' : 'data', () => response.destroy());
		});
		const sent = body();
		const asking = clientWith().send(request(server.url, { method: 'POST', ...(sent && { body: sent }) }));
		const error = await failureOf(asking);
		expect(error).toBeInstanceOf(ConnectionError);
		expect(error).toMatchObject({ mayHaveArrived });
	});

	it.each([
		['without a word', '', true],
		['in the middle of its head', 'HTTP/1.1 200 OK\r\nServer: x', false],
	])('as the connection ends %s, the other protocol is thought of only then', async (_, said, isHinted) => {
		const server = await rawServer(said);
		const error = await failureOf(clientWith().send(request(server.url)));
		expect(error).toBeInstanceOf(ConnectionError);
		expect(isBddFileError(error) && error.description.includes('https://')).toBe(isHinted);
	});

	it.each<[what: string, more: Partial<HttpRequest>, isWaitedFor: boolean]>([
		['a body may still be on its way', { method: 'POST', body: json('{}') }, true],
		['nothing but a head was sent', {}, false],
	])('it is waited for longer than the timeout where %s', async (_, more, isWaitedFor) => {
		const server = await oddServer((incoming, response) => {
			incoming.resume();
			if (isWaitedFor) setTimeout(() => response.end('here'), 150);
		});
		const client = clientWith({ answerFloorMs: 20_000 });
		const asking = client.send(request(server.url, { timeoutMs: 20, ...more }));
		if (isWaitedFor) expect(await (await asking).text(10)).toBe('here');
		else expect(await failureOf(asking)).toBeInstanceOf(StalledError);
	});

	it('as it was cancelled before there was a connection, that is what happened', async () => {
		const stop = new AbortController();
		const asked: string[] = [];
		const lookup: LookupFunction = (hostname) => {
			asked.push(hostname);
			stop.abort();
		};
		const client = clientWith({ network: { validateUrl: () => Promise.resolve(), lookup } });
		const error = await failureOf(client.send(request('http://files.invalid/', { signal: stop.signal })));
		expect(error).toBeInstanceOf(CancelledError);
		expect(asked).toEqual(['files.invalid']);
	});
});

describe('a proxy that the environment names', () => {
	type Proxies = (url: string) => Record<string, string>;
	const isProxy = (each: string) => /proxy$/i.test(each);
	/** Makes these the environment's only proxies. */
	const setProxies = (proxies: Record<string, string | undefined>) => {
		for (const each of Object.keys(process.env).filter(isProxy)) Reflect.deleteProperty(process.env, each);
		Object.assign(process.env, proxies);
	};

	beforeEach(() => {
		const before = Object.entries(process.env).filter(([each]) => isProxy(each));
		afterThisTest(() => setProxies(Object.fromEntries(before)));
	});

	it.each<[where: string, made: Proxies, asked: Proxies, isUsed: boolean]>([
		['all the time', (url) => ({ http_proxy: url }), (url) => ({ http_proxy: url }), true],
		['for everything', (url) => ({ ALL_PROXY: url }), (url) => ({ ALL_PROXY: url }), true],
		['only after the client was made, it is not used', () => ({}), (url) => ({ http_proxy: url }), false],
		['never', () => ({}), () => ({}), false],
		['for nothing', () => ({ no_proxy: '*' }), () => ({ no_proxy: '*' }), false],
	])('%s', async (_, made, asked, isUsed) => {
		const proxy = await listener();
		const server = await listener();
		setProxies(made(proxy.url));
		const client = clientWith();
		setProxies(asked(proxy.url));
		const answer = await client.send(request(`${server.url}/a?b=c`));
		expect(await answer.text(10)).toBe('here');
		expect([proxy, server].map(({ requests }) => requests.map(({ url }) => url))).toEqual(
			isUsed ? [[`${server.url}/a?b=c`], []] : [[], ['/a?b=c']],
		);
	});

	it('is asked for a tunnel to a service that speaks https', async () => {
		const server = await secureServer((_, response) => response.end('here'));
		const tunnels: (string | undefined)[] = [];
		const proxy = createServer().on('connect', ({ url }, near: Socket) => {
			tunnels.push(url);
			const far = connect(Number(new URL(server.url).port), '127.0.0.1');
			near.write('HTTP/1.1 200 OK\r\n\r\n');
			pipeline(near, far, near, () => undefined);
		});
		afterThisTest(() => proxy.close());
		proxy.listen(0, '127.0.0.1');
		await once(proxy, 'listening');
		setProxies({ https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });

		const client = clientWith({ allowUnauthorizedCerts: true });
		const answer = await client.send(request('https://files.invalid/a'));
		expect(await answer.text(10)).toBe('here');
		expect(tunnels).toEqual(['files.invalid:443']);
		expect(server.requests.map(({ url }) => url)).toEqual(['/a']);
	});
});
