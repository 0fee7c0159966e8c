/** The answer to a request: its body is read once, in full or up to a limit, and its connection is never forgotten. */
import { getEventListeners, once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { CancelledError, IntegrityError, ServiceError, StalledError } from '../../client';
import { HttpClient } from '../../client/api/http';
import { HttpAnswer } from '../../client/api/http-answer';
import { Watch } from '../../client/api/watch';

const SIZE = 1000;
const BODY = Buffer.alloc(SIZE, 'abcdefghij');

let server: Server;
let client: HttpClient;
let answer: (response: ServerResponse) => unknown;
let connections: number;
/** Resolves when the connection of the first answer is closed. */
let closed: Promise<unknown>;

beforeEach(async () => {
	client = new HttpClient({});
	let close: (value: unknown) => void = () => undefined;
	closed = new Promise((resolve) => (close = resolve));
	server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
		void once(request.socket, 'close').then(close);
		answer(response);
	});
	connections = 0;
	server.on('connection', () => (connections += 1));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
});
afterEach(async () => {
	client.close();
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

const get = (timeoutMs = 10_000, signal?: AbortSignal): Promise<HttpAnswer> => {
	const { port } = server.address() as AddressInfo;
	return client.send({
		method: 'GET',
		url: `http://127.0.0.1:${port}/`,
		action: 'Asking',
		timeoutMs,
		signal,
	});
};
const complete = (response: ServerResponse) => response.end(BODY);
/** Half of what the head announces, and then the connection breaks. */
const broken = (response: ServerResponse) => {
	response.writeHead(200, { 'Content-Length': SIZE });
	response.write(BODY.subarray(0, SIZE / 2), () => response.destroy());
};
/** More than was asked for, and no end. */
const endless = (response: ServerResponse) => response.write(BODY);

async function all(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
	const gathered: Buffer[] = [];
	for await (const chunk of chunks) gathered.push(chunk);
	return Buffer.concat(gathered);
}

/** Every way of reading a body that is as long as it may be. */
const READINGS: [string, (answer: HttpAnswer) => Promise<unknown>][] = [
	['chunk by chunk', (answer) => all(answer.bytes())],
	['at once', (answer) => answer.buffer(SIZE)],
	['as text', async (answer) => Buffer.from(await answer.text(SIZE))],
	['up to a limit', async (answer) => Buffer.from(await answer.beginning(SIZE))],
	['if it is short', (answer) => answer.shortBody(SIZE)],
];

describe.each(READINGS)('read %s', (_, read) => {
	it('it is what was sent, and its connection is used again', async () => {
		answer = complete;
		expect(await read(await get())).toEqual(BODY);
		await new Promise(setImmediate);
		await read(await get());
		expect(connections).toBe(1);
	});

	it('one that breaks off is no answer, also when it broke before anybody read', async () => {
		answer = broken;
		const failure = { message: 'Asking failed: the connection broke (ECONNRESET)', mayHaveArrived: true };
		await expect(get().then(read)).rejects.toMatchObject(failure);

		const late = await get();
		await delay(50);
		await expect(read(late)).rejects.toMatchObject(failure);
	});

	it('one that comes slowly but steadily is waited for', async () => {
		answer = async (response) => {
			response.writeHead(200, { 'Content-Length': SIZE });
			for (let at = 0; at < SIZE; at += 100) {
				await delay(60);
				response.write(BODY.subarray(at, at + 100));
			}
		};
		// Five times as long as a chunk takes, and half as long as all of them.
		expect(await read(await get(300))).toEqual(BODY);
	});

	it('one that is discarded meanwhile is no answer', async () => {
		answer = (response) => response.writeHead(200, { 'Content-Length': SIZE }).write('x');
		const given = await get();
		const reading = read(given);
		setImmediate(() => given.discard());
		await expect(reading).rejects.toThrow('Asking failed: the connection broke');
		await closed;
		await expect(read(given)).rejects.toThrow('Asking failed: the connection broke');
	});

	it('one that stops is given up, and one that is cancelled ends', async () => {
		answer = (response) => {
			response.writeHead(200, { 'Content-Length': SIZE }).write('x');
		};
		await expect(get(50).then(read)).rejects.toBeInstanceOf(StalledError);
		await closed;

		const stop = new AbortController();
		const reading = get(10_000, stop.signal).then(read);
		setTimeout(() => stop.abort(), 50);
		await expect(reading).rejects.toBeInstanceOf(CancelledError);
	});
});

it('one that was cancelled before is not asked for', async () => {
	await expect(get(10_000, AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
	expect(connections).toBe(0);
});

it.each<[what: string, sent: (response: ServerResponse) => unknown, (answer: HttpAnswer) => unknown]>([
	['is read', complete, (given) => given.text(SIZE)],
	['is read chunk by chunk', complete, (given) => all(given.bytes())],
	['is short', complete, (given) => given.shortBody(SIZE)],
	['is discarded', complete, (given) => given.discard()],
	['breaks off', broken, (given) => given.text(SIZE)],
	['never comes', (response) => response.destroy(), () => undefined],
])('one that %s leaves no timer behind, and nothing on the signal', async (_, sent, use) => {
	const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
	const before = timers();
	const { signal } = new AbortController();
	answer = sent;
	await get(10_000, signal)
		.then(use, () => undefined)
		.catch(() => undefined);
	// Somebody else's, such as the reporter's, may have run out or begun in the meantime. One of ours would run for seconds.
	for (let left = 100; timers() > before && left > 0; left -= 1) await delay(10);
	expect(timers()).toBeLessThanOrEqual(before);
	expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('nobody who has not begun to read is hurried', async () => {
	answer = complete;
	const waiting = await get(250);
	await delay(600);
	expect(await all(waiting.bytes())).toEqual(BODY);
});

describe('one that is longer than its limit', () => {
	it('is not read at all when that was announced', async () => {
		answer = (response) => {
			response.writeHead(200, { 'Content-Length': SIZE }).flushHeaders();
		};
		await expect(get().then((each) => each.buffer(SIZE - 1))).rejects.toMatchObject({
			message: 'Asking failed: the answer is far too long for this request',
			status: 200,
			serviceMessage: 'answer too long',
			description: 'Check that the base URL of the credential is that of a BDD file service.',
		});
		await closed;
	});

	it('is an error, the given one if there is one, and is not read on', async () => {
		answer = endless;
		const limited = get().then((each) => each.buffer(SIZE - 1));
		await expect(limited).rejects.toBeInstanceOf(ServiceError);
		await closed;

		const tooLong = (bytes: number) => new IntegrityError(`${bytes} bytes`, { description: '' });
		await expect(get().then((each) => each.buffer(SIZE - 1, tooLong))).rejects.toThrow(`${SIZE} bytes`);
	});

	it('has a beginning, and is not read on', async () => {
		answer = endless;
		expect(await (await get()).beginning(3)).toBe('abc');
		await closed;
	});

	it('can be read from its beginning still', async () => {
		answer = (response) => {
			response.write(BODY);
			setTimeout(() => response.end(BODY), 50);
		};
		const long = await get();
		expect(await long.shortBody(SIZE - 1)).toBeUndefined();
		expect(await all(long.bytes())).toEqual(Buffer.concat([BODY, BODY]));
	});
});

it.each<[headers: Record<string, unknown>, length: number | undefined]>([
	[{}, undefined],
	[{ 'content-length': '0' }, 0],
	[{ 'content-length': '12' }, 12],
	[{ 'content-length': '12a' }, undefined],
	[{ 'content-length': '-12' }, undefined],
	[{ 'content-length': ['12'] }, undefined],
])('one with %j has a length only where it is one: %p', (headers, length) => {
	const watch = new Watch({ action: 'Asking', timeoutMs: 10_000 });
	const given = new HttpAnswer(200, headers, Readable.from([]), watch, 'Asking', undefined);
	expect(given.length).toBe(length);
});

it('one that turned out to be long is not kept in memory by whoever looked', async () => {
	const body = Readable.from([BODY, BODY], { objectMode: false });
	const watch = new Watch({ action: 'Asking', timeoutMs: 10_000 });
	const given = new HttpAnswer(200, {}, body, watch, 'Asking', undefined);
	expect(await given.shortBody(SIZE - 1)).toBeUndefined();
	expect(body.listenerCount('data')).toBe(0);
	given.discard();
});

it('a short one that was read can be read once more', async () => {
	answer = (response) => response.writeHead(201, { ETag: '"a"' }).end(BODY);
	const first = await get();
	const again = first.replay((await first.shortBody(SIZE)) ?? Buffer.alloc(0));
	expect([again.status, again.header('etag')]).toEqual([201, '"a"']);
	expect(await all(again.bytes())).toEqual(BODY);
});

it.each<[string, (answer: HttpAnswer) => unknown]>([
	['is discarded', (given) => given.discard()],
	[
		'is not read to its end',
		async (given) => {
			for await (const chunk of given.bytes()) if (chunk.length > 0) break;
		},
	],
])('the connection of one that %s is closed', async (_, leave) => {
	answer = endless;
	await leave(await get());
	await closed;
});
