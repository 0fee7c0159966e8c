import { Digest, numberOf } from '../../../nodes/BddFileTrigger/digest';
import type { Phase } from '../../../nodes/BddFileTrigger/state';
import { Chat, chatOf, idsFrom } from './chat';
import { DAY, HOUR, MINUTE, Watcher, type Delivery } from './watcher';

/** An `upload_at`, so long after the watchers begin. */
const at = (ms: number) => new Date(new Watcher().now + ms).toISOString();

/** What is known of each of these ids one by one. */
const phases = ({ state }: Watcher, ids: readonly string[]): Array<Phase | undefined> =>
	ids.map((id) => state?.near.get(numberOf(id))?.phase);

/** How the fingerprint differs from what it is to be: that of every file of the chat that is not known one by one. */
function strangers({ state }: Watcher, chat: Chat) {
	const others = state?.far.blank() ?? new Digest();
	for (const key of chat.all.map(({ id }) => numberOf(String(id))))
		if (!state?.near.has(key)) others.add(key);
	return state?.far.difference(others);
}
const NO_STRANGERS = { mine: new Set(), theirs: new Set(), isComplete: true };

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

	it.each<[Phase, string, 'ok' | 'uploading']>([
		['gone', 'came out, long ago', 'ok'],
		['missing', 'is on its way', 'uploading'],
	])(
		'has them %s for three days to the millisecond, of what is known one by one and %s',
		async (phase, _, status) => {
			const chat = new Chat();
			chat.addAll(idsFrom(1, 5), status, at(-30 * DAY));
			const watcher = new Watcher(small);
			await watcher.activate(chat.list());
			const none = new Chat();
			const begun = watcher.now + HOUR;
			for (const after of [0, DAY, 2 * DAY, 3 * DAY]) {
				watcher.now = begun + after;
				expect(await watcher.poll(none.list())).toEqual([]);
				expect(phases(watcher, idsFrom(1, 5))).toEqual(Array(5).fill(phase));
			}
			chat.changeAll(idsFrom(1, 5), 'ok');
			const back = watcher.copy();
			expect(await back.poll(chat.list())).toEqual(status === 'ok' ? [] : idsFrom(1, 5));
			expect(phases(back, idsFrom(1, 5))).toEqual(Array(5).fill('done'));
			watcher.now += 1;
			await watcher.poll(none.list());
			expect(watcher.state?.near.size).toBe(0);
		},
	);

	it('has them gone from now on when the clock was ahead, known one by one or not', async () => {
		const chat = chatOf(60, String);
		const list = () => chat.list({ pageSize: 10 });
		const watcher = new Watcher(small);
		await watcher.activate(list());
		chat.remove(...idsFrom(0, 10), ...idsFrom(55, 5));
		watcher.now += 100 * DAY;
		await watcher.poll(list());
		watcher.now -= 100 * DAY;
		await watcher.poll(list());
		expect([watcher.state?.missing.size, ...phases(watcher, ['59'])]).toEqual([10, 'gone']);
		watcher.now += 3 * DAY + 1;
		await watcher.poll(list());
		expect([watcher.state?.missing.size, ...phases(watcher, ['59'])]).toEqual([0, undefined]);
		expect(strangers(watcher, chat)).toEqual(NO_STRANGERS);
	});

	it('notes only so many of them at a time', async () => {
		const chat = chatOf(60, String);
		const watcher = new Watcher({ ...small, missing: 8 });
		await watcher.activate(chat.list({ pageSize: 10 }));
		chat.remove(...idsFrom(0, 20));
		const noted: unknown[] = [];
		for (let round = 0; round < 4; round++) {
			watcher.now += 3 * DAY + HOUR;
			expect(await watcher.poll(chat.list({ pageSize: 10 }))).toEqual([]);
			noted.push(watcher.state?.missing.size);
		}
		expect(noted).toEqual([8, 8, 4, 0]);
		expect(strangers(watcher, chat)).toEqual(NO_STRANGERS);
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

	it('of one whose content could not be had is how often also when there was no time for it', async () => {
		const { chat, poll } = await watched();
		chat.addAll(['200', '201']);
		await poll((due) => ({ out: [], owed: due }));
		expect(await poll((due) => ({ out: due.slice(1) }))).toEqual(['201']);
		const tries: number[] = [];
		await poll((due) => ({ out: [], owed: due.filter((each) => tries.push(each.tries)) }));
		expect(tries).toEqual([1]);
	});

	it('of new files is which came out, or could not be had, whatever their order', async () => {
		const { chat, poll } = await watched();
		chat.addAll(idsFrom(200, 6));
		const last = (due: Parameters<Delivery>[0]) => ({ out: due.slice(-1), owed: due.slice(-2, -1) });
		expect(await poll(last)).toEqual(['205']);
		const tries: Array<[string, number]> = [];
		const all: Delivery = (due) => {
			tries.push(...due.map((each): [string, number] => [each.id, each.tries]));
			return { out: due };
		};
		expect(await poll(all)).toEqual(idsFrom(200, 5));
		expect(tries).toEqual(idsFrom(200, 5).map((id) => [id, id === '204' ? 1 : 0]));
	});

	it('of new files on their way is everything, also when older ones are left', async () => {
		const { chat, watcher, poll } = await watched();
		chat.add('200', 'uploading');
		await poll();
		chat.change('200', 'ok');
		chat.add('201', 'uploading');
		chat.add('202');
		expect(await poll((due) => ({ out: due.slice(1) }))).toEqual(['202']);
		expect(phases(watcher, ['200', '201', '202'])).toEqual(['waiting', 'waiting', 'done']);
		expect(watcher.state).toMatchObject({ highest: '202', total: 103 });
	});

	it('of new files on their way is everything, also when late ones are left', async () => {
		const { chat, watcher, poll } = await watched();
		chat.add('50');
		chat.add('201', 'uploading');
		expect(await poll(() => ({ out: [] }))).toEqual([]);
		expect(phases(watcher, ['50', '201'])).toEqual(['waiting', 'waiting']);
		expect(watcher.state).toMatchObject({ highest: '201', total: 102, isUnsettled: true });
		expect(await poll()).toEqual(['50']);
	});

	it('of the file of the highest id is that it came out, also when many came after it with lower ids', async () => {
		const chat = new Chat('arrival');
		chat.addAll([...idsFrom(100, 60), '1000', ...idsFrom(160, 39)]);
		const watcher = new Watcher({ ...small, near: small.edge });
		await watcher.activate(chat.list({ pageSize: 10 }));
		expect([watcher.state?.highest, ...phases(watcher, ['1000'])]).toEqual(['1000', undefined]);
		watcher.now += HOUR;
		expect(await watcher.poll(chat.list({ pageSize: 10 }))).toEqual([]);
	});

	it('of the newest is each, also when those that were the newest are deleted', async () => {
		const { chat, watcher, poll } = await watched();
		expect(strangers(watcher, chat)).toEqual(NO_STRANGERS);
		chat.remove(...idsFrom(170, 30));
		expect(await poll()).toEqual([]);
		expect(phases(watcher, idsFrom(100, 50))).toEqual(Array(50).fill(undefined));
		expect(phases(watcher, idsFrom(150, 20))).toEqual(Array(20).fill('done'));
		watcher.now += 4 * DAY;
		await poll();
		expect(strangers(watcher, chat)).toEqual(NO_STRANGERS);
		chat.add('200');
		const list = chat.list({ pageSize: 10 });
		expect([await watcher.poll(list), list.asked]).toEqual([['200'], [7, 8]]);
	});

	it('of done files one by one is no more than what is kept, also when some of the newest were not among them', async () => {
		const { chat, watcher, poll } = await watched();
		chat.remove(...idsFrom(190, 10));
		chat.addAll(idsFrom(50, 10));
		watcher.now += HOUR;
		expect(await poll()).toEqual(idsFrom(50, 10));
		const known = [...(watcher.state?.near.values() ?? [])].map(({ phase }) => phase);
		expect(known.filter((phase) => phase === 'done')).toHaveLength(small.near);
		expect(phases(watcher, idsFrom(170, 20))).toEqual(Array(20).fill('done'));
	});

	it.each([
		['none', ''],
		['the one that Go has for none', '0001-01-01T00:00:00Z'],
		['one before 1970', '1969-12-31T23:59:59Z'],
		['the first of 1970', '1970-01-01T00:00:00Z'],
		['the last that there is', '9999-12-31T23:59:59Z'],
	])('of a file is that it came out, also when its time is %s', async (_, time) => {
		const { chat, watcher, poll } = await watched();
		chat.add('200', 'ok', time);
		expect(await poll()).toEqual(['200']);
		chat.addAll(idsFrom(201, 50));
		expect(await poll()).toEqual(idsFrom(201, 50));
		watcher.now += HOUR;
		expect(await poll()).toEqual([]);
		expect(phases(watcher, ['200'])).toEqual([undefined]);
		watcher.now += HOUR;
		expect(await poll()).toEqual([]);
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

describe('a list that differs in more than can be read', () => {
	/** A fingerprint that tells some twenty differences. */
	const tiny = { near: 12, edge: 10, missing: 40, cells: 10 };
	const options = { pageSize: 5 };
	const crowd = idsFrom(300, 120);
	/** Files that were uploaded when the service says, and are first seen an hour later. */
	const watched = async (...times: string[]) => {
		const chat = new Chat();
		chat.addAll(idsFrom(100, 60), 'ok', at(-2 * HOUR));
		for (const [index, time] of times.entries()) chat.add(String(160 + index), 'ok', time);
		chat.addAll(idsFrom(900, 20), 'ok', at(-HOUR));
		const watcher = new Watcher(tiny);
		await watcher.activate(chat.list(options));
		watcher.now += HOUR;
		return { chat, watcher, poll: () => watcher.poll(chat.list(options)) };
	};
	/** The same, to which a crowd has come late, of which nothing has come out. */
	const crowded = async (crowdsTime = at(-HOUR + 1), ...times: string[]) => {
		const { chat, watcher, poll } = await watched(...times);
		chat.addAll(crowd, 'ok', crowdsTime);
		expect(await poll()).toEqual([]);
		return { chat, watcher, poll, begun: watcher.now };
	};

	it('is believed after three days: what is newer than all that is known comes out', async () => {
		const { chat, watcher, poll, begun } = await crowded();
		for (const after of [DAY, 2 * DAY, 3 * DAY]) {
			watcher.now = begun + after;
			expect(await poll()).toEqual([]);
			expect(watcher.state?.unsoundAt).toBe(begun);
		}
		watcher.now += HOUR;
		expect(await poll()).toEqual(crowd);
		expect(watcher.state?.unsoundAt).toBe(0);
		expect(strangers(watcher, chat)).toEqual(NO_STRANGERS);
	});

	it.each([
		[0, []],
		[1, crowd],
	])('is believed %d ms after three days: %j', async (more, out) => {
		const { watcher, poll } = await crowded();
		watcher.now += 3 * DAY + more;
		expect(await poll()).toEqual(out);
	});

	it('is believed three days from now when the clock was ahead', async () => {
		const { watcher, chat, poll } = await watched();
		chat.addAll(crowd, 'ok', at(HOUR));
		watcher.now += 100 * DAY;
		expect(await poll()).toEqual([]);
		watcher.now -= 100 * DAY;
		expect(await poll()).toEqual([]);
		watcher.now += 3 * DAY;
		expect(await poll()).toEqual([]);
		watcher.now += HOUR;
		expect(await poll()).toEqual(crowd);
	});

	it('and is believed, has everything told again', async () => {
		const { chat, watcher, poll } = await crowded();
		watcher.now += 3 * DAY + HOUR;
		expect(await poll()).toEqual(crowd);
		chat.add('200', 'ok', at(-300 * DAY));
		expect(await poll()).toEqual(['200']);
		watcher.now += HOUR;
		expect(await poll()).toEqual([]);
		expect(strangers(watcher, chat)).toEqual(NO_STRANGERS);
	});

	it('and is believed, with more that is due than fits: it comes out with the next polls', async () => {
		const { chat, watcher, poll } = await crowded();
		watcher.now += 3 * DAY + HOUR;
		expect(await watcher.poll(chat.list(options), (due) => ({ out: due.slice(0, 40) }))).toEqual(
			crowd.slice(0, 40),
		);
		expect(await poll()).toEqual(crowd.slice(40));
		expect(strangers(watcher, chat)).toEqual(NO_STRANGERS);
	});

	it('as so much was deleted, gives out nothing, and everything is told again after three days', async () => {
		const { chat, watcher, poll } = await watched();
		chat.remove(...idsFrom(100, 50));
		expect(await poll()).toEqual([]);
		expect(watcher.state?.unsoundAt).toBe(watcher.now);
		watcher.now += 3 * DAY + HOUR;
		expect(await poll()).toEqual([]);
		expect(watcher.state).toMatchObject({ unsoundAt: 0, missing: new Set() });
		expect(strangers(watcher, chat)).toEqual(NO_STRANGERS);
		chat.add('200', 'ok', at(-300 * DAY));
		expect(await poll()).toEqual(['200']);
	});

	it.each([
		['none', ''],
		['not to be read', 'yesterday'],
		['long ago', '0001-01-01T00:00:00Z'],
		['far ahead', at(300 * DAY)],
		['the last that there is', '9999-12-31T23:59:59Z'],
	])('is believed whatever the time of one that came out long ago is: %s', async (_, time) => {
		const { watcher, poll } = await crowded(at(1), time);
		watcher.now += 3 * DAY + HOUR;
		expect(await poll()).toEqual(crowd);
	});

	it('is not read whole with every poll, however many are known one by one', async () => {
		const { chat, watcher } = await crowded();
		const asked: unknown[] = [];
		for (let index = 0; index < 30; index++) {
			chat.add(String(1000 + index));
			const list = chat.list(options);
			watcher.now += MINUTE;
			expect(await watcher.poll(list)).toEqual([String(1000 + index)]);
			asked.push(...list.asked);
		}
		expect(asked).not.toContain('whole');
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
