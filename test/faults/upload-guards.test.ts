/** What an upload promises beyond the common faults, with a service that is wrong in one thing at a time. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import {
	bufferSource,
	CancelledError,
	IntegrityError,
	Siblings,
	UnknownOutcomeError,
	type BddFileClient,
	type CallOptions,
	type FileInfo,
	type UploadSource,
} from '../../client';
import { http, ok, page } from '../hostile/support/answers';
import { failureOf, scenario } from '../hostile/support/scenario';
import type { HostileService } from '../hostile/support/service';
import { CHAT } from '../hostile/support/store';
import { CONTENT, IN_PARTS, partsOf, SMALL, upload } from './in-parts';
import { MIB } from './support';

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

	const whole = { chatId: CHAT, mode: 'simple' } as const;
	const siblings = new Siblings();
	it.each<[string, (client: BddFileClient, options: CallOptions) => Promise<unknown>]>([
		['an upload', (client, options) => client.upload(bufferSource('a.bin', SMALL), { ...whole, ...options })],
		[
			'one that looks first',
			(client, options) =>
				client.uploadIfExists(bufferSource('a.bin', SMALL), { ...whole, ifExists: 'keepBoth', ...options }),
		],
		[
			'one of several that belong together',
			(client, options) =>
				client.uploadIfExists(bufferSource('a.bin', SMALL), {
					...whole,
					ifExists: 'keepBoth',
					siblings,
					...options,
				}),
		],
	])(
		'%s that is cancelled while it waits for its namesake ends at once, sends nothing, and lets nobody pass',
		(_, send) =>
			scenario(async ({ client, service }) => {
				let begin: () => void = () => undefined;
				let release: () => void = () => undefined;
				const begun = new Promise<void>((resolve) => (begin = resolve));
				const released = new Promise<void>((resolve) => (release = resolve));
				service.on(
					'uploadSimpleFile',
					async (work) => {
						begin();
						await released;
						return work();
					},
					1,
				);

				const first = send(client, {});
				await begun;
				const cancel = new AbortController();
				const second = failureOf(send(client, { signal: cancel.signal }));
				const third = send(client, {});
				cancel.abort();
				const failure = await second;
				expect(failure).toBeInstanceOf(CancelledError);
				expect(failure.message).toBe('Uploading "a.bin" was cancelled');
				await client.listChatFiles(CHAT);
				expect(service.count('uploadSimpleFile')).toBe(1);

				release();
				await Promise.all([first, third]);
				expect(service.count('uploadSimpleFile')).toBe(2);
			}),
	);

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

describe('what is looked for', () => {
	const hasty = { settle: 0.5, retry: 0.01 };
	const storedAnd502 = (service: HostileService, change: object = {}) =>
		service.on('uploadSimpleFile', () => {
			service.store.add({ filename: 'a.bin', bytes: SMALL, ...change });
			return http(502);
		});
	const simple = { mode: 'simple', chatId: CHAT } as const;

	it('and no search shows is found in the list', () =>
		scenario(async (parts) => {
			const { service } = parts;
			storedAnd502(service);
			service.on('listFilesInDirectory', () => page(0, []));
			const client = parts.newClient({ patience: hasty });
			const { fileId } = await client.upload(bufferSource('a.bin', SMALL), simple);
			expect(service.store.goodCopies(SMALL)).toEqual([fileId]);
		}));

	it.each<[what: string, stored: object, shown: Partial<FileInfo>]>([
		['could not be proven ours', {}, { hashcode: '' }],
		['was being merged', { status: 'merging' }, {}],
	])('and was seen once, %s and never again may be there', (_, stored, shown) =>
		scenario(async ({ service, newClient }) => {
			storedAnd502(service, stored);
			let looks = 0;
			service.nature.show = (record) => ((looks += 1) === 1 ? { ...record, ...shown } : undefined);
			const client = newClient({ patience: hasty });
			const error = await failureOf(client.upload(bufferSource('a.bin', SMALL), simple));
			expect(error).toBeInstanceOf(UnknownOutcomeError);
			expect(service.count('uploadSimpleFile')).toBe(1);
		}),
	);

	it('when it is cancelled is no longer looked for', () =>
		scenario(async ({ service, client }) => {
			const stop = new AbortController();
			storedAnd502(service);
			service.on('listDirectories', () => (stop.abort(), 'silence'));
			const upload = client.upload(bufferSource('a.bin', SMALL), { ...simple, signal: stop.signal });
			expect(await failureOf(upload)).toBeInstanceOf(CancelledError);
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
