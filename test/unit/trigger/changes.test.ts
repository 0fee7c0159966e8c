import { Chat, chatOf, idsFrom } from './chat';
import { DAY, HOUR, MINUTE, Watcher, type Delivery } from './watcher';

describe('a list that lacks files', () => {
	const small = { near: 20, edge: 10, missing: 40, cells: 60 };

	it.each([
		['is empty', 0],
		['is an old one', 50],
	])('and %s gives out nothing again when it comes back, within three days', async (_, left) => {
		const chat = chatOf(100, String);
		const watcher = new Watcher(small);
		await watcher.activate(chat.list({ pageSize: 10 }));
		const old = chatOf(left, String);
		for (let hour = 0; hour < 70; hour += 10) {
			watcher.now += 10 * HOUR;
			expect(await watcher.poll(old.list({ pageSize: 10 }))).toEqual([]);
		}
		watcher.now += MINUTE;
		expect(await watcher.poll(chat.list({ pageSize: 10 }))).toEqual([]);
	});

	it('forgets them after three days, so that there is room for what is deleted later', async () => {
		const chat = chatOf(300, String);
		const watcher = new Watcher(small);
		await watcher.activate(chat.list({ pageSize: 10 }));
		for (let round = 0; round < 5; round++) {
			chat.remove(...Array.from({ length: 35 }, (_, index) => String(round * 40 + index)));
			watcher.now += HOUR;
			expect(await watcher.poll(chat.list({ pageSize: 10 }))).toEqual([]);
			watcher.now += 3 * DAY + HOUR;
			expect(await watcher.poll(chat.list({ pageSize: 10 }))).toEqual([]);
		}
		// 175 are gone, and 60 cells in a third can tell about 140 differences.
		expect([watcher.state?.unsoundAt, watcher.state?.wholeAt]).toEqual([0, watcher.now]);
		const late = '1000';
		chat.add(late);
		watcher.now += HOUR;
		expect(await watcher.poll(chat.list({ pageSize: 10 }))).toEqual([late]);
	});
});

describe('what is remembered', () => {
	const small = { near: 25, edge: 20, missing: 40, cells: 60 };
	const watched = async () => {
		const chat = chatOf(100, (index) => String(100 + index));
		const watcher = new Watcher(small);
		await watcher.activate(chat.list({ pageSize: 10 }));
		return {
			chat,
			watcher,
			poll: (deliver?: Delivery) => watcher.poll(chat.list({ pageSize: 10 }), deliver),
		};
	};

	it('of new files that are left is nothing, so that they are new again, however many', async () => {
		const { chat, watcher, poll } = await watched();
		chat.add('200', 'uploading');
		chat.addAll(idsFrom(201, 50));
		expect(await poll((due) => ({ out: due.slice(0, 2) }))).toEqual(['201', '202']);
		expect(watcher.state).toMatchObject({ highest: '202', total: 103, isUnsettled: true });
		// The one that is on its way, and as many done ones as are kept.
		expect(watcher.state?.near.size).toBe(1 + small.near);
		chat.change('200', 'ok');
		expect(await poll()).toEqual(['200', ...idsFrom(203, 48)]);
		expect(watcher.state).toMatchObject({ highest: '250', total: 151, isUnsettled: false });
	});

	it('of one whose content could not be had is how often it was asked for', async () => {
		const { chat, watcher, poll } = await watched();
		chat.addAll(['200', '201']);
		const tries: number[][] = [];
		const vainly: Delivery = (due) => {
			tries.push(due.map((each) => each.tries));
			return { out: due.slice(1), owed: due.slice(0, 1) };
		};
		expect([await poll(vainly), await poll(vainly), await poll(vainly)]).toEqual([['201'], [], []]);
		watcher.now += HOUR;
		expect([await poll(vainly), await poll()]).toEqual([[], ['200']]);
		expect(tries).toEqual([[0, 0], [1], [2], [3]]);
	});

	it('of one whose content could not be had is that it is still to come out, also when it was not ok meanwhile', async () => {
		const { chat, poll } = await watched();
		chat.add('200');
		expect(await poll((due) => ({ out: [], owed: due }))).toEqual([]);
		chat.change('200', 'merging');
		expect(await poll()).toEqual([]);
		chat.change('200', 'ok');
		expect(await poll()).toEqual(['200']);
	});

	it('of deleted files is that they are gone, for three days from the first look that lacks them', async () => {
		const { chat, watcher, poll } = await watched();
		chat.remove(...idsFrom(110, 10));
		const sizes: unknown[] = [];
		for (const pause of [HOUR, HOUR, 3 * DAY - HOUR, HOUR]) {
			watcher.now += pause;
			expect(await poll()).toEqual([]);
			sizes.push(watcher.state?.missing.size);
		}
		expect(sizes).toEqual([10, 10, 10, 0]);
	});

	it('is not asked of a file among the newest that is unknown, also when as many were deleted', async () => {
		const chat = new Chat('arrival');
		chat.addAll(idsFrom(100, 25));
		const watcher = new Watcher(small);
		await watcher.activate(chat.list({ pageSize: 10 }));
		chat.add('50');
		chat.remove('100');
		const list = chat.list({ pageSize: 10 });
		expect(await watcher.poll(list)).toEqual(['50']);
		expect(list.wholeReadings).toBe(1);
	});
});

describe('what is on its way', () => {
	it('is not given out before it is ok, also when it was there before the trigger', async () => {
		const chat = new Chat();
		chat.add('1');
		chat.add('2', 'uploading');
		const watcher = new Watcher();
		await watcher.activate(chat.list());
		chat.change('2', 'merging');
		expect(await watcher.poll(chat.list())).toEqual([]);
		chat.change('2', 'ok');
		expect(await watcher.poll(chat.list())).toEqual(['2']);
		expect(await watcher.poll(chat.list())).toEqual([]);
	});

	it('comes out when a failed one becomes ok all the same', async () => {
		const chat = new Chat();
		chat.add('1', 'error');
		const watcher = new Watcher();
		await watcher.activate(chat.list());
		chat.change('1', 'ok');
		expect(await watcher.poll(chat.list())).toEqual(['1']);
	});

	it('a record that cannot be read comes out when it can', async () => {
		const chat = new Chat();
		const watcher = new Watcher();
		await watcher.activate(chat.list());
		for (const id of ['1', '2', '3']) chat.add(id);
		expect(await watcher.poll(chat.list({ broken: ['2'] }))).toEqual(['1', '3']);
		expect(await watcher.poll(chat.list())).toEqual(['2']);
	});
});
