/** The log tells how far a transfer is: each byte counts once, however often it was sent, and in the end all are there. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';

import { bufferSource, type UploadOptions } from '../../client';
import { http, type Answer } from '../hostile/support/answers';
import { failureOf, scenario, type Scenario } from '../hostile/support/scenario';
import { CHAT } from '../hostile/support/store';

const MIB = 1024 * 1024;
/** Three parts. */
const CONTENT = randomBytes(12 * MIB);

/** Progress is told every five seconds: with every look at the clock as many have passed. */
async function slowly<T>(transfer: () => Promise<T>): Promise<T> {
	let now = Date.now();
	const clock = jest.spyOn(Date, 'now').mockImplementation(() => (now += 5_000));
	return await transfer().finally(() => clock.mockRestore());
}

/** How many MiB the lines of the log say, one after the other. */
const told = (log: string[]) =>
	log.flatMap((line) => {
		const [, done] = /([\d.]+) MiB of 12\.0 MiB, [\d.]+ \w+\/s$/.exec(line) ?? [];
		return done === undefined ? [] : [Number(done)];
	});

const upload = ({ client }: Scenario, options: UploadOptions = {}) =>
	slowly(() => client.upload(bufferSource('a.bin', CONTENT), { chatId: CHAT, ...options }));
const IN_PARTS = { mode: 'multipart', concurrency: 1 } as const;

it('an upload of which nothing arrived the first time begins anew', () =>
	scenario(async (parts) => {
		parts.service.on('uploadSimpleFile', () => http(429), 1);
		await upload(parts);
		const lines = told(parts.log);
		expect(Math.max(...lines)).toBe(12);
		expect(lines.at(-1)).toBe(12);
		// All of it went up twice.
		expect(lines.filter((done) => done === 12)).toHaveLength(2);
	}));

it('a part counts when it has arrived, and once', () =>
	scenario(async (parts) => {
		let tries = 0;
		parts.service.on('uploadFilePart', (work, { params }) =>
			params['part_number'] === 2 && (tries += 1) <= 2 ? http(503) : work(),
		);
		await upload(parts, IN_PARTS);
		expect(told(parts.log)).toEqual([5, 10, 12]);
	}));

it('a part that the service did not keep counts no longer', () =>
	scenario(async (parts) => {
		const { service } = parts;
		let isForgotten = false;
		service.on('uploadFilePart', (work, { params }) => {
			const answer = work();
			if (params['part_number'] === 1 && !isForgotten) {
				isForgotten = true;
				service.store.files.get(Number(params['file_id']))?.parts?.arrived.delete(1);
			}
			return answer;
		});
		await upload(parts, IN_PARTS);
		expect(told(parts.log)).toEqual([5, 10, 12, 12]);
	}));

it('a continued upload begins where it was left', () =>
	scenario(async (parts) => {
		parts.service.on('uploadFilePart', (work, { params }) =>
			params['part_number'] === 3 ? http(400) : work(),
		);
		await failureOf(upload(parts, IN_PARTS));
		parts.log.length = 0;
		parts.service.on('uploadFilePart', (work) => work());
		await upload(parts, IN_PARTS);
		expect(told(parts.log)).toEqual([12]);
	}));

describe('a download', () => {
	const KIB = 1024;
	const SMALL = CONTENT.subarray(0, 300 * KIB);

	/** So much of it, and then the connection breaks. */
	const begun = (): Answer => ({
		status: 200,
		headers: { 'Content-Length': String(SMALL.length) },
		body: (async function* () {
			yield SMALL.subarray(0, 100 * KIB);
			await Promise.reject(new Error('breaks off'));
		})(),
	});
	const toldInKib = (log: string[]) =>
		log.flatMap((line) => {
			const [, done] = /([\d.]+) KiB of 300\.0 KiB, [\d.]+ \w+\/s$/.exec(line) ?? [];
			return done === undefined ? [] : [Number(done)];
		});

	it.each([
		['that breaks goes on there', true],
		['that breaks is read from its beginning where the link does not work', false],
	])('%s', async (_, hasLink) => {
		await scenario(async ({ client, service, log }) => {
			const { id } = service.store.add({ filename: 'a.bin', bytes: SMALL });
			service.on('downloadFile', begun, 1);
			if (!hasLink) service.on('getFileDownloadUrl', () => http(404));
			await slowly(async () => buffer((await client.download(id)).stream));
			expect(toldInKib(log).at(-1)).toBe(300);
			expect(Math.max(...toldInKib(log))).toBe(300);
		});
	});

	it('of a small file into a file counts once', async () => {
		await scenario(async ({ client, service, log, folder }) => {
			const { id } = service.store.add({ filename: 'a.bin', bytes: SMALL });
			service.on('downloadFile', begun, 1);
			await slowly(() => client.downloadToFile(id, path.join(folder, 'a.bin')));
			expect(toldInKib(log)).toEqual([300]);
		});
	});
});
