import { BATCH } from '../../../nodes/BddFileTrigger/deliver';
import { Chat, idsOf } from './chat';
import { DAY, HOUR, MINUTE, Watcher, type Delivery } from './watcher';

const batch: Delivery = (due) => ({ out: due.slice(0, BATCH) });

/** Ids of 19 digits, far from each other, or one after the other. */
const sparse = (index: number) => String(1955228426376908801n + BigInt(index) * 419430400000n);
const dense = (index: number) => String(1955228426376908801n + BigInt(index));

/** What comes out in so many polls, a minute after each other. */
async function polls(watcher: Watcher, chat: Chat, count: number): Promise<string[]> {
	const out: string[] = [];
	for (let poll = 0; poll < count; poll++) {
		watcher.now += MINUTE;
		out.push(...(await watcher.poll(chat.list(), batch)));
	}
	return out;
}

describe('thousands of files that are on their way at once', () => {
	it.each([
		['of a chat that has others between them', sparse, 3],
		['all one after the other', dense, 1],
	])('come out, each once: %s', async (_, idOf, every) => {
		const chat = new Chat();
		const ids = idsOf(6000, idOf);
		const open = ids.filter((_id, index) => index % every === 0);
		const watcher = new Watcher();
		chat.addAll(ids.slice(0, 3000));
		chat.changeAll(open, 'uploading');
		await watcher.activate(chat.list());
		chat.addAll(ids.slice(3000));
		chat.changeAll(open, 'uploading');
		const others = ids.slice(3000).filter((id) => !open.includes(id));
		expect(await polls(watcher, chat, 4)).toEqual(others);

		chat.changeAll(open, 'ok');
		watcher.now += HOUR;
		expect(await polls(watcher, chat, 8)).toEqual(open);
		watcher.now += 4 * DAY;
		expect(await polls(watcher, chat, 2)).toEqual([]);
	});

	it('come out in part, when the others fail and are deleted', async () => {
		const chat = new Chat();
		chat.addAll(idsOf(5000, sparse), 'uploading');
		const watcher = new Watcher();
		await watcher.activate(chat.list());
		chat.remove(...idsOf(2000, sparse));
		chat.changeAll(idsOf(5000, sparse).slice(2000, 3500), 'error');
		watcher.now += HOUR;
		expect(await polls(watcher, chat, 1)).toEqual([]);
		chat.changeAll(idsOf(5000, sparse), 'ok');
		watcher.now += HOUR;
		expect(await polls(watcher, chat, 5)).toEqual(idsOf(5000, sparse).slice(2000));
	});

	it('come out when a list that lacked them for two days has them again', async () => {
		const chat = new Chat();
		chat.add('1');
		const watcher = new Watcher();
		await watcher.activate(chat.list());
		const old = chat.copy();
		chat.addAll(idsOf(4000, sparse), 'uploading');
		expect(await polls(watcher, chat, 1)).toEqual([]);
		for (let hour = 0; hour < 48; hour += 8) {
			watcher.now += 8 * HOUR;
			expect(await polls(watcher, old, 1)).toEqual([]);
		}
		chat.changeAll(idsOf(4000, sparse), 'ok');
		expect(await polls(watcher, chat, 6)).toEqual(idsOf(4000, sparse));
	});

	it('are forgotten when they have been gone for more than three days', async () => {
		const chat = new Chat();
		chat.addAll(idsOf(4000, sparse), 'uploading');
		const watcher = new Watcher();
		await watcher.activate(chat.list());
		const size = watcher.kept?.length ?? 0;
		chat.remove(...idsOf(4000, sparse));
		watcher.now += HOUR;
		await polls(watcher, chat, 1);
		watcher.now += 3 * DAY;
		await polls(watcher, chat, 2);
		expect(watcher.kept?.length).toBeLessThan(size / 20);
	});
});

describe('thousands of files that came out', () => {
	const FILES = 6000;
	const chatOfOk = async () => {
		const chat = new Chat();
		chat.addAll(idsOf(FILES, sparse));
		const watcher = new Watcher();
		await watcher.activate(chat.list());
		return { chat, watcher };
	};

	it('do not come out again when their status goes back and forth, and what is late comes out meanwhile', async () => {
		const { chat, watcher } = await chatOfOk();
		const some = idsOf(FILES, sparse).slice(0, 3000);
		chat.changeAll(some, 'merging');
		const late = String(BigInt(sparse(10)) + 1n);
		chat.add(late);
		watcher.now += HOUR;
		expect(await polls(watcher, chat, 1)).toEqual([late]);
		chat.changeAll(some, 'ok');
		watcher.now += 4 * DAY;
		expect(await polls(watcher, chat, 3)).toEqual([]);
	});

	it.each([
		['before', 0],
		['after', 1],
	])('%s thousands of others were deleted do not come out again after three days', async (_, when) => {
		const { chat, watcher } = await chatOfOk();
		const fresh = Array.from({ length: 3000 }, (_id, index) => sparse(FILES + index));
		const upload = () =>
			chat.addAll(fresh, 'ok', new Date(watcher.now + MINUTE).toISOString().replace(/\.\d+Z/, 'Z'));
		const deleted = idsOf(FILES, sparse).slice(0, 3000);
		watcher.now += 10 * MINUTE;
		if (when === 1) chat.remove(...deleted);
		upload();
		expect((await polls(watcher, chat, 4)).sort()).toEqual(fresh);
		if (when === 0) chat.remove(...deleted);
		for (let day = 0; day < 5; day++) {
			watcher.now += DAY;
			expect(await polls(watcher, chat, 2)).toEqual([]);
		}
	});

	it('thousands that appear late are held back and come out after three days, each once', async () => {
		const { chat, watcher } = await chatOfOk();
		watcher.now += 10 * MINUTE;
		const late = idsOf(3000, sparse).map((id) => String(BigInt(id) + 1n));
		chat.addAll(late, 'ok', new Date(watcher.now).toISOString().replace(/\.\d+Z/, 'Z'));
		watcher.now += HOUR;
		const early = await polls(watcher, chat, 4);
		watcher.now += 3 * DAY + HOUR;
		const out = [...early, ...(await polls(watcher, chat, 5))];
		expect(out.sort()).toEqual(late);
		watcher.now += 4 * DAY;
		expect(await polls(watcher, chat, 3)).toEqual([]);
	});
});
