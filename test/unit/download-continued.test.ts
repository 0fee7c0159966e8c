/** A download that breaks goes on where it broke: with which request, and never with another version. Lanes have tests of their own. */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';

import { IntegrityError, type DownloadOptions } from '../../client';
import { clientOf, failureOf, oddServer } from '../faults/odd-server';

const CONTENT = '0123456789';

/** What one request gets. The body is as long as the headers say, unless it breaks. */
interface Answer {
	status?: number;
	etag?: string;
	/** Where a range begins. */
	from?: number;
	/** The connection breaks after so many bytes. */
	breaks?: number;
	/** It stays open then, and nothing more comes. */
	stalls?: boolean;
	body?: string;
	/** Nothing says how long it is. */
	isUnsaid?: boolean;
	type?: string;
	disposition?: string;
	range?: string;
}

const REFUSED: Answer = { status: 403, body: '' };

async function give(response: ServerResponse, answer: Answer): Promise<void> {
	const { status, etag, from = 0, breaks, body = CONTENT.slice(from), isUnsaid, range } = answer;
	const { type, disposition } = answer;
	const isRange = from > 0;
	const contentRange = range ?? (isRange ? `bytes ${from}-9/10` : undefined);
	response.writeHead(status ?? (isRange ? 206 : 200), {
		...(etag !== undefined && { ETag: etag }),
		...(type !== undefined && { 'Content-Type': type }),
		...(disposition !== undefined && { 'Content-Disposition': disposition }),
		...(!isUnsaid && { 'Content-Length': body.length }),
		...(contentRange !== undefined && { 'Content-Range': contentRange }),
	});
	if (breaks === undefined) return void response.end(body);
	response.flushHeaders();
	if (breaks > 0) await new Promise((resolve) => response.write(body.slice(0, breaks), resolve));
	if (!answer.stalls) response.destroy();
}

/** A service and its storage, which give these answers one after the other. */
async function serve(direct: Answer[], stored: Answer[] = []) {
	const asked: string[] = [];
	const server = await oddServer(({ url = '', headers }, response) => {
		const [place] = url.split('?');
		if (place === '/getFileDownloadUrl')
			return void response.end(JSON.stringify({ code: 0, data: `${server.url}/stored` }));
		const answers = place === '/stored' ? stored : direct;
		asked.push(place === '/stored' ? `stored ${headers.range}` : 'direct');
		void give(response, answers.shift() ?? { status: 500 });
	});
	return { client: clientOf(server), asked };
}

async function download(direct: Answer[], stored: Answer[] = [], options: DownloadOptions = {}) {
	const { client, asked } = await serve(direct, stored);
	const bytes = async () => {
		const { stream } = await client.download('5', { connections: 1, maxTries: 3, ...options });
		return (await buffer(stream)).toString();
	};
	return { asked, bytes: bytes() };
}

const BROKEN: Answer = { breaks: 4, etag: '"v1"' };

it.each<[what: string, direct: Answer[], stored: Answer[], asked: string[]]>([
	['a range of the link', [BROKEN], [{ from: 4, etag: '"v1"' }], ['direct', 'stored bytes=4-']],
	['all of it from the link', [BROKEN], [{ etag: '"v1"' }], ['direct', 'stored bytes=4-']],
	[
		'all of it, whatever range it speaks of',
		[BROKEN],
		[{ range: 'bytes 4-9/10' }],
		['direct', 'stored bytes=4-'],
	],
	[
		'all of it from the link, where nobody knew how long it is',
		[{ ...BROKEN, isUnsaid: true }],
		[{}],
		['direct', 'stored bytes=4-'],
	],
	[
		'all of it from the service',
		[BROKEN, { etag: '"v1"' }],
		[REFUSED],
		['direct', 'stored bytes=4-', 'direct'],
	],
	[
		'all of it from a service that tells its version only now',
		[{ breaks: 4 }, { etag: '"v1"' }],
		[REFUSED],
		['direct', 'stored bytes=4-', 'direct'],
	],
	[
		'the service, where the link answers neither yes nor no',
		[BROKEN, { etag: '"v1"' }],
		[
			{ from: 4, breaks: 2, etag: '"v1"' },
			{ status: 300, etag: '"other"' },
		],
		['direct', 'stored bytes=4-', 'stored bytes=6-', 'direct'],
	],
	[
		'the version that came after one of which nothing was given out',
		[{ breaks: 0, etag: '"v0"' }, BROKEN, { etag: '"v1"' }],
		[REFUSED],
		['direct', 'direct', 'stored bytes=4-', 'direct'],
	],
])('goes on with %s', async (_, direct, stored, requests) => {
	const { bytes, asked } = await download(direct, stored);
	expect(await bytes).toBe(CONTENT);
	expect(asked).toEqual(requests);
});

it.each<[what: string, direct: Answer[], stored: Answer[]]>([
	[
		'whose version was known from all of it',
		[BROKEN],
		[
			{ etag: '"v1"', breaks: 7 },
			{ from: 7, etag: '"v2"' },
		],
	],
	['from the service', [BROKEN, { etag: '"v2"' }], [REFUSED]],
])('does not go on with another version than the one %s', async (_, direct, stored) => {
	const { bytes } = await download(direct, stored);
	const error = await failureOf(bytes);
	expect(error).toBeInstanceOf(IntegrityError);
	expect(error.message).toContain('replaced');
});

describe("a gateway's page in place of the file", () => {
	const page: Answer = { body: '<p>', isUnsaid: true, type: 'text/html; charset=utf-8' };
	const rest: Answer = { from: 3, etag: '"v1"' };
	const expected = { size: 10 };

	it.each<[string, Answer]>([
		['ends', page],
		['breaks', { ...page, body: '<p>Sorry</p>', breaks: 3 }],
	])('%s: an error where no hash would tell, and nothing is put behind it', async (_, answer) => {
		const { bytes, asked } = await download([answer], [rest], { expected });
		const error = await failureOf(bytes);
		expect(error).toBeInstanceOf(IntegrityError);
		expect(error.message).toBe(
			'Downloading file 5 failed: what came may be a page of a gateway in place of the file',
		);
		expect(asked).toEqual(['direct']);
	});

	it('also where it comes later, in place of the rest', async () => {
		const { bytes } = await download([BROKEN, { ...page, body: '<html>' }], [REFUSED], { expected });
		expect(await failureOf(bytes)).toBeInstanceOf(IntegrityError);
	});

	it('is found by the hash where there is one', async () => {
		const hashcode = createHash('md5').update(CONTENT).digest('hex');
		const hashed = { expected: { ...expected, hashcode } };
		const { bytes } = await download([page], [rest], hashed);
		expect((await failureOf(bytes)).message).toContain('does not match the hash');
		expect(await (await download([{ ...page, body: '012' }], [rest], hashed)).bytes).toBe(CONTENT);
	});

	it('is asked for again where nothing of it was given out', async () => {
		expect(await (await download([{ ...page, body: '' }, {}], [], { expected })).bytes).toBe(CONTENT);
	});

	it.each<[string, Answer]>([
		['names itself', { disposition: 'attachment; filename="a.html"' }],
		['says how long it is', { isUnsaid: false, body: CONTENT, breaks: 3 }],
		['is no page', { type: 'text/plain' }],
	])('is none that %s: it is continued', async (_, more) => {
		const { bytes } = await download([{ ...page, body: '012', ...more }], [rest], { expected });
		expect(await bytes).toBe(CONTENT);
	});
});

it('more bytes than the list says are an error at once, and not asked for again', async () => {
	const long: Answer = { body: `${CONTENT}10`, isUnsaid: true };
	const { bytes, asked } = await download([long, long], [], { expected: { size: 10 } });
	expect((await failureOf(bytes)).message).toBe(
		'Downloading file 5 failed: the service sends more than the 10 bytes it announced',
	);
	expect(asked).toEqual(['direct']);
	const { client } = await serve([long]);
	const target = path.join(tmpdir(), 'bdd-file-never-written.txt');
	expect((await failureOf(client.downloadToFile('5', target, { expected: { size: 10 } }))).message).toBe(
		'Downloading file 5 failed: the service sends more than the 10 bytes it announced',
	);
});

it('another length than the list says is an error before anything is read', async () => {
	const { bytes } = await download([{ body: CONTENT.slice(3) }], [], { expected: { size: 10 } });
	expect((await failureOf(bytes)).message).toContain('7 bytes');
});

it('what nobody reads any more is not asked for again', async () => {
	const { client, asked } = await serve([{ ...BROKEN, stalls: true }]);
	const { stream } = await client.download('5', { connections: 1 });
	stream.resume();
	await delay(50);
	stream.destroy();
	// Another try would come after 10 ms at most.
	await delay(100);
	expect(asked).toEqual(['direct']);
});
