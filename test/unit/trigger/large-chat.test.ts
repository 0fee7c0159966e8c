import { chatOf, longId } from './chat';
import { DAY, HOUR, MINUTE, Watcher, type Delivery } from './watcher';

describe('a chat of 100,000 files', () => {
	const FILES = 100_000;
	const UNFINISHED = 1000;

	const full = chatOf(FILES);
	let kept: string | undefined;
	beforeAll(async () => {
		// Every hundredth file is on its way.
		full.changeAll(
			Array.from({ length: UNFINISHED }, (_, index) => longId(index * 100)),
			'uploading',
		);
		const watcher = new Watcher();
		await watcher.activate(full.list());
		({ kept } = watcher);
	});
	const watched = () => {
		const watcher = new Watcher();
		watcher.kept = kept;
		return { chat: full.copy(), watcher };
	};

	it('is remembered in less than 64 KB, with 1,000 unfinished ones, whatever happened to it', async () => {
		const { chat, watcher } = watched();
		expect(watcher.kept?.length).toBeLessThan(64 * 1024);

		// Files come, of which all is known one by one until the next whole look.
		for (let from = FILES; from < FILES + 1800; from += 180) {
			const some = Array.from({ length: 180 }, (_, index) => longId(from + index));
			chat.addAll(some);
			watcher.now += MINUTE;
			expect(await watcher.poll(chat.list())).toEqual(some);
			expect(watcher.kept?.length).toBeLessThan(64 * 1024);
		}

		// Many are deleted, so that there is much to note as missing.
		chat.remove(...Array.from({ length: 600 }, (_, index) => longId(index * 31 + 1)));
		watcher.now += HOUR;
		await watcher.poll(chat.list());
		expect(watcher.kept?.length).toBeLessThan(64 * 1024);
	});

	it('costs three requests at most when nothing is new', async () => {
		const { chat, watcher } = watched();
		const list = chat.list();
		for (let minute = 1; minute < 60; minute++) {
			watcher.now += MINUTE;
			list.requests = 0;
			expect(await watcher.poll(list)).toEqual([]);
			expect([list.requests <= 3, list.wholeReadings]).toEqual([true, 0]);
		}
		watcher.now += MINUTE;
		expect(await watcher.poll(list)).toEqual([]);
		expect(list.wholeReadings).toBe(1);
	});

	it('gives out a new file, one that becomes ok, and one with a lower id, each once', async () => {
		const { chat, watcher } = watched();
		const late = String(BigInt(longId(500)) + 1n);
		watcher.now += MINUTE;
		chat.add(longId(FILES));
		let list = chat.list();
		expect(await watcher.poll(list)).toEqual([longId(FILES)]);
		expect(list.wholeReadings).toBe(0);

		// The last one that is on its way is looked at each time, where it was, without reading everything.
		chat.change(longId(99_900), 'ok');
		watcher.now += MINUTE;
		list = chat.list();
		expect(await watcher.poll(list)).toEqual([longId(99_900)]);
		expect(list.wholeReadings).toBe(0);

		// The counts do not add up, so the whole list is read at once.
		chat.add(late);
		watcher.now += MINUTE;
		list = chat.list();
		expect(await watcher.poll(list)).toEqual([late]);
		expect(list.wholeReadings).toBe(1);

		chat.change(longId(100), 'ok');
		watcher.now += HOUR;
		expect(await watcher.poll(chat.list())).toEqual([longId(100)]);
		watcher.now += HOUR;
		expect(await watcher.poll(chat.list())).toEqual([]);
	});

	it('gives out 5,000 files after a week, in batches, each once', async () => {
		const { chat, watcher } = watched();
		const ids = Array.from({ length: 5000 }, (_, index) => longId(FILES + index));
		chat.addAll(ids);
		watcher.now += 7 * DAY;
		const batch: Delivery = (due) => ({ out: due.slice(0, 1000) });
		const out: string[] = [];
		for (let poll = 0; poll < 6; poll++) {
			out.push(...(await watcher.poll(chat.list(), batch)));
			watcher.now += MINUTE;
		}
		expect(out).toEqual(ids);
	});

	it('gives out 1,000 ids that appear late, below all the others, each once', async () => {
		const { chat, watcher } = watched();
		const ids = Array.from({ length: 1000 }, (_, index) => String(BigInt(longId(index * 90)) + 2n)).sort();
		chat.addAll(ids);
		watcher.now += MINUTE;
		expect(await watcher.poll(chat.list())).toEqual(ids);
		watcher.now += HOUR;
		expect(await watcher.poll(chat.list())).toEqual([]);
	});

	it('gives out nothing again when half of it is deleted, and goes on with what is new', async () => {
		const { chat, watcher } = watched();
		chat.remove(...Array.from({ length: FILES / 2 }, (_, index) => longId(index)));
		chat.add(longId(FILES));
		watcher.now += MINUTE;
		expect(await watcher.poll(chat.list())).toEqual([longId(FILES)]);

		// A lower id cannot be told from the old ones now. It is held back,
		const late = String(BigInt(longId(60_000)) + 1n);
		chat.add(late, 'ok', '2026-01-02T00:00:00Z');
		for (let day = 0; day < 3; day++) {
			watcher.now += DAY - HOUR;
			expect(await watcher.poll(chat.list())).toEqual([]);
		}
		// until the list has said the same for three days: then its time decides.
		watcher.now += DAY;
		expect(await watcher.poll(chat.list())).toEqual([late]);

		// From then on everything can be told again.
		const later = String(BigInt(longId(70_000)) + 1n);
		chat.add(later, 'ok', '2020-01-01T00:00:00Z');
		watcher.now += MINUTE;
		expect(await watcher.poll(chat.list())).toEqual([later]);
	});
});
