/** The file that was read is the file that counts: files that change while they are transferred. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { diskSource } from '../../client';
import { http } from './support/answers';
import { failureOf, filesIn, scenario } from './support/scenario';
import type { Endpoint, HostileService } from './support/service';
import { CHAT } from './support/store';

const MIB = 1024 * 1024;
/** More than the buffers between client and service take in, so that the end is read after the change. */
const SIZE = 24 * MIB;

/** Does something when the first bytes of the first such request arrive. */
function whenFirstBytesArrive(service: HostileService, endpoint: Endpoint, act: () => void): void {
	let isDone = false;
	service.onBody = (incoming) => {
		if (isDone || incoming.endpoint !== endpoint) return;
		isDone = true;
		act();
	};
}

const CHANGES: [what: string, change: (file: string, edited: Buffer) => void][] = [
	['rewritten', (file, edited) => writeFileSync(file, edited, { flag: 'r+' })],
	['truncated', (file) => truncateSync(file, SIZE / 2)],
	['emptied and rewritten', (file, edited) => writeFileSync(file, edited)],
	['appended to', (file) => appendFileSync(file, 'more')],
	[
		'replaced by another',
		(file, edited) => {
			const other = path.join(path.dirname(file), '..', 'other');
			writeFileSync(other, edited);
			renameSync(other, file);
		},
	],
];

describe('a file that changes while it goes up', () => {
	it.each(CHANGES)(
		'%s, in one request: the chat never holds a torn copy, and keeps the older file',
		(_, change) =>
			scenario(async ({ service, client, folder }) => {
				const file = path.join(folder, 'a.bin');
				const [older, begun, edited] = [Buffer.from('older'), randomBytes(SIZE), randomBytes(SIZE)];
				service.store.add({ filename: 'a.bin', bytes: older });
				await writeFile(file, begun);
				whenFirstBytesArrive(service, 'uploadSimpleFile', () => change(file, edited));
				const sync = { chatId: CHAT, localDirectory: folder, mode: 'simple' } as const;
				const [item] = await client.syncChatFilesToRemote({ ...sync, ifExists: 'overwrite' });

				const complete = service.store.named('a.bin').filter(({ status }) => status === 'ok');
				const whole = [begun, edited].filter((bytes) => complete.some((found) => found.bytes.equals(bytes)));
				const torn = complete.filter(
					({ bytes }) => ![older, begun, edited].some((known) => known.equals(bytes)),
				);
				expect(torn).toHaveLength(0);
				expect(complete).toHaveLength(1);
				expect(item?.status).toBe(whole.length === 1 ? 'success' : 'failed');
				if (whole.length === 0) expect(item?.error).toMatch(/a\.bin.*(?:changed|ended|more than)/);
			}),
	);

	it.each(CHANGES)('%s, in parts: the chat never holds a torn copy', (_, change) =>
		scenario(async ({ service, client, folder }) => {
			const file = path.join(folder, 'a.bin');
			const [begun, edited] = [randomBytes(SIZE), randomBytes(SIZE)];
			await writeFile(file, begun);
			whenFirstBytesArrive(service, 'uploadFilePart', () => change(file, edited));
			const source = await diskSource(file);
			const upload = client.upload(source, { chatId: CHAT, mode: 'multipart', concurrency: 1 });
			const error = await failureOf(upload);
			expect(error.message).toMatch(/a\.bin.*(?:changed|ended|more than)/);
			expect(service.store.named('a.bin').filter(({ status }) => status === 'ok')).toHaveLength(0);
		}),
	);

	it('rewritten in one request, alone: what a torn read has made is deleted', () =>
		scenario(async ({ service, client, folder }) => {
			const file = path.join(folder, 'a.bin');
			await writeFile(file, randomBytes(SIZE));
			const edited = randomBytes(SIZE);
			whenFirstBytesArrive(service, 'uploadSimpleFile', () => writeFileSync(file, edited, { flag: 'r+' }));
			const error = await failureOf(client.upload(await diskSource(file), { chatId: CHAT, mode: 'simple' }));
			expect(error.message).toMatch(/a\.bin.*changed/);
			expect([...service.store.files.values()].filter(({ status }) => status === 'ok')).toEqual([]);
		}));

	it('one of three, truncated in parts while others of its parts are on their way: it alone fails, and says why', () =>
		scenario(async ({ service, client, folder }) => {
			const [first, third] = [randomBytes(6 * MIB), randomBytes(6 * MIB)];
			const victim = path.join(folder, '1.bin');
			await writeFile(path.join(folder, '0.bin'), first);
			await writeFile(victim, '');
			// Many parts, so that the end is read when the first ones have arrived and the next ones are under way.
			await truncate(victim, 80 * MIB);
			await writeFile(path.join(folder, '2.bin'), third);
			let isTruncated = false;
			service.on('uploadFilePart', async (work, { params }) => {
				const file = service.store.files.get(Number(params['file_id']));
				if (file?.filename === '1.bin' && !isTruncated) truncateSync(victim, 26 * MIB);
				isTruncated ||= file?.filename === '1.bin';
				await new Promise((resolve) => setTimeout(resolve, 100));
				return work();
			});
			const sync = { chatId: CHAT, localDirectory: folder, mode: 'multipart' } as const;
			const items = await client.syncChatFilesToRemote(sync);
			expect(items.map(({ status }) => status)).toEqual(['success', 'failed', 'success']);
			expect(items[1]?.error).toMatch(/1\.bin.*(?:changed|ended)/);
			expect(items[1]?.error).not.toMatch(/cancel/i);
			expect(service.store.goodCopies(first)).toHaveLength(1);
			expect(service.store.goodCopies(third)).toHaveLength(1);
			expect(service.store.named('1.bin').filter(({ status }) => status === 'ok')).toEqual([]);
		}));
});

describe('an older file whose deletion was refused', () => {
	it.each(['overwrite', 'skipUnchanged'] as const)('goes with the next run (%s)', (ifExists) =>
		scenario(async ({ service, client, folder }) => {
			const edited = Buffer.from('edited');
			service.store.add({ filename: 'a.txt', bytes: Buffer.from('older content') });
			await writeFile(path.join(folder, 'a.txt'), edited);
			const sync = { chatId: CHAT, localDirectory: folder, ifExists } as const;
			service.on('deleteFile', () => http(403), 1);
			await client.syncChatFilesToRemote(sync);
			expect(service.store.goodCopies(edited)).toHaveLength(1);

			await client.syncChatFilesToRemote(sync);
			expect(service.store.named('a.txt').map(({ bytes }) => bytes.toString())).toEqual(['edited']);
		}),
	);

	it.each(['overwrite', 'skipUnchanged'] as const)(
		'does not come back under the edited name (%s)',
		(ifExists) =>
			scenario(async ({ service, client, folder }) => {
				service.store.add({ filename: 'a.txt', bytes: Buffer.from('older content') });
				await writeFile(path.join(folder, 'a.txt'), 'edited');
				const sync = { chatId: CHAT, localDirectory: folder, ifExists } as const;
				service.on('deleteFile', () => http(403), 1);
				await client.syncChatFilesToRemote(sync);
				await client.syncChatFilesToRemote(sync);
				await client.syncChatFilesToLocal(sync);
				expect(await readFile(path.join(folder, 'a.txt'), 'utf8')).toBe('edited');
				expect(await filesIn(folder)).toEqual(['a.txt']);
			}),
	);
});

it.each([
	['ahead', 3_600_000, true],
	['ahead and not told', 3_600_000, false],
	['behind', -3_600_000, true],
])(
	'an edit of the same size is uploaded where the list has no hash and the clock is %s',
	(_, offset, hasDate) =>
		scenario(async ({ service, client, folder }) => {
			Object.assign(service.nature, { clockOffset: offset, hasDate });
			service.nature.show = (record) => ({ ...record, hashcode: '' });
			const sync = { chatId: CHAT, localDirectory: folder, ifExists: 'skipUnchanged' } as const;
			await writeFile(path.join(folder, 'a.txt'), 'aaaa');
			expect(await client.syncChatFilesToRemote(sync)).toMatchObject([{ status: 'success' }]);
			await writeFile(path.join(folder, 'a.txt'), 'bbbb');
			expect(await client.syncChatFilesToRemote(sync)).toMatchObject([{ status: 'success' }]);
			expect(service.store.named('a.txt').map(({ bytes }) => bytes.toString())).toEqual(['bbbb']);
		}),
);

describe('a file that appears in the folder while a sync to local with "skip" runs is kept', () => {
	it.each([
		['a small one, while it is downloaded', 'downloadFile', 10],
		['a large one, while it is downloaded', 'downloadFile', 3 * MIB],
		['while the chat is listed', 'listChatFiles', 10],
	] as const)('%s', (_, endpoint, size) =>
		scenario(async ({ service, client, folder }) => {
			const target = path.join(folder, 'a.bin');
			service.store.add({ filename: 'a.bin', bytes: Buffer.alloc(size, 'r') });
			service.on(endpoint, (work) => {
				writeFileSync(target, 'mine');
				return work();
			});
			const sync = { chatId: CHAT, localDirectory: folder, ifExists: 'skip' } as const;
			const [item] = await client.syncChatFilesToLocal(sync);
			expect(await readFile(target, 'utf8')).toBe('mine');
			expect(item?.status).not.toBe('success');
			expect(await filesIn(folder)).toEqual(['a.bin']);
		}),
	);

	it('a folder of that name, too', () =>
		scenario(async ({ service, client, folder }) => {
			const target = path.join(folder, 'a.bin');
			service.store.add({ filename: 'a.bin', bytes: Buffer.from('remote') });
			service.on('downloadFile', async (work) => {
				await mkdir(target, { recursive: true });
				return work();
			});
			const sync = { chatId: CHAT, localDirectory: folder, ifExists: 'skip' } as const;
			expect(await client.syncChatFilesToLocal(sync)).toMatchObject([{ fileName: 'a.bin' }]);
			expect(await filesIn(target)).toEqual([]);
		}));
});
