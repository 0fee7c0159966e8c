/** What an upload promises beyond the common faults, with a service that is wrong in one thing at a time. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import {
	bufferSource,
	CancelledError,
	IntegrityError,
	LocalFileError,
	UnknownOutcomeError,
	type UploadOptions,
	type UploadSource,
} from '../../client';
import { http, ok, refused, type Answer } from '../hostile/support/answers';
import { failureOf, scenario, type Scenario } from '../hostile/support/scenario';
import type { HostileService } from '../hostile/support/service';
import { CHAT, md5, type NewFile } from '../hostile/support/store';
import { clientOf, oddServer } from './odd-server';

const MIB = 1024 * 1024;
const SMALL = randomBytes(1000);
/** Two parts. */
const CONTENT = randomBytes(6 * MIB);
const IN_PARTS = { mode: 'multipart', chatId: CHAT } as const;

const upload = ({ client }: Scenario, more: UploadOptions = {}, bytes = CONTENT) =>
	client.upload(bufferSource('a.bin', bytes), { ...IN_PARTS, ...more });

/** The part numbers that arrived, in ascending order, each as often as it did. */
const partsOf = (service: HostileService) =>
	service.calls
		.filter(({ endpoint }) => endpoint === 'uploadFilePart')
		.map(({ params }) => Number(params['part_number']))
		.sort((a, b) => a - b);

const statuses = (service: HostileService) => [...service.store.files.values()].map(({ status }) => status);

/** A source in memory that changes when `change` is called. */
function changing(bytes: Buffer): { source: UploadSource; change: () => void } {
	let isChanged = false;
	const source = bufferSource('a.bin', bytes);
	return {
		source: {
			fileName: source.fileName,
			size: source.size,
			open: (start) => source.open(start),
			assertUnchanged: () =>
				isChanged
					? Promise.reject(new IntegrityError('"a.bin" was changed', { description: 'Again.' }))
					: Promise.resolve(),
		},
		change: () => (isChanged = true),
	};
}

it('a file without a name is refused before anything is asked', () =>
	scenario(async ({ client, service }) => {
		const error = await failureOf(client.upload(bufferSource('', SMALL), { chatId: CHAT }));
		expect(error.message).toBe('File name is empty');
		expect(service.calls).toEqual([]);
	}));

describe('whose file it is', () => {
	it('a file that an earlier upload got is no answer to this one, which is sent again', () =>
		scenario(async (parts) => {
			const { service } = parts;
			const first = await upload(parts, { mode: 'simple' }, SMALL);
			service.on('uploadSimpleFile', () => http(502), 1);
			const second = await upload(parts, { mode: 'simple' }, SMALL);
			expect(second.fileId).not.toBe(first.fileId);
			expect(service.store.goodCopies(SMALL)).toEqual([first.fileId, second.fileId]);
		}));

	it('two uploads of one name to one place do not run at once, of different names they do', () =>
		scenario(async ({ client, service }) => {
			let release: () => void = () => undefined;
			const released = new Promise<void>((resolve) => (release = resolve));
			let [running, most] = [0, 0];
			service.on('uploadSimpleFile', async (work, { params }) => {
				if (params['filename'] !== 'a.bin') return work();
				most = Math.max(most, (running += 1));
				await released;
				running -= 1;
				return work();
			});
			const send = (name: string) =>
				client.upload(bufferSource(name, SMALL), { chatId: CHAT, mode: 'simple' });
			const same = [send('a.bin'), send('a.bin')];
			await send('b.bin');
			await client.listChatFiles(CHAT);
			release();
			await Promise.all(same);
			expect(most).toBe(1);
		}));

	it('what is found merging is not there yet: it fails, and is sent again', () =>
		scenario(async (parts) => {
			const { service } = parts;
			const storedAndFailing = () => {
				const file = service.store.add({ filename: 'a.bin', bytes: SMALL, status: 'merging' });
				service.later(300, () => (file.status = 'error'));
				return http(502);
			};
			service.on('uploadSimpleFile', storedAndFailing, 1);
			const { fileId } = await upload(parts, { mode: 'simple' }, SMALL);
			expect(service.store.goodCopies(SMALL)).toEqual([fileId]);
			expect(statuses(service)).toEqual(['error', 'ok']);
		}));

	it.each([
		['behind', -3],
		['ahead', 3],
	])("the service's clock is three hours %s: what was stored is found", (_, hours) =>
		scenario(async (parts) => {
			const { service } = parts;
			service.nature.clockOffset = hours * 3_600_000;
			service.on('uploadSimpleFile', (work) => (work(), http(502)), 1);
			const { fileId } = await upload(parts, { mode: 'simple' }, SMALL);
			expect(service.store.goodCopies(SMALL)).toEqual([fileId]);
		}),
	);
});

describe('an unfinished upload that was cut differently is not continued', () => {
	it.each<[what: string, status: object]>([
		['of more parts', { part_size: 5 * MIB, uploaded_parts: [1], remaining_parts: [2, 3] }],
		['of fewer parts', { part_size: 5 * MIB, uploaded_parts: [1], remaining_parts: [] }],
		['of other numbers', { part_size: 5 * MIB, uploaded_parts: [0], remaining_parts: [1] }],
		['into larger parts', { part_size: 6 * MIB, uploaded_parts: [1], remaining_parts: [2] }],
		[
			'into parts that no storage takes',
			{ part_size: 6 * 1024 * MIB, uploaded_parts: [], remaining_parts: [1] },
		],
		['into parts of no size', { part_size: 0, uploaded_parts: [1], remaining_parts: [2] }],
		['without a list of what is there', { part_size: 5 * MIB, uploaded_parts: null, remaining_parts: [2] }],
		['and is merging', { status: 'merging', part_size: 5 * MIB, uploaded_parts: [1], remaining_parts: [2] }],
	])('%s', (_, status) =>
		scenario(async (parts) => {
			const { service } = parts;
			const arrived = new Map([[1, CONTENT.subarray(0, 5 * MIB)]]);
			const begun = service.store.add({
				filename: 'a.bin',
				size: CONTENT.length,
				hashcode: md5(CONTENT),
				status: 'uploading',
				parts: { size: 5 * MIB, arrived },
			});
			const told = ok({ file_id: begun.id, status: 'uploading', ...status });
			service.on('getMultipartUploadFileStatus', () => told, 1);
			const { fileId } = await upload(parts);
			expect(fileId).not.toBe(begun.id);
			expect(partsOf(service)).toEqual([1, 2]);
			expect(service.store.goodCopies(CONTENT)).toEqual([fileId]);
		}),
	);
});

it('an unfinished upload that the service no longer knows is not continued', () =>
	scenario(async (parts) => {
		const { service } = parts;
		const record = { filename: 'a.bin', size: CONTENT.length, hashcode: md5(CONTENT) };
		const stale = service.store.add({ ...record, status: 'uploading' });
		service.on('getMultipartUploadFileStatus', () => refused('file not found'), 1);
		const { fileId } = await upload(parts);
		expect(fileId).not.toBe(stale.id);
		expect(partsOf(service)).toEqual([1, 2]);
	}));

describe('where the beginning of an upload may have been lost, it is not taken up again', () => {
	it.each<[what: string, record: Partial<NewFile>]>([
		['in an older one', { status: 'uploading', uploadAt: '2020-01-01T00:00:00Z' }],
		['in one that is complete', { status: 'ok', bytes: CONTENT }],
	])('%s', (_, record) =>
		scenario(async (parts) => {
			const { service } = parts;
			const size = CONTENT.length;
			service.on(
				'initMultipartUploadFile',
				() => {
					service.store.add({ filename: 'a.bin', size, hashcode: md5(CONTENT), ...record });
					return http(503);
				},
				1,
			);
			const { fileId } = await upload(parts, { resume: false });
			expect(fileId).toBe(2);
			expect(service.store.goodCopies(CONTENT)).toContain(2);
		}),
	);
});

describe('an unfinished upload that is named, where only the list of the chat tells of it,', () => {
	it.each<[what: string, record: Partial<NewFile>, isContinued: boolean]>([
		['is continued', {}, true],
		['is continued without a hash', { hashcode: '' }, true],
		['is not continued when it has another hash', { hashcode: md5(SMALL) }, false],
		['is not continued when it has another name', { filename: 'b.bin' }, false],
		['is not continued when it has another size', { size: CONTENT.length - 1 }, false],
		['is not continued when it is merging', { status: 'merging' }, false],
	])('%s', (_, record, isContinued) =>
		scenario(async (parts) => {
			const { service } = parts;
			service.withoutDirectories();
			const begun = service.store.add({
				filename: 'a.bin',
				size: CONTENT.length,
				hashcode: md5(CONTENT),
				status: 'uploading',
				parts: { size: 5 * MIB, arrived: new Map([[1, CONTENT.subarray(0, 5 * MIB)]]) },
				...record,
			});
			const status = { status: 'uploading', part_size: 5 * MIB, uploaded_parts: [1], remaining_parts: [2] };
			// A service that contradicts itself.
			service.on('getMultipartUploadFileStatus', (work, { query }) =>
				begun.status === 'merging' && query.get('file_id') === String(begun.id) ? ok(status) : work(),
			);
			const { fileId } = await upload(parts, { resume: false, resumeFileId: String(begun.id) });
			expect(fileId === begun.id).toBe(isContinued);
			expect(partsOf(service)).toEqual(isContinued ? [2] : [1, 2]);
		}),
	);
});

describe('an upload that is continued', () => {
	const begun = (service: HostileService) =>
		service.store.add({
			filename: 'a.bin',
			size: CONTENT.length,
			hashcode: md5(CONTENT),
			status: 'uploading',
			parts: { size: 5 * MIB, arrived: new Map([[1, CONTENT.subarray(0, 5 * MIB)]]) },
		});

	it('and that somebody aborts meanwhile begins anew', () =>
		scenario(async (parts) => {
			const { service } = parts;
			const { id } = begun(service);
			service.on('uploadFilePart', () => refused('file is not uploading'), 1);
			const { fileId } = await upload(parts);
			expect(fileId).not.toBe(id);
			expect(partsOf(service)).toEqual([1, 2, 2]);
		}));

	it('and fails for another reason does not', () =>
		scenario(async (parts) => {
			const { service } = parts;
			begun(service);
			service.on('uploadFilePart', () => refused('quota exceeded'));
			expect((await failureOf(upload(parts))).message).toContain('quota exceeded');
			expect(service.count('initMultipartUploadFile')).toBe(0);
		}));

	it('does not begin anew twice', () =>
		scenario(async (parts) => {
			const { service } = parts;
			begun(service);
			service.on('uploadFilePart', () =>
				refused(service.count('initMultipartUploadFile') > 5 ? 'enough' : 'file is not uploading'),
			);
			expect((await failureOf(upload(parts))).message).toContain('file is not uploading');
			expect(service.count('initMultipartUploadFile')).toBe(1);
		}));
});

describe('parts that the service confirmed and does not have', () => {
	/** The part arrives, and is forgotten, as often as `times` says. */
	const forgetting = (service: HostileService, number: number, times: number) => {
		let left = times;
		service.on('uploadFilePart', (work, { params }) => {
			const answer = work();
			const isForgotten = params['part_number'] === number && (left -= 1) >= 0;
			if (isForgotten) service.store.files.get(Number(params['file_id']))?.parts?.arrived.delete(number);
			return answer;
		});
	};

	it('are sent again, and only these', () =>
		scenario(async (parts) => {
			const { service } = parts;
			forgetting(service, 1, 1);
			const { fileId } = await upload(parts);
			expect(partsOf(service)).toEqual([1, 1, 2]);
			expect(service.store.goodCopies(CONTENT)).toEqual([fileId]);
		}));

	it('again and again: it fails, and names the part', () =>
		scenario(async (parts) => {
			const { service } = parts;
			forgetting(service, 2, Infinity);
			const error = await failureOf(upload(parts));
			expect(error.message).toContain('Uploading "a.bin" failed: the service does not keep part 2');
			expect(partsOf(service)).toEqual([1, 2, 2, 2]);
			expect(service.count('completeMultipartUpload')).toBe(0);
		}));
});

describe('a completed upload', () => {
	const elsewhere = { biz: 'knowledgeBase', bizParams: { base: 7 } } as const;

	it('of which the service can make no file is not said to be kept', () =>
		scenario(async (parts) => {
			const { service } = parts;
			service.on('completeMultipartUpload', (work, { params }) => {
				const answer = work();
				const file = service.store.files.get(Number(params['file_id']));
				if (file) file.status = 'error';
				return answer;
			});
			const error = await failureOf(upload(parts));
			expect(error.message).toBe('Uploading "a.bin" failed: the service could not put the parts together');
			expect(service.count('abortMultipartUpload')).toBe(0);
		}));

	it('that is no longer one when it is asked for again was completed the first time', () =>
		scenario(async (parts) => {
			const { service } = parts;
			service.on('completeMultipartUpload', (work) => (work(), refused('file is not uploading')), 1);
			const { fileId } = await upload(parts);
			expect(service.store.goodCopies(CONTENT)).toEqual([fileId]);
			expect(service.count('completeMultipartUpload')).toBe(1);
		}));

	it('that is merging is waited for, however long', () =>
		scenario(async ({ service, newClient }) => {
			const client = newClient({ patience: { settle: 0.2, retry: 0.05 } });
			service.on('completeMultipartUpload', (work, { params }) => {
				const answer = work();
				const file = service.store.files.get(Number(params['file_id']));
				if (file) file.status = 'merging';
				// Four times as long as a file is looked for that nobody sees.
				service.later(800, () => file && (file.status = 'ok'));
				return answer;
			});
			const { fileId } = await client.upload(bufferSource('a.bin', CONTENT), IN_PARTS);
			expect(service.store.goodCopies(CONTENT)).toEqual([fileId]);
		}));

	it.each<[what: string, answer: Answer]>([
		['has another length', { status: 200, body: CONTENT.subarray(1) }],
		['is an error, however long', { status: 404, body: CONTENT }],
	])('that is in no list is not there when its download %s', (_, answer) =>
		scenario(async (parts) => {
			const { service } = parts;
			service.withoutDirectories();
			service.on('completeMultipartUpload', (work) => (work(), 'reset'));
			service.on('downloadFile', () => answer);
			expect(await failureOf(upload(parts, elsewhere))).toBeInstanceOf(UnknownOutcomeError);
			expect(service.count('abortMultipartUpload')).toBe(0);
		}),
	);

	it('that is in no list is not downloaded to see that it is there', () =>
		scenario(async (parts) => {
			const { service } = parts;
			const body = new Readable({ read: () => undefined });
			service.withoutDirectories();
			service.on('completeMultipartUpload', (work) => (work(), 'reset'));
			service.on('downloadFile', () => {
				body.push('x');
				return { status: 200, headers: { 'Content-Length': String(CONTENT.length) }, body };
			});
			const left = new Promise((resolve) => body.once('close', resolve));
			await upload(parts, elsewhere);
			const late = once(AbortSignal.timeout(10_000), 'abort');
			expect(await Promise.race([left.then(() => 'left'), late])).toBe('left');
		}));
});

describe('a source that changes', () => {
	it('while one request carries it: the request is not ended, and no file comes of it', () =>
		scenario(async ({ client, service }) => {
			// More than the buffers between client and service take in, so that the end is read after the change.
			const { source, change } = changing(randomBytes(24 * MIB));
			service.onBody = change;
			const error = await failureOf(client.upload(source, { chatId: CHAT, mode: 'simple' }));
			expect(error).toBeInstanceOf(IntegrityError);
			expect(service.count('uploadSimpleFile')).toBe(0);
			expect(service.count('deleteFile')).toBe(0);
		}));

	it.each([
		['small', 1000],
		['streamed', 3 * MIB],
	])('when one request has carried it: what was sent is deleted, and it says so (%s)', (_, size) =>
		scenario(async ({ client, service }) => {
			const { source, change } = changing(randomBytes(size));
			service.on('uploadSimpleFile', (work) => (change(), work()));
			const error = await failureOf(client.upload(source, { chatId: CHAT, mode: 'simple' }));
			expect(error).toBeInstanceOf(IntegrityError);
			expect(error.message).toBe('"a.bin" was changed. What was sent was deleted again');
			expect(statuses(service)).toEqual([]);
		}),
	);

	it('and what was sent cannot be deleted: the error names it', () =>
		scenario(async ({ client, service }) => {
			const { source, change } = changing(SMALL);
			service.on('uploadSimpleFile', (work) => (change(), work()));
			service.on('deleteFile', () => http(403));
			const error = await failureOf(client.upload(source, { chatId: CHAT, mode: 'simple' }));
			expect(error.message).toContain('"a.bin" was changed. What was sent could not be deleted: file 1');
		}));

	it('when all its parts were sent: nothing is completed, and the upload is aborted', () =>
		scenario(async ({ client, service }) => {
			const { source, change } = changing(CONTENT);
			service.on('getMultipartUploadFileStatus', (work) => (change(), work()));
			const error = await failureOf(client.upload(source, IN_PARTS));
			expect(error.message).toBe('"a.bin" was changed. The unfinished upload (file 1) was aborted');
			expect(service.count('completeMultipartUpload')).toBe(0);
			expect(statuses(service)).toEqual(['error']);
		}));
});

describe('a failure while several parts are under way', () => {
	it('is the one that is reported, at once, and nothing is sent any more', () =>
		scenario(async (parts) => {
			const { service } = parts;
			service.on('uploadFilePart', (_, { params }) =>
				params['part_number'] === 2 ? refused('quota exceeded') : 'silence',
			);
			const error = await failureOf(upload(parts, { concurrency: 3 }, randomBytes(26 * MIB)));
			expect(error.message).toMatch(/part 2.*quota exceeded.*0 of 6 parts are kept as file 1/);
			expect(error.message).not.toMatch(/cancel/i);
			expect(partsOf(service).every((number) => number <= 4)).toBe(true);
		}));

	it('of the source is the one that is reported', () =>
		scenario(async ({ client, service }) => {
			service.on('uploadFilePart', () => 'silence');
			let opened = 0;
			const broken: UploadSource = {
				fileName: 'a.bin',
				size: CONTENT.length,
				// Once for its hash, and once for its parts.
				open: () => {
					opened += 1;
					const chunks = (function* () {
						yield CONTENT.subarray(0, 5 * MIB);
						if (opened > 1) throw new LocalFileError('The disk is gone', { description: 'Plug it in.' });
						yield CONTENT.subarray(5 * MIB);
					})();
					return Promise.resolve(Readable.from(chunks, { objectMode: false }));
				},
			};
			const error = await failureOf(client.upload(broken, IN_PARTS));
			expect(error.message).toMatch(/^The disk is gone/);
			expect(error.message).not.toMatch(/cancel/i);
		}));
});

describe('parts under way are ended', () => {
	/** Five MiB, and then what `next` says. */
	const source = (next: () => Promise<void>): UploadSource => {
		let opened = 0;
		return {
			fileName: 'a.bin',
			size: CONTENT.length,
			// Once for its hash, and once for its parts.
			open: () => {
				const isForParts = (opened += 1) > 1;
				const chunks = (async function* () {
					yield CONTENT.subarray(0, 5 * MIB);
					if (isForParts) await next();
					yield CONTENT.subarray(5 * MIB);
				})();
				return Promise.resolve(Readable.from(chunks, { objectMode: false }));
			},
		};
	};
	/** A service whose answers to parts are these, one after the other; none where there is none. */
	const service = async (...answers: string[]) => {
		const server = await oddServer((request, response) => {
			const isPart = request.url === '/uploadFilePart';
			const data = request.method === 'GET' ? '{"total":0,"items":[]}' : '1';
			const answer = isPart ? answers.shift() : `{"code":0,"data":${data}}`;
			// What is open in the end is a part that nobody has ended.
			request.resume().once('end', () => answer && response.setHeader('Connection', 'close').end(answer));
		});
		return { server, client: clientOf(server, { patience: { settle: 0.1, retry: 0.01 } }) };
	};
	const options = { mode: 'multipart', biz: 'zero2x', maxTries: 1 } as const;
	const lost = new LocalFileError('The disk is gone', { description: 'Plug it in.' });

	it('when the source fails', async () => {
		const { server, client } = await service();
		const isUnderWay = () => server.requests.some(({ url }) => url === '/uploadFilePart');
		const failing = source(async () => {
			while (!isUnderWay()) await delay(5);
			throw lost;
		});
		expect((await failureOf(client.upload(failing, options))).message).toMatch(/^The disk is gone/);
		await server.untilQuiet();
	});

	it('when one of them fails', async () => {
		const { server, client } = await service('{"code":7,"data":null,"message":"quota exceeded"}');
		const error = await failureOf(client.upload(bufferSource('a.bin', CONTENT), options));
		expect(error.message).toContain('quota exceeded');
		await server.untilQuiet();
	});

	it('when it is cancelled, which is what it says, also while the source is read', async () => {
		const { server, client } = await service('{"code":0,"data":1}');
		const stop = new AbortController();
		const waiting = source(async () => {
			stop.abort();
			await new Promise(() => undefined);
		});
		const error = await failureOf(client.upload(waiting, { ...options, signal: stop.signal }));
		expect(error).toBeInstanceOf(CancelledError);
		await server.untilQuiet();
	});
});

describe('what is begun and fails', () => {
	it('is aborted where no later run could find it', () =>
		scenario(async (parts) => {
			const { service } = parts;
			service.on('uploadFilePart', () => http(400));
			const error = await failureOf(upload(parts, { biz: 'knowledgeBase', bizParams: { base: 7 } }));
			expect(error.message).toContain('The unfinished upload (file 1) was aborted');
			expect(statuses(service)).toEqual(['error']);
		}));

	it('and cannot be aborted is named', () =>
		scenario(async (parts) => {
			const { service } = parts;
			service.on('uploadFilePart', () => http(400));
			service.on('abortMultipartUpload', () => http(403));
			const error = await failureOf(upload(parts, { resume: false }));
			expect(error.message).toContain('The unfinished upload (file 1) could not be aborted either');
			expect(error.message).toContain('HTTP 400');
		}));

	it('is kept when the upload was cancelled, and the error says how to continue', () =>
		scenario(async (parts) => {
			const { service } = parts;
			const stop = new AbortController();
			service.on('uploadFilePart', () => (stop.abort(), 'silence'));
			const error = await failureOf(upload(parts, { resume: false, signal: stop.signal }));
			expect(error.message).toContain(
				'was cancelled. 0 of 2 parts are kept as file 1: to continue there, upload it again with 1 as the file to resume',
			);
			expect(service.count('abortMultipartUpload')).toBe(0);
			expect(statuses(service)).toEqual(['uploading']);
		}));
});

describe('memory', () => {
	it('is not reserved for a part beyond the file', () =>
		scenario(async (parts) => {
			const { service } = parts;
			let most = 0;
			const before = process.memoryUsage().arrayBuffers;
			service.on('uploadFilePart', (work) => {
				most = Math.max(most, process.memoryUsage().arrayBuffers - before);
				return work();
			});
			await upload(parts, { partSize: 1024 });
			expect(partsOf(service)).toEqual([1]);
			// What others left behind may have been freed meanwhile, which only makes it less.
			expect(most).toBeLessThan(512 * MIB);
		}));

	it('holds 256 MiB of parts at most, however many may be under way', () =>
		scenario(async ({ client, service }) => {
			// A second one of this size would be too much.
			const part = 129 * MIB;
			const size = part + 20 * MIB;
			const chunk = Buffer.alloc(MIB);
			let read = 0;
			let answered = 0;
			let most = 0;
			const source: UploadSource = {
				fileName: 'a.bin',
				size,
				open: () => {
					read = 0;
					const chunks = (function* () {
						for (; read < size; read += MIB) {
							most = Math.max(most, read - answered * part);
							yield chunk;
						}
					})();
					return Promise.resolve(Readable.from(chunks, { objectMode: false, highWaterMark: 1 }));
				},
			};
			// Its hash is known when the upload is begun.
			service.on('initMultipartUploadFile', (work) => ((most = 0), work()));
			service.on('uploadFilePart', () => ((answered += 1), ok(1)));
			service.on('getMultipartUploadFileStatus', () => http(403));
			service.forgetful = true;
			await failureOf(client.upload(source, { ...IN_PARTS, partSize: 129, concurrency: 8 }));
			expect(answered).toBe(2);
			// And what streams read ahead.
			expect(most).toBeLessThanOrEqual(part + 4 * MIB);
		}));
});
