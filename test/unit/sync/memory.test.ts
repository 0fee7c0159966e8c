import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalFileError } from '../../../client/api/errors';
import { keyOfChat, Memory } from '../../../client/sync/memory';
import { NO_TIME } from '../../../client/sync/trees';

/** The memory as it lies in a real folder. */

const CHAT = { service: 'http://memory', chatId: 'c' };

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'memory-'));
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

const load = (chat = CHAT) => Memory.load(folder, chat);

const path = () => join(folder, `.bdd-file-memory-${keyOfChat(CHAT)}`);

const file = (name: string, more: object = {}) => ({
	path: name,
	id: 7,
	size: 3,
	hash: 'ab',
	mtimeMs: 1.5,
	...more,
});

/** Entries as somebody else might write them, with the right checksum. */
async function put(...entries: string[]): Promise<void> {
	const body = entries.map((entry) => `${entry}\n`).join('');
	const header = { kind: 'memory', version: 1, ...CHAT, md5: createHash('md5').update(body).digest('hex') };
	await writeFile(path(), `${JSON.stringify(header)}\n${body}`);
}

describe('the key of a chat', () => {
	it('is short, of letters that every disk takes, and always the same', () => {
		expect(keyOfChat(CHAT)).toMatch(/^[0-9a-f]{16}$/);
		expect(keyOfChat({ chatId: 'c', service: 'http://memory' })).toBe(keyOfChat(CHAT));
	});

	it('is another one for another service or chat, wherever the one ends and the other begins', () => {
		const keys = [
			['a', 'bc'],
			['ab', 'c'],
			['a","b', 'c'],
			['a', 'b","c'],
			['bc', 'a'],
			['', ''],
		].map(([service = '', chatId = '']) => keyOfChat({ service, chatId }));
		expect(new Set(keys).size).toBe(keys.length);
	});
});

it('there is none at first, and what was only looked at leaves no trace', async () => {
	const memory = await load();
	expect(memory.existed).toBe(false);
	expect(memory.files).toStrictEqual(new Map());
	expect(memory.isChanged).toBe(false);
	memory.forget('a');
	expect(memory.isChanged).toBe(false);
	await memory.save();
	expect(await readdir(folder)).toStrictEqual([]);
});

it('is there again as it was, one line for each file', async () => {
	const files = [
		file('a'),
		file('sub/b', { id: '9007199254740993', size: 0, hash: '', remoteName: 'B\n"' }),
		file('\u00e9 \ud83d\ude00', { id: 0, mtimeMs: NO_TIME, remoteName: '' }),
	];
	const memory = await load();
	for (const each of files) memory.remember(each);
	expect(memory.isChanged).toBe(true);
	await memory.save();

	const again = await load();
	expect(again.existed).toBe(true);
	expect([...again.files]).toStrictEqual(files.map((each) => [each.path, each]));
	expect(again.isChanged).toBe(false);
	expect(await readdir(folder)).toStrictEqual([`.bdd-file-memory-${keyOfChat(CHAT)}`]);
	const [header = '', ...lines] = (await readFile(path(), 'utf8')).split('\n');
	expect(JSON.parse(header)).toStrictEqual({
		kind: 'memory',
		version: 1,
		service: 'http://memory',
		chatId: 'c',
		md5: createHash('md5').update(lines.join('\n')).digest('hex'),
	});
	expect(lines).toHaveLength(files.length + 1);
	expect(lines[0]).toBe('["a",7,3,"ab",1.5]');
});

it('is empty and there when everything is forgotten', async () => {
	const memory = await load();
	memory.remember(file('a'));
	await memory.save();
	memory.forget('a');
	expect(memory.isChanged).toBe(true);
	memory.forget('a');
	expect(memory.isChanged).toBe(true);
	await memory.save();
	expect(memory.isChanged).toBe(false);
	const again = await load();
	expect(again.existed).toBe(true);
	expect(again.files).toStrictEqual(new Map());
});

it('of two chats do not mix', async () => {
	const memory = await load();
	memory.remember(file('a'));
	await memory.save();
	const other = await load({ ...CHAT, chatId: 'd' });
	expect(other.existed).toBe(false);
	other.remember(file('b'));
	await other.save();
	expect([...(await load()).files.keys()]).toStrictEqual(['a']);
});

it('writes only what has changed', async () => {
	const memory = await load();
	memory.remember(file('a'));
	await memory.save();
	const { ino } = await lstat(path());
	await memory.save();
	const again = await load();
	const known = again.files.get('a');
	if (known) again.remember(known);
	expect(again.isChanged).toBe(false);
	await again.save();
	expect((await lstat(path())).ino).toBe(ino);

	again.remember(file('a', { size: 4 }));
	expect(again.isChanged).toBe(true);
	await again.save();
	expect((await load()).files.get('a')).toStrictEqual(file('a', { size: 4 }));
});

it('a time that the next edit may have too is not relied on', async () => {
	const now = Math.floor(Date.now() / 1000) * 1000;
	const memory = await load();
	memory.remember(file('whole', { mtimeMs: now }));
	memory.remember(file('fraction', { mtimeMs: now + 0.25 }));
	memory.remember(file('old', { mtimeMs: now - 60_000 }));
	await memory.save();
	expect([...(await load()).files.values()].map(({ mtimeMs }) => mtimeMs)).toStrictEqual([
		// As it is written: no file has this time, nor may it mean something else one day.
		-1,
		now + 0.25,
		now - 60_000,
	]);
});

describe('entries', () => {
	it.each([
		['["a",7,3,"ab",1.5]', file('a')],
		['["a","7",3,"ab",1.5]', file('a', { id: '7' })],
		['["a",-7,0,"",-1]', file('a', { id: -7, size: 0, hash: '', mtimeMs: -1 })],
		['["a",7,3,"ab",1.5,"b"]', file('a', { remoteName: 'b' })],
		['["a",7,9007199254740991,"ab",1.5]', file('a', { size: Number.MAX_SAFE_INTEGER })],
	])('%s is one', async (line, expected) => {
		await put(line);
		expect([...(await load()).files.values()]).toStrictEqual([expected]);
	});

	it.each([
		'null',
		'{}',
		'"a"',
		'[]',
		'no JSON',
		'',
		'["",7,3,"ab",1]',
		'[1,7,3,"ab",1]',
		'["a",7.5,3,"ab",1]',
		'["a",9007199254740992,3,"ab",1]',
		'["a","",3,"ab",1]',
		'["a","7x",3,"ab",1]',
		'["a","x7",3,"ab",1]',
		'["a","-7",3,"ab",1]',
		'["a",null,3,"ab",1]',
		'["a",["7"],3,"ab",1]',
		'["a",7,-1,"ab",1]',
		'["a",7,3.5,"ab",1]',
		'["a",7,"3","ab",1]',
		'["a",7,null,"ab",1]',
		'["a",7,9007199254740992,"ab",1]',
		'["a",7,3,null,1]',
		'["a",7,3,12,1]',
		'["a",7,3,"ab"]',
		'["a",7,3,"ab","1"]',
		'["a",7,3,"ab",null]',
		'["a",7,3,"ab",1,null]',
		'["a",7,3,"ab",1,2]',
		'{"0":"a","1":7,"2":3,"3":"ab","4":1,"length":5}',
	])('%s is none, and then nothing is taken', async (line) => {
		await put('["x",1,1,"",1]', line);
		const failed = load();
		await expect(failed).rejects.toBeInstanceOf(LocalFileError);
		await expect(failed).rejects.toThrow('failed: an entry makes no sense');
	});
});

it('whoever cannot write leaves the old one, and may try again', async () => {
	const memory = await load();
	memory.remember(file('a'));
	await mkdir(join(path(), 'in the way'), { recursive: true });
	await expect(memory.save()).rejects.toBeInstanceOf(LocalFileError);
	expect(memory.isChanged).toBe(true);
	await rm(path(), { recursive: true });
	await memory.save();
	expect([...(await load()).files.keys()]).toStrictEqual(['a']);
});

it('is about the files and not about itself: the time of the memory means nothing', async () => {
	const memory = await load();
	memory.remember(file('a'));
	await memory.save();
	await utimes(path(), 1, 1);
	expect([...(await load()).files.keys()]).toStrictEqual(['a']);
});
