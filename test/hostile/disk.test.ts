/**
 * The disk: a replaced file keeps its mode, a refused time costs no file, a folder that becomes a link is not followed.
 */
import { chmodSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { isBddFileError, type SyncItem } from '../../client';
import { apart } from './support/apart';
import { filesIn, scenario } from './support/scenario';
import type { Endpoint, HostileService } from './support/service';
import { CHAT } from './support/store';

const MIB = 1024 * 1024;
const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

describe('a replaced file keeps its mode', () => {
	it.each([
		['0600', 0o600, 10],
		['0600, a large file', 0o600, 3 * MIB],
		['0640', 0o640, 10],
		['0755', 0o755, 10],
		['0444', 0o444, 10],
	])('%s', (_, mode, size) =>
		scenario(async ({ service, client, folder }) => {
			const target = path.join(folder, 'a.bin');
			const { id } = service.store.add({ filename: 'a.bin', bytes: Buffer.alloc(size, 'new') });
			await writeFile(target, 'old');
			chmodSync(target, mode);
			const sync = { chatId: CHAT, localDirectory: folder, ifExists: 'overwrite' } as const;
			expect(await client.syncChatFilesToLocal(sync)).toMatchObject([{ status: 'success' }]);
			expect((await stat(target)).size).toBe(size);
			expect(await modeOf(target)).toBe(mode.toString(8));

			await client.downloadToFile(id, target);
			expect(await modeOf(target)).toBe(mode.toString(8));
		}),
	);

	it('a new one gets the mode of new files', () =>
		scenario(async ({ service, client, folder }) => {
			service.store.add({ filename: 'a.bin', bytes: Buffer.from('new') });
			await writeFile(path.join(folder, 'like.bin'), '');
			await client.syncChatFilesToLocal({ chatId: CHAT, localDirectory: folder });
			expect(await modeOf(path.join(folder, 'a.bin'))).toBe(await modeOf(path.join(folder, 'like.bin')));
		}));
});

describe('a disk that refuses times', () => {
	const refusingTimes = { through: ['python3', path.join(__dirname, 'support', 'refuse_times.py')] };

	it.each([
		['new', undefined],
		['replaced', 'the old content'],
	])('does not fail a %s file whose content is right', (_, before) =>
		scenario(async ({ service, folder }) => {
			const contents = [Buffer.from('small'), Buffer.alloc(3 * MIB, 'large')];
			for (const [index, bytes] of contents.entries()) {
				service.store.add({ filename: `${index}.bin`, bytes, uploadAt: '2024-01-01T00:00:00Z' });
				if (before !== undefined) await writeFile(path.join(folder, `${index}.bin`), before);
			}
			const options = { localDirectory: folder, ifExists: 'overwrite' };
			const report = await apart({ baseUrl: service.url, call: 'syncToLocal', options }, refusingTimes);
			expect(report).toMatchObject({
				ended: 'resolved',
				value: [{ status: 'success' }, { status: 'success' }],
			});
			expect(await filesIn(folder)).toEqual(['0.bin', '1.bin']);
			for (const [index, bytes] of contents.entries()) {
				const file = path.join(folder, `${index}.bin`);
				expect((await readFile(file)).equals(bytes)).toBe(true);
				// Else this test would show nothing.
				expect((await stat(file)).mtime.getFullYear()).toBeGreaterThan(2024);
			}
		}),
	);
});

describe('a folder that becomes a link between the check and the work', () => {
	/** Puts a link to the forbidden folder in the place of a folder, when this endpoint is asked for the first time. */
	function swapOn(service: HostileService, endpoint: Endpoint, folder: string, forbidden: string): void {
		service.on(
			endpoint,
			(work) => {
				renameSync(folder, path.join(path.dirname(forbidden), 'moved away'));
				symlinkSync(forbidden, folder);
				return work();
			},
			1,
		);
	}

	/** The items; or none where the sync was refused as a whole. */
	async function itemsOf(sync: Promise<SyncItem[]>): Promise<SyncItem[]> {
		try {
			return await sync;
		} catch (error) {
			if (isBddFileError(error)) return [];
			throw error;
		}
	}

	it.each<[string, Endpoint, number, 'is there' | 'is new']>([
		['while the chat is listed', 'listChatFiles', 10, 'is new'],
		['while the chat is listed, and the file is there', 'listChatFiles', 10, 'is there'],
		['while a small file is downloaded', 'downloadFile', 10, 'is new'],
		['while a small file is downloaded, and it is there', 'downloadFile', 10, 'is there'],
		['while a large file is downloaded', 'downloadFile', 3 * MIB, 'is new'],
	])('%s: nothing is written where it leads', (_, endpoint, size, file) =>
		scenario(async ({ service, client, folder }) => {
			const forbidden = path.join(path.dirname(folder), 'forbidden');
			await mkdir(forbidden);
			if (file === 'is there') {
				await writeFile(path.join(folder, 'a.bin'), 'old');
				await writeFile(path.join(forbidden, 'a.bin'), 'precious');
			}
			const before = await readdir(forbidden);
			service.store.add({ filename: 'a.bin', bytes: Buffer.alloc(size, 'new') });
			swapOn(service, endpoint, folder, forbidden);
			const sync = { chatId: CHAT, localDirectory: folder, ifExists: 'overwrite' } as const;
			const items = await itemsOf(client.syncChatFilesToLocal(sync));
			expect(items.map(({ status }) => status)).not.toContain('success');
			expect(await readdir(forbidden)).toEqual(before);
			if (file === 'is there') {
				expect(await readFile(path.join(forbidden, 'a.bin'), 'utf8')).toBe('precious');
			}
		}),
	);

	it.each([
		['a subfolder', 'sub', 'sub/a.bin', 10],
		['a subfolder with a large file', 'sub', 'sub/a.bin', 3 * MIB],
		['a folder further up', 'sub', 'sub/deeper/a.bin', 10],
		['the folder itself', '', 'a.bin', 10],
	])('%s, to remote: nothing of what it leads to is read', (_, swapped, file, size) =>
		scenario(async ({ service, client, folder }) => {
			const forbidden = path.join(path.dirname(folder), 'forbidden');
			const secret = Buffer.alloc(size, 'secret');
			const beneath = path.relative(swapped, file);
			for (const [place, bytes] of [
				[path.join(folder, file), Buffer.alloc(size, 'public')],
				[path.join(forbidden, beneath), secret],
			] as const) {
				mkdirSync(path.dirname(place), { recursive: true });
				await writeFile(place, bytes);
			}
			swapOn(service, 'listChatFiles', path.join(folder, swapped), forbidden);
			const sync = { chatId: CHAT, localDirectory: folder, recursive: true } as const;
			const items = await itemsOf(client.syncChatFilesToRemote(sync));
			expect(items.map(({ status }) => status)).not.toContain('success');
			expect(service.calls.some(({ body }) => body.includes('secret'))).toBe(false);
			expect(service.store.goodCopies(secret)).toEqual([]);
		}),
	);
});
