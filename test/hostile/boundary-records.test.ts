/** What the service says is parsed once: a record that is none costs only itself, a part size is never believed. */
import { randomBytes } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { bufferSource, isBddFileError } from '../../client';
import { ok, page } from './support/answers';
import { apart } from './support/apart';
import { exactlyOnce } from './support/once';
import { filesIn, gathering, scenario, type Scenario, type Unreadable } from './support/scenario';
import { CHAT, md5 } from './support/store';

const MIB = 1024 * 1024;

/** What can stand in a list where a file's record should be. The good record has id 2 and the name "b.txt". */
const BROKEN: [what: string, brokenRecord: (record: object) => unknown][] = [
	['a file name of null', (record) => ({ ...record, filename: null })],
	['a file name that is a number', (record) => ({ ...record, filename: 7 })],
	['no file name', (record) => ({ ...record, filename: undefined })],
	['5', () => 5],
	['null', () => null],
	['"x"', () => 'x'],
	['[]', () => []],
	['true', () => true],
	['no id', (record) => ({ ...record, id: undefined })],
	['an id that is no whole number', (record) => ({ ...record, id: 1.5 })],
	['an id of words', (record) => ({ ...record, id: 'abc' })],
	['an id that is an object', (record) => ({ ...record, id: { id: 2 } })],
	['a size below 0', (record) => ({ ...record, size: -1 })],
	['a size that is no whole number', (record) => ({ ...record, size: 0.5 })],
	['a size of null', (record) => ({ ...record, size: null })],
];

/** A chat of three files, of which the second one's record is broken in every list. */
function withBrokenSecond({ service }: Scenario, broken: (record: object) => unknown): void {
	for (const name of ['a.txt', 'b.txt', 'c.txt']) {
		service.store.add({ filename: name, bytes: Buffer.from(`content of ${name}`) });
	}
	service.nature.show = (record) => (record.filename === 'b.txt' ? broken(record) : record);
}

describe('a broken record in a chat', () => {
	it.concurrent.each(BROKEN)('%s: the other files arrive, and the broken one is a failed item', (_, broken) =>
		scenario(async (parts) => {
			withBrokenSecond(parts, broken);
			const { client, folder } = parts;
			const items = await client.syncChatFilesToLocal({ chatId: CHAT, localDirectory: folder });
			expect(items.map(({ status }) => status).sort()).toEqual(['failed', 'success', 'success']);
			const [failed] = items.filter(({ status }) => status === 'failed');
			expect(failed?.error).toMatch(/\w+ \w+/);
			expect(typeof failed?.fileName).toBe('string');
			for (const name of ['a.txt', 'c.txt']) {
				expect(await readFile(path.join(folder, name), 'utf8')).toBe(`content of ${name}`);
			}
			expect(await filesIn(folder)).toEqual(['a.txt', 'c.txt']);
		}),
	);

	it.concurrent.each(BROKEN)('%s: a listing gives the others and says what it could not read', (_, broken) =>
		scenario(async (parts) => {
			withBrokenSecond(parts, broken);
			const unreadable: Unreadable[] = [];
			const files = await parts.client.listChatFiles(CHAT, gathering(unreadable));
			expect(files.map(({ filename }) => filename)).toEqual(['a.txt', 'c.txt']);
			expect(unreadable).toHaveLength(1);
			expect(unreadable[0]?.reason).toMatch(/\w+ \w+/);
		}),
	);

	it('does not keep the files of a folder from the chat', () =>
		scenario(async (parts) => {
			withBrokenSecond(parts, (record) => ({ ...record, filename: null }));
			const { client, folder, service } = parts;
			await writeFile(path.join(folder, 'a.txt'), 'is there already');
			await writeFile(path.join(folder, 'new.txt'), 'new');
			const items = await client.syncChatFilesToRemote({ chatId: CHAT, localDirectory: folder });
			expect(items.map(({ status }) => status).sort()).toEqual(['failed', 'skipped', 'success']);
			expect(service.store.named('new.txt')).toHaveLength(1);
		}));

	it('tells what it says of itself: its id, its name', () =>
		scenario(async (parts) => {
			withBrokenSecond(parts, (record) => ({ ...record, size: null }));
			const unreadable: Unreadable[] = [];
			await parts.client.listChatFiles(CHAT, gathering(unreadable));
			expect(unreadable).toMatchObject([{ fileId: 2, fileName: 'b.txt' }]);
		}));
});

it.each([
	['a hash of null', { hashcode: null }],
	['a hash that is a number', { hashcode: 12 }],
	['a time of null', { upload_at: null }],
	['a time that is a number', { upload_at: 1700000000 }],
	['no user', { user_id: undefined }],
])('%s makes no record unreadable', (_, change) =>
	scenario(async (parts) => {
		withBrokenSecond(parts, (record) => ({ ...record, ...change }));
		const items = await parts.client.syncChatFilesToLocal({ chatId: CHAT, localDirectory: parts.folder });
		expect(items.map(({ status }) => status)).toEqual(['success', 'success', 'success']);
		const unreadable: Unreadable[] = [];
		const files = await parts.client.listChatFiles(CHAT, gathering(unreadable));
		expect(files.map(({ hashcode, upload_at }) => [typeof hashcode, typeof upload_at])).toEqual(
			files.map(() => ['string', 'string']),
		);
		expect(unreadable).toEqual([]);
	}),
);

it.each([
	['a hash of null', { hashcode: null }],
	['a file name of null', { filename: null }],
	['a time of null', { upload_at: null }],
])('a namesake with %s does not break the look-up of an upload whose answer was lost', (_, change) =>
	scenario(async ({ service, client }) => {
		const bytes = Buffer.from('wanted');
		const other = service.store.add({ filename: 'a.txt', bytes: Buffer.from('older!') });
		service.nature.show = (record) => (record.id === other.id ? { ...record, ...change } : record);
		service.on('uploadSimpleFile', (work) => (work(), 'reset'), 1);
		const upload = () => client.upload(bufferSource('a.txt', bytes), { chatId: CHAT });
		expect(await exactlyOnce(service, bytes, upload)).toBe('uploaded');
	}),
);

describe('a broken record in a directory', () => {
	it('of files: the others come, and it is told', () =>
		scenario(async (parts) => {
			withBrokenSecond(parts, () => null);
			const unreadable: Unreadable[] = [];
			const files = await parts.client.listFilesInDirectory(1, gathering(unreadable));
			expect(files.map(({ filename }) => filename)).toEqual(['a.txt', 'c.txt']);
			expect(unreadable).toHaveLength(1);
		}));

	it.each([
		['null', null],
		['an id of words', { id: 'x', name: 'n' }],
		['a name of null', { id: 3, name: null }],
	])('of directories, %s: the others come, and it is told', (_, broken) =>
		scenario(async ({ service, client }) => {
			const good = { id: 1, created_at: '2024-01-01T00:00:00Z', name: 'chat' };
			service.on('listDirectories', () => page(2, [good, broken]));
			const unreadable: Unreadable[] = [];
			const directories = await client.listDirectories(gathering(unreadable));
			expect(directories.map(({ name }) => name)).toEqual(['chat']);
			expect(unreadable).toHaveLength(1);
		}),
	);
});

describe('an unfinished namesake whose parts make no sense is not continued', () => {
	const SIZE = 32 * MIB;

	it.each([1, 0.5])('part size %d: in little memory', (partSize) =>
		scenario(async ({ service, folder }) => {
			const file = path.join(folder, 'a.bin');
			await writeFile(file, '');
			await truncate(file, SIZE);
			const bytes = await readFile(file);
			const begun = { filename: 'a.bin', size: SIZE, hashcode: md5(bytes), status: 'uploading' } as const;
			const { id } = service.store.add({ ...begun, parts: { size: 5 * MIB, arrived: new Map() } });
			const status = { file_id: id, status: 'uploading', uploaded_parts: [], remaining_parts: [1] };
			service.on('getMultipartUploadFileStatus', (work, { query }) =>
				query.get('file_id') === String(id) ? ok({ ...status, part_size: partSize }) : work(),
			);
			const upload = { baseUrl: service.url, call: 'upload', file, options: { mode: 'multipart' } } as const;
			const report = await apart(upload);
			expect(report).toMatchObject({ ended: 'resolved' });
			expect(report.grown).toBeLessThan(100);
			expect(service.store.goodCopies(bytes)).toHaveLength(1);
		}),
	);

	it.each([-5, 0, 1e15, '5242880', null, [5242880]])('part size %j', (partSize) =>
		scenario(async ({ service, client }) => {
			const bytes = randomBytes(6 * MIB);
			const begun = {
				filename: 'a.bin',
				size: bytes.length,
				hashcode: md5(bytes),
				status: 'uploading',
			} as const;
			const { id } = service.store.add({ ...begun, parts: { size: 5 * MIB, arrived: new Map() } });
			const status = { file_id: id, status: 'uploading', uploaded_parts: [], remaining_parts: [1] };
			service.on('getMultipartUploadFileStatus', (work, { query }) =>
				query.get('file_id') === String(id) ? ok({ ...status, part_size: partSize }) : work(),
			);
			const upload = () => client.upload(bufferSource('a.bin', bytes), { chatId: CHAT, mode: 'multipart' });
			expect(await exactlyOnce(service, bytes, upload)).toBe('uploaded');
		}),
	);

	it.each([
		['a list of words', ['a', 'b'], []],
		['the same part in both lists', [1, 2], [1, 2]],
		['no lists', 5, 'x'],
	])('parts that are %s', (_, uploaded, remaining) =>
		scenario(async ({ service, client }) => {
			const bytes = randomBytes(6 * MIB);
			const begun = {
				filename: 'a.bin',
				size: bytes.length,
				hashcode: md5(bytes),
				status: 'uploading',
			} as const;
			const { id } = service.store.add({ ...begun, parts: { size: 5 * MIB, arrived: new Map() } });
			const lists = { uploaded_parts: uploaded, remaining_parts: remaining };
			const once = { file_id: id, status: 'uploading', part_size: 5 * MIB, ...lists };
			service.on('getMultipartUploadFileStatus', () => ok(once), 1);
			const upload = () => client.upload(bufferSource('a.bin', bytes), { chatId: CHAT, mode: 'multipart' });
			expect(await exactlyOnce(service, bytes, upload)).toBe('uploaded');
		}),
	);
});

it('a part size far beyond the file is refused or serves, and does not spoil what comes after', () =>
	scenario(async ({ service, client }) => {
		const bytes = randomBytes(6 * MIB);
		const upload = (more: { partSize?: number }) =>
			client.upload(bufferSource('a.bin', bytes), { chatId: CHAT, mode: 'multipart', ...more });
		const first = await upload({ partSize: 100_000 }).catch((error: unknown) => error);
		if (isBddFileError(first)) expect(service.count('initMultipartUploadFile')).toBe(0);
		else expect(service.store.goodCopies(bytes)).toHaveLength(1);
		expect(await exactlyOnce(service, bytes, () => upload({}))).toBe('uploaded');
	}));
