/** Forms, memory and progress of transfers. */
import { randomBytes } from 'node:crypto';
import { truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';

import { bufferSource } from '../../client';
import { refused } from './support/answers';
import { apart } from './support/apart';
import { partHeaders } from './support/form';
import { failureOf, scenario } from './support/scenario';
import { CHAT, md5 } from './support/store';

const MIB = 1024 * 1024;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the field "params" of a form is a plain field', () => {
	it.each([
		['a small file', 1000, 'simple', 1],
		['a file just above one buffer', 512 * 1024 + 1, 'simple', 1],
		['a streamed file', 3 * MIB, 'simple', 1],
		['large parts', 6 * MIB, 'multipart', 2],
		['a large and a small part', 5 * MIB + 1000, 'multipart', 2],
	] as const)('%s', (_, size, mode, forms) =>
		scenario(async ({ service, client }) => {
			await client.upload(bufferSource('a.bin', randomBytes(size)), { chatId: CHAT, mode });
			const sent = service.calls.filter(({ files }) => files.size > 0);
			expect(sent).toHaveLength(forms);
			for (const { headers, body } of sent) {
				const lines = partHeaders(headers, body, 'params');
				const type = lines.find((line) => line.startsWith('content-type:'));
				expect(type ?? 'content-type: text/plain').toMatch(/: *(?:text\/plain|application\/json)(?:;|$)/);
				expect(lines.join('\n')).not.toContain('filename');
			}
		}),
	);
});

it('a source that fails while the address is still being checked fails the upload, not the process', () =>
	scenario(async ({ newClient }) => {
		const client = newClient({ network: { validateUrl: () => pause(300).then(() => undefined) } });
		const source = {
			fileName: 'a.bin',
			size: MIB,
			open: () => {
				const stream = new Readable({ read: () => undefined });
				setTimeout(() => stream.destroy(new Error('the disk is gone')), 50);
				return Promise.resolve(stream);
			},
		};
		const error = await failureOf(client.upload(source, { chatId: CHAT, maxTries: 2 }));
		expect(error.message).toMatch(/a\.bin/);
	}));

describe('many large files at once', () => {
	/** Files that take no room on the disk. */
	async function emptyFiles(folder: string, count: number, size: number): Promise<void> {
		for (let index = 0; index < count; index += 1) {
			const file = path.join(folder, `${index}.bin`);
			await writeFile(file, '');
			await truncate(file, size);
		}
	}

	it('concurrency 64 does not hold 64 parts in memory', () =>
		scenario(async ({ service, folder }) => {
			service.forgetful = true;
			await emptyFiles(folder, 64, 6 * MIB);
			// Parts stay in memory until they are answered.
			service.on('uploadFilePart', async () => {
				await pause(600);
				return refused('no', 400);
			});
			const options = { localDirectory: folder, concurrency: 64, mode: 'multipart' };
			const report = await apart({ baseUrl: service.url, call: 'syncToRemote', options }, { seconds: 28 });
			expect(report.ended).toBe('resolved');
			expect(service.count('uploadFilePart')).toBeGreaterThanOrEqual(64);
			expect(report.grown).toBeLessThan(200);
		}));

	it.each([undefined, 24])('concurrency %p has no more than 8 of them under way', (concurrency) =>
		scenario(async ({ service, client, folder }) => {
			service.forgetful = true;
			await emptyFiles(folder, 16, 5.5 * MIB);
			service.on('uploadSimpleFile', async (work) => {
				await pause(200);
				return work();
			});
			const sync = { chatId: CHAT, localDirectory: folder, concurrency };
			const items = await client.syncChatFilesToRemote(sync);
			expect(items.filter(({ status }) => status === 'success')).toHaveLength(16);
			expect(service.mostAtOnce('uploadSimpleFile')).toBeLessThanOrEqual(8);
			expect(service.mostAtOnce('uploadSimpleFile')).toBeGreaterThan(1);
		}),
	);
});

describe('progress', () => {
	/** The bytes done and the bytes in all, as each line of the log that has both tells them. */
	function told(log: readonly string[]): { done: number; total: number }[] {
		return log.flatMap((line) => {
			const [done, total] = [...line.matchAll(/(\d+(?:\.\d+)?) (bytes?|[KMG]iB)(?!\/s)/g)].map(
				([, count, unit = '']) => Number(count) * 1024 ** Math.max(0, 'bKMG'.indexOf(unit.charAt(0))),
			);
			return done !== undefined && total !== undefined && line.includes(' of ') ? [{ done, total }] : [];
		});
	}

	it.concurrent('never counts a repeated byte twice', () =>
		scenario(async ({ service, client, log }) => {
			const size = 40 * MIB;
			const bytes = randomBytes(size);
			service.onBody = ({ endpoint, received, cut }) => {
				if (
					endpoint !== 'uploadSimpleFile' ||
					received < 30 * MIB ||
					Number.isFinite(service.bytesPerSecond)
				) {
					return;
				}
				// The second time is slow enough to be reported.
				service.bytesPerSecond = size / 8;
				cut();
			};
			await client.upload(bufferSource('a.bin', bytes), { chatId: CHAT, mode: 'simple' });
			expect(service.store.goodCopies(bytes)).toHaveLength(1);
			const lines = told(log);
			expect(lines.length).toBeGreaterThan(0);
			for (const { done, total } of lines) {
				expect(total).toBe(size);
				expect(done).toBeLessThanOrEqual(size);
			}
		}),
	);

	it.concurrent('of an upload that goes on includes what is there already', () =>
		scenario(async ({ service, client, log }) => {
			const bytes = randomBytes(30 * MIB);
			const arrived = new Map(
				[1, 2, 3].map((part) => [part, bytes.subarray((part - 1) * 5 * MIB, part * 5 * MIB)]),
			);
			const begun = {
				filename: 'a.bin',
				size: bytes.length,
				status: 'uploading',
				hashcode: md5(bytes),
			} as const;
			service.store.add({ ...begun, parts: { size: 5 * MIB, arrived } });
			// Longer than the time between two reports, so that the last part makes one however slow the others were.
			service.on('uploadFilePart', async (work, { params }) => {
				if (params['part_number'] === 6) await pause(5100);
				return work();
			});
			await client.upload(bufferSource('a.bin', bytes), { chatId: CHAT, mode: 'multipart', concurrency: 1 });
			expect(service.count('uploadFilePart')).toBe(3);
			const last = told(log).pop();
			expect(last?.total).toBe(bytes.length);
			expect(last?.done).toBe(bytes.length);
		}),
	);
});
