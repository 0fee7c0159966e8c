import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';

import { faults } from '../../harness/fault-proxy';
import { PROXIED, startWorld, type World } from './world';

const DOWNLOAD = 'GET /downloadFile';
const LINK = 'GET /getFileDownloadUrl';

/** One try: repeating is the client's business and tested there. */
const ONCE = { downloadFiles: true, options: { maxTries: 1 } };

let world: World;
beforeAll(async () => (world = await startWorld()));
afterAll(() => world.close());

/** Each test has a chat of its own. */
let chat = '';
let chats = 0;
beforeEach(async () => {
	chats += 1;
	chat = `chat-${chats}`;
	world.proxy.clearScript();
	await world.engine.useBinaryMode('filesystem');
});

const watch = (parameters: IDataObject = ONCE, settings: Partial<INode> = PROXIED) =>
	world.trigger({ chatId: chat, ...parameters }, settings);
const add = (filename: string, content = `of ${filename}`) =>
	world.service.addFile({ filename, chatId: chat, content });
const namesOf = (items: INodeExecutionData[]) => items.map(({ json }) => json.filename);
const contentsOf = async (items: INodeExecutionData[], field = 'data') =>
	await Promise.all(
		items.map(async ({ binary }) =>
			binary?.[field] ? String(await world.engine.bytes(binary[field])) : undefined,
		),
	);
/** Every way to the content of one file is broken. */
const breakFile = (id: string, times = Infinity) => {
	const when = ({ query }: { query: Readonly<Record<string, string>> }) => query.file_id === id;
	for (const on of [DOWNLOAD, LINK]) world.proxy.script({ on, when, times, fault: faults.answer(500) });
};

it.each(['default', 'filesystem'] as const)(
	'each file comes with its bytes, in binary mode %s',
	async (mode) => {
		await world.engine.useBinaryMode(mode);
		const trigger = watch({ downloadFiles: true, binaryPropertyName: 'file' });
		await trigger.activate();
		await add('一.txt');
		await add('../../evil.pdf');
		await add('empty', '');
		const items = await trigger.poll();
		expect(namesOf(items)).toEqual(['一.txt', '../../evil.pdf', 'empty']);
		expect(await contentsOf(items, 'file')).toEqual(['of 一.txt', 'of ../../evil.pdf', '']);
		expect(items.map(({ binary }) => binary?.file?.fileName)).toEqual(['一.txt', 'evil.pdf', 'empty']);
		expect(items[1]?.binary?.file?.mimeType).toBe('application/pdf');
	},
);

it('a content that cannot be had does not hold up the others; after five polls the file comes out without it', async () => {
	const trigger = watch();
	await trigger.activate();
	await add('a');
	const broken = await add('b');
	await add('c');
	breakFile(broken);
	let items = await trigger.poll();
	expect(namesOf(items)).toEqual(['a', 'c']);
	for (let poll = 2; poll < 5; poll++) {
		const name = `new ${poll}`;
		await add(name);
		items = await trigger.poll();
		expect(namesOf(items)).toEqual([name]);
		expect(await contentsOf(items)).toEqual([`of ${name}`]);
	}
	items = await trigger.poll();
	expect(namesOf(items)).toEqual(['b']);
	expect(items[0]?.binary).toBeUndefined();
	expect(items[0]?.json.error).toMatch(/^Downloading "b" \(file \d+\) failed/);
	expect(await trigger.poll()).toEqual([]);
});

it('a content that can be had again comes out then, once', async () => {
	const trigger = watch();
	await trigger.activate();
	breakFile(await add('a'));
	expect(await trigger.poll()).toEqual([]);
	expect(await trigger.poll()).toEqual([]);
	world.proxy.clearScript();
	const items = await trigger.poll();
	expect(namesOf(items)).toEqual(['a']);
	expect(await contentsOf(items)).toEqual(['of a']);
	expect(items[0]?.json.error).toBeUndefined();
	expect(await trigger.poll()).toEqual([]);
});

it('a content whose bytes are not those of the record is not given out', async () => {
	const trigger = watch();
	await trigger.activate();
	const content = Buffer.from('abc');
	await world.service.addFile({
		filename: 'torn',
		chatId: chat,
		content,
		hashcode: 'd41d8cd98f00b204e9800998ecf8427e',
	});
	for (let poll = 1; poll < 5; poll++) expect(await trigger.poll()).toEqual([]);
	const [item] = await trigger.poll();
	expect(item?.json).toMatchObject({ filename: 'torn', error: expect.stringMatching(/MD5|hash/i) as string });
	expect(item?.binary).toBeUndefined();
});

describe('row "a poll beyond its budget": one works, the rest comes next time', () => {
	it('what does not fit is left, and comes with the next poll, each once', async () => {
		const trigger = watch();
		await trigger.activate();
		for (const name of ['a', 'b', 'c']) await add(name);
		// The second content does not come before the time is up.
		world.proxy.script({ on: DOWNLOAD, nth: 2, fault: faults.stallAnswer() });
		const first = await trigger.poll({ budgetMs: 3000 });
		expect(namesOf(first)).toEqual(['a']);
		const second = await trigger.poll({ budgetMs: 30_000 });
		expect(namesOf(second)).toEqual(['b', 'c']);
		expect(await contentsOf(second)).toEqual(['of b', 'of c']);
		expect(await trigger.poll()).toEqual([]);
	});

	it('one that takes longer than a whole poll is like one that cannot be had: the others overtake it', async () => {
		const trigger = watch();
		await trigger.activate();
		const slow = await add('slow');
		await add('b');
		const when = ({ query }: { query: Readonly<Record<string, string>> }) => query.file_id === slow;
		world.proxy.script({ on: DOWNLOAD, when, times: Infinity, fault: faults.stallAnswer() });
		expect(await trigger.poll({ budgetMs: 2000 })).toEqual([]);
		const items = await trigger.poll({ budgetMs: 2000 });
		expect(namesOf(items)).toEqual(['b']);
	});

	it('a list that does not come in time is an error that says so, and moves nothing', async () => {
		const trigger = watch();
		await trigger.activate();
		await add('a');
		const before = JSON.stringify(trigger.kept);
		world.proxy.script({ on: 'GET /listChatFiles', fault: faults.stallAnswer() });
		await expect(trigger.poll({ budgetMs: 1000 })).rejects.toThrow(
			'The poll took longer than the 1 s that it has',
		);
		expect(JSON.stringify(trigger.kept)).toBe(before);
		expect(namesOf(await trigger.poll())).toEqual(['a']);
	});
});

it('a manual test shows the newest file with its content', async () => {
	await add('a');
	await add('b');
	const items = await watch().poll({ mode: 'manual' });
	expect(namesOf(items)).toEqual(['b']);
	expect(await contentsOf(items)).toEqual(['of b']);
});

it.each([
	['content', DOWNLOAD, 2000, 'the 2 s that', 'Downloading "a"'],
	['list', 'GET /listChatFiles', 500, 'the 1 s that', 'Reading page 1 of chat'],
])('a manual test whose %s does not come in time says so', async (_, on, budgetMs, message, description) => {
	await add('a');
	world.proxy.script({ on, fault: faults.stallAnswer() });
	await expect(watch().poll({ mode: 'manual', budgetMs })).rejects.toMatchObject({
		message: expect.stringContaining(`The poll took longer than ${message} it has`) as string,
		description: expect.stringContaining(description) as string,
	});
});
