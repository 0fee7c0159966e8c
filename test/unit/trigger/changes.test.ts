import { Chat, chatOf } from './chat';
import { MINUTE, Watcher } from './watcher';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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
