import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { bufferSource, StalledError, UnknownOutcomeError, type UploadMode } from '../../client';
import { clientOf, failureOf, oddServer, secureServer } from './odd-server';
import { MIB } from './support';

/** Seconds. What is steady moves several times within it; what takes long takes several times as long. */
const timeout = 0.4;
const EMPTY_LIST = JSON.stringify({ code: 0, data: { total: 0, items: [] } });

/** Reads a request's body in so many steps, one every `timeout` / 4, and then answers. */
async function readSteadily(request: IncomingMessage, response: ServerResponse, steps: number) {
	const step = Math.ceil(Number(request.headers['content-length']) / steps);
	let [read, allowed] = [0, 0];
	request.on('data', (chunk: Buffer) => {
		read += chunk.length;
		if (read >= allowed) request.pause();
	});
	request.pause().once('end', () => response.end('{"code":0,"data":1}'));
	while (!request.destroyed && !request.readableEnded) {
		await delay((timeout * 1000) / 4);
		allowed += step;
		request.resume();
	}
}

const answers: Record<string, unknown> = {
	'/initMultipartUploadFile': 1,
	'/completeMultipartUpload': 1,
	'/getMultipartUploadFileStatus': {
		status: 'ok',
		part_size: 1,
		uploaded_parts: null,
		remaining_parts: null,
	},
};

/** A service that takes uploads, and treats those with much in them as `slow` does. */
const service =
	(slow: (request: IncomingMessage, response: ServerResponse) => unknown): RequestListener =>
	(request, response) => {
		const path = request.url?.split('?')[0] ?? '';
		if (path === '/uploadSimpleFile' || path === '/uploadFilePart') return void slow(request, response);
		request.resume();
		if (path in answers) response.end(JSON.stringify({ code: 0, data: answers[path] }));
		else response.end(EMPTY_LIST);
	};

const MODES: UploadMode[] = ['simple', 'multipart'];

describe.each([
	['http', oddServer],
	['https', secureServer],
])('over %s', (_, start) => {
	/** More than the buffers between client and service take in. */
	it.each(MODES)('a service that reads steadily is no stall, however long it takes: %s', async (mode) => {
		const server = await start(service((request, response) => readSteadily(request, response, 12)));
		const client = clientOf(server, { allowUnauthorizedCerts: true });
		const source = bufferSource('a.bin', Buffer.alloc(24 * MIB));
		const upload = client.upload(source, { biz: 'zero2x', mode, timeout, maxTries: 1, partSize: 24 });
		expect(await upload).toMatchObject({ fileId: 1, mode });
	});

	it('a service that stops reading is a stall after the timeout, not after the floor', async () => {
		const server = await start(service((request) => request.once('readable', () => undefined)));
		const client = clientOf(server, { allowUnauthorizedCerts: true, patience: { answer: 1000 } });
		const source = bufferSource('a.bin', Buffer.alloc(40 * MIB));
		const error = await failureOf(client.upload(source, { biz: 'zero2x', mode: 'simple', timeout }));
		expect(error).toBeInstanceOf(StalledError);
		expect(error.message).toContain(`nothing moved for ${timeout} seconds`);
	});
});

it.each(MODES)('what is under way after the last byte has left is waited for: %s', async (mode) => {
	// The system's buffers take it all in; the service reads it over three timeouts.
	const server = await oddServer(service((request, response) => readSteadily(request, response, 12)));
	const client = clientOf(server, { patience: { answer: 30, settle: 0.1, retry: 0.01 } });
	const source = bufferSource('a.bin', Buffer.alloc(MIB));
	const upload = client.upload(source, { biz: 'zero2x', mode, timeout, maxTries: 1 });
	expect(await upload).toMatchObject({ fileId: 1, mode });
});

it.each([
	['the floor, where it is longer', 0.3, 0.8, 0.8],
	['the timeout, where it is longer', 0.9, 0.2, 0.9],
])('a service that never answers is given up after %s', async (_, seconds, floor, expected) => {
	const server = await oddServer(service((request) => request.resume()));
	const client = clientOf(server, { patience: { answer: floor, settle: 0.1 } });
	for (const size of [10, MIB]) {
		const source = bufferSource('a.bin', Buffer.alloc(size));
		const startedAt = performance.now();
		const error = await failureOf(client.upload(source, { biz: 'zero2x', timeout: seconds, maxTries: 3 }));
		expect(performance.now() - startedAt).toBeGreaterThanOrEqual(expected * 1000 - 1);
		expect(error).toBeInstanceOf(UnknownOutcomeError);
		expect(error.message).toContain(`nothing moved for ${expected} seconds`);
	}
	// A stall is not repeated: its timeout is the longest that the user wants to wait.
	expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
});

it('without a body there is no floor', async () => {
	const server = await oddServer(() => undefined);
	const client = clientOf(server, { patience: { answer: 1000 } });
	const error = await failureOf(client.listChatFiles('42', { timeout }));
	expect(error.message).toContain(`nothing moved for ${timeout} seconds`);
	expect(server.requests).toHaveLength(1);
});

it('a slow but steady download is no stall', async () => {
	const chunk = Buffer.alloc(1000, 'x');
	const server = await oddServer((_, response) => {
		const send = async () => {
			response.writeHead(200, { 'Content-Length': String(12 * chunk.length) });
			for (let index = 0; index < 12; index += 1) {
				response.write(chunk);
				await delay((timeout * 1000) / 4);
			}
			response.end();
		};
		void send();
	});
	const { stream } = await clientOf(server).download(1, { timeout, maxTries: 1 });
	let bytes = 0;
	for await (const each of stream as AsyncIterable<Buffer>) bytes += each.length;
	expect(bytes).toBe(12 * chunk.length);
	expect(server.requests).toHaveLength(1);
});

it('a download that stops is a stall', async () => {
	const server = await oddServer((_, response) => {
		response.writeHead(200, { 'Content-Length': '10' });
		response.write('x');
	});
	const { stream } = await clientOf(server).download(1, { timeout });
	const error = await failureOf(stream.toArray());
	expect(error).toBeInstanceOf(StalledError);
	await server.untilQuiet();
});

it('a slow consumer is no stall', async () => {
	const bytes = Buffer.alloc(20 * MIB, 'x');
	const server = await oddServer((_, response) => {
		response.writeHead(200, { 'Content-Length': String(bytes.length) }).end(bytes);
	});
	const { stream } = await clientOf(server).download(1, { timeout, maxTries: 1 });
	let read = 0;
	let pauses = 0;
	for await (const chunk of stream as AsyncIterable<Buffer>) {
		read += chunk.length;
		if ((pauses += 1) <= 2) await delay(timeout * 2000);
	}
	expect(read).toBe(bytes.length);
	expect(server.requests).toHaveLength(1);
});

it('the head of an answer may come slowly too, whether the request has a body or not', async () => {
	const server = await oddServer((request) => {
		const body = request.method === 'POST' ? '{"code":0,"data":1}' : EMPTY_LIST;
		const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
		request.resume();
		void (async () => {
			// The head takes three timeouts.
			for (let at = 0; at < answer.length; at += 4) {
				await delay(at < 48 ? (timeout * 1000) / 4 : 1);
				request.socket.write(answer.slice(at, at + 4));
			}
		})();
	});
	const client = clientOf(server, { patience: { answer: timeout / 2, settle: 0.1 } });
	expect(await client.listChatFiles('42', { timeout, maxTries: 1 })).toEqual([]);
	const upload = client.upload(bufferSource('a', Buffer.alloc(9)), { biz: 'zero2x', timeout, maxTries: 1 });
	expect(await upload).toMatchObject({ fileId: 1 });
});

it('the rest of an answer has no floor', async () => {
	const server = await oddServer(
		service((request, response) => {
			request.resume();
			response.writeHead(200, { 'Content-Length': '99' }).write('{');
		}),
	);
	const client = clientOf(server, { patience: { answer: 1000, settle: 0.1 } });
	const source = bufferSource('a.bin', Buffer.alloc(10));
	const error = await failureOf(client.upload(source, { biz: 'zero2x', timeout }));
	expect(error.message).toContain(`nothing moved for ${timeout} seconds`);
});

it('a process that was busy itself looks once more before it takes a service for slow', async () => {
	const server = await oddServer((_, response) => {
		response.end(EMPTY_LIST);
		// The answer is there now, and nobody can look.
		for (const until = performance.now() + timeout * 2000; performance.now() < until;);
	});
	expect(await clientOf(server).listChatFiles('42', { timeout, maxTries: 1 })).toEqual([]);
});
