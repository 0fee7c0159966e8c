import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningService } from '../../local-service';
import {
	begin,
	call,
	chatParams,
	dataOf,
	download,
	noise,
	onDisk,
	post,
	refusal,
	sendPart,
	start,
} from './helpers';

const small = (): Promise<RunningService> => start({ minPartSize: 1 });
const stateOf = async (service: RunningService, id: string): Promise<unknown> =>
	(await call(service, 'GET /getMultipartUploadFileStatus', { query: { file_id: id } })).body;
const statusOf = (service: RunningService): string[] => service.files().map((file) => file.status);

test('a file in parts, sent in any order', async () => {
	const service = await small();
	const content = noise(2500);
	const id = await begin(service, 2500, 1000, { hashcode: 'abc' });
	const listed = await call(service, 'GET /listChatFiles', { query: { chat_id: 'c' } });
	expect(listed.body).toMatchObject({
		data: { items: [{ size: 2500, status: 'uploading', hashcode: 'abc' }] },
	});

	expect(dataOf(await sendPart(service, id, 3, content.subarray(2000)))).toBe(id);
	dataOf(await sendPart(service, id, 1, content.subarray(0, 1000)));
	expect(await stateOf(service, id)).toEqual({
		code: 0,
		data: { file_id: 1, status: 'uploading', part_size: 1000, uploaded_parts: [1, 3], remaining_parts: [2] },
		message: null,
	});
	expect(await post(service, '/completeMultipartUpload', id)).toMatchObject(
		refusal('some parts not uploaded') as object,
	);
	dataOf(await sendPart(service, id, 2, content.subarray(1000, 2000)));
	expect(dataOf(await post(service, '/completeMultipartUpload', id))).toBe(id);

	expect(statusOf(service)).toEqual(['ok']);
	expect((await download(service, id)).equals(content)).toBe(true);
	expect((await service.readFile(id)).equals(content)).toBe(true);
	expect(await stateOf(service, id)).toMatchObject({ message: 'file not found' });
	expect(await post(service, '/completeMultipartUpload', id)).toMatchObject(
		refusal('file is not uploading') as object,
	);
	expect(await sendPart(service, id, 1, content.subarray(0, 1000))).toMatchObject(
		refusal('file is not uploading') as object,
	);
});

test('ranges across the borders of parts', async () => {
	const service = await small();
	const content = noise(2500);
	const id = await begin(service, 2500, 1000);
	for (const part of [1, 2, 3])
		await sendPart(service, id, part, content.subarray(part * 1000 - 1000, part * 1000));
	await post(service, '/completeMultipartUpload', id);
	const query = { file_id: id, expires_in: 60 };
	const link = JSON.parse(dataOf(await call(service, 'GET /getFileDownloadUrl', { query }))) as string;
	for (const [first, last] of [
		[0, 2499],
		[999, 1000],
		[1000, 1999],
		[500, 2400],
		[2499, 2499],
	] as const) {
		const response = await fetch(link, { headers: { range: `bytes=${first}-${last}` } });
		expect(response.status).toBe(206);
		expect(Buffer.from(await response.arrayBuffer())).toEqual(content.subarray(first, last + 1));
	}
});

test('parts larger than memory batches, side by side, at full size', async () => {
	const service = await start();
	const partSize = 5 * 1024 * 1024;
	const content = noise(2 * partSize + 12345);
	const id = await begin(service, content.length, partSize);
	const parts = [1, 2, 3].map((part) =>
		sendPart(service, id, part, content.subarray((part - 1) * partSize, part * partSize)),
	);
	for (const answer of await Promise.all(parts)) expect(dataOf(answer)).toBe(id);
	dataOf(await post(service, '/completeMultipartUpload', id));
	expect((await download(service, id)).equals(content)).toBe(true);
	expect(onDisk(service.dataDir).staged).toEqual([]);
});

test.each([
	[1, 'abcd', 'part size mismatch'],
	[1, 'abcdef', 'part size mismatch'],
	[3, 'ab', 'part size mismatch'],
	[0, 'abcde', 'part number out of range'],
	[-1, 'abcde', 'part number out of range'],
	[4, 'abcde', 'part number out of range'],
])('part %i with %j: %s', async (part, content, message) => {
	const service = await small();
	const id = await begin(service, 11, 5);
	expect(await sendPart(service, id, part, content)).toMatchObject(refusal(message) as object);
	expect(await stateOf(service, id)).toMatchObject({
		data: { uploaded_parts: [], remaining_parts: [1, 2, 3] },
	});
	expect(onDisk(service.dataDir).staged).toEqual([]);
});

test('a part sent twice is already uploaded; the first one stays', async () => {
	const service = await small();
	const id = await begin(service, 5, 5);
	dataOf(await sendPart(service, id, 1, 'first'));
	expect(await sendPart(service, id, 1, 'other')).toMatchObject(refusal('part already uploaded') as object);
	dataOf(await post(service, '/completeMultipartUpload', id));
	expect((await service.readFile(id)).toString()).toBe('first');
});

test('of two uploads of one part at the same time, one wins', async () => {
	const service = await start();
	const size = 3 * 1024 * 1024;
	const id = await begin(service, size, size);
	const contents = [Buffer.alloc(size, 'a'), Buffer.alloc(size, 'b')];
	const answers = await Promise.all(contents.map((content) => sendPart(service, id, 1, content)));
	const messages = answers.map(({ body }) => (body as { message: string | null }).message);
	expect(messages.filter((message) => message !== null)).toEqual(['part already uploaded']);
	dataOf(await post(service, '/completeMultipartUpload', id));
	const winner = contents[messages.indexOf(null)];
	expect(winner && (await service.readFile(id)).equals(winner)).toBe(true);
});

test('an empty file has no parts', async () => {
	const service = await small();
	const id = await begin(service, 0, 5);
	expect(await stateOf(service, id)).toMatchObject({ data: { uploaded_parts: [], remaining_parts: [] } });
	expect(await sendPart(service, id, 1, '')).toMatchObject(refusal('part number out of range') as object);
	dataOf(await post(service, '/completeMultipartUpload', id));
	expect(await download(service, id)).toEqual(Buffer.alloc(0));
});

test('aborting keeps the file as an error and removes its bytes', async () => {
	const service = await small();
	const id = await begin(service, 10, 5);
	dataOf(await sendPart(service, id, 1, 'abcde'));
	expect(existsSync(join(service.dataDir, 'files', id, '1'))).toBe(true);
	expect(dataOf(await post(service, '/abortMultipartUpload', id))).toBe(id);
	expect(statusOf(service)).toEqual(['error']);
	expect(onDisk(service.dataDir).files).toEqual([]);
	expect(await stateOf(service, id)).toMatchObject({ message: 'file not found' });
	for (const answer of [
		await sendPart(service, id, 2, 'abcde'),
		await post(service, '/completeMultipartUpload', id),
		await post(service, '/abortMultipartUpload', id),
	])
		expect(answer).toMatchObject(refusal('file is not uploading') as object);
	expect(dataOf(await call(service, 'DELETE /deleteFile', { query: { file_id: id } }))).toBe(id);
	expect(service.files()).toEqual([]);
});

test('an unfinished upload can be deleted', async () => {
	const service = await small();
	const id = await begin(service, 10, 5);
	dataOf(await sendPart(service, id, 1, 'abcde'));
	dataOf(await call(service, 'DELETE /deleteFile', { query: { file_id: id } }));
	expect(onDisk(service.dataDir).files).toEqual([]);
	expect(await sendPart(service, id, 2, 'abcde')).toMatchObject(refusal('file not found') as object);
});

test('an unknown file', async () => {
	const service = await small();
	for (const answer of [
		await sendPart(service, '77', 1, 'x'),
		await post(service, '/completeMultipartUpload', '77'),
		await post(service, '/abortMultipartUpload', '77'),
		await call(service, 'GET /getMultipartUploadFileStatus', { query: { file_id: 77 } }),
	])
		expect(answer).toMatchObject(refusal('file not found') as object);
});

test('a simple file is no multipart upload', async () => {
	const service = await small();
	const id = await service.addFile({ filename: 'f', content: 'x' });
	expect(await sendPart(service, id, 1, 'x')).toMatchObject(refusal('file is not uploading') as object);
	expect(await stateOf(service, id)).toMatchObject({ message: 'file not found' });
});

test('a merging file has a status without lists', async () => {
	const service = await small();
	const id = await service.addFile({ filename: 'f', status: 'merging', size: 10, partSize: 5 });
	expect(await stateOf(service, id)).toMatchObject({
		data: { status: 'merging', part_size: 5, uploaded_parts: null, remaining_parts: null },
	});
});

const MIB = 1024 * 1024;
test.each([
	[100 * MIB, 5 * MIB - 1, 'part size must be at least 5242880 bytes'],
	[10_000 * 5 * MIB + 1, 5 * MIB, 'too many parts: at most 10000'],
	[10_000 * 5 * MIB, 5 * MIB, null],
	[3, 5, null],
	[5, 5, null],
])('size %i in parts of %i: %j', async (size, partSize, message) => {
	const service = await start();
	const json = chatParams('f', 'c', { size, part_size: partSize });
	const { body } = await call(service, 'POST /initMultipartUploadFile', { json });
	expect(body).toMatchObject({ message });
	expect(service.files()).toHaveLength(message === null ? 1 : 0);
});

test('the file goes to the directory that init names', async () => {
	const service = await small();
	const directory = service.addDirectory('mine');
	await begin(service, 1, 1, { directory_id: Number(directory) });
	await begin(service, 1, 1);
	const listed = await call(service, 'GET /listFilesInDirectory', { query: { directory_id: directory } });
	expect(listed.body).toMatchObject({ data: { total: 1, items: [{ id: 1 }] } });
	const json = chatParams('f', 'c', { size: 1, part_size: 1, directory_id: 99 });
	expect(await call(service, 'POST /initMultipartUploadFile', { json })).toMatchObject(
		refusal('directory not found') as object,
	);
});
