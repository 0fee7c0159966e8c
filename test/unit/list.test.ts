import fc from 'fast-check';

import { listAll, type ListRequest, type PageRequest, type Paging } from '../../client/api/list';
import { UnreadableRecord, type Page } from '../../client/api/records';

interface Item {
	id: number;
}
const itemsUpTo = (count: number): Item[] => Array.from({ length: count }, (_, id) => ({ id }));
const idsOf = (items: Item[]) => items.map(({ id }) => id);

type Style = 'offset' | 'page' | 'none';

/** A server that honours one pair of paging parameters and caps its pages. */
class Server {
	readonly asked: PageRequest[] = [];
	private readonly paging: Paging = {};

	constructor(
		private readonly items: () => Item[],
		private readonly style: Style = 'offset',
		private readonly cap = 1000,
	) {}

	/** Called before each answer. */
	before: (request: number) => void = () => undefined;
	/** What becomes of a page on its way. */
	change: (page: Page<Item>, request: number) => Page<Item> = (page) => page;

	request(limit?: number): ListRequest<Item> {
		return { action: 'Listing', fetchPage: (page) => this.fetch(page), paging: this.paging, limit };
	}

	private fetch(page: PageRequest): Promise<Page<Item>> {
		this.asked.push(page);
		this.before(this.asked.length);
		const items = this.items();
		const size = Math.min(page.limit, this.cap);
		const start = this.style === 'offset' ? page.offset : (page.number - 1) * size;
		const records = this.style === 'none' ? items : items.slice(start, start + size);
		return Promise.resolve(this.change({ total: items.length, records }, this.asked.length));
	}
}

describe('listing', () => {
	it('gives everything once and in order, whatever the server honours and caps, up to the limit', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 0, max: 700 }),
				fc.constantFrom<Style>('offset', 'page', 'none'),
				fc.integer({ min: 1, max: 300 }),
				fc.option(fc.integer({ min: 1, max: 800 }), { nil: undefined }),
				async (count, style, cap, limit) => {
					const server = new Server(() => itemsUpTo(count), style, cap);
					const { items } = await listAll(server.request(limit));
					expect(items).toEqual(itemsUpTo(Math.min(count, limit ?? Infinity)));
				},
			),
		);
	});

	it('asks a server that pages by offset for each page once, after finding out that it does', async () => {
		const server = new Server(() => itemsUpTo(250));
		await listAll(server.request());
		expect(server.asked.map(({ offset }) => offset)).toEqual([0, 1, 96, 192]);
		server.asked.length = 0;
		await listAll(server.request());
		expect(server.asked.map(({ offset }) => offset)).toEqual([0, 96, 192]);
	});

	it('asks a server that numbers its pages for everything twice, since nothing else shows that it held still', async () => {
		const server = new Server(() => itemsUpTo(250), 'page');
		await listAll(server.request());
		expect(server.asked.map(({ number }) => number)).toEqual([1, 1, 2, 3, 1, 2, 3]);
	});

	it('never misses a file that was there all the time, whatever comes and goes between two pages, or says so', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom<Style>('offset', 'page'),
				fc.integer({ min: 150, max: 500 }),
				fc.array(
					fc.record({
						request: fc.integer({ min: 2, max: 12 }),
						remove: fc.array(fc.nat(), { maxLength: 6 }),
						append: fc.integer({ min: 0, max: 6 }),
						atFront: fc.boolean(),
					}),
					{ maxLength: 6 },
				),
				async (style, count, changes) => {
					let items = itemsUpTo(count);
					let next = count;
					const stays = new Set(idsOf(items));
					const server = new Server(() => items, style);
					server.before = (request) => {
						for (const change of changes.filter((each) => each.request === request)) {
							for (const at of change.remove) {
								const [gone] = items.splice(at % items.length, 1);
								if (gone) stays.delete(gone.id);
							}
							const added = Array.from({ length: change.append }, () => ({ id: next++ }));
							items = change.atFront ? [...added, ...items] : [...items, ...added];
						}
					};
					const result = await listAll(server.request()).catch((error: unknown) => String(error));
					if (typeof result === 'string') {
						expect(result).toMatch(/not complete/);
						return;
					}
					const listed = new Set(idsOf(result.items));
					expect([...stays].filter((id) => !listed.has(id))).toEqual([]);
				},
			),
			{ numRuns: 300 },
		);
	});

	it('one deleted and one added between two pages, which no total shows: nothing is missed', async () => {
		for (const style of ['offset', 'page'] as const) {
			let items = itemsUpTo(250);
			const server = new Server(() => items, style);
			server.before = (request) => {
				if (request === 3) items = [...items.slice(0, 5), ...items.slice(10), ...itemsUpTo(255).slice(250)];
			};
			const { items: listed } = await listAll(server.request());
			expect(idsOf(listed)).toEqual(idsOf(items));
		}
	});

	it('a list that grows all the time is taken as it is once its pages join', async () => {
		let items = itemsUpTo(300);
		const server = new Server(() => items);
		server.before = () => (items = [...items, { id: items.length }]);
		const { items: listed } = await listAll(server.request());
		expect(idsOf(listed).slice(0, 300)).toEqual(idsOf(itemsUpTo(300)));
	});

	it('a page that fails fails the listing', async () => {
		const server = new Server(() => itemsUpTo(250));
		server.change = (page, request) => {
			if (request === 3) throw new Error('no');
			return page;
		};
		await expect(listAll(server.request())).rejects.toThrow('no');
	});

	it.each<[string, Server, RegExp]>([
		['an empty page where there is a total', lying(() => ({ total: 50, records: [] })), /0 of 50 arrived/],
		['more than the total', lying(() => ({ total: 5, records: itemsUpTo(9) })), /9 of 5 arrived/],
		['the same page for ever', lying(() => ({ total: 1e5, records: itemsUpTo(100) })), /not complete/],
		[
			'the first page instead of each',
			lying(() => ({ total: 250, records: itemsUpTo(100) })),
			/not complete/,
		],
		[
			'a total that memory cannot hold',
			lying(() => ({ total: 1e12, records: itemsUpTo(100) })),
			/cannot be read completely/,
		],
		['new files in every page for ever', endless(), /not complete|does not come to an end/],
		['pages that never lead further', stuck(), /records moved between two pages/],
	])('%s: an error that says so, after few requests', async (_, server, words) => {
		await expect(listAll(server.request())).rejects.toThrow(words);
		expect(server.asked.length).toBeLessThan(60);
	});

	/** 250 files in pages of 100, of which one answer is not what it should be. */
	const once = (at: number, change: (page: Page<Item>) => Page<Item>, style: Style = 'offset') => {
		const server = new Server(() => itemsUpTo(250), style);
		server.change = (page, request) => (request === at ? change(page) : page);
		return server;
	};

	it.each<[what: string, change: (page: Page<Item>) => Page<Item>]>([
		['is short', ({ total, records }) => ({ total, records: records.slice(0, -1) })],
		[
			'has one record twice',
			({ total, records }) => ({ total, records: [...records.slice(0, -1), ...records.slice(0, 1)] }),
		],
		['is empty', ({ total }) => ({ total, records: [] })],
		['is the first one', ({ total }) => ({ total, records: itemsUpTo(100) })],
		[
			'does not join the one before',
			({ total, records }) => ({ total, records: [...itemsUpTo(1304).slice(1300), ...records.slice(4)] }),
		],
		['tells another total', ({ total, records }) => ({ total: total + 1, records })],
	])('a page that %s makes the list be read again', async (_, change) => {
		for (const style of ['offset', 'page'] as const) {
			const asked = async (server: Server) => {
				const { items } = await listAll(server.request());
				expect(items).toEqual(itemsUpTo(250));
				return server.asked.length;
			};
			const usual = await asked(new Server(() => itemsUpTo(250), style));
			expect(await asked(once(3, change, style))).toBeGreaterThan(usual);
		}
	});

	it('two pages that do not join are found, whichever of them comes first', async () => {
		for (const late of [3, 4]) {
			const server = once(4, ({ total, records }) => ({
				total,
				records: [...itemsUpTo(1304).slice(1300), ...records.slice(4)],
			}));
			const request = server.request();
			const fetchPage = async (at: PageRequest) => {
				const page = await request.fetchPage(at);
				if (server.asked.indexOf(at) + 1 === late) await new Promise(setImmediate);
				return page;
			};
			expect((await listAll({ ...request, fetchPage })).items).toEqual(itemsUpTo(250));
		}
	});

	it('a total that grows beyond what memory holds, on a later page, is refused at once', async () => {
		const server = once(4, ({ records }) => ({ total: 1e7, records }));
		await expect(listAll(server.request())).rejects.toThrow('it has 10000000 entries, more than 1000000');
		expect(server.asked.length).toBeLessThan(10);
	});

	it('one record twice, which leaves one out: an error that says so', async () => {
		for (const style of ['offset', 'page'] as const) {
			const server = new Server(() => itemsUpTo(250), style);
			server.change = ({ total, records }, request) => ({
				total,
				// The probe for the way of counting is told the truth.
				records:
					request === 2
						? records
						: records.map((item) => ('id' in item && item.id === 50 ? { id: 51 } : item)),
			});
			await expect(listAll(server.request())).rejects.toThrow('is not complete');
		}
	});

	it('pages without end are not read without end', async () => {
		const server = new Server(() => []);
		server.change = (_, request) => ({
			total: 1e6,
			records: Array.from({ length: 5 }, (_each, index) => ({ id: request * 1000 + index })),
		});
		await expect(listAll(server.request())).rejects.toThrow('does not come to an end after 10418 pages');
		// Read eight times before it is given up.
		expect(server.asked.length).toBeLessThan(8 * 10_420);
	});

	it('a list that comes to rest at last is given', async () => {
		const server = new Server(() => itemsUpTo(250), 'page');
		server.change = (page, request) =>
			request < 15 ? { total: 250 + request, records: page.records } : page;
		expect((await listAll(server.request())).items).toEqual(itemsUpTo(250));
	});

	it('a broken record costs only itself, also where two pages meet', async () => {
		const server = new Server(() => itemsUpTo(400));
		const broken = [3, 99, 100, 191, 399];
		server.change = ({ total, records }) => ({
			total,
			records: records.map((item) =>
				'id' in item && broken.includes(item.id) ? new UnreadableRecord('it is no object') : item,
			),
		});
		const { items, unreadable } = await listAll(server.request());
		expect(items).toHaveLength(395);
		expect(unreadable).toHaveLength(5);
	});
});

function lying(answer: () => Page<Item>): Server {
	const server = new Server(() => []);
	server.change = answer;
	return server;
}

/** Each page is of other files than all before, and the total is always a little further on. */
function endless(): Server {
	const server = new Server(() => []);
	server.change = (_, request) => ({
		total: request * 100 + 50,
		records: Array.from({ length: 100 }, (_each, index) => ({ id: request * 1000 + index })),
	});
	return server;
}

/** Every page ends with the record that the first one ended with, and the total never comes to rest. */
function stuck(): Server {
	const server = new Server(() => []);
	server.change = (_, request) => {
		const { offset = 0 } = server.asked.at(-1) ?? {};
		const total = 1_000 + (request % 2);
		const records = itemsUpTo(Math.min(100, total - offset)).map(({ id }) => ({
			id: offset > 1 ? 1_000 * request + id : offset + id,
		}));
		if (offset > 1) records.splice(-1, 1, { id: 99 });
		return { total, records };
	};
	return server;
}
