import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import {
	ConnectionError,
	InvalidInputError,
	isBddFileError,
	LocalFileError,
	StalledError,
	type NetworkPolicy,
} from '../../client';
import { afterThisTest, clientOf, failureOf, oddServer } from './odd-server';
import { MIB } from './support';

const CHAT = '42';
const EMPTY_LIST = JSON.stringify({ code: 0, data: { total: 0, items: [] }, message: null });

const redirect = (response: ServerResponse, location: string) =>
	response.writeHead(302, { Location: location }).end();

describe('a network policy', () => {
	const allowAll = () => Promise.resolve();
	const REFUSALS: [string, unknown][] = [
		['an error', new Error('10.0.0.1 is restricted')],
		['an error with secrets', new Error('http://u:secret@h/x?Signature=secret')],
		['nothing', undefined],
		['null', null],
		['a text', 'no'],
		['an object', { toString: null }],
		['a symbol', Symbol('no')],
	];

	it.each(REFUSALS)('that refuses with %s: nothing is asked', async (_, reason) => {
		const server = await oddServer((__, response) => response.end(EMPTY_LIST));
		for (const validateUrl of [
			// eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
			() => Promise.reject(reason),
			() => {
				throw reason;
			},
		]) {
			const client = clientOf(server, { network: { validateUrl } });
			const error = await failureOf(client.listChatFiles(CHAT));
			expect(error).toBeInstanceOf(InvalidInputError);
			expect(error.message).toMatch(
				/^Listing chat "42" failed: the address http:\/\/127\.0\.0\.1:\d+ is not allowed/,
			);
			expect(error.message).not.toContain('secret');
		}
		expect(server.requests).toEqual([]);
	});

	it('is asked for the request and for the target of a redirect, which is not asked when it refuses', async () => {
		const elsewhere = await oddServer((_, response) => response.end(EMPTY_LIST));
		const server = await oddServer((_, response) => redirect(response, elsewhere.url));
		const asked: string[] = [];
		const validateUrl = async (url: string) => {
			asked.push(url);
			if (url.startsWith(elsewhere.url)) throw new Error('restricted');
			await Promise.resolve();
		};
		const { url } = server;
		const client = clientOf({ url: url.replace('//', '//u:p@') }, { network: { validateUrl } });
		const error = await failureOf(client.listChatFiles(CHAT));
		expect(error.message).toContain(`the address ${elsewhere.url} is not allowed`);
		expect(asked).toEqual([expect.stringContaining(`${url}/listChatFiles?`), `${elsewhere.url}/`]);
		expect(elsewhere.requests).toEqual([]);
	});

	it('that never answers is given up after the timeout, and when cancelled', async () => {
		const server = await oddServer((_, response) => response.end(EMPTY_LIST));
		const client = clientOf(server, { network: { validateUrl: () => new Promise<never>(() => undefined) } });
		const stalled = await failureOf(client.listChatFiles(CHAT, { timeout: 0.1 }));
		expect(stalled).toBeInstanceOf(StalledError);
		for (const signal of [AbortSignal.timeout(50), AbortSignal.abort()]) {
			const error = await failureOf(client.listChatFiles(CHAT, { signal }));
			expect(error.message).toBe('Listing chat "42" was cancelled');
		}
	});

	it('resolves the names', async () => {
		const server = await oddServer((_, response) => response.end(EMPTY_LIST));
		const asked: string[] = [];
		const lookup: NetworkPolicy['lookup'] = (hostname, options, callback) => {
			asked.push(hostname);
			if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
			else callback(null, '127.0.0.1', 4);
		};
		const client = clientOf(
			{ url: server.url.replace('127.0.0.1', 'files.invalid') },
			{ network: { validateUrl: allowAll, lookup } },
		);
		expect(await client.listChatFiles(CHAT)).toEqual([]);
		expect(asked).toEqual(['files.invalid']);
	});

	it.each<[string, NetworkPolicy['lookup']]>([
		...REFUSALS.flatMap(([what, reason]): [string, NetworkPolicy['lookup']][] => [
			[
				`throws ${what}`,
				() => {
					throw reason;
				},
			],
			[`says no with ${what}`, (_, __, callback) => callback(reason as Error, '', 0)],
		]),
		['gives no address', (_, __, callback) => callback(null, 'nowhere', 4)],
		['gives nothing', (_, __, callback) => callback(null, undefined as unknown as string, 0)],
		['gives an odd list', (_, __, callback) => callback(null, [null] as never)],
	])('whose look-up %s', async (_, lookup) => {
		const client = clientOf(
			{ url: 'http://files.invalid' },
			{ network: { validateUrl: allowAll, ...(lookup && { lookup }) } },
		);
		const error = await failureOf(client.listChatFiles(CHAT, { maxTries: 1, timeout: 1 }));
		expect(isBddFileError(error)).toBe(true);
		expect(error.message).toMatch(/^Listing chat "42" failed/);
		expect(error.message).not.toContain('secret');
	});

	it.each([
		['its no is final', new Error('10.0.0.1 is restricted'), InvalidInputError, 1],
		[
			'a name that is unknown is asked for again',
			Object.assign(new Error('no'), { code: 'ENOTFOUND' }),
			ConnectionError,
			3,
		],
	])('whose look-up fails: %s', async (_, reason, kind, times) => {
		const asked: string[] = [];
		const lookup: NetworkPolicy['lookup'] = (hostname, __, callback) => {
			asked.push(hostname);
			callback(reason, '', 0);
		};
		const network = { validateUrl: allowAll, lookup };
		const client = clientOf({ url: 'http://files.invalid' }, { network });
		const error = await failureOf(client.listChatFiles(CHAT, { maxTries: 3 }));
		expect(error).toBeInstanceOf(kind);
		expect(asked).toHaveLength(times);
	});

	it('a form whose source fails while the policy is still asked rejects that upload, and nothing else', async () => {
		const server = await oddServer((_, response) => response.end(EMPTY_LIST));
		const streams: Readable[] = [];
		const source = {
			fileName: 'a.bin',
			size: 3 * MIB,
			open: () => {
				const stream = new Readable({ read: () => undefined });
				streams.push(stream);
				return Promise.resolve(stream);
			},
		};
		const validateUrl = async () => {
			streams[0]?.destroy(new Error('EIO: i/o error'));
			await delay(50);
		};
		const client = clientOf(server, { network: { validateUrl } });
		const error = await failureOf(client.upload(source, { chatId: CHAT }));
		expect(error).toBeInstanceOf(LocalFileError);
		expect(error.message).toBe('Reading "a.bin" failed: EIO: i/o error');
		expect(streams).toHaveLength(1);
		expect(streams[0]?.destroyed).toBe(true);
	});
});

describe('a proxy that the environment names', () => {
	const setEnvironment = (name: string, value: string) => {
		const before = process.env[name];
		process.env[name] = value;
		afterThisTest(() => {
			if (before === undefined) Reflect.deleteProperty(process.env, name);
			else process.env[name] = before;
		});
	};

	it('is used', async () => {
		const proxy = await oddServer((_, response) => response.end(EMPTY_LIST));
		setEnvironment('http_proxy', proxy.url);
		expect(await clientOf({ url: 'http://files.invalid' }).listChatFiles(CHAT)).toEqual([]);
		expect(proxy.requests[0]?.url).toMatch(/^http:\/\/files\.invalid\/listChatFiles\?/);
	});

	it.each(['127.0.0.1', '127.0.0.0/8', 'files.invalid, 127.0.0.1', '*'])(
		'is not used for what no_proxy names: %s',
		async (hosts) => {
			const proxy = await oddServer((_, response) => response.end(EMPTY_LIST));
			const server = await oddServer((_, response) => response.end(EMPTY_LIST));
			setEnvironment('http_proxy', proxy.url);
			setEnvironment('no_proxy', hosts);
			expect(await clientOf(server).listChatFiles(CHAT)).toEqual([]);
			expect([proxy.requests.length, server.requests.length]).toEqual([0, 1]);
		},
	);
});

describe('an address with user and password', () => {
	const withUser = ({ url }: { url: string }) => ({ url: url.replace('//', '//us%40er:se%3Acret@') });

	it('logs in, at the service only', async () => {
		const storage = await oddServer((_, response) => response.end('0123456789'));
		const server = await oddServer((request, response) => {
			if (request.url?.startsWith('/getFileDownloadUrl')) {
				response.end(JSON.stringify({ code: 0, data: `${storage.url}/a?Signature=x` }));
			} else {
				// Breaks off, so that the rest is asked of the storage.
				response.writeHead(200, { 'Content-Length': '10' });
				response.write('01234', () => response.destroy());
			}
		});
		const { stream } = await clientOf(withUser(server)).download(1);
		for await (const chunk of stream as AsyncIterable<Buffer>) expect(chunk.toString()).toBe('0123456789');
		const basic = `Basic ${Buffer.from('us@er:se:cret').toString('base64')}`;
		expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
		expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
	});

	it('is in no error and no line of the log', async () => {
		const server = await oddServer((_, response) => response.writeHead(500).end());
		const log: string[] = [];
		const note = (line: string) => void log.push(line);
		const logger = { debug: note, info: note, warn: note };
		const gone = { url: 'http://us%40er:se%3Acret@127.0.0.1:1' };
		for (const address of [withUser(server), gone]) {
			const error = await failureOf(clientOf(address, { logger }).listChatFiles(CHAT, { maxTries: 2 }));
			const all = [error, error.cause, (error.cause as Error | undefined)?.cause, log];
			expect(JSON.stringify(all.map((each) => [String(each), each]))).not.toMatch(/cret|us%40er|us@er/);
			expect(error.stack).not.toMatch(/cret/);
		}
		expect(log).not.toEqual([]);
	});

	it.each([
		'no address',
		'u:secret@host',
		'ftp://u:secret@host',
		'http://u:secret@',
		'http://u:secret@host?x=1',
		'http://u:secret@host/#x',
	])('%s: refused before anything is asked, without its password', (baseUrl) => {
		let error: unknown;
		try {
			clientOf({ url: baseUrl });
		} catch (cause) {
			error = cause;
		}
		expect(error).toBeInstanceOf(InvalidInputError);
		expect(String(error)).not.toContain('secret');
		expect(String(error)).toMatch(/Base URL (is not an http or https address|has a (query|fragment))/);
	});
});
