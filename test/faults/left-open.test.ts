/** What a call that has failed or was cancelled may have left open, or still do. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { CancelledError, diskSource, Siblings } from '../../client';
import { HttpClient } from '../../client/api/http';
import { afterThisTest, clientOf, failureOf, oddServer } from './odd-server';
import { MIB } from './support';

test('nothing is sent for a signal that has fired before', async () => {
	const server = await oddServer((_, response) => response.end('{"code":0,"data":5}'));
	const http = new HttpClient({});
	afterThisTest(() => http.close());
	const asked = { method: 'DELETE', url: server.url, action: 'Deleting', timeoutMs: 1000 } as const;

	const failure = await failureOf(http.send({ ...asked, signal: AbortSignal.abort() }));

	expect(failure).toBeInstanceOf(CancelledError);
	await delay(50);
	expect(server.requests).toHaveLength(0);
});

test('a download that nobody wants any more asks for nothing more', async () => {
	const server = await oddServer((_, response) => {
		response.writeHead(200, {
			'content-length': 3 * MIB,
			'content-disposition': 'attachment; filename=a.bin',
		});
		response.write(Buffer.alloc(1.5 * MIB));
	});
	const warnings: string[] = [];
	const logger = {
		debug: () => undefined,
		info: () => undefined,
		warn: (text: string) => void warnings.push(text),
	};
	const { stream } = await clientOf(server, { logger }).download(7);
	await once(stream, 'data');
	// By now the next chunk is waited for.
	await delay(20);
	stream.destroy();
	await once(stream, 'close');
	await delay(100);
	expect(server.requests.map(({ url }) => url?.split('?')[0])).toEqual(['/downloadFile']);
	expect(warnings).toEqual([]);
});

test('a download that waits for another one to its path can be cancelled', async () => {
	const server = await oddServer((_, response) => {
		response.writeHead(200, { 'content-length': 10, 'content-disposition': 'attachment; filename=a.bin' });
		response.write('12345');
	});
	const folder = await mkdtemp(path.join(tmpdir(), 'bdd-file-left-'));
	afterThisTest(() => rm(folder, { recursive: true }));
	const client = clientOf(server);
	const options = { fileName: 'a.bin', siblings: new Siblings() };
	const [one, other] = [new AbortController(), new AbortController()];
	const running = failureOf(client.downloadInto(7, folder, { ...options, signal: one.signal }));
	const waiting = failureOf(client.downloadInto(8, folder, { ...options, signal: other.signal }));
	await delay(50);
	other.abort();
	expect(await waiting).toBeInstanceOf(CancelledError);
	expect(server.requests).toHaveLength(1);
	one.abort();
	expect(await running).toBeInstanceOf(CancelledError);
	expect(await readdir(folder)).toEqual([]);
});

test('a file whose parts are refused is closed', async () => {
	const folder = await mkdtemp(path.join(tmpdir(), 'bdd-file-left-'));
	afterThisTest(() => rm(folder, { recursive: true }));
	const file = path.join(folder, 'a.bin');
	await writeFile(file, randomBytes(21 * MIB));
	const answers: Record<string, unknown> = {
		'/listChatFiles': { total: 0, items: [] },
		'/listDirectories': { total: 0, items: [] },
		'/initMultipartUploadFile': 7,
	};
	const server = await oddServer((request, response) => {
		const data = answers[request.url?.split('?')[0] ?? ''];
		request.resume().once('end', () => {
			response
				.writeHead(data === undefined ? 400 : 200)
				.end(JSON.stringify({ code: data === undefined ? 1 : 0, data }));
		});
	});

	const uploading = clientOf(server).upload(await diskSource(file), {
		chatId: 'c',
		mode: 'multipart',
		partSize: 5,
		concurrency: 2,
	});

	expect((await failureOf(uploading)).message).toMatch(/part \d failed/);
	await delay(100);
	expect(await openFiles()).not.toContain(file);
});

/** Where the descriptors of this process lead to. @throws where the system does not tell: only Linux does */
async function openFiles(): Promise<string[]> {
	const descriptors = await readdir('/proc/self/fd');
	return await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
}
