import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';

import { faults } from '../../harness/fault-proxy';
import type { AddFileOptions } from '../../local-service';
import { download, PROXIED, startWorld, step, type World } from './world';

const LIST = 'GET /listChatFiles';

const idsOf = (items: INodeExecutionData[]) => items.map(({ json }) => toText(json.id));
const toText = (id: unknown) => (typeof id === 'number' ? `${id}` : id);
const namesOf = (items: INodeExecutionData[]) => items.map(({ json }) => json.filename);

let world: World;
beforeAll(async () => (world = await startWorld()));
afterAll(() => world.close());

/** Each test has a chat of its own. */
let chat = '';
let chats = 0;
beforeEach(() => {
	chats += 1;
	chat = `chat-${chats}`;
	world.proxy.clearScript();
});

const watch = (parameters: IDataObject = {}, settings?: Partial<INode>) =>
	world.trigger({ chatId: chat, ...parameters }, settings);

const add = (filename: string, more: Partial<AddFileOptions> = {}) =>
	world.service.addFile({ filename, chatId: chat, content: `of ${filename}`, ...more });

const addMany = async (count: number, prefix = 'f') => {
	for (let index = 0; index < count; index++) await add(`${prefix}${index}`);
};

describe('row "first activation on a chat with 3 files"', () => {
	beforeEach(() => addMany(3));

	it('nothing comes out, then each new file, once', async () => {
		const trigger = watch();
		expect(await trigger.activate()).toEqual([]);
		expect(await trigger.poll()).toEqual([]);

		await add('new.txt');
		const items = await trigger.poll();
		expect(namesOf(items)).toEqual(['new.txt']);
		expect(items[0]?.json).toMatchObject({ status: 'ok', biz_params: { chat_id: chat }, size: 10 });
		expect(items[0]?.binary).toBeUndefined();
		expect(await trigger.poll()).toEqual([]);
	});

	it('with Include Existing Files all three come out, oldest first, once', async () => {
		const trigger = watch({ options: { includeExisting: true } });
		expect(namesOf(await trigger.activate())).toEqual(['f0', 'f1', 'f2']);
		expect(await trigger.poll()).toEqual([]);
	});

	it('another chat is begun with anew', async () => {
		const trigger = watch();
		await trigger.activate();
		await add('new here');
		expect(namesOf(await trigger.poll())).toEqual(['new here']);
		await add('elsewhere', { chatId: 'elsewhere' });
		trigger.edit({ chatId: 'elsewhere' });
		expect(await trigger.poll()).toEqual([]);
		await add('new', { chatId: 'elsewhere' });
		expect(namesOf(await trigger.poll())).toEqual(['new']);
	});

	it('what came out can be downloaded by the next node without editing', async () => {
		const trigger = watch({ options: { includeExisting: true } });
		const items = await trigger.activate();
		const run = await world.run([step('Download', download())], {
			input: items.map(({ json }) => ({ json })),
		});
		const downloaded = run.items('Download');
		const texts = await Promise.all(downloaded.map(({ binary }) => world.engine.bytes(binary?.data)));
		expect(texts.map(String)).toEqual(['of f0', 'of f1', 'of f2']);
	});
});

it('row "250 files at once, one of them uploading": 249 items, each once; the last one when it becomes ok', async () => {
	const trigger = watch();
	await trigger.activate();
	await addMany(120, 'a');
	const late = await add('late.bin', { status: 'uploading' });
	await addMany(129, 'b');

	const items = await trigger.poll();
	expect(items).toHaveLength(249);
	expect(new Set(idsOf(items)).size).toBe(249);
	expect(idsOf(items)).not.toContain(late);
	expect(await trigger.poll()).toEqual([]);

	world.service.setStatus(late, 'merging');
	expect(await trigger.poll()).toEqual([]);
	world.service.setStatus(late, 'ok');
	expect(namesOf(await trigger.poll())).toEqual(['late.bin']);
	expect(await trigger.poll()).toEqual([]);
});

describe('row "the service fails for five polls, lies, answers with an old list": nothing lost, nothing twice', () => {
	const once = { options: { maxTries: 1 } };
	const listed = (...names: string[]) =>
		world.service.files().filter(({ filename, chatId }) => chatId === chat && names.includes(filename));
	const record = ({ id, filename, size }: { id: string; filename: string; size: number }) => ({
		id: Number(id),
		filename,
		size,
		hashcode: '',
		upload_at: '2026-01-01T00:00:00Z',
		user_id: '1',
		status: 'ok',
		biz: 'chat',
		biz_params: { chat_id: chat },
	});
	const answer = (items: unknown[], total = items.length) =>
		faults.answer(200, { body: { code: 0, data: { total, items }, message: null } });

	it('fails: each poll says so in n8n, and what was new comes out afterwards', async () => {
		await add('old');
		const trigger = watch(once, PROXIED);
		await trigger.activate();
		await add('new');
		world.proxy.script({ on: LIST, times: 5, fault: faults.answer(503) });
		const before = trigger.database;
		for (let poll = 0; poll < 5; poll++) await expect(trigger.poll()).rejects.toThrow(/503/);
		expect(trigger.database).toBe(before);
		expect(namesOf(await trigger.poll())).toEqual(['new']);
		expect(await trigger.poll()).toEqual([]);
	});

	it('is gone when the trigger is activated: the activation is refused', async () => {
		const trigger = watch(once, PROXIED);
		world.proxy.script({ on: LIST, fault: faults.answer(503) });
		await expect(trigger.activate()).rejects.toThrow(/^Listing chat "chat-\d+" failed/);
	});

	it('has records that are none: they cost only themselves', async () => {
		const trigger = watch(once, PROXIED);
		await trigger.activate();
		await add('a');
		await add('b');
		const [a, b] = listed('a', 'b').map(record);
		world.proxy.script({
			on: LIST,
			fault: answer([a, { ...b, size: 'huge' }, { filename: 'no id' }, 'nothing', null]),
		});
		expect(namesOf(await trigger.poll())).toEqual(['a']);
		expect(namesOf(await trigger.poll())).toEqual(['b']);
		expect(await trigger.poll()).toEqual([]);
	});

	it('has totals that are wrong: an error, and then all of them', async () => {
		const trigger = watch(once, PROXIED);
		await trigger.activate();
		await add('a');
		world.proxy.script({ on: LIST, times: Infinity, fault: answer(listed('a').map(record), 7) });
		await expect(trigger.poll()).rejects.toThrow(/is not complete/);
		world.proxy.clearScript();
		expect(namesOf(await trigger.poll())).toEqual(['a']);
	});

	it('answers with an old list: what it lacks does not come out again', async () => {
		await add('a');
		const trigger = watch(once, PROXIED);
		await trigger.activate();
		await add('b');
		expect(namesOf(await trigger.poll())).toEqual(['b']);
		world.proxy.script({ on: LIST, times: 2, fault: answer([]) });
		expect(await trigger.poll()).toEqual([]);
		world.proxy.clearScript();
		world.proxy.script({ on: LIST, times: 1, fault: answer(listed('a').map(record)) });
		expect(await trigger.poll()).toEqual([]);
		await add('c');
		expect(namesOf(await trigger.poll())).toEqual(['c']);
		expect(await trigger.poll()).toEqual([]);
	});
});

describe('another chat, and back', () => {
	const elsewhere = () => ({ chatId: `${chat}, elsewhere` });

	it.each([[true], [false]])(
		'goes on where it was, with Include Existing Files (%j): nothing twice, nothing lost',
		async (includeExisting) => {
			const trigger = watch({ options: { includeExisting } });
			await add('a');
			expect(namesOf(await trigger.activate())).toEqual(includeExisting ? ['a'] : []);
			const unfinished = await add('b', { status: 'uploading' });
			expect(await trigger.poll()).toEqual([]);

			await add('x', elsewhere());
			trigger.restart();
			trigger.edit(elsewhere());
			expect(namesOf(await trigger.activate())).toEqual(includeExisting ? ['x'] : []);
			await add('meanwhile');
			world.service.setStatus(unfinished, 'ok');
			await add('y', elsewhere());
			expect(namesOf(await trigger.poll())).toEqual(['y']);

			trigger.edit({ chatId: chat });
			expect(namesOf(await trigger.poll())).toEqual(['b', 'meanwhile']);
			expect(await trigger.poll()).toEqual([]);
			await add('z', elsewhere());
			trigger.edit(elsewhere());
			expect(namesOf(await trigger.poll())).toEqual(['z']);
		},
	);

	it('does not care which version wrote what is kept of the other one', async () => {
		const trigger = watch();
		await trigger.activate();
		const kept = JSON.parse(trigger.kept.files as string) as IDataObject;
		trigger.kept.files = JSON.stringify({ ...kept, version: 99 });
		await expect(trigger.poll()).rejects.toThrow('another version of this package wrote it');
		trigger.edit(elsewhere());
		expect(await trigger.poll()).toEqual([]);
		await add('new', elsewhere());
		expect(namesOf(await trigger.poll())).toEqual(['new']);
	});
});

describe('what n8n keeps is damaged', () => {
	it.each<[string, (kept: string) => IDataObject[string]]>([
		['is cut off', (kept) => kept.slice(0, 100)],
		['is empty', () => ''],
		['is no text', () => 7],
		['has lost bytes', (kept) => kept.replace(/"near":"[^"]{8}/, '"near":"')],
		['has other bytes', (kept) => kept.replace(/"near":"[^"]{8}/, '"near":"????????')],
	])('%s: an error that says what to do, nothing comes out, nothing moves', async (_, damage) => {
		const trigger = watch();
		await addMany(3);
		await trigger.activate();
		await add('new');
		const whole = trigger.kept.files as string;
		const broken = damage(whole);
		trigger.kept.files = broken;
		for (let poll = 0; poll < 2; poll++) {
			const failure = trigger.poll();
			await expect(failure).rejects.toThrow('What the trigger remembers cannot be read: it is damaged');
			await expect(failure).rejects.toMatchObject({
				description: expect.stringContaining('add a new BDD File Trigger under another name') as string,
			});
		}
		expect(trigger.kept.files).toEqual(broken);

		// As from a backup.
		trigger.kept.files = whole;
		expect(namesOf(await trigger.poll())).toEqual(['new']);
	});
});

describe('row "n8n killed and restarted"', () => {
	it('after an execution started: nothing lost, nothing twice', async () => {
		const trigger = watch();
		await trigger.activate();
		await add('a');
		expect(namesOf(await trigger.poll())).toEqual(['a']);
		trigger.restart();
		expect(await trigger.activate()).toEqual([]);
		await add('b');
		trigger.restart();
		expect(namesOf(await trigger.activate())).toEqual(['b']);
	});

	it('after quiet polls, of which n8n keeps nothing: what they learned is learned again', async () => {
		const trigger = watch({ options: { exclude: '*.tmp' } });
		await trigger.activate();
		await add('a');
		await trigger.poll();
		const unfinished = await add('b', { status: 'uploading' });
		await add('c.tmp');
		const deleted = await add('d', { status: 'error' });
		expect(await trigger.poll()).toEqual([]);
		await world.service.removeFile(deleted);
		expect(await trigger.poll()).toEqual([]);
		trigger.restart();
		expect(await trigger.poll()).toEqual([]);
		world.service.setStatus(unfinished, 'ok');
		trigger.restart();
		expect(namesOf(await trigger.poll())).toEqual(['b']);
	});

	it('with what an older database has, only what came out since then comes out again', async () => {
		const trigger = watch();
		await trigger.activate();
		await add('a');
		await trigger.poll();
		const older = trigger.database;
		await add('b');
		await trigger.poll();
		trigger.restart(older);
		expect(namesOf(await trigger.poll())).toEqual(['b']);
	});
});

describe('row "two polls at once"', () => {
	it('a poll that begins with what was kept before the last one ended gives nothing, and loses nothing', async () => {
		const trigger = watch();
		await trigger.activate();
		await add('a');
		await trigger.poll();
		const before = trigger.database;
		await add('b');
		expect(namesOf(await trigger.poll())).toEqual(['b']);
		const after = trigger.database;
		await add('c');
		trigger.stale(before);
		expect(await trigger.poll()).toEqual([]);
		trigger.stale(after);
		expect(namesOf(await trigger.poll())).toEqual(['c']);

		// n8n has thrown away what the poll gave, as it took too long: then it comes out again.
		const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 31_000);
		trigger.stale(after);
		expect(namesOf(await trigger.poll())).toEqual(['c']);
		now.mockRestore();
	});

	it('what the first poll learned is known to the next one where n8n has not kept it', async () => {
		await add('a');
		const trigger = watch();
		expect(await trigger.poll()).toEqual([]);
		await add('b');
		delete trigger.kept.files;
		expect(namesOf(await trigger.poll())).toEqual(['b']);
	});

	it('what another attempt has learned is not used when somebody switches the trigger on', async () => {
		const trigger = watch();
		expect(await trigger.poll()).toEqual([]);
		await add('a');
		delete trigger.kept.files;
		expect(await trigger.poll({ activation: 'activate' })).toEqual([]);
		await add('b');
		expect(namesOf(await trigger.poll())).toEqual(['b']);
	});

	it('one works, the other gives nothing', async () => {
		const trigger = watch({}, PROXIED);
		await trigger.activate();
		await add('a');
		const both = [trigger.poll(), trigger.poll()];
		expect((await Promise.all(both)).map(namesOf)).toEqual([['a'], []]);
		expect(await trigger.poll()).toEqual([]);
	});
});

describe('row "deactivated for a week, 5,000 files later activated"', () => {
	it('they come out in batches of 1,000, oldest first, each once', async () => {
		const trigger = watch();
		await trigger.activate();
		await addMany(2300);
		trigger.restart();
		const batches = [
			await trigger.activate(),
			await trigger.poll(),
			await trigger.poll(),
			await trigger.poll(),
		];
		expect(batches.map(({ length }) => length)).toEqual([1000, 1000, 300, 0]);
		expect(namesOf(batches.flat())).toEqual(Array.from({ length: 2300 }, (_, index) => `f${index}`));
	});
});

describe('row "manual test"', () => {
	it.each([1, 250])('shows the newest of %d files and changes nothing', async (count) => {
		await addMany(count);
		await add('on its way', { status: 'uploading' });
		const trigger = watch();
		await trigger.activate();
		const [kept, database] = [JSON.stringify(trigger.kept), trigger.database];
		await add('new');
		world.forgetRequests();
		expect(namesOf(await trigger.poll({ mode: 'manual' }))).toEqual(['new']);
		expect(world.requests.length).toBeLessThanOrEqual(2);
		expect([JSON.stringify(trigger.kept), trigger.database]).toEqual([kept, database]);
		expect(namesOf(await trigger.poll())).toEqual(['new']);
	});

	it('says that there is none to show', async () => {
		await expect(watch().poll({ mode: 'manual' })).rejects.toThrow('There is no file to test with');
	});
});

describe('a quiet poll', () => {
	it('costs one request for a long list, and up to three when something is on its way', async () => {
		await addMany(60, 'a');
		const first = await add('first', { status: 'uploading' });
		await addMany(300, 'b');
		const second = await add('second', { status: 'uploading' });
		await addMany(300, 'c');
		const trigger = watch();
		await trigger.activate();
		world.forgetRequests();
		expect(await trigger.poll()).toEqual([]);
		expect(world.requests.length).toBeLessThanOrEqual(3);
		// The last one of those on their way is looked at each time.
		world.service.setStatus(second, 'ok');
		expect(namesOf(await trigger.poll())).toEqual(['second']);
		world.service.setStatus(first, 'ok');
		world.forgetRequests();
		expect(namesOf(await trigger.poll())).toEqual(['first']);
		world.forgetRequests();
		expect(await trigger.poll()).toEqual([]);
		expect(world.requests).toHaveLength(1);
	});
});

describe('what is watched', () => {
	it('a directory, the newest first: each new file once, whatever chat it belongs to', async () => {
		const directoryId = world.service.addDirectory('watched');
		for (let index = 0; index < 250; index++) await add(`f${index}`, { directoryId });
		const trigger = watch({
			watch: 'directory',
			directoryId: { __rl: true, mode: 'id', value: directoryId },
		});
		await trigger.activate();
		await add('x', { directoryId });
		await add('y', { directoryId, chatId: 'elsewhere' });
		await add('z');
		expect(namesOf(await trigger.poll())).toEqual(['x', 'y']);
		world.forgetRequests();
		expect(await trigger.poll()).toEqual([]);
		expect(world.requests).toHaveLength(1);
	});

	it('only the names that Include and Exclude let through, also when they are changed later', async () => {
		const trigger = watch({ options: { include: '*.pdf', exclude: 'draft*' } });
		await trigger.activate();
		for (const name of ['a.pdf', 'b.txt', 'draft.pdf']) await add(name);
		expect(namesOf(await trigger.poll())).toEqual(['a.pdf']);
		trigger.edit({ options: {} });
		expect(await trigger.poll()).toEqual([]);
		await add('c.txt');
		expect(namesOf(await trigger.poll())).toEqual(['c.txt']);
	});

	it.each([
		[{ chatId: '' }, 'Chat ID is empty', 'Enter the ID of the chat whose new files start the workflow.'],
		[{ chatId: '={{ null }}' }, 'Chat ID is empty'],
		[{ watch: 'directory', directoryId: { __rl: true, mode: 'list', value: '' } }, 'Directory is empty'],
		[{ downloadFiles: true, binaryPropertyName: '' }, 'Put Output File in Field is empty'],
		[{ options: { userId: '' } }, 'User ID'],
	])(
		'%j is refused in the words of the panel, before a request is sent',
		async (parameters, message, advice = '') => {
			world.forgetRequests();
			await expect(watch(parameters).activate()).rejects.toMatchObject({
				message: expect.stringContaining(message) as string,
				description: expect.stringContaining(advice) as string,
			});
			expect(world.requests).toEqual([]);
		},
	);
});

describe('row "an id that appears late, ids out of order, an id beyond 2^53": each once', () => {
	// Last, as the service goes on from the highest id that it has.
	it.each([
		[10, 0n],
		[300, 10n ** 17n],
	])('in a chat of %d files', async (count, from) => {
		const id = (number: bigint) => String(from + 10n ** 6n + number);
		for (let index = 0; index < count; index++)
			await add(`f${index}`, { id: id(1000n + 10n * BigInt(index)) });
		const trigger = watch();
		await trigger.activate();

		await add('beyond', { id: id(9007199254740993n) });
		await add('above', { id: id(90000n) });
		expect(idsOf(await trigger.poll())).toEqual([id(90000n), id(9007199254740993n)]);

		await add('late', { id: id(1005n) });
		await add('later', { id: id(999n) });
		expect(idsOf(await trigger.poll())).toEqual([id(999n), id(1005n)]);

		await add('between', { id: id(9007199254740992n) });
		expect(idsOf(await trigger.poll())).toEqual([id(9007199254740992n)]);
		expect(await trigger.poll()).toEqual([]);
	});
});
