/** The parts of an upload, and its completion, with a service that is wrong in one thing at a time. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import {
	bufferSource,
	CancelledError,
	LocalFileError,
	UnknownOutcomeError,
	type UploadSource,
} from '../../client';
import { refused, type Answer } from '../hostile/support/answers';
import { failureOf, scenario } from '../hostile/support/scenario';
import type { HostileService } from '../hostile/support/service';
import { CONTENT, IN_PARTS, partsOf, upload } from './in-parts';
import { clientOf, oddServer } from './odd-server';
import { MIB } from './support';

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

	it.each<[when: string, isAnswered: boolean]>([
		['while a part is under way', false],
		['while none is', true],
	])('of the source is the one that is reported, %s', (_, isAnswered) =>
		scenario(async ({ client, service }) => {
			service.on('uploadFilePart', (work) => (isAnswered ? work() : 'silence'));
			let opened = 0;
			const open = () => {
				const isForHash = (opened += 1) === 1;
				const chunks = (async function* () {
					yield CONTENT.subarray(0, 5 * MIB);
					while (!isForHash && service.count('uploadFilePart') === 0) await delay(5);
					// The first part is with the service, and answered if ever.
					await delay(isForHash ? 0 : 200);
					if (!isForHash) throw new LocalFileError('The disk is gone', { description: 'Plug it in.' });
					yield CONTENT.subarray(5 * MIB);
				})();
				return Promise.resolve(Readable.from(chunks, { objectMode: false }));
			};
			const broken = { fileName: 'a.bin', size: CONTENT.length, open };
			const error = await failureOf(client.upload(broken, IN_PARTS));
			expect(error.message).toMatch(/^The disk is gone/);
			expect(error.message).not.toMatch(/cancel/i);
			expect(opened).toBe(2);
		}),
	);
});

describe('parts under way are ended', () => {
	/** Five MiB, and then what `next` says. */
	const sourceThat = (next: () => Promise<void>): UploadSource => {
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
		const failing = sourceThat(async () => {
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

	it('when it is cancelled, which is what it says, also while only the source is read', async () => {
		const { server, client } = await service('{"code":0,"data":1}');
		const stop = new AbortController();
		let opened = 0;
		const open = () => {
			const isForHash = (opened += 1) === 1;
			const chunks = [CONTENT.subarray(0, 5 * MIB), CONTENT.subarray(5 * MIB)];
			return Promise.resolve(
				new Readable({
					read() {
						const chunk = chunks.shift() ?? null;
						// The first part has long been answered then.
						if (isForHash || chunks.length > 0) this.push(chunk);
						else setTimeout(() => stop.abort(), 300);
					},
				}),
			);
		};
		const source = { fileName: 'a.bin', size: CONTENT.length, open };
		const error = await failureOf(client.upload(source, { ...options, signal: stop.signal }));
		expect(error).toBeInstanceOf(CancelledError);
		await server.untilQuiet();
	});
});
