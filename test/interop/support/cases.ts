import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faults } from '../../../harness/fault-proxy';
import { bytes, md5, MIB, USER_ID } from './fixtures';
import type { Peer } from './peers';
import { namesIn, type Place } from './place';

/**
 * What the published client promises, in its guide (README), in the descriptions of its methods, and in the seven tests
 * that its source distribution has; each as something that either client can be asked to do. 0.7.6 has the same texts
 * and tests as 0.7.5, and those of 0.5.1 say less. What cannot be said to ours, such as a path and a stream at once,
 * has no row.
 */
export type Case = {
	from: 'guide' | 'method' | 'test';
	/** What is promised, in our words. */
	says: string;
	/** Does it with one of the two clients. @returns what can be seen of it */
	run: (peer: Peer, place: Place) => Promise<unknown>;
} & (
	| { both: unknown }
	/** Not the same, on purpose. */
	| { theirs: unknown; ours: unknown; because: string }
);

const OTHER_USER = '42';
const NOT_A_FILE = '999999';

/** What becomes of it: `done`, or the kind of its error, and what was being done. */
async function outcomeInWords(peer: Peer, work: Promise<unknown>) {
	try {
		await work;
		return { kind: 'done' };
	} catch (error) {
		return peer.describe(error);
	}
}

const outcome = async (peer: Peer, work: Promise<unknown>) => (await outcomeInWords(peer, work)).kind;

/** What comes next is later by any clock that tells milliseconds. */
async function aMoment(): Promise<void> {
	for (const now = Date.now(); Date.now() === now;)
		await new Promise<void>((resolve) => setImmediate(resolve));
}

const fileIn = async (folder: string, name: string, content: string | Buffer) => {
	await writeFile(join(folder, name), content);
	return join(folder, name);
};

/** A file of zeros, which takes no room. */
const sparse = async (folder: string, size: number) => {
	const path = await fileIn(folder, 'large.bin', '');
	await truncate(path, size);
	return path;
};

/** Uploads a small file, as most cases begin. */
async function uploaded(peer: Peer, place: Place, content = 'content') {
	const path = await fileIn(await place.folder(), 'a.txt', content);
	await peer.upload({ path, chat: place.chat });
	return place.inChat().at(-1)?.id ?? '';
}

const readAll = async (folder: string) =>
	Object.fromEntries(
		await Promise.all(
			(await namesIn(folder)).map(
				async (name) => [name, await readFile(join(folder, name), 'utf8')] as const,
			),
		),
	);

const chatNow = async (place: Place) =>
	await Promise.all(
		place
			.inChat()
			.map(async ({ id, filename, status }) => [
				filename,
				status === 'ok' ? (await place.service.readFile(id)).toString() : status,
			]),
	);

const CLIENT: Case[] = [
	{
		from: 'guide',
		says: 'a profile stands for an address',
		run: (peer) => peer.addresses(),
		theirs: {
			dev: 'http://10.200.65.13:2015',
			beta: 'http://10.200.65.13:2015',
			prod: 'http://bdd-gateway:80/api/file',
		},
		ours: {
			dev: 'http://10.200.65.13:2015',
			beta: 'http://10.200.65.13:2015',
			prod: 'http://bdd-file-service',
		},
		because: 'the next published version, 0.7.6, has a new address for prod, and changes nothing else',
	},
	{
		from: 'guide',
		says: 'every method takes a user, who counts instead of that of the client',
		run: async (peer, place) => {
			const { chat } = place;
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			await peer.upload({ path, chat });
			await peer.upload({ path, chat, filename: 'b.txt', userId: OTHER_USER });
			const owners = place.inChat().map(({ userId }) => userId);
			const id = place.inChat()[1]?.id ?? '';
			const before = place.requests().length;
			const down = await place.folder('down');
			await peer.download(id, join(down, 'copy'), OTHER_USER);
			await peer.read(id, OTHER_USER);
			await peer.link(id, 60, OTHER_USER);
			await peer.list(chat, OTHER_USER);
			await peer.toLocal(chat, down, OTHER_USER);
			await peer.toRemote(chat, down, OTHER_USER);
			await peer.directories({ userId: OTHER_USER });
			await peer.filesIn(place.service.addDirectory('chat'), { userId: OTHER_USER });
			await peer.delete(id, OTHER_USER);
			const later = place.requests().slice(before);
			return { owners, later: [...new Set(later.map(({ headers }) => headers['x-user-id']))] };
		},
		both: { owners: [USER_ID, OTHER_USER], later: [OTHER_USER] },
	},
	{
		from: 'guide',
		says: 'without any user nothing is asked',
		run: async (peer, place) => {
			const list = await outcome(peer, peer.with({}).list(place.chat));
			return { list, requests: place.requests().length };
		},
		both: { list: 'BddFileError', requests: 0 },
	},
	{
		from: 'guide',
		says: 'the business of the client counts where a call names none',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			const client = peer.with({ userId: USER_ID, biz: 'zero2x' });
			await client.upload({ path, bizParams: { 项目: [1, 'two'] } });
			await client.upload({ path, bizParams: null, biz: 'knowledgeBase' });
			return place.service
				.files()
				.slice(-2)
				.map(({ biz }) => biz);
		},
		both: ['zero2x', 'knowledgeBase'],
	},
	{
		from: 'method',
		says: 'an upload needs a business from the call or from the client',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			const done = await outcome(peer, peer.upload({ path, bizParams: { chat_id: place.chat } }));
			return { done, arrived: place.inChat().length };
		},
		theirs: { done: 'BddFileError', arrived: 0 },
		ours: { done: 'done', arrived: 1 },
		because: 'files of chats are what people have, so chat is the business where nobody names one',
	},
	{
		from: 'guide',
		says: 'the mode of the client counts where a call names none',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			const client = peer.with({ userId: USER_ID, biz: 'zero2x', mode: 'multipart' });
			await client.upload({ path, bizParams: null });
			return place.asked().includes('initMultipartUploadFile');
		},
		theirs: false,
		ours: true,
		because: 'theirs takes the mode and never looks at it; ours does what the guide says',
	},
];

const UPLOAD: Case[] = [
	{
		from: 'guide',
		says: 'what an upload gives has the id of the new file',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			const gives = await peer.upload({ path, chat: place.chat, mode: 'simple' });
			return typeof gives === 'object' ? Object.keys(gives ?? {}).sort() : typeof gives;
		},
		theirs: 'string',
		ours: ['fileId', 'fileName', 'md5', 'mode', 'size'],
		because:
			'theirs gives the bare id (here beyond 2^53, so digits), other than its guide; ours gives what it knows',
	},
	{
		from: 'method',
		says: 'a file has the name that the call gives it, else its own',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			await peer.upload({ path, chat: place.chat });
			await peer.upload({ path, chat: place.chat, filename: '乙.txt' });
			return await chatNow(place);
		},
		both: [
			['a.txt', 'x'],
			['乙.txt', 'x'],
		],
	},
	{
		from: 'guide',
		says: 'an open stream goes up, with a name and a size',
		run: async (peer, place) => {
			const stream = await fileIn(await place.folder(), 'a.txt', 'streamed');
			await peer.upload({ stream, filename: 'b.txt', size: 8, chat: place.chat });
			return await chatNow(place);
		},
		both: [['b.txt', 'streamed']],
	},
	{
		from: 'guide',
		says: 'a stream without a name is refused, and nothing is asked',
		run: async (peer, place) => {
			const stream = await fileIn(await place.folder(), 'a.txt', 'streamed');
			const done = await outcome(peer, peer.upload({ stream, size: 8, chat: place.chat }));
			return { done, requests: place.requests().length };
		},
		both: { done: 'BddFileError', requests: 0 },
	},
	{
		from: 'guide',
		says: 'auto sends in parts what is larger than 100 MB',
		run: async (peer, place) => {
			const folder = await place.folder();
			const path = await sparse(folder, 100 * MIB);
			await peer.upload({ path, chat: place.chat });
			const upTo = place.asked().filter((endpoint) => endpoint.includes('pload'));
			await truncate(path, 100 * MIB + 1);
			await peer.upload({ path, chat: place.chat, mode: 'auto' });
			const parts = place.requests().filter(({ path: each }) => each === '/uploadFilePart');
			return { upTo, parts: parts.length, ok: place.inChat().map(({ status }) => status) };
		},
		both: { upTo: ['uploadSimpleFile'], parts: 21, ok: ['ok', 'ok'] },
	},
	{
		from: 'test',
		says: '13 MiB go up in parts of 5 MiB, and are deleted',
		run: async (peer, place) => {
			const content = bytes(13 * MIB, 30);
			const path = await fileIn(await place.folder(), 'large.bin', content);
			await peer.upload({ path, chat: place.chat, mode: 'multipart' });
			const [file] = place.inChat();
			const isSame = (await place.service.readFile(file?.id ?? '')).equals(content);
			await peer.delete(file?.id ?? '', USER_ID);
			const sent = place.requests().filter(({ path: each }) => each === '/uploadFilePart');
			const numbers = sent.map(({ params }) => params?.['part_number']).sort();
			return { isSame, numbers, left: place.inChat() };
		},
		both: { isSame: true, numbers: [1, 2, 3], left: [] },
	},
	{
		from: 'guide',
		says: 'an upload in parts goes on where it broke',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'large.bin', bytes(11 * MIB, 31));
			const what = { path, chat: place.chat, mode: 'multipart' };
			place.proxy.script({ on: '/uploadFilePart', nth: 3, fault: faults.cutRequest(1000) });
			const broken = await outcome(peer, peer.upload(what));
			await peer.upload(what);
			const parts = place.requests().filter(({ path: each }) => each === '/uploadFilePart');
			return { broken, parts: parts.length, chat: place.inChat().map(({ status }) => status) };
		},
		theirs: { broken: 'BddFileError', parts: 6, chat: ['uploading', 'ok'] },
		ours: { broken: 'BddFileError', parts: 4, chat: ['ok'] },
		because: 'theirs begins anew and leaves the unfinished file; ours does what the guide says',
	},
	{
		from: 'method',
		says: 'a hash goes along when the caller gives one',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'hashed');
			await peer.upload({ path, chat: place.chat });
			await peer.upload({ path, chat: place.chat, hashcode: md5(Buffer.from('hashed')) });
			return place.inChat().map(({ hashcode }) => hashcode);
		},
		theirs: ['', md5(Buffer.from('hashed'))],
		ours: [md5(Buffer.from('hashed')), md5(Buffer.from('hashed'))],
		because: 'ours always sends the MD5 of what it sends: downloads, resumptions and syncs are checked by it',
	},
	{
		from: 'guide',
		says: 'a file that does not exist is the error of the client',
		run: async (peer, place) =>
			await outcome(peer, peer.upload({ path: join(await place.folder(), 'none.txt'), chat: place.chat })),
		theirs: 'FileNotFoundError',
		ours: 'BddFileError',
		because: 'theirs lets the error of Python out; ours does what the guide says',
	},
	{
		from: 'guide',
		says: 'a file of a chat needs a chat',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			const done = await outcome(peer, peer.upload({ path, biz: 'chat' }));
			return { done, requests: place.requests().length };
		},
		theirs: { done: 'BddFileError', requests: 1 },
		ours: { done: 'BddFileError', requests: 0 },
		because:
			'theirs leaves it to the service, which may take a file that no list ever shows; ours asks for it first',
	},
	{
		from: 'guide',
		says: 'an unknown business or mode is the error of the client',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			return [
				await outcome(peer, peer.upload({ path, biz: 'mail', bizParams: {} })),
				await outcome(peer, peer.upload({ path, chat: place.chat, mode: 'chunked' })),
				place.requests().length,
			];
		},
		theirs: ['BddFileError', 'ValueError', 0],
		ours: ['BddFileError', 'BddFileError', 0],
		because: 'theirs lets an error of Python out; ours does what the guide says',
	},
];

const DOWNLOAD: Case[] = [
	{
		from: 'test',
		says: 'a file comes down to a path as it went up',
		run: async (peer, place) => {
			const id = await uploaded(peer, place, 'test');
			const down = await place.folder('down');
			await peer.download(id, join(down, 'copy'));
			return await readAll(down);
		},
		both: { copy: 'test' },
	},
	{
		from: 'guide',
		says: 'a file comes down into a stream',
		run: async (peer, place) => (await peer.read(await uploaded(peer, place))).toString(),
		both: 'content',
	},
	{
		from: 'test',
		says: 'a link begins with http, and anybody can follow it',
		run: async (peer, place) => {
			const url = await peer.link(await uploaded(peer, place, 'test'));
			const response = await fetch(url);
			return [url.startsWith('http'), response.status, await response.text()];
		},
		both: [true, 200, 'test'],
	},
	{
		from: 'guide',
		says: 'a link works for ten minutes unless told otherwise',
		run: async (peer, place) => {
			const id = await uploaded(peer, place);
			await peer.link(id);
			await peer.link(id, 60);
			return place.requests().flatMap(({ query }) => query['expires_in'] ?? []);
		},
		both: ['600', '60'],
	},
	{
		from: 'test',
		says: 'a deleted file cannot be downloaded',
		run: async (peer, place) => {
			const id = await uploaded(peer, place);
			await peer.delete(id);
			const down = await place.folder('down');
			const done = await outcome(peer, peer.download(id, join(down, 'copy')));
			return { done, left: await namesIn(down), chat: place.inChat() };
		},
		theirs: { done: 'done', left: ['copy'], chat: [] },
		ours: { done: 'BddFileError', left: [], chat: [] },
		because:
			'their test passes as it names no place to download to; where the service refuses with status 200, theirs takes the refusal for the content',
	},
];

const LISTS: Case[] = [
	{
		from: 'test',
		says: 'the list of a chat has the file that was uploaded',
		run: async (peer, place) => {
			const id = await uploaded(peer, place);
			return (await peer.list(place.chat)).map((entry) => [
				entry.id === id,
				entry.filename,
				entry.userId,
				entry.status,
				entry.biz,
				Object.keys(entry.bizParams as object),
			]);
		},
		both: [[true, 'a.txt', USER_ID, 'ok', 'chat', ['chat_id']]],
	},
	{
		from: 'guide',
		says: 'a list has all pages',
		run: async (peer, { service, chat }) => {
			for (let i = 0; i < 201; i++) await service.addFile({ filename: String(i), chatId: chat });
			return new Set((await peer.list(chat)).map(({ filename }) => filename)).size;
		},
		both: 201,
	},
	{
		from: 'guide',
		says: 'directories are found by name and sorted',
		run: async (peer, { service, chat }) => {
			for (const name of ['b', 'a', 'c']) {
				service.addDirectory(`${chat} ${name}`);
				await aMoment();
			}
			service.addDirectory('another');
			const sorted = await Promise.all(
				(['name_asc', 'name_desc', 'created_at_asc', 'created_at_desc'] as const).map((sortBy) =>
					peer.directories({ name: chat, sortBy }),
				),
			);
			return sorted.map((names) => names.map((name) => name.slice(-1)).join(''));
		},
		both: ['abc', 'cba', 'bac', 'cab'],
	},
	{
		from: 'guide',
		says: 'the files of a directory are found by name and sorted',
		run: async (peer, { service, chat }) => {
			const directoryId = service.addDirectory(chat);
			for (const [day, filename] of ['b.txt', 'a.txt', 'c.txt', 'd.md'].entries())
				await service.addFile({ filename, directoryId, uploadAt: `2026-01-0${day + 1}T00:00:00Z` });
			const sorted = await Promise.all(
				(['name_asc', 'name_desc', 'upload_at_asc', 'upload_at_desc'] as const).map((sortBy) =>
					peer.filesIn(directoryId, { name: '.txt', sortBy }),
				),
			);
			return sorted.map((names) => names.map((name) => name[0]).join(''));
		},
		both: ['abc', 'cba', 'bac', 'cab'],
	},
	{
		from: 'method',
		says: 'directories and their files come ten at a time',
		run: async (peer, { service, chat }) => {
			const directoryId = service.addDirectory(chat);
			for (let i = 0; i < 11; i++) {
				service.addDirectory(`${chat} ${i}`);
				await service.addFile({ filename: String(i), directoryId });
			}
			return [(await peer.directories({ name: chat })).length, (await peer.filesIn(directoryId, {})).length];
		},
		theirs: [10, 10],
		ours: [12, 11],
		because: 'a workflow wants the list, not a page; the pages of a list are read by whoever wants to',
	},
];

const TO_LOCAL: Case[] = [
	{
		from: 'test',
		says: 'every file of a chat comes into the folder, and each says so',
		run: async (peer, place) => {
			const { service, chat } = place;
			for (const name of ['a.txt', '乙.txt'])
				await service.addFile({ filename: name, content: name, chatId: chat });
			const folder = await place.folder();
			return [await peer.toLocal(chat, folder), await readAll(folder)];
		},
		both: [
			[
				['a.txt', 'success'],
				['乙.txt', 'success'],
			],
			{ 'a.txt': 'a.txt', '乙.txt': '乙.txt' },
		],
	},
	{
		from: 'method',
		says: 'a local file of the same name is written over',
		run: async (peer, place) => {
			await place.service.addFile({ filename: 'a.txt', content: 'the new one', chatId: place.chat });
			const folder = await place.folder();
			await fileIn(folder, 'a.txt', 'the old one, longer');
			await fileIn(folder, 'b.txt', 'another');
			return [await peer.toLocal(place.chat, folder), await readAll(folder)];
		},
		both: [[['a.txt', 'success']], { 'a.txt': 'the new one', 'b.txt': 'another' }],
	},
	{
		from: 'method',
		says: 'a second sync writes over what the first one wrote',
		run: async (peer, place) => {
			const content = 'the same';
			await place.service.addFile({
				filename: 'a.txt',
				content,
				chatId: place.chat,
				hashcode: md5(Buffer.from(content)),
			});
			const folder = await place.folder();
			await peer.toLocal(place.chat, folder);
			const before = place.requests().length;
			const again = await peer.toLocal(place.chat, folder);
			return {
				again,
				folder: await readAll(folder),
				asks: place
					.requests()
					.slice(before)
					.some(({ path }) => path !== '/listChatFiles'),
			};
		},
		theirs: { again: [['a.txt', 'success']], folder: { 'a.txt': 'the same' }, asks: true },
		ours: { again: [['a.txt', 'skipped']], folder: { 'a.txt': 'the same' }, asks: false },
		because: 'the folder is the same in the end, without a transfer',
	},
	{
		from: 'guide',
		says: 'a file that fails says so, and the others come',
		run: async (peer, place) => {
			const { service, chat } = place;
			const id = await service.addFile({ filename: 'a.txt', content: 'new', chatId: chat });
			await service.addFile({ filename: 'b.txt', content: 'new', chatId: chat });
			const folder = await place.folder();
			await fileIn(folder, 'a.txt', 'old');
			for (const on of ['/downloadFile', '/getFileDownloadUrl']) place.refuses(on, { id });
			return [await peer.toLocal(chat, folder), await readAll(folder)];
		},
		theirs: [
			[
				['a.txt', 'failed'],
				['b.txt', 'success'],
			],
			{ 'a.txt': '', 'b.txt': 'new' },
		],
		ours: [
			[
				['a.txt', 'failed'],
				['b.txt', 'success'],
			],
			{ 'a.txt': 'old', 'b.txt': 'new' },
		],
		because: 'theirs has emptied the file by then; ours replaces it by a whole one only',
	},
	{
		from: 'guide',
		says: 'two files of one name come',
		run: async (peer, place) => {
			for (const content of ['first', 'second'])
				await place.service.addFile({ filename: 'a.txt', content, chatId: place.chat });
			const folder = await place.folder();
			const results = await peer.toLocal(place.chat, folder);
			return [results.length, (await namesIn(folder)).length];
		},
		theirs: [2, 1],
		ours: [2, 2],
		because:
			'theirs writes one over the other, whichever is last; ours keeps both, the second with its id in the name',
	},
	{
		from: 'guide',
		says: 'every file of a chat comes, also one that was never complete',
		run: async (peer, place) => {
			await place.service.addFile({ filename: 'a.txt', chatId: place.chat, status: 'error' });
			const folder = await place.folder();
			return [await peer.toLocal(place.chat, folder), await namesIn(folder)];
		},
		theirs: [[['a.txt', 'success']], ['a.txt']],
		ours: [[['a.txt', 'skipped']], []],
		because:
			'theirs takes the refusal of the service for its content; ours says why there is nothing to bring',
	},
	{
		from: 'guide',
		says: 'the files come into the folder that the call names',
		run: async (peer, place) => {
			await place.service.addFile({ filename: 'a.txt', content: 'x', chatId: place.chat });
			return await peer.toLocal(place.chat, join(await place.folder(), 'new', 'deep'));
		},
		theirs: [['a.txt', 'failed']],
		ours: [['a.txt', 'success']],
		because: 'ours makes a folder that is not there',
	},
	{
		from: 'guide',
		says: 'several files come at the same time',
		run: async (peer, place) => {
			for (const filename of ['a.txt', 'b.txt'])
				await place.service.addFile({ filename, content: filename, chatId: place.chat });
			const before = place.proxy.matching('/downloadFile').length;
			// The first waits until the second is there.
			place.proxy.script({ on: '/downloadFile', wait: place.proxy.waitFor('/downloadFile', before + 2) });
			return await peer.toLocal(place.chat, await place.folder());
		},
		both: [
			['a.txt', 'success'],
			['b.txt', 'success'],
		],
	},
];

const TO_REMOTE: Case[] = [
	{
		from: 'test',
		says: 'a new file goes up, and none fails',
		run: async (peer, place) => {
			const folder = await place.folder();
			await fileIn(folder, 'a.txt', 'test');
			return [await peer.toRemote(place.chat, folder), await chatNow(place)];
		},
		both: [[['a.txt', 'success']], [['a.txt', 'test']]],
	},
	{
		from: 'method',
		says: 'what is on both sides stays, whatever is in it; what is only local goes up; what is only there stays there',
		run: async (peer, place) => {
			const { service, chat } = place;
			for (const filename of ['both.txt', 'there.txt'])
				await service.addFile({ filename, content: 'there', chatId: chat });
			const folder = await place.folder();
			await mkdir(join(folder, 'sub'));
			for (const name of ['both.txt', 'here.txt', 'sub/deep.txt', 'sub/there.txt'])
				await fileIn(folder, name, 'here');
			return [await peer.toRemote(chat, folder), await chatNow(place), await namesIn(folder)];
		},
		both: [
			[
				['both.txt', 'skipped'],
				['here.txt', 'success'],
				['sub/deep.txt', 'success'],
				['sub/there.txt', 'skipped'],
			],
			expect.arrayContaining([
				['both.txt', 'there'],
				['there.txt', 'there'],
				['here.txt', 'here'],
				['deep.txt', 'here'],
			]) as unknown,
			['both.txt', 'here.txt', 'sub'],
		],
	},
	{
		from: 'guide',
		says: 'a file that fails says so, and the others go',
		run: async (peer, place) => {
			const folder = await place.folder();
			for (const name of ['a.txt', 'b.txt']) await fileIn(folder, name, name);
			place.refuses('/uploadSimpleFile', { filename: 'a.txt' });
			return [await peer.toRemote(place.chat, folder), await chatNow(place)];
		},
		both: [
			[
				['a.txt', 'failed'],
				['b.txt', 'success'],
			],
			[['b.txt', 'b.txt']],
		],
	},
	{
		from: 'method',
		says: 'a name that is there is skipped, also when its upload had failed',
		run: async (peer, place) => {
			await place.service.addFile({ filename: 'a.txt', chatId: place.chat, status: 'error' });
			const folder = await place.folder();
			await fileIn(folder, 'a.txt', 'whole');
			return [await peer.toRemote(place.chat, folder), await chatNow(place)];
		},
		theirs: [[['a.txt', 'skipped']], [['a.txt', 'error']]],
		ours: [
			[['a.txt', 'success']],
			[
				['a.txt', 'error'],
				['a.txt', 'whole'],
			],
		],
		because: 'a failed upload is no file: theirs would never bring it again',
	},
	{
		from: 'method',
		says: 'what is only local goes up, from two folders by the same name too',
		run: async (peer, place) => {
			const folder = await place.folder();
			for (const sub of ['one', 'two']) {
				await mkdir(join(folder, sub));
				await fileIn(folder, `${sub}/a.txt`, sub);
			}
			return [await peer.toRemote(place.chat, folder), place.inChat().length];
		},
		both: [
			[
				['one/a.txt', 'success'],
				['two/a.txt', 'success'],
			],
			2,
		],
	},
	{
		from: 'guide',
		says: 'several files go at the same time',
		run: async (peer, place) => {
			const folder = await place.folder();
			for (const name of ['a.txt', 'b.txt']) await fileIn(folder, name, name);
			const before = place.proxy.matching('/uploadSimpleFile').length;
			place.proxy.script({
				on: '/uploadSimpleFile',
				wait: place.proxy.waitFor('/uploadSimpleFile', before + 2),
			});
			return await peer.toRemote(place.chat, folder);
		},
		both: [
			['a.txt', 'success'],
			['b.txt', 'success'],
		],
	},
];

const ERRORS: Case[] = [
	{
		from: 'guide',
		says: 'what the service refuses is the error of the client, which says what was being done',
		run: (peer) => outcomeInWords(peer, peer.delete(NOT_A_FILE)),
		theirs: { kind: 'BddFileError', doing: '删除文件' },
		ours: { kind: 'BddFileError', doing: `Deleting file ${NOT_A_FILE}` },
		because: 'the texts of a node are English, and ours say to which file',
	},
	{
		from: 'guide',
		says: 'a service that is not there is the error of the client',
		run: async (peer, { proxy, chat }) => {
			await proxy.refuse(true);
			try {
				return await outcome(peer, peer.list(chat));
			} finally {
				await proxy.refuse(false);
			}
		},
		both: 'BddFileError',
	},
	{
		from: 'guide',
		says: 'a service that fails is the error of the client',
		run: async (peer, { proxy, chat }) => {
			proxy.script({ on: '/listChatFiles', times: Infinity, fault: faults.answer(500, { body: 'oops' }) });
			return await outcome(peer, peer.list(chat));
		},
		both: 'BddFileError',
	},
	{
		from: 'guide',
		says: 'an answer that is none is the error of the client',
		run: async (peer, { proxy, chat }) => {
			proxy.script({ on: '/listChatFiles', times: Infinity, fault: faults.answer(200, { body: '<p>hi' }) });
			return await outcome(peer, peer.list(chat));
		},
		theirs: 'ValidationError',
		ours: 'BddFileError',
		because: 'theirs lets the error of a library out; ours does what the guide says',
	},
];

export const CASES: readonly Case[] = [
	...CLIENT,
	...UPLOAD,
	...DOWNLOAD,
	...LISTS,
	...TO_LOCAL,
	...TO_REMOTE,
	...ERRORS,
];
