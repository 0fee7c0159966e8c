/** A file without a known hash that is replaced by another of its size while it is read: never a mix of the two. */
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { IntegrityError, type DownloadOptions } from '../../client';
import { clientOf, failureOf, oddServer } from './odd-server';
import { MIB } from './support';

const SIZE = 36 * MIB;
const OLD = { bytes: randomBytes(SIZE), etag: '"old"' };
const NEW = { bytes: randomBytes(SIZE), etag: '"new"' };

interface Asked {
	/** Undefined for the plain download. */
	start: number | undefined;
	/** Of all requests for bytes, counted from 1. */
	time: number;
}

interface Odd {
	status?: number;
	/** The connection breaks after so many bytes of the body. */
	breaksAfter?: number;
	/** From the next request on there is the new file. */
	replaced?: boolean;
}

/** A service and its storage, which honour `If-Range`, but for what `odd` says. */
async function download(options: DownloadOptions, odd: (asked: Asked) => Odd | undefined): Promise<Buffer> {
	let current = OLD;
	let time = 0;
	const server = await oddServer((request, response) => {
		const place = request.url?.split('?')[0];
		if (place === '/getFileDownloadUrl')
			return void response.end(JSON.stringify({ code: 0, data: `${server.url}/stored` }));
		const { etag, bytes } = current;
		const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
		const served = odd({ start: first === undefined ? undefined : Number(first), time: (time += 1) });
		if (served?.replaced) current = NEW;
		if (served?.status !== undefined) return void response.writeHead(served.status).end();
		const ifRange = request.headers['if-range'] ?? etag;
		const isRange = first !== undefined && ifRange === etag;
		const [start, end] = isRange ? [Number(first), last ? Number(last) + 1 : SIZE] : [0, SIZE];
		response.writeHead(isRange ? 206 : 200, {
			ETag: etag,
			'Content-Length': end - start,
			...(isRange && { 'Content-Range': `bytes ${start}-${end - 1}/${SIZE}` }),
		});
		give(response, bytes.subarray(start, end), served?.breaksAfter);
	});
	const { stream } = await clientOf(server).download('5', { maxTries: 3, ...options });
	return await buffer(stream);
}

function give(response: ServerResponse, body: Buffer, breaksAfter: number | undefined): void {
	if (breaksAfter === undefined) response.end(body);
	else response.write(body.subarray(0, breaksAfter), () => response.destroy());
}

const isRest = ({ start = 0 }: Asked) => start >= 16 * MIB;

/** The first range breaks in its middle; from then on there is another file, and the link serves nothing any more. */
function breaksAndReplaces(asked: Asked): Odd | undefined {
	if (asked.start === 0) return { breaksAfter: 20 * MIB };
	return isRest(asked) ? { status: 403, replaced: true } : undefined;
}

test('the link refuses ranges, and then has another file', async () => {
	let refused = 0;
	const failure = await failureOf(
		download({}, (asked) => (isRest(asked) && (refused += 1) > 8 ? undefined : breaksAndReplaces(asked))),
	);
	expect(failure).toBeInstanceOf(IntegrityError);
	expect(failure.message).toMatch(/replaced at the storage/);
});

test('the link is gone, and the service itself has another file', async () => {
	const failure = await failureOf(download({}, breaksAndReplaces));
	expect(failure).toBeInstanceOf(IntegrityError);
});

test('one connection that breaks twice, and then there is another file', async () => {
	const failure = await failureOf(
		download({ connections: 1 }, ({ time }) =>
			time === 1
				? { breaksAfter: 12 * MIB }
				: time === 2
					? { breaksAfter: 9 * MIB, replaced: true }
					: undefined,
		),
	);
	expect(failure).toBeInstanceOf(IntegrityError);
});

test('what breaks before anything was given out may be another file from then on', async () => {
	const bytes = await download({ connections: 1 }, ({ time }) =>
		time === 1 ? { breaksAfter: 0, replaced: true } : time === 2 ? { breaksAfter: 5 * MIB } : undefined,
	);
	expect(bytes.equals(NEW.bytes)).toBe(true);
});
