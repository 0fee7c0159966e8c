/** A large file over several connections to its storage, which is wrong in one thing at a time. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import {
	CancelledError,
	IntegrityError,
	InvalidInputError,
	StalledError,
	type DownloadOptions,
} from '../../client';
import { faults } from '../../harness/fault-proxy';
import { clientOf, failureOf, oddServer, type OddServer } from './odd-server';
import { CHAT, MIB, startScenario } from './support';

const RANGE = 4 * MIB;
/** Nine ranges, the last one short. */
const SIZE = 8 * RANGE + 3 * MIB + 1;
const BYTES = randomBytes(SIZE);
const OTHER = randomBytes(SIZE);
const MD5 = createHash('md5').update(BYTES).digest('hex');
const ETAG = '"one"';

/** A request to the storage. */
interface Asked {
	start: number;
	/** Not included. */
	end: number;
	/** How often this start was asked for, this time included. */
	time: number;
	/** Of the link, counted from 1. */
	link: number;
	ifRange: string | undefined;
}

interface Served {
	bytes?: Buffer;
	status?: number;
	headers?: Record<string, string>;
}

interface Storage extends OddServer {
	asked: Asked[];
	/** Plain downloads. */
	plain(): number;
}

type Odd = (asked: Asked, response: ServerResponse) => Served | 'done' | undefined;

/** The range that was asked for, as a right storage gives it, but for `served`. */
function serve(
	response: ServerResponse,
	{ start, end }: Asked,
	{ bytes = BYTES, status = 206, headers }: Served = {},
) {
	const body = status === 200 ? bytes : bytes.subarray(start, end);
	response.writeHead(status, {
		'Content-Length': String(body.length),
		...(status === 206 && { 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` }),
		ETag: ETAG,
		...headers,
	});
	response.end(body);
}

function head(response: ServerResponse, { start, end }: Asked): void {
	response.writeHead(206, {
		'Content-Length': String(end - start),
		'Content-Range': `bytes ${start}-${end - 1}/${SIZE}`,
		ETag: ETAG,
	});
}

/** A head and a byte. @returns what sends the rest */
function beginning(response: ServerResponse, asked: Asked): () => void {
	const { start, end } = asked;
	head(response, asked);
	response.write(BYTES.subarray(start, start + 1));
	return () => response.end(BYTES.subarray(start + 1, end));
}

/**
 * A service with one file and the storage behind it. What `odd` gives, or does itself, is not as it should be.
 *
 * @param isSlow the first connection gives the rest of its bytes when it is not the only one any more
 */
async function storage(odd: Odd = () => undefined, bytes = BYTES, isSlow = true): Promise<Storage> {
	const asked: Asked[] = [];
	let release = () => {};
	let links = 0;
	const server = await oddServer((request, response) => {
		const [place, query] = (request.url ?? '').split('?');
		if (place === '/getFileDownloadUrl') {
			response.end(JSON.stringify({ code: 0, data: `${server.url}/stored?${(links += 1)}` }));
		} else if (place === '/downloadFile') {
			response.writeHead(200, { 'Content-Length': String(bytes.length) }).end(bytes);
		} else {
			const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
			const start = Number(first);
			const one: Asked = {
				start,
				end: last === '' ? SIZE : Math.min(Number(last) + 1, SIZE),
				time: asked.filter((before) => before.start === start).length + 1,
				link: Number(query),
				ifRange: request.headers['if-range']?.toString(),
			};
			asked.push(one);
			if (start > 0) {
				release();
				release = () => {};
			}
			const served = odd(one, response);
			if (served === 'done') return;
			if (isSlow && served === undefined && start === 0) release = beginning(response, one);
			else serve(response, one, served);
		}
	});
	const plain = () => server.requests.filter(({ url }) => url?.startsWith('/downloadFile')).length;
	return { ...server, asked, plain };
}

async function downloaded(server: Storage, options: DownloadOptions = {}): Promise<Buffer> {
	const { stream } = await clientOf(server).download(1, options);
	return await buffer(stream);
}

/** Downloads it, and again where it took other than so many requests: a busy machine is slow at times. @returns how often */
async function downloadUntilAsked(
	server: Storage,
	requests: number,
	options?: DownloadOptions,
): Promise<number> {
	let times = 0;
	do {
		server.asked.length = 0;
		expect((await downloaded(server, options)).equals(BYTES)).toBe(true);
		times += 1;
	} while (times < 10 && server.asked.length !== requests);
	return times;
}

/** The head and half of what was asked for; then the connection breaks. */
function breakHalfway(response: ServerResponse, asked: Asked): 'done' {
	const { start, end } = asked;
	head(response, asked);
	response.write(BYTES.subarray(start, start + (end - start) / 2), () => response.destroy());
	return 'done';
}

const starts = ({ asked }: Storage) => asked.map(({ start }) => start).sort((a, b) => a - b);
/** Where the ranges start that are asked for over several connections. The first one is asked for up to the end. */
const ALL_STARTS = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((range) => range * RANGE);

it('comes in ranges, each asked for once, in the version of the first', async () => {
	const server = await storage();
	expect((await downloaded(server, { expected: { hashcode: MD5 } })).equals(BYTES)).toBe(true);
	expect(starts(server)).toEqual(ALL_STARTS);
	expect(server.asked.map(({ ifRange }) => ifRange)).toEqual([
		undefined,
		...ALL_STARTS.slice(1).map(() => ETAG),
	]);
	expect(new Set(server.asked.map(({ link }) => link))).toEqual(new Set([1]));
	expect(server.plain()).toBe(1);
});

it('of a storage that is not slow it comes over one connection', async () => {
	const server = await storage(undefined, BYTES, false);
	await downloadUntilAsked(server, 1, { expected: { hashcode: MD5 } });
	expect(server.asked).toMatchObject([{ start: 0, end: SIZE }]);
});

it('that connection goes on where it broke', async () => {
	const server = await storage(
		(asked, response) => (asked.start === 0 ? breakHalfway(response, asked) : undefined),
		BYTES,
		false,
	);
	const times = await downloadUntilAsked(server, 2);
	const [{ link } = { link: 0 }] = server.asked;
	expect(server.asked).toMatchObject([
		{ start: 0, end: SIZE, ifRange: undefined },
		{ start: Math.floor(SIZE / 2), end: SIZE, link: link + 1, ifRange: ETAG },
	]);
	expect(server.plain()).toBe(times);
});

it('the plain answer is closed unread once the ranges come', async () => {
	const server = await storage();
	const { stream } = await clientOf(server).download(1);
	const reader = stream.iterator();
	await reader.next();
	const [plain] = server.requests;
	if (plain?.socket.destroyed === false) await new Promise((resolve) => plain.socket.once('close', resolve));
	stream.destroy();
});

it('a file of up to 32 MiB is one request', async () => {
	const bytes = BYTES.subarray(0, 8 * RANGE);
	const server = await storage(undefined, bytes);
	expect((await downloaded(server)).equals(bytes)).toBe(true);
	expect(server.requests).toHaveLength(1);
});

it('over one connection it is one request', async () => {
	const server = await storage();
	expect((await downloaded(server, { connections: 1 })).equals(BYTES)).toBe(true);
	expect(server.requests).toHaveLength(1);
});

it.each([0, 17, 1.5])('%d connections are refused before anything is asked', async (connections) => {
	const server = await storage();
	expect(await failureOf(downloaded(server, { connections }))).toBeInstanceOf(InvalidInputError);
	expect(server.requests).toHaveLength(0);
});

describe('a connection that breaks', () => {
	it.each([1, 2, 4])('in range %d costs what that range lacks, by a new link', async (range) => {
		const server = await storage((asked, response) =>
			asked.start === range * RANGE ? breakHalfway(response, asked) : undefined,
		);
		expect((await downloaded(server)).equals(BYTES)).toBe(true);
		const broken = server.asked.find(({ start }) => start === range * RANGE);
		const half = range * RANGE + Math.floor(((broken?.end ?? 0) - range * RANGE) / 2);
		expect(starts(server)).toEqual([...ALL_STARTS, half].sort((a, b) => a - b));
		const again = server.asked.find(({ start }) => start === half);
		expect(again).toMatchObject({ end: broken?.end, link: 2, ifRange: ETAG });
		expect(server.plain()).toBe(1);
	});

	it.each<[what: string, bytes: number, starts: number[]]>([
		['ends early without a word', RANGE - MIB, [...ALL_STARTS, 2 * RANGE - MIB].sort((a, b) => a - b)],
		['goes on behind its end', RANGE + 1, []],
	])('and one that %s', async (_, length, expected) => {
		const server = await storage(({ start, end }, response) => {
			if (start !== RANGE) return undefined;
			const range = `bytes ${start}-${end - 1}/${SIZE}`;
			response.writeHead(206, { 'Content-Range': range, ETag: ETAG });
			response.end(BYTES.subarray(start, start + length));
			return 'done';
		});
		const running = downloaded(server);
		if (expected.length === 0) expect(await failureOf(running)).toBeInstanceOf(IntegrityError);
		else {
			expect((await running).equals(BYTES)).toBe(true);
			expect(starts(server)).toEqual(expected);
		}
	});

	it('as often as there are tries ends the ranges, and one connection goes on', async () => {
		const server = await storage((asked, response) =>
			asked.start >= RANGE && asked.start < 2 * RANGE ? breakHalfway(response, asked) : undefined,
		);
		expect((await downloaded(server, { maxTries: 3 })).equals(BYTES)).toBe(true);
		const tries = server.asked.filter(({ start, end }) => start >= RANGE && end === 2 * RANGE);
		expect(tries).toHaveLength(3);
		await server.untilQuiet();
	});

	it('and whose storage is busy then is asked again', async () => {
		const server = await storage(({ start, time }) =>
			start === RANGE && time <= 2 ? { status: 503, bytes: Buffer.alloc(0) } : undefined,
		);
		expect((await downloaded(server)).equals(BYTES)).toBe(true);
		expect(server.asked.filter(({ start }) => start === RANGE)).toHaveLength(3);
		expect(server.plain()).toBe(1);
	});
});

it('a link that has expired: another one, for the ranges that need it', async () => {
	const server = await storage(({ link, start }) =>
		link === 1 && start > 0 ? { status: 403, bytes: Buffer.alloc(0) } : undefined,
	);
	expect((await downloaded(server, { maxTries: 1 })).equals(BYTES)).toBe(true);
	expect(server.plain()).toBe(1);
	const links = server.requests.filter(({ url }) => url?.startsWith('/getFileDownloadUrl'));
	expect(links).toHaveLength(2);
	expect(server.asked.filter(({ start, end }) => start > 0 && end - start > RANGE)).toEqual([]);
});

it('a link that expires, and the next one too', async () => {
	const server = await storage(({ link, start }) =>
		start >= (link === 1 ? 1 : link === 2 ? 5 * RANGE : SIZE)
			? { status: 403, bytes: Buffer.alloc(0) }
			: undefined,
	);
	expect((await downloaded(server, { maxTries: 1 })).equals(BYTES)).toBe(true);
	expect(server.asked.filter(({ start, end }) => start > 0 && end - start > RANGE)).toEqual([]);
});

describe('one connection, without a word, where the first range', () => {
	const whole = `bytes 0-${SIZE - 1}/${SIZE}`;
	it.each<[what: string, served: Served]>([
		['is the whole file', { status: 200 }],
		['has a weak ETag', { headers: { ETag: 'W/"one"' } }],
		['has no ETag', { headers: { ETag: '' } }],
		['is compressed', { headers: { 'Content-Encoding': 'gzip' } }],
		['begins elsewhere', { headers: { 'Content-Range': `bytes 1-${SIZE}/${SIZE}` } }],
		['ends elsewhere', { headers: { 'Content-Range': `bytes 0-${SIZE - 2}/${SIZE}` } }],
		['is of a longer file', { headers: { 'Content-Range': whole.replace(`/${SIZE}`, `/${SIZE + 1}`) } }],
		['leaves open how long the file is', { headers: { 'Content-Range': whole.replace(`/${SIZE}`, '/*') } }],
		['is refused', { status: 403 }],
	])('%s', async (_, served) => {
		const server = await storage(() => served);
		const client = clientOf(server);
		for (const time of [1, 2]) {
			const { stream } = await client.download(1);
			expect((await buffer(stream)).equals(BYTES)).toBe(true);
			expect(server.plain()).toBe(time);
		}
		// A storage that has shown once that it serves none is not asked with every file.
		expect(server.asked).toHaveLength(1);
	});

	it('never comes', async () => {
		const server = await storage(() => 'done');
		expect((await downloaded(server)).equals(BYTES)).toBe(true);
		expect(server.plain()).toBe(1);
	});
});

describe('goes on over one connection where a later range', () => {
	it.each<[what: string, served: Served]>([
		['is the whole file', { status: 200 }],
		['begins elsewhere', { headers: { 'Content-Range': `bytes 0-${RANGE - 1}/${SIZE}` } }],
		['does not say where it begins', { headers: { 'Content-Range': '' } }],
		['has no ETag', { headers: { ETag: '' } }],
		['is compressed', { headers: { 'Content-Encoding': 'gzip' } }],
		['is refused by every link', { status: 403 }],
	])('%s', async (_, served) => {
		const server = await storage(({ start }) => (start >= 2 * RANGE ? served : undefined));
		expect((await downloaded(server)).equals(BYTES)).toBe(true);
	});
});

describe('another version, in the middle', () => {
	const two = { ETag: '"two"' };
	it.each<[what: string, served: Served]>([
		['as a whole', { status: 200, bytes: OTHER, headers: two }],
		['as a range', { bytes: OTHER, headers: two }],
		['of another length', { status: 200, bytes: OTHER.subarray(1) }],
		['that is shorter', { status: 416, bytes: Buffer.alloc(0) }],
	])('%s, is not mixed in', async (_, served) => {
		const replaced: Odd = ({ start }) => (start >= 2 * RANGE ? served : undefined);
		const error = await failureOf(downloaded(await storage(replaced)));
		expect(error).toBeInstanceOf(IntegrityError);
		expect(error.message).toBe(
			'Downloading file 1 failed: the file was replaced at the storage while it was read',
		);
		// Where a hash tells whether all is of one version, it may: the service still has the first one.
		const server = await storage(replaced);
		expect((await downloaded(server, { expected: { hashcode: MD5 } })).equals(BYTES)).toBe(true);
		// It has the second one.
		const mixed = downloaded(await storage(replaced, OTHER), { expected: { hashcode: MD5 } });
		expect(await failureOf(mixed)).toBeInstanceOf(IntegrityError);
	});

	it('comes out where nothing of the first one was given out', async () => {
		const server = await storage((asked, response) => {
			if (asked.time > 1) return { status: 200, bytes: OTHER, headers: two };
			head(response, asked);
			response.flushHeaders();
			response.destroy();
			return 'done';
		}, OTHER);
		expect((await downloaded(server)).equals(OTHER)).toBe(true);
	});

	it('wrong bytes under a right ETag do not match the hash', async () => {
		const server = await storage(({ start }) => (start === RANGE ? { bytes: OTHER } : undefined));
		const error = await failureOf(downloaded(server, { expected: { hashcode: MD5 } }));
		expect(error.message).toContain('does not match the hash');
	});
});

describe('is bounded', () => {
	/** A head and a byte; the rest when `release` is called. */
	function holding(isHeld: (asked: Asked) => boolean) {
		const held: (() => void)[] = [];
		const odd: Odd = (asked, response) => {
			if (!isHeld(asked)) return undefined;
			held.push(beginning(response, asked));
			return 'done';
		};
		return { odd, held };
	}

	async function until(condition: () => boolean, what: string): Promise<void> {
		const late = AbortSignal.timeout(10_000);
		while (!condition()) {
			if (late.aborted) throw new Error(`There was no ${what}`);
			await delay(5);
		}
	}

	/** On a connection of its own, so that all that was sent before has arrived. */
	async function roundTrip({ url }: Storage): Promise<void> {
		const [answer] = (await once(get(`${url}/getFileDownloadUrl`, { agent: false }), 'response')) as [
			IncomingMessage,
		];
		await buffer(answer);
	}

	/** Resolves when so many requests of the storage are there, and whatever was asked at the same time. */
	async function untilAsked(server: Storage, count: number): Promise<void> {
		await until(() => server.asked.length >= count, `${count} requests of the storage`);
		for (let turn = 0; turn < 3; turn += 1) await roundTrip(server);
	}

	it('behind a slow first range no more than three are read ahead', async () => {
		const { odd, held } = holding(({ start }) => start === 0);
		const server = await storage(odd);
		const running = downloaded(server);
		await untilAsked(server, 4);
		expect(starts(server)).toEqual(ALL_STARTS.slice(0, 4));
		held.forEach((release) => release());
		expect((await running).equals(BYTES)).toBe(true);
	});

	it('a reader that stands still has no more read ahead', async () => {
		const server = await storage();
		const { stream } = await clientOf(server).download(1);
		const reader = stream.iterator();
		await reader.next();
		await untilAsked(server, 4);
		expect(starts(server)).toEqual(ALL_STARTS.slice(0, 4));
		let bytes = 0;
		for await (const chunk of stream) bytes += (chunk as Buffer).length;
		expect(bytes).toBeGreaterThan(SIZE - 2 * MIB);
	});

	it('many at once have eight connections more than there are files', async () => {
		const { odd, held } = holding(() => true);
		const server = await storage(odd);
		const client = clientOf(server);
		const all = Array.from({ length: 6 }, async () => {
			const { stream } = await client.download(1);
			let bytes = 0;
			for await (const chunk of stream) bytes += (chunk as Buffer).length;
			return bytes;
		});
		await untilAsked(server, 6 + 8);
		expect(server.asked).toHaveLength(6 + 8);
		const work = { isOver: false };
		const sizes = Promise.all(all).finally(() => (work.isOver = true));
		// What is given back is taken again, and never more.
		for (let released = 0; !work.isOver;) {
			const release = held[released];
			if (release === undefined) {
				await delay(5);
				continue;
			}
			release();
			released += 1;
			expect(server.asked.length - released).toBeLessThan(6 + 8);
		}
		expect(await sizes).toEqual(Array.from({ length: 6 }, () => SIZE));
		expect(server.asked.length).toBeLessThanOrEqual(6 * ALL_STARTS.length);
	});

	it('a range that goes on behind its end is not kept', async () => {
		const { odd, held } = holding(({ start }) => start === 0);
		let isClosed = false;
		const server = await storage((asked, response) => {
			if (asked.start !== RANGE) return odd(asked, response);
			const range = `bytes ${RANGE}-${2 * RANGE - 1}/${SIZE}`;
			response.writeHead(206, { 'Content-Range': range, ETag: ETAG });
			response.once('close', () => (isClosed = true)).write(BYTES);
			return 'done';
		});
		const running = failureOf(downloaded(server));
		await until(() => isClosed, 'end of the connection');
		held.forEach((release) => release());
		expect(await running).toBeInstanceOf(IntegrityError);
	});

	it('what is read ahead ends with the ranges', async () => {
		const { odd, held } = holding(({ start }) => start !== RANGE);
		let closed = 0;
		const server = await storage((asked, response) => {
			if (asked.start === RANGE) return asked.end === SIZE ? undefined : { headers: { ETag: '' } };
			if (asked.start > RANGE) response.once('close', () => (closed += 1));
			return odd(asked, response);
		});
		const running = downloaded(server);
		await untilAsked(server, 4);
		held[0]?.();
		expect((await running).equals(BYTES)).toBe(true);
		// The two that were asked for, and the next if it was on its way when the ranges ended.
		const isOver = () => closed >= 2 && closed === server.asked.filter(({ start }) => start > RANGE).length;
		await until(isOver, 'end of the connections');
	});

	it.each(['the signal', 'the stream'])('stopped by %s, every connection is closed', async (by) => {
		const { odd } = holding(({ start }) => start >= RANGE);
		const server = await storage(odd);
		const stop = new AbortController();
		const { stream } = await clientOf(server).download(1, { signal: stop.signal });
		const reading = buffer(stream);
		await untilAsked(server, 4);
		if (by === 'the signal') {
			stop.abort();
			expect(await failureOf(reading)).toBeInstanceOf(CancelledError);
		} else {
			stream.destroy();
			await failureOf(reading);
		}
		await server.untilQuiet();
	});

	it('what one download held is free for the next, however the first one ended', async () => {
		let isBroken = true;
		const server = await storage(({ start }, response) => {
			if (!isBroken || start < RANGE) return undefined;
			response.destroy();
			return 'done';
		});
		const client = clientOf(server);
		for (let time = 0; time < 3; time += 1) {
			const { stream } = await client.download(1, { maxTries: 1 });
			await buffer(stream);
		}
		await server.untilQuiet();
		isBroken = false;
		server.asked.length = 0;
		const { stream } = await client.download(1);
		const reader = stream.iterator();
		await reader.next();
		await untilAsked(server, 4);
		expect(starts(server)).toEqual(ALL_STARTS.slice(0, 4));
		stream.destroy();
	});
});

it('a range that stalls ends the download after the timeout', async () => {
	const server = await storage((asked, response) => {
		if (asked.start !== RANGE) return undefined;
		beginning(response, asked);
		return 'done';
	});
	const error = await failureOf(downloaded(server, { timeout: 1 }));
	expect(error).toBeInstanceOf(StalledError);
	await server.untilQuiet();
});

it('a sync, and a download to a path, through the local service', async () => {
	const scenario = await startScenario();
	try {
		const file = { filename: 'a.bin', content: BYTES, chatId: CHAT, hashcode: MD5 };
		const id = await scenario.service.addFile(file);
		const signed = /\/signedFile\//;
		scenario.proxy.script({ on: signed, nth: 1, fault: faults.cutResponse(MIB, 'reset') });
		const [item] = await scenario.client.syncChatFilesToLocal({
			chatId: CHAT,
			localDirectory: scenario.folder,
		});
		expect(item).toMatchObject({ status: 'success' });
		const target = path.join(scenario.folder, 'a.bin');
		expect((await readFile(target)).equals(BYTES)).toBe(true);
		const ranges = scenario.proxy.matching(signed).map(({ range }) => range);
		expect(ranges[0]).toBe(`bytes=0-${SIZE - 1}`);
		expect(ranges).toContainEqual(expect.stringMatching(`^bytes=${MIB}-`));
		expect(ranges.length).toBeLessThanOrEqual(ALL_STARTS.length + 1);

		const other = path.join(scenario.folder, 'b.bin');
		expect(await scenario.client.downloadToFile(id, other)).toMatchObject({ size: SIZE });
		expect((await readFile(other)).equals(BYTES)).toBe(true);
		const more = scenario.proxy.matching(signed).length - ranges.length;
		expect(more).toBeGreaterThanOrEqual(1);
		expect(more).toBeLessThanOrEqual(ALL_STARTS.length);
	} finally {
		await scenario.stop();
	}
});
