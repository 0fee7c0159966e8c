import { Chat, idsFrom, type ListOptions, type Order } from './chat';
import { MINUTE, Watcher, type Delivery } from './watcher';

/** As small as the pages are: two pages are known one by one, the others by their fingerprint only. */
const SIZES = { near: 25, edge: 20, missing: 40, cells: 60 };

/** A chat of ids from 100 on, in pages of ten, some of them on their way; and a trigger that has just seen all of it. */
async function watched(count: number, { open = [], order = 'ascending' }: WatchedOptions = {}) {
	const chat = new Chat(order);
	chat.addAll(idsFrom(100, count));
	chat.changeAll(open.map(String), 'uploading');
	const watcher = new Watcher(SIZES);
	await watcher.activate(chat.list({ pageSize: 10 }));
	/** What a poll gives, and the pages that it asks for. */
	const poll = async (options?: ListOptions, deliver?: Delivery) => {
		const list = chat.list({ pageSize: 10, ...options });
		const out = await watcher.poll(list, deliver);
		return { out, asked: list.asked };
	};
	return { chat, watcher, poll };
}

interface WatchedOptions {
	/** Ids. */
	open?: number[];
	order?: Order;
}

describe('a poll reads the whole list', () => {
	it.each([
		['not at the same moment', 0, [3]],
		['not within an hour', 59, [3]],
		['after an hour', 60, ['whole']],
		['when the clock went back', -1, ['whole']],
	])('%s', async (_, minutes, asked) => {
		const { watcher, poll } = await watched(25);
		watcher.now += minutes * MINUTE;
		expect(await poll()).toEqual({ out: [], asked });
	});

	it('while files are left that are due', async () => {
		const { chat, poll } = await watched(25);
		chat.addAll(['200', '201']);
		expect(await poll({}, (due) => ({ out: due.slice(0, 1) }))).toEqual({ out: ['200'], asked: [3] });
		expect(await poll()).toEqual({ out: ['201'], asked: ['whole'] });
		expect(await poll()).toEqual({ out: [], asked: [3] });
	});
});

describe('a poll after which more is known one by one than is kept', () => {
	it.each([
		[25, [5]],
		[26, ['whole']],
	])('reads the whole list when that is more than twice as much: with %d more', async (count, asked) => {
		const { chat, poll } = await watched(25);
		for (let index = 0; index < count; index++) {
			chat.add(String(200 + index));
			expect((await poll()).asked).not.toContain('whole');
		}
		expect((await poll()).asked).toEqual(asked);
		expect((await poll()).asked).not.toContain('whole');
	});
});

describe('new files cost', () => {
	it.each<[string, Order, number, number, number[]]>([
		['the last page', 'ascending', 25, 1, [3]],
		['the first page where the newest are first', 'descending', 25, 1, [1]],
		['the first page, though it is full', 'descending', 9, 4, [1]],
		['one page more where the last one was full', 'ascending', 30, 1, [3, 4]],
		['one page more where the only one was full', 'ascending', 10, 1, [1, 2]],
		['one page more where there was one file', 'ascending', 1, 10, [1, 2]],
		['the only page', 'ascending', 5, 2, [1]],
		['the first page of a chat that was empty', 'ascending', 0, 2, [1]],
		['all of it where there are too many', 'ascending', 25, 20, [3, 'whole' as never]],
	])('%s', async (_, order, before, count, asked) => {
		const { chat, poll } = await watched(before, { order });
		const ids = idsFrom(200, count);
		chat.addAll(ids);
		expect(await poll()).toEqual({ out: ids, asked });
		expect((await poll()).out).toEqual([]);
	});

	it('all of it where one has come among the old ones', async () => {
		const { chat, poll } = await watched(25);
		chat.add('50');
		expect(await poll()).toEqual({ out: ['50'], asked: [3, 'whole'] });
	});

	it.each<[string, ListOptions]>([
		['a record that cannot be read', { broken: ['200'] }],
		['a record that cannot be read, and is the only page', { broken: ['200'], pageSize: 50 }],
	])('no more when there is %s, which comes out when it can', async (_, options) => {
		const { chat, poll } = await watched(25);
		chat.addAll(['200', '201']);
		const asked = [options.pageSize ? 1 : 3];
		expect(await poll(options)).toEqual({ out: ['201'], asked });
		expect(await poll(options)).toEqual({ out: [], asked });
		const fine = { ...options, broken: [] };
		expect(await poll(fine)).toEqual({ out: ['200'], asked });
	});

	it('no more when there is a record without an id, which is a place in the list and nothing else', async () => {
		const { chat, poll } = await watched(25);
		expect(await poll({ nameless: 1 })).toEqual({ out: [], asked: [3, 'whole'] });
		chat.add('200');
		expect(await poll({ nameless: 1 })).toEqual({ out: ['200'], asked: [3] });
		expect(await poll({ nameless: 1 })).toEqual({ out: [], asked: [3] });
	});
});

describe('a file on its way is looked at where it is', () => {
	const pageOf = (index: number) => Math.floor(index / 10) + 1;

	it.each<[Order, number]>([
		['ascending', 0],
		['ascending', 9],
		['ascending', 10],
		['ascending', 19],
		['descending', 15],
		['descending', 24],
		['descending', 25],
		['descending', 34],
	])('%s, with %d that are older', async (order, nth) => {
		const { chat, watcher, poll } = await watched(35, { order, open: [100 + nth] });
		const page = pageOf(order === 'ascending' ? nth : 34 - nth);
		const newest = order === 'ascending' ? 4 : 1;
		const asked = page === newest ? [newest] : [newest, page];
		for (let minute = 0; minute < 3; minute++) {
			watcher.now += MINUTE;
			expect(await poll()).toEqual({ out: [], asked });
		}
		chat.change(String(100 + nth), 'ok');
		expect(await poll()).toEqual({ out: [String(100 + nth)], asked });
		expect(await poll()).toEqual({ out: [], asked: [newest] });
	});

	it.each<[Order, number, string]>([
		['ascending', 25, '3, 3 4, 4 3, 4 3'],
		['ascending', 30, '3 4, 4 5, 5 4, 5 4'],
		['ascending', 10, '1 2, 2 3, 3 2, 3 2'],
		['descending', 25, '1, 1 2, 1 2, 1 2'],
	])('%s, after %d others: also when more have come since', async (order, before, pages) => {
		const { chat, poll } = await watched(before, { order });
		const asked: string[] = [];
		const next = async () => {
			const found = await poll();
			asked.push(found.asked.join(' '));
			return found.out;
		};
		chat.add('200', 'uploading');
		await next();
		chat.addAll(idsFrom(300, 10));
		await next();
		await next();
		chat.change('200', 'ok');
		expect(await next()).toEqual(['200']);
		expect(asked.join(', ')).toBe(pages);
	});

	it('unless its upload has failed', async () => {
		const { chat, poll } = await watched(35, { open: [100] });
		expect((await poll()).asked).toEqual([4, 1]);
		chat.change('100', 'error');
		expect((await poll()).asked).toEqual([4, 1]);
		expect((await poll()).asked).toEqual([4]);
	});

	it.each([0, 1, 3, 5, 14])(
		'the last one each time, the others in turn, every %d minutes',
		async (minutes) => {
			const { watcher, poll } = await watched(45, { open: [101, 111, 121, 131] });
			const asked: unknown[] = [];
			for (let polls = 0; polls < 4; polls++) {
				watcher.now += minutes * MINUTE;
				asked.push((await poll()).asked);
			}
			expect(asked).toEqual([
				[5, 4, 2],
				[5, 4, 3],
				[5, 4, 1],
				[5, 4, 2],
			]);
		},
	);

	it('the newest of them each time, also where the newest are first and more have come since', async () => {
		const { chat, poll } = await watched(40, { order: 'descending', open: [105, 122, 125] });
		chat.addAll(idsFrom(200, 4));
		// 125 is on page 2, 122 on page 3 now, and 105 on page 4.
		const asked = [(await poll()).asked, (await poll()).asked, (await poll()).asked];
		expect(asked).toEqual([
			[1, 2, 4],
			[1, 2, 3],
			[1, 2, 4],
		]);
	});

	it('until its content could be had', async () => {
		const { chat, poll } = await watched(35, { open: [110] });
		const vainly: Delivery = (due) => ({ out: [], owed: due });
		chat.change('110', 'ok');
		for (let polls = 0; polls < 3; polls++)
			expect(await poll({}, vainly)).toEqual({ out: [], asked: [4, 2] });
		expect(await poll()).toEqual({ out: ['110'], asked: [4, 2] });
		expect(await poll()).toEqual({ out: [], asked: [4] });
	});

	it('where the last look at the whole list has found it, also when its content was asked for in vain', async () => {
		const { chat, poll } = await watched(35, { open: [110] });
		chat.change('110', 'ok');
		expect((await poll({}, (due) => ({ out: [], owed: due }))).asked).toEqual([4, 2]);
		chat.change('110', 'merging');
		chat.remove('100');
		expect((await poll()).asked).toEqual([4, 'whole']);
		chat.change('110', 'ok');
		expect(await poll()).toEqual({ out: ['110'], asked: [4, 1] });
	});

	it('and one that has moved from there does not keep the others from their turn', async () => {
		const { chat, watcher, poll } = await watched(45, { open: [109, 115, 125] });
		// As many as before, so that nobody notices.
		chat.add('50');
		chat.remove('112');
		chat.change('115', 'ok');
		const polls: Awaited<ReturnType<typeof poll>>[] = [];
		for (let minute = 0; minute < 6; minute++) {
			watcher.now += MINUTE;
			polls.push(await poll());
		}
		expect(polls.flatMap(({ out }) => out)).toEqual(['115']);
		expect(polls.flatMap(({ asked }) => asked)).not.toContain('whole');
	});

	it('with three requests at most, also when new files have taken two', async () => {
		const { chat, watcher, poll } = await watched(30, { open: [101, 111] });
		watcher.now += 2 * MINUTE;
		chat.add('200');
		expect(await poll()).toEqual({ out: ['200'], asked: [3, 4, 2] });
	});
});
