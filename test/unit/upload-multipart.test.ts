/** An upload in parts of some bytes: which parts are sent, and which unfinished upload is continued. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';

import type { CallContext } from '../../client/api/api';
import { CancelledError, InvalidInputError, ServiceError } from '../../client/api/errors';
import { MAX_PARTS, PART_BYTES } from '../../client/arguments';
import { bufferSource, diskSource, type UploadSource } from '../../client/transfer/source';
import type { UploadOptions } from '../../client';
import { MultipartUpload } from '../../client/transfer/upload/multipart';
import { planParts } from '../../client/transfer/upload/part-plan';
import { Place } from '../../client/transfer/upload/place';
import { readParts } from '../../client/transfer/upload/read-parts';
import { beginSession, findSession } from '../../client/transfer/upload/session';
import { uploadSettings } from '../../client/transfer/upload/settings';
import { settledStatus } from '../../client/transfer/upload/settled-status';
import { failureOf } from '../faults/odd-server';
import { http, ok } from '../hostile/support/answers';
import type { HostileService } from '../hostile/support/service';
import { atService, begun, contextWith, IN_CHAT, toldProgress, type AtService } from './at-service';

const PARTS = ['01234', '56789', 'ab'].map((text) => Buffer.from(text));
const BYTES = Buffer.concat(PARTS);

const partedFile = (bytes: Buffer) => ({
	...IN_CHAT,
	fileName: 'a.bin',
	size: bytes.length,
	md5: createHash('md5').update(bytes).digest('hex'),
});

interface Given {
	bytes?: Buffer;
	partSize?: number;
	options?: UploadOptions;
	more?: Partial<CallContext>;
	lines?: string[];
}

const send = async (
	{ api }: AtService,
	{ bytes = BYTES, partSize = 5, options = {}, more = {}, lines = [] }: Given = {},
) =>
	await new MultipartUpload(
		api,
		bufferSource('a.bin', bytes),
		partedFile(bytes),
		partSize,
		uploadSettings({ concurrency: 1, ...options }, {}, new Set()),
		toldProgress(lines, bytes.length),
		contextWith(more),
	).run();

const partsSent = ({ calls }: HostileService) =>
	calls
		.filter(({ endpoint }) => endpoint === 'uploadFilePart')
		.map(({ params }) => `${String(params['file_id'])}/${String(params['part_number'])}`);

describe('the parts that are sent', () => {
	it('are all of a new upload', () =>
		atService(async (at) => {
			const lines: string[] = [];
			expect(await send(at, { lines })).toBe('1');
			expect(partsSent(at.service)).toEqual(['1/1', '1/2', '1/3']);
			expect(at.service.store.goodCopies(BYTES)).toEqual([1]);
			expect(lines).toEqual(['5 bytes of 12 bytes', '10 bytes of 12 bytes', '12 bytes of 12 bytes']);
		}));

	it('are those that are missing, and the others count as done', () =>
		atService(async (at) => {
			begun(at.service, PARTS, [1, 3]);
			const lines: string[] = [];
			expect(await send(at, { lines })).toBe('1');
			expect(partsSent(at.service)).toEqual(['1/2']);
			expect(lines).toEqual(['12 bytes of 12 bytes']);
		}));

	it('are none where none is missing, and it is not asked for them twice', () =>
		atService(async (at) => {
			begun(at.service, PARTS, [1, 2, 3]);
			expect(await send(at)).toBe('1');
			expect(partsSent(at.service)).toEqual([]);
			// To find it, and when it was completed.
			expect(at.service.count('getMultipartUploadFileStatus')).toBe(2);
		}));

	it('are not sent again because the service names none', () =>
		atService(async (at) => {
			const merging = ok({ status: 'merging', uploaded_parts: null, remaining_parts: null });
			at.service.on('getMultipartUploadFileStatus', () => merging, 1);
			expect(await send(at)).toBe('1');
			expect(at.service.count('getMultipartUploadFileStatus')).toBe(2);
		}));

	it('and not kept are sent three times, and the first ten are named', () =>
		atService(async (at) => {
			at.service.on('uploadFilePart', () => ok(1));
			const error = await failureOf(send(at, { partSize: 1 }));
			expect(error).toBeInstanceOf(ServiceError);
			expect(error).toMatchObject({
				message: expect.stringMatching(
					/^Uploading "a.bin" failed: the service does not keep part 1,2,3,4,5,6,7,8,9,10\. /,
				) as string,
				description: 'The service confirmed parts that it does not have. Tell whoever runs it.',
				status: 200,
				serviceMessage: 'some parts not uploaded',
			});
			expect(partsSent(at.service)).toHaveLength(3 * 12);
		}));
});

describe('parts of a source', () => {
	const plan = planParts(12, 5);
	const read = async (source: UploadSource, parts = plan) => {
		const sizes: number[] = [];
		const allocate = (size: number) => {
			sizes.push(size);
			return Buffer.alloc(size);
		};
		const found: string[] = [];
		const context = { action: 'Reading', signal: undefined, timeoutMs: 10_000 };
		for await (const { bytes } of readParts(source, parts, context, allocate)) found.push(bytes.toString());
		expect(sizes).toEqual(parts.map(({ start, end }) => end - start));
		return found;
	};

	it.each([1, 3, 4, 5, 7, 12])('are whole, whatever its chunks are: %d bytes', async (length) => {
		const open = (start = 0) => {
			const chunks = planParts(12 - start, length).map((at) =>
				BYTES.subarray(start + at.start, start + at.end),
			);
			return Promise.resolve(Readable.from(chunks, { objectMode: false }));
		};
		const source = { fileName: 'a.bin', size: 12, open };
		expect(await read(source)).toEqual(['01234', '56789', 'ab']);
		expect(await read(source, plan.slice(1))).toEqual(['56789', 'ab']);
		expect(await read(source, [...plan.slice(0, 1), ...plan.slice(2)])).toEqual(['01234', 'ab']);
	});

	it('are whole where it is on a disk', async () => {
		const folder = await mkdtemp(path.join(tmpdir(), 'bdd-file-parts-'));
		try {
			const file = path.join(folder, 'a.bin');
			const bytes = Buffer.alloc(2 ** 20, 'a').fill('b', 500_000);
			await writeFile(file, bytes);
			const found = await read(await diskSource(file), planParts(bytes.length, 400_000).slice(1));
			expect(found.join('')).toBe(bytes.toString('utf8', 400_000));
		} finally {
			await rm(folder, { recursive: true });
		}
	});
});

describe('an upload whose beginning has no answer', () => {
	const begin = async ({ api }: AtService) => {
		const context = contextWith({ maxTries: 2 });
		const file = partedFile(BYTES);
		return await beginSession(api, new Place(api, file, context), file, 5, new Set(), context);
	};

	it('and that was begun is the one that is found', () =>
		atService(async (at) => {
			at.service.on('initMultipartUploadFile', (work) => (work(), 'reset'), 1);
			expect(await begin(at)).toMatchObject({ id: '1', missing: new Set([1, 2, 3]), resumed: false });
			expect(at.service.count('initMultipartUploadFile')).toBe(1);
		}));

	it('is not one of long ago', () =>
		atService(async (at) => {
			begun(at.service, PARTS, [1], { uploadAt: '2024-01-01T00:00:00Z' });
			at.service.on('initMultipartUploadFile', () => 'reset', 1);
			expect(await begin(at)).toMatchObject({ id: '2' });
		}));
});

describe('the upload to continue', () => {
	const find = async (
		{ api }: AtService,
		options: UploadOptions = {},
		more: Partial<CallContext> = {},
		logged?: string[],
		file = partedFile(BYTES),
	) => {
		const note = (line: string) => void logged?.push(line);
		const logger = { debug: note, info: note, warn: note };
		const settings = uploadSettings(options, logged ? { logger } : {}, new Set());
		const context = contextWith(more);
		return await findSession(api, new Place(api, file, context), file, settings, context);
	};

	it('is the newest that stands', () =>
		atService(async (at) => {
			const logged: string[] = [];
			begun(at.service, PARTS, [1]);
			begun(at.service, PARTS, [1, 2]);
			begun(at.service, PARTS, []).parts = undefined;
			expect(await find(at, {}, {}, logged)).toEqual({
				id: '2',
				partSize: 5,
				missing: new Set([3]),
				resumed: true,
			});
			expect(logged).toEqual([]);
		}));

	it('is the one that is named, and that alone where no other is wanted', () =>
		atService(async (at) => {
			begun(at.service, PARTS, [1]);
			begun(at.service, PARTS, [1, 2]);
			expect(await find(at, { resumeFileId: '1' })).toMatchObject({ id: '1', missing: new Set([2, 3]) });
			expect(await find(at, { resume: false })).toBeUndefined();
		}));

	it('is another one where the one that is named is none, and it says so', () =>
		atService(async (at) => {
			const logged: string[] = [];
			begun(at.service, PARTS, [1]);
			begun(at.service, PARTS, []).parts = undefined;
			expect(await find(at, { resumeFileId: '2' }, {}, logged)).toMatchObject({ id: '1' });
			expect(logged).toEqual([
				'Uploading "a.bin": file 2 is no unfinished upload of the same name, size and content in the same place, so it is not continued',
			]);
			// Or it does not, where there is no log.
			expect(await find(at, { resumeFileId: '2' })).toMatchObject({ id: '1' });
		}));

	it('is not known when the service does not tell', () =>
		atService(async (at) => {
			begun(at.service, PARTS, [1]);
			at.service.on('getMultipartUploadFileStatus', () => http(500));
			expect(await failureOf(find(at))).toMatchObject({ status: 500 });
		}));

	it('is no longer looked for when it is cancelled', () =>
		atService(async (at) => {
			begun(at.service, PARTS, [1]);
			const stop = new AbortController();
			at.service.on('getMultipartUploadFileStatus', () => (stop.abort(), 'silence'));
			expect(await failureOf(find(at, {}, { signal: stop.signal }))).toBeInstanceOf(CancelledError);
		}));

	const status = (partSize: number, parts: number) =>
		ok({
			status: 'uploading',
			part_size: partSize,
			uploaded_parts: [],
			remaining_parts: Array.from({ length: parts }, (_, index) => index + 1),
		});
	it.each<[string, number, number, boolean]>([
		['of the largest size', 5, PART_BYTES.max, true],
		['of more than that', 5, PART_BYTES.max + 1, false],
		['of the largest number', MAX_PARTS, 1, true],
		['of more than that number', MAX_PARTS + 1, 1, false],
	])('has parts %s: %d bytes in parts of %d', (_, size, partSize, isFound) =>
		atService(async (at) => {
			const bytes = Buffer.alloc(size);
			begun(at.service, [bytes], []);
			const count = Math.min(MAX_PARTS, Math.ceil(size / partSize));
			at.service.on('getMultipartUploadFileStatus', () => status(partSize, count));
			const session = await find(at, {}, {}, undefined, partedFile(bytes));
			expect(session?.missing.size).toBe(isFound ? count : undefined);
		}),
	);
});

describe('the settings of an upload', () => {
	it('name no file to resume by an empty field', () =>
		expect(uploadSettings({ resumeFileId: '' }, {}, new Set()).resumeFileId).toBeUndefined());

	it.each<[UploadOptions, string]>([
		[{ mode: 'fast' as 'auto' }, 'Mode is unknown: "fast"'],
		[{ resumeFileId: 'a' }, 'Resume File ID is not an id: "a"'],
	])('%j: %s', (options, message) => {
		expect(() => uploadSettings(options, {}, new Set())).toThrow(InvalidInputError);
		expect(() => uploadSettings(options, {}, new Set())).toThrow(message);
	});
});

it('a status that does not come is asked for six times at most over the settling time', async () => {
	let asked = 0;
	const ask = () => Promise.resolve(void (asked += 1));
	expect(await settledStatus(contextWith({ settleMs: 100 }), ask)).toBeUndefined();
	expect(asked).toBeGreaterThan(1);
	expect(asked).toBeLessThan(7);
});
