/**
 * The service of this suite is right in everything until a test says otherwise: else its verdicts would be worth
 * nothing.
 */
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

import { bufferSource } from '../../client';
import type { Answer } from './support/answers';
import { scenario } from './support/scenario';
import { HostileService } from './support/service';
import { CHAT } from './support/store';

const MIB = 1024 * 1024;

it.each(['simple', 'multipart'] as const)(
	'what goes up comes down, and is listed as it was sent (%s)',
	(mode) =>
		scenario(async ({ service, client }) => {
			const bytes = randomBytes(11 * MIB);
			const { fileId, md5 } = await client.upload(bufferSource('报告.bin', bytes), { chatId: CHAT, mode });
			expect(await client.listChatFiles(CHAT)).toMatchObject([
				{ id: fileId, filename: '报告.bin', size: bytes.length, hashcode: md5, status: 'ok' },
			]);
			expect(await client.listChatFiles('43')).toEqual([]);
			const download = await client.download(fileId);
			expect(download.fileName).toBe('报告.bin');
			expect((await buffer(download.stream)).equals(bytes)).toBe(true);
			expect(service.store.goodCopies(bytes)).toEqual([fileId]);
			await client.delete(fileId);
			await expect(client.download(fileId)).rejects.toThrow('file not found');
		}),
);

it('directories and their files are filtered, sorted and paged', () =>
	scenario(async ({ service, client }) => {
		for (let index = 0; index < 250; index += 1) {
			const uploadAt = new Date(1_700_000_000_000 + index * 1000).toISOString();
			service.store.add({ filename: `${index % 2 ? 'odd' : 'even'} ${index}`, uploadAt });
		}
		service.store.add({ filename: 'odd, elsewhere', biz: 'knowledgeBase' });
		const [chat, ...others] = await client.listDirectories({ sortBy: 'name_asc' });
		expect([chat, ...others].map((directory) => directory?.name)).toEqual([
			'chat',
			'knowledgeBase',
			'zero2x',
		]);
		const odd = await client.listFilesInDirectory(chat?.id, { name: 'odd', sortBy: 'upload_at_desc' });
		expect(odd).toHaveLength(125);
		expect([odd[0]?.filename, odd[124]?.filename]).toEqual(['odd 249', 'odd 1']);
		expect(await client.listDirectories({ name: 'know' })).toHaveLength(1);
	}));

it('signed links serve ranges', () =>
	scenario(async ({ service, client }) => {
		const bytes = randomBytes(3 * MIB);
		const { id } = service.store.add({ filename: 'a.bin', bytes });
		service.on('downloadFile', (work): Answer => {
			const { status, headers } = work();
			const half = async function* () {
				yield bytes.subarray(0, MIB);
				await new Promise((resolve) => setTimeout(resolve, 50));
				throw new Error('The connection breaks');
			};
			return { status, headers: { ...headers, 'Content-Length': String(bytes.length) }, body: half() };
		});
		const { stream } = await client.download(id);
		expect((await buffer(stream)).equals(bytes)).toBe(true);
		const ranges = service.calls.filter(({ endpoint }) => endpoint === 'signed');
		expect(ranges.map(({ headers }) => headers.range)).toEqual([expect.stringMatching(/^bytes=\d+-$/)]);
	}));

it('parts are refused by the rules', async () => {
	const service = await HostileService.start();
	try {
		const post = async (path: string, body: string | FormData) => {
			const headers = typeof body === 'string' ? { 'Content-Type': 'application/json' } : {};
			const response = await fetch(`${service.url}/${path}`, { method: 'POST', body, headers });
			return (await response.json()) as { data: unknown; message: unknown };
		};
		const part = async (number: number, size: number) => {
			const form = new FormData();
			form.append('params', JSON.stringify({ file_id: 1, part_number: number }));
			form.append('part', new Blob([Buffer.alloc(size)]), `part_${number}`);
			return (await post('uploadFilePart', form)).message;
		};
		const begin = { filename: 'a', size: 25, part_size: 10, hashcode: null, biz: 'chat', biz_params: {} };
		expect((await post('initMultipartUploadFile', JSON.stringify(begin))).data).toBe(1);
		expect(await part(1, 9)).toBe('part size mismatch');
		expect(await part(3, 10)).toBe('part size mismatch');
		expect(await part(4, 5)).toBe('part number out of range');
		expect(await part(1, 10)).toBeNull();
		expect(await part(1, 10)).toBe('part already uploaded');
		const complete = async () => (await post('completeMultipartUpload', '{"file_id": 1}')).message;
		expect(await complete()).toBe('some parts not uploaded');
		expect([await part(2, 10), await part(3, 5), await complete()]).toEqual([null, null, null]);
		expect(await complete()).toBe('file is not uploading');
		expect(service.store.files.get(1)).toMatchObject({ status: 'ok', size: 25 });
	} finally {
		await service.close();
	}
});
