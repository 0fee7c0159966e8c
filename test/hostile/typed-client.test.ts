/** What people type, and what a slow network does, as far as it concerns the client. */
import { inspect } from 'node:util';
import { buffer } from 'node:stream/consumers';

import {
	bufferSource,
	InvalidInputError,
	isBddFileError,
	resolveBaseUrl,
	StalledError,
	type BddFileClient,
} from '../../client';
import { http, ok } from './support/answers';
import { failureOf, scenario } from './support/scenario';
import { CHAT } from './support/store';

describe('a timeout beyond what a timer can count', () => {
	it.concurrent.each([2_147_483, 2_147_484, 3_000_000, 1e9])(
		'%d seconds: it is long, or it is refused',
		(timeout) =>
			scenario(async ({ service, client }) => {
				const later = async <T>(work: () => T) => {
					await new Promise((resolve) => setTimeout(resolve, 150));
					return work();
				};
				for (const endpoint of ['listChatFiles', 'uploadSimpleFile', 'downloadFile'] as const) {
					service.on(endpoint, later);
				}
				try {
					expect(await client.listChatFiles(CHAT, { timeout })).toEqual([]);
				} catch (error) {
					expect(error).toBeInstanceOf(InvalidInputError);
					expect(service.calls).toEqual([]);
					expect(timeout).toBeGreaterThan(2_147_483);
					return;
				}
				const bytes = Buffer.from('content');
				const { fileId } = await client.upload(bufferSource('a.txt', bytes), { chatId: CHAT, timeout });
				const { stream } = await client.download(fileId, { timeout });
				expect(await buffer(stream)).toEqual(bytes);
			}),
	);
});

describe('a base URL with user and password', () => {
	const PASSWORD = 'p@ss w0rd';
	const TYPED = encodeURIComponent(PASSWORD);
	const BASIC = Buffer.from(`someone:${PASSWORD}`).toString('base64');
	const withPassword = (port: number) => `http://someone:${TYPED}@127.0.0.1:${port}`;

	function keepsSecret(...told: unknown[]): void {
		const everything = inspect(told, { depth: 20, showHidden: true });
		for (const secret of [PASSWORD, TYPED, BASIC]) expect(everything).not.toContain(secret);
	}

	it('is sent as Basic authorization', () =>
		scenario(async ({ service, newClient }) => {
			const client = newClient({ baseUrl: withPassword(service.port) });
			const bytes = Buffer.from('x');
			const { fileId } = await client.upload(bufferSource('a.txt', bytes), { chatId: CHAT });
			await client.listChatFiles(CHAT);
			await buffer((await client.download(fileId)).stream);
			await client.delete(fileId);
			expect(service.calls.length).toBeGreaterThan(3);
			for (const { headers } of service.calls) expect(headers.authorization).toBe(`Basic ${BASIC}`);
		}));

	it('is not sent to another host', () =>
		scenario(async ({ service, newClient }) => {
			const { id } = service.store.add({ filename: 'a.txt', bytes: Buffer.from('x') });
			const client = newClient({ baseUrl: withPassword(service.port) });
			const Location = `http://localhost:${service.port}/signed/${id}`;
			service.on('downloadFile', () => http(302, '', { Location }));
			await buffer((await client.download(id)).stream);
			const elsewhere = service.calls.filter(({ endpoint }) => endpoint === 'signed');
			expect(elsewhere.map(({ headers }) => headers.authorization)).toEqual([undefined]);
		}));

	it.concurrent.each<[string, (client: BddFileClient) => Promise<unknown>]>([
		['a list', (client) => client.listChatFiles(CHAT, { timeout: 0.3, maxTries: 2 })],
		['a download', (client) => client.download(1, { timeout: 0.3, maxTries: 2 })],
		[
			'an upload',
			(client) =>
				client.upload(bufferSource('a.txt', Buffer.from('x')), { chatId: CHAT, timeout: 0.3, maxTries: 2 }),
		],
		['a deletion', (client) => client.delete(1, { timeout: 0.3, maxTries: 2 })],
	])('is never told, neither in an error nor in the log: %s', (_, act) =>
		scenario(async ({ service, newClient, log }) => {
			const patience = { settle: 0.2, answer: 0.3, retry: 0.05 };
			const nobody = newClient({ baseUrl: withPassword(1), patience });
			keepsSecret(await failureOf(act(nobody)), log);
			const client = newClient({ baseUrl: withPassword(service.port), patience });
			const astray = http(302, '', { Location: 'http://' });
			for (const reaction of ['reset', 'silence', http(500), http(401), astray] as const) {
				for (const endpoint of ['listChatFiles', 'downloadFile', 'uploadSimpleFile', 'deleteFile'] as const) {
					service.on(endpoint, () => reaction);
				}
				keepsSecret(await failureOf(act(client)), log);
			}
		}),
	);

	it('is not echoed where the address is refused', () => {
		const address = `http://someone:${TYPED}@files.example.com/api`;
		for (const refused of [
			`${address}?x=1`,
			`${address}#x`,
			address.replace('http', 'ftp'),
			`${address} x:y`,
		]) {
			let error: unknown;
			try {
				resolveBaseUrl('custom', refused);
			} catch (thrown) {
				error = thrown;
			}
			if (error === undefined) continue;
			expect(isBddFileError(error)).toBe(true);
			keepsSecret(error);
		}
	});
});

it('a base URL with a query is refused because of the query', () => {
	expect(() => resolveBaseUrl('custom', 'http://files.example.com/api?key=1')).toThrow(/query|\?/);
	expect(() => resolveBaseUrl('custom', 'http://files.example.com/api?key=1')).not.toThrow(/not an http/);
});

it.each([1e15, Number.MAX_SAFE_INTEGER, 1e300, -1, 0.5])(
	'a link for %d seconds: a link or a BddFileError',
	(expiresIn) =>
		scenario(async ({ service, client }) => {
			const { id } = service.store.add({ filename: 'a.txt' });
			try {
				const { expiresAt } = await client.getDownloadUrl(id, { expiresIn });
				expect(Date.parse(expiresAt)).not.toBeNaN();
			} catch (error) {
				if (!isBddFileError(error)) throw error;
				expect(service.calls).toEqual([]);
			}
		}),
);

it('https on a plain port: a BddFileError in words', () =>
	scenario(async ({ service, newClient }) => {
		const client = newClient({ baseUrl: service.url.replace('http:', 'https:') });
		const error = await failureOf(client.listChatFiles(CHAT));
		expect(error.message).toMatch(/^Listing chat "42" failed/);
		expect(error.message).not.toMatch(/routines|openssl|ssl3_|record_layer|EPROTO.*:error/);
		expect(error.message + (isBddFileError(error) ? error.description : '')).toMatch(/https|TLS|encrypt/i);
	}));

describe('a server that reads slowly but steadily is no stall', () => {
	const patience = { settle: 3, answer: 15, retry: 0.05 };
	const timeout = 1.5;

	it.concurrent.each([
		['a small file', 400_000, 'simple'],
		['a streamed file', 1_500_000, 'simple'],
		['a file in parts', 6 * 1024 * 1024, 'multipart'],
	] as const)('%s, over four seconds, with a timeout of a second and a half', (_, size, mode) =>
		scenario(async ({ service, newClient }) => {
			service.bytesPerSecond = size / 4;
			const client = newClient({ patience });
			const bytes = Buffer.alloc(size, 'slow');
			await client.upload(bufferSource('a.bin', bytes), { chatId: CHAT, mode, timeout, concurrency: 1 });
			expect(service.store.goodCopies(bytes)).toHaveLength(1);
			expect(service.count('uploadSimpleFile') + service.count('initMultipartUploadFile')).toBe(1);
		}),
	);

	it.concurrent('an answer that does not come is one, after the floor', () =>
		scenario(async ({ service, newClient }) => {
			service.on('listChatFiles', () => 'silence');
			const client = newClient({ patience: { ...patience, answer: 1 } });
			expect(await failureOf(client.listChatFiles(CHAT, { timeout }))).toBeInstanceOf(StalledError);
		}),
	);
});

it('a link that the service gives is passed on as it is', () =>
	scenario(async ({ service, client }) => {
		const link = 'https://storage.example.com/a%20b?X-Signature=abc%2Fd&x=1';
		service.on('getFileDownloadUrl', () => ok(link));
		expect((await client.getDownloadUrl(1)).url).toBe(link);
	}));
