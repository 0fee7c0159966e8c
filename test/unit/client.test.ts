/** What each call of the client asks for, what it is called in errors, and what it checks before it asks. */
import { buffer } from 'node:stream/consumers';

import { bufferSource, InvalidInputError, type BddFileClient, type UploadIfExists } from '../../client';
import { clientOf, failureOf, oddServer } from '../faults/odd-server';

const ID = '1955228426376908801';
const GOOD_LIST = '{"total":0,"items":[]}';
const answer = (data: string) => `{"code":0,"data":${data},"message":null}`;
const REFUSAL = '{"code":7,"data":null,"message":"not today"}';
const NOT_FOUND = '{"code":4004,"data":null,"message":"file not found"}';

/** A service that gives this answer to everything, and a client of it. */
async function serve(body: string, headers: Record<string, string> = {}) {
	const bodies: string[] = [];
	const server = await oddServer((request, response) => {
		void buffer(request).then((sent) => {
			bodies.push(sent.toString());
			response.writeHead(200, headers).end(body);
		});
	});
	const asked = () => server.requests.map(({ method, url }) => `${method} ${url}`);
	return { client: clientOf(server, { mode: 'simple' }), asked, bodies };
}

const source = (fileName = 'a.txt') => bufferSource(fileName, Buffer.from('abc'));

/** One call, what is in front of " failed" in its errors, and the path that it asks for. */
const CALLS: [action: string, path: string, call: (client: BddFileClient) => Promise<unknown>][] = [
	[`Getting a link to file ${ID}`, '/getFileDownloadUrl', (client) => client.getDownloadUrl(ID)],
	[`Looking for file ${ID}`, '/getFileDownloadUrl', (client) => client.exists(ID)],
	[`Deleting file ${ID}`, '/deleteFile', (client) => client.delete(ID)],
	['Reading page 3 of chat "42"', '/listChatFiles', (client) => client.readChatPage('42', 3)],
	['Reading page 3 of directory 7', '/listFilesInDirectory', (client) => client.readDirectoryPage(7, 3)],
	['Reading page 3 of the directories', '/listDirectories', (client) => client.readDirectoriesPage(3)],
	['Connecting to the file service', '/listChatFiles', (client) => client.testConnection()],
	['Listing chat "42"', '/listChatFiles', (client) => client.listChatFiles('42')],
	['Listing directories', '/listDirectories', (client) => client.listDirectories()],
	['Listing directory 7', '/listFilesInDirectory', (client) => client.listFilesInDirectory(7)],
	[`Downloading file ${ID}`, '/downloadFile', (client) => client.download(ID)],
	[
		`Downloading file ${ID}`,
		'/downloadFile',
		(client) => client.download(ID, { expected: { size: 3 }, connections: 1 }),
	],
	[
		`Downloading "a.txt" (file ${ID})`,
		'/downloadFile',
		(client) => client.download(ID, { expected: { filename: 'a.txt' } }),
	],
	['Uploading "a.txt"', '/uploadSimpleFile', (client) => client.upload(source(), { chatId: '42' })],
];

it.each(CALLS)('an error says what was being done: %s (%s)', async (action, path, call) => {
	const { client, asked } = await serve(REFUSAL, { 'Content-Type': 'application/json' });
	const { message } = await failureOf(call(client));
	expect(message).toBe(`${action} failed: not today (code 7)`);
	expect(asked()[0]).toContain(` ${path}`);
});

it.each<[what: string, call: (client: BddFileClient) => Promise<unknown>]>([
	['File id is not an id: "x"', (client) => client.getDownloadUrl('x')],
	['File id is not an id: "x"', (client) => client.exists('x')],
	['File id is not an id: "x"', (client) => client.delete('x')],
	['File id is not an id: "x"', (client) => client.download('x')],
	['File id is not an id: "x"', (client) => client.downloadInto('x', '.')],
	['Directory is not an id: "x"', (client) => client.readDirectoryPage('x', 1)],
	['Directory is not an id: "x"', (client) => client.listFilesInDirectory('x')],
	['Chat ID is empty', (client) => client.readChatPage(' ', 1)],
	['Chat ID is empty', (client) => client.listChatFiles(' ')],
	['Chat ID is empty', (client) => client.upload(source(), {})],
	['Chat ID is empty', (client) => client.syncChatFilesToLocal({ chatId: ' ', localDirectory: '.' })],
	[
		'If File Is Missing is unknown: "no"',
		(client) => client.delete(ID, { ifMissing: 'no' as unknown as 'skip' }),
	],
	[
		'If File Exists is unknown: "no"',
		(client) => client.downloadInto(ID, '.', { ifExists: 'no' as unknown as 'skip' }),
	],
	[
		'If File Exists is unknown: "no"',
		(client) => client.uploadIfExists(source(), { ifExists: 'no' as UploadIfExists, chatId: '42' }),
	],
	[
		'Connections must be a whole number from 1 to 16, but is 0',
		(client) => client.download(ID, { connections: 0 }),
	],
	[
		'Limit must be a whole number from 1 to 9007199254740991, but is 0',
		(client) => client.listFilesInDirectory(7, { limit: 0 }),
	],
	['File name is empty', (client) => client.upload(source(''), { chatId: '42' })],
])('%s: nothing is asked', async (message, call) => {
	const { client, asked } = await serve(REFUSAL);
	const error = await failureOf(call(client));
	expect(error).toBeInstanceOf(InvalidInputError);
	expect(error.message).toBe(message);
	expect(asked()).toEqual([]);
});

it('a file without a name: the error says what to do', async () => {
	const { client } = await serve(REFUSAL);
	expect(await failureOf(client.upload(source(''), { chatId: '42' }))).toMatchObject({
		description: 'Give the file a name.',
	});
});

it('a link expires after the time that it was asked for', async () => {
	const { client, asked } = await serve(answer('"http://127.0.0.1/a"'));
	const before = Date.now();
	const { url, expiresAt } = await client.getDownloadUrl(ID, { expiresIn: 100 });
	expect(url).toBe('http://127.0.0.1/a');
	expect(Date.parse(expiresAt)).toBeGreaterThanOrEqual(before + 100_000);
	expect(Date.parse(expiresAt)).toBeLessThanOrEqual(Date.now() + 100_000);
	expect(asked()[0]).toContain('expires_in=100');
});

it('a connection is tested with a chat that nobody has', async () => {
	const { client, asked } = await serve(answer(GOOD_LIST));
	await client.testConnection();
	expect(asked()).toEqual([
		expect.stringMatching(/^GET \/listChatFiles\?chat_id=n8n-connection-test&.*limit=1\b/),
	]);
});

it('pages are read one by one', async () => {
	const { client, asked } = await serve(answer(GOOD_LIST));
	const empty = { total: 0, records: [] };
	expect(await client.readChatPage(' 42 ', 2)).toEqual(empty);
	expect(await client.readDirectoryPage(7, 2, { name: 'a', sortBy: 'name_asc' })).toEqual(empty);
	expect(await client.readDirectoriesPage(2, { name: 'b' })).toEqual(empty);
	const [chat, directory, directories] = asked();
	expect(chat).toMatch(/chat_id=42&.*offset=100&limit=100/);
	expect(directory).toMatch(/directory_id=7&name=a&sort_by=name_asc&.*page_number=2/);
	expect(directories).toMatch(/name=b&.*page_number=2/);
});

describe('whether a file is there', () => {
	it('it is', async () => {
		const { client } = await serve(answer('"http://127.0.0.1/a"'));
		expect(await client.exists(ID)).toBe(true);
	});

	it('it is not', async () => {
		const { client } = await serve(NOT_FOUND);
		expect(await client.exists(ID)).toBe(false);
	});

	it.each([undefined, 'fail', 'skip'] as const)('when it is deleted (%s)', async (ifMissing) => {
		const { client } = await serve(answer(ID));
		expect(await client.delete(ID, { ifMissing })).toBe(true);
	});

	it('when it is deleted and was not: an error, or told', async () => {
		const { client } = await serve(NOT_FOUND);
		expect(await client.delete(ID, { ifMissing: 'skip' })).toBe(false);
		expect((await failureOf(client.delete(ID))).message).toContain('file not found');
	});
});

describe('a download', () => {
	it('tells what the answer tells', async () => {
		const named = { 'Content-Disposition': 'attachment; filename="a.txt"', 'Content-Length': '3' };
		const { client } = await serve('abc', named);
		const { stream, ...told } = await client.download(ID);
		expect(told).toStrictEqual({ fileId: ID, fileName: 'a.txt', size: 3, mimeType: 'text/plain' });
		expect((await buffer(stream)).toString()).toBe('abc');
	});

	it('does not tell what the answer does not tell', async () => {
		const { client } = await serve('abc', { 'Transfer-Encoding': 'chunked' });
		const { stream, ...told } = await client.download(ID);
		expect(told).toStrictEqual({ fileId: ID, mimeType: 'application/octet-stream' });
		expect((await buffer(stream)).toString()).toBe('abc');
	});

	it('that nobody wants closes its connection', async () => {
		const server = await oddServer((_, response) => {
			response.writeHead(200, { 'Content-Length': '1000000' });
			response.write('abc');
		});
		const { stream } = await clientOf(server).download(ID);
		stream.destroy();
		await server.untilQuiet();
	});
});

it('an upload to another biz needs no parameters', async () => {
	const { client, bodies } = await serve(answer(ID));
	await client.upload(source(), { biz: 'knowledgeBase' });
	expect(bodies[0]).toContain('"biz":"knowledgeBase","biz_params":{}');
});

it('an upload that keeps both replaces nothing, and does not look', async () => {
	const { client, asked } = await serve(answer(ID));
	const outcome = await client.uploadIfExists(source(), { ifExists: 'keepBoth', chatId: '42' });
	expect(outcome).toMatchObject({ status: 'uploaded', fileId: ID, fileName: 'a.txt', replaced: [] });
	expect(asked()).toEqual(['POST /uploadSimpleFile']);
});
