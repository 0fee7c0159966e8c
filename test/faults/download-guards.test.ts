/** What a download takes for the file, where a service or a storage is wrong in one thing at a time. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';

import {
	CancelledError,
	ConnectionError,
	IntegrityError,
	ServiceError,
	type ClientOptions,
	type DownloadOptions,
} from '../../client';
import { afterThisTest, clientOf, failureOf, oddServer, type OddServer } from './odd-server';
import { MIB } from './support';

const SIZE = 100_000;
const BYTES = randomBytes(SIZE);
const OTHER = randomBytes(SIZE);
/** Where the first connection ends. */
const CUT = 40_000;

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
type Headers = Record<string, string>;

const whole: Answer = (response) => {
	response.writeHead(200, { 'Content-Length': String(SIZE) }).end(BYTES);
};

/** The head promises what follows; only so much of it arrives. */
const cutAfter =
	(bytes: number, status: number, headers: Headers, body: Buffer): Answer =>
	(response) => {
		response.writeHead(status, headers);
		response.write(body.subarray(0, bytes), () => response.destroy());
	};

const broken = cutAfter(CUT, 200, { 'Content-Length': String(SIZE) }, BYTES);

/** `downloads` are the answers of the service one after the other, `stored` those of the link that it gives. */
async function service(downloads: Answer[], stored: Answer[]): Promise<OddServer> {
	const [ofService, ofStorage] = [[...downloads], [...stored]];
	const server = await oddServer((request, response) => {
		const place = request.url?.split('?')[0];
		if (place === '/getFileDownloadUrl') {
			response.end(JSON.stringify({ code: 0, data: `${server.url}/stored` }));
			return;
		}
		const answer = (place === '/stored' ? ofStorage : ofService).shift();
		if (answer) answer(response, request);
		else response.writeHead(404).end();
	});
	return server;
}

const asked = ({ requests }: OddServer, place: string) =>
	requests.filter(({ url }) => url?.split('?')[0] === place);

async function downloaded(
	server: OddServer,
	options: DownloadOptions = {},
	more: Partial<ClientOptions> = {},
): Promise<Buffer> {
	const { stream } = await clientOf(server, more).download(1, options);
	return await buffer(stream);
}

describe('the rest of a broken file comes from the link', () => {
	const rest = { 'Content-Range': `bytes ${CUT}-${SIZE - 1}/${SIZE}`, 'Content-Length': String(SIZE - CUT) };

	it.each<[what: string, status: number, headers: Headers]>([
		['begins before the place', 206, { ...rest, 'Content-Range': `bytes ${CUT - 1}-${SIZE - 2}/${SIZE}` }],
		['begins behind the place', 206, { ...rest, 'Content-Range': `bytes ${CUT + 1}-${SIZE - 1}/${SIZE}` }],
		[
			'says more than where it begins',
			206,
			{ ...rest, 'Content-Range': `bytes ${CUT}-${SIZE - 1}/${SIZE} or so` },
		],
		['counts something else', 206, { ...rest, 'Content-Range': `kilobytes ${CUT}-${SIZE - 1}/${SIZE}` }],
		['does not say where it begins', 206, { 'Content-Length': String(SIZE - CUT) }],
		['is of a longer file', 206, { ...rest, 'Content-Range': `bytes ${CUT}-${SIZE - 1}/${SIZE + 1}` }],
		['is compressed', 206, { ...rest, 'Content-Encoding': 'gzip' }],
		['is a whole file, compressed', 200, { 'Content-Length': String(SIZE), 'Content-Encoding': 'br' }],
		['is a whole file of another length', 200, { 'Content-Length': String(SIZE - 1) }],
		['is a whole file of no length', 200, {}],
		['is an error', 403, { 'Content-Length': '9' }],
	])('an answer that %s is not the rest: all is asked for again', async (_, status, headers) => {
		const wrong: Answer = (response) => {
			response.writeHead(status, headers).end(OTHER.subarray(0, Number(headers['Content-Length'] ?? SIZE)));
		};
		const server = await service([broken, whole], [wrong]);
		expect((await downloaded(server)).equals(BYTES)).toBe(true);
		expect(asked(server, '/downloadFile')).toHaveLength(2);
	});

	it('an answer that leaves open how long the file is will do', async () => {
		const range = { 'Content-Range': `bytes ${CUT}-${SIZE - 1}/*` };
		const answer: Answer = (response) => response.writeHead(206, range).end(BYTES.subarray(CUT));
		const server = await service([broken], [answer]);
		expect((await downloaded(server)).equals(BYTES)).toBe(true);
	});

	it.each([
		['does not reach to the end', `bytes ${CUT}-${SIZE - 2}/${SIZE}`, 2],
		['does not tell where the end is', `bytes ${CUT}-${SIZE - 1}/*`, 2],
		['reaches to the end', `bytes ${CUT}-${SIZE - 1}/${SIZE}`, 1],
	])('of a file of unknown length, an answer that %s (%s): %d downloads', async (_, range, downloads) => {
		const chunked = cutAfter(CUT, 200, {}, BYTES);
		const answer: Answer = (response) =>
			response.writeHead(206, { 'Content-Range': range }).end(BYTES.subarray(CUT));
		const server = await service([chunked, whole], [answer]);
		expect((await downloaded(server)).equals(BYTES)).toBe(true);
		expect(asked(server, '/downloadFile')).toHaveLength(downloads);
	});

	it('a file that ends early without a word is broken too', async () => {
		const ended: Answer = (response) => response.writeHead(200).end(BYTES.subarray(0, CUT));
		const range = { 'Content-Range': `bytes ${CUT}-${SIZE - 1}/${SIZE}` };
		const answer: Answer = (response) => response.writeHead(206, range).end(BYTES.subarray(CUT));
		const bytes = await downloaded(await service([ended], [answer]), { expected: { size: SIZE } });
		expect(bytes.equals(BYTES)).toBe(true);
	});
});

describe('a second break', () => {
	const SECOND = 70_000;
	const from = (start: number, etag: string): Headers => ({
		'Content-Range': `bytes ${start}-${SIZE - 1}/${SIZE}`,
		ETag: etag,
	});
	const ifRange = (server: OddServer) => asked(server, '/stored').map(({ headers }) => headers['if-range']);
	const brokenAgain = (etag: string) => cutAfter(SECOND - CUT, 206, from(CUT, etag), BYTES.subarray(CUT));
	const end =
		(etag: string, bytes = BYTES): Answer =>
		(response) =>
			response.writeHead(206, from(SECOND, etag)).end(bytes.subarray(SECOND));

	it('goes on in the version that the first one went on in', async () => {
		const server = await service([broken], [brokenAgain('"a"'), end('"a"')]);
		expect((await downloaded(server)).equals(BYTES)).toBe(true);
		expect(ifRange(server)).toEqual([undefined, '"a"']);
	});

	it('does not go on in another version: it may be the one that the service itself has by then', async () => {
		const server = await service([broken, whole], [brokenAgain('"a"'), end('"b"', OTHER)]);
		expect(await failureOf(downloaded(server))).toBeInstanceOf(IntegrityError);
	});

	it('asks for all again beside another version when a hash will tell', async () => {
		const server = await service([broken, whole], [brokenAgain('"a"'), end('"b"', OTHER)]);
		const hashcode = createHash('md5').update(BYTES).digest('hex');
		expect((await downloaded(server, { expected: { hashcode } })).equals(BYTES)).toBe(true);
		expect(asked(server, '/downloadFile')).toHaveLength(2);
	});

	it('does not rely on a weak ETag, which vouches for no bytes', async () => {
		const server = await service([broken], [brokenAgain('W/"a"'), end('W/"b"')]);
		expect((await downloaded(server)).equals(BYTES)).toBe(true);
		expect(ifRange(server)).toEqual([undefined, undefined]);
	});
});

describe('how often a download may break', () => {
	/** Bytes after which a connection counts as a good one. */
	const GOOD = 8 * MIB;
	const patience = { retry: 0.001 };

	/** Every connection brings so many bytes, and the last one the last. */
	async function breaking(size: number, perConnection: (connection: number) => number): Promise<OddServer> {
		let connections = 0;
		const server = await oddServer((request, response) => {
			if (request.url?.startsWith('/getFileDownloadUrl')) {
				response.end(JSON.stringify({ code: 0, data: `${server.url}/stored` }));
				return;
			}
			const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
			const bytes = Buffer.alloc(Math.min(perConnection((connections += 1)), size - start));
			const headers = {
				'Content-Length': size - start,
				'Content-Range': `bytes ${start}-${size - 1}/${size}`,
			};
			response.writeHead(start > 0 ? 206 : 200, headers);
			response.write(bytes, () => (start + bytes.length === size ? response.end() : response.destroy()));
		});
		return server;
	}

	it('as often as it likes, as long as each connection brings much', async () => {
		const server = await breaking(4 * GOOD, () => GOOD);
		expect(await downloaded(server, { maxTries: 2 }, { patience })).toHaveLength(4 * GOOD);
	});

	it('as often as it has tries, where each connection brings little', async () => {
		const server = await breaking(SIZE, () => 10_000);
		const error = await failureOf(downloaded(server, { maxTries: 3 }, { patience }));
		expect(error).toBeInstanceOf(ConnectionError);
		expect([...asked(server, '/downloadFile'), ...asked(server, '/stored')]).toHaveLength(3);
	});

	it('a connection that brought much makes up for no later ones', async () => {
		const server = await breaking(GOOD + SIZE, (connection) => (connection === 1 ? GOOD : 10_000));
		const error = await failureOf(downloaded(server, { maxTries: 3 }, { patience }));
		expect(error).toBeInstanceOf(ConnectionError);
		expect([...asked(server, '/downloadFile'), ...asked(server, '/stored')]).toHaveLength(3);
	});
});

describe('a compressed file is none, as neither its length nor its offsets mean anything', () => {
	it('from the service: an error that names the reason', async () => {
		const gzip: Answer = (response) =>
			response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': String(SIZE) }).end(OTHER);
		const error = await failureOf(downloaded(await service([gzip], []), { maxTries: 1 }));
		expect(error).toBeInstanceOf(ServiceError);
		expect(error).toMatchObject({
			message: 'Downloading file 1 failed: a gateway changed the bytes (Content-Encoding: gzip)',
			status: 200,
			serviceMessage: 'unexpected content encoding',
			description: 'Ask whoever runs the gateway not to compress downloads.',
		});
	});

	it.each(['identity', ' Identity ', ''])('"%s" is no compression', async (encoding) => {
		const plain: Answer = (response) => response.writeHead(200, { 'Content-Encoding': encoding }).end(BYTES);
		const server = await service([plain], []);
		expect((await downloaded(server)).equals(BYTES)).toBe(true);
		expect(server.requests.map(({ headers }) => headers['accept-encoding'])).toEqual(['identity']);
	});
});

describe('what reads like a failure is one, unless the link has a file', () => {
	const failure = JSON.stringify({ code: 7, data: null, message: 'no such file' });
	const failingAs =
		(type: string): Answer =>
		(response) =>
			response.writeHead(200, { 'Content-Type': type }).end(failure);
	const failing = failingAs('application/json');
	const stored =
		(status: number, headers: Headers, body: string): Answer =>
		(response) =>
			response.writeHead(status, { 'Content-Length': String(body.length), ...headers }).end(body);

	it('of the same length', async () => {
		const server = await service([failing], [stored(200, {}, failure)]);
		expect(String(await downloaded(server))).toBe(failure);
	});

	it.each<[what: string, answer: Answer]>([
		['of another length', stored(200, {}, `${failure} `)],
		['that is compressed', stored(200, { 'Content-Encoding': 'gzip' }, failure)],
		['that is an error', stored(404, {}, failure)],
	])('and not one %s', async (_, answer) => {
		const error = await failureOf(downloaded(await service([failing], [answer])));
		expect(error.message).toBe('Downloading file 1 failed: no such file (code 7)');
	});

	it.each<[what: string, headers: Headers, expected: DownloadOptions['expected']]>([
		['the length that was listed', { 'Content-Length': String(failure.length) }, { size: failure.length }],
		['the name of a file', { 'Content-Disposition': 'attachment; filename="a.json"' }, {}],
		['a type that only ends like one', { 'Content-Type': 'x-application/json' }, {}],
	])('or has %s', async (_, headers, expected) => {
		const file: Answer = (response) =>
			response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(failure);
		expect(String(await downloaded(await service([file], []), { expected }))).toBe(failure);
	});

	it.each(['Application/JSON; charset=utf-8', 'application/problem+json', 'application/vnd.api+json'])(
		'and is of the type %s, also when a longer file was listed',
		async (type) => {
			const server = await service([failingAs(type)], []);
			const error = await failureOf(downloaded(server, { expected: { size: SIZE } }));
			expect(error.message).toBe('Downloading file 1 failed: no such file (code 7)');
		},
	);

	it('or is longer than any failure', async () => {
		const long = failure.padEnd(SIZE);
		const file: Answer = (response) =>
			response.writeHead(200, { 'Content-Type': 'application/json' }).end(long);
		expect(String(await downloaded(await service([file], [])))).toBe(long);
	});
});

it.each<[what: string, first: Answer]>([
	['the rest is', broken],
	[
		'the truth of a failure is',
		(response) =>
			response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"code":7,"message":"no"}'),
	],
])('cancelled while %s asked for, nothing more is', async (_, first) => {
	const stop = new AbortController();
	const server = await service([first, whole], [() => stop.abort()]);
	const error = await failureOf(downloaded(server, { signal: stop.signal }));
	expect(error).toBeInstanceOf(CancelledError);
	expect(asked(server, '/downloadFile')).toHaveLength(1);
});

describe('an answer that is not used is not left hanging', () => {
	/** A head, a byte and nothing more, until the connection is closed. */
	function hanging(status: number, headers: Headers): { answer: Answer; closed: Promise<unknown> } {
		let close: (value: unknown) => void = () => undefined;
		const closed = new Promise((resolve) => (close = resolve));
		const answer: Answer = (response) => {
			response.writeHead(status, headers).write('x');
			void once(response, 'close').then(close);
		};
		return { answer, closed };
	}
	const failing: Answer = (response) =>
		response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"code":7,"message":"no"}');

	it('a file of another length than listed', async () => {
		const { answer, closed } = hanging(200, { 'Content-Length': String(SIZE + 1) });
		const server = await service([answer], []);
		const error = await failureOf(downloaded(server, { expected: { size: SIZE } }));
		expect(error).toBeInstanceOf(IntegrityError);
		await closed;
	});

	it('a file that has another length the second time', async () => {
		const { answer, closed } = hanging(200, { 'Content-Length': String(SIZE + 1) });
		const error = await failureOf(downloaded(await service([broken, answer], [])));
		expect(error).toBeInstanceOf(IntegrityError);
		await closed;
	});

	it('a compressed file', async () => {
		const { answer, closed } = hanging(200, { 'Content-Encoding': 'gzip' });
		await failureOf(downloaded(await service([answer], []), { maxTries: 1 }));
		await closed;
	});

	it('a rest that is none', async () => {
		const { answer, closed } = hanging(206, {});
		await downloaded(await service([broken, whole], [answer]));
		await closed;
	});

	it('a file that nobody begins to read', async () => {
		const { answer, closed } = hanging(200, { 'Content-Length': String(SIZE) });
		const { stream } = await clientOf(await service([answer], [])).download(1);
		stream.destroy();
		await closed;
	});

	it('a file for a folder that does not exist', async () => {
		const { answer, closed } = hanging(200, { 'Content-Length': String(SIZE) });
		const client = clientOf(await service([answer], []));
		const error = await failureOf(client.downloadToFile(1, path.join(tmpdir(), 'no-such-folder', 'a')));
		expect(error.message).toContain('it does not exist (ENOENT)');
		await closed;
	});

	it('a file that was to explain a failure', async () => {
		const { answer, closed } = hanging(200, { 'Content-Length': String(SIZE) });
		await failureOf(downloaded(await service([failing], [answer])));
		await closed;
	});
});

describe('a small file, which is read at once', () => {
	const small = BYTES.subarray(0, 1000);
	const announced = { 'Content-Length': '1000' };
	const ended: Answer = (response) => response.writeHead(200).end(small.subarray(0, 500));
	const complete: Answer = (response) => response.writeHead(200, announced).end(small);

	async function toFile(downloads: Answer[], options: DownloadOptions = {}) {
		const folder = await mkdtemp(path.join(tmpdir(), 'bdd-guards-'));
		afterThisTest(() => rm(folder, { recursive: true }));
		const server = await service(downloads, []);
		const target = path.join(folder, 'a.bin');
		const expected = { size: small.length, ...options.expected };
		const run = clientOf(server).downloadToFile(1, target, { maxTries: 2, ...options, expected });
		return { run, server, target, folder };
	}

	it.each([
		['whose connection breaks', cutAfter(500, 200, announced, small)],
		['that ends early', ended],
	])('%s is asked for again', async (_, first) => {
		const { run, server, target } = await toFile([first, complete]);
		await run;
		expect((await readFile(target)).equals(small)).toBe(true);
		expect(server.requests).toHaveLength(2);
	});

	it('that always ends early fails after the tries it has, and leaves nothing', async () => {
		const { run, server, folder } = await toFile([ended, ended, complete]);
		const error = await failureOf(run);
		expect(error.message).toBe('Downloading file 1 failed: the connection ended after 500 of 1000 bytes');
		expect(server.requests).toHaveLength(2);
		expect(await readdir(folder)).toEqual([]);
	});

	it('is not checked against its hash when that is switched off', async () => {
		const expected = { hashcode: '0'.repeat(32) };
		expect(await failureOf((await toFile([complete], { expected })).run)).toBeInstanceOf(IntegrityError);
		const { run, target } = await toFile([complete], { expected, verify: false });
		await run;
		expect((await readFile(target)).equals(small)).toBe(true);
	});
});
