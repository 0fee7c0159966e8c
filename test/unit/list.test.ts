import fc from 'fast-check';

import {
	listAll,
	pageRequest,
	readable,
	type ListRequest,
	type PageRequest,
	type Paging,
} from '../../client/api/list';
import { ServiceError } from '../../client/api/errors';
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

it('a page of a list is counted from 1', () => {
	expect(pageRequest(3)).toEqual({ offset: 200, limit: 100, number: 3 });
});

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

	it.each<[what: string, style: Style, count: number, cap: number, asked: number[][]]>([
		['the last page is full and joins', 'offset', 196, 1000, [[0], [1], [96]]],
		['the last page is full', 'page', 200, 1000, [[0], [1], [100], [0, 100]]],
		// Four of eight records twice would be twice the requests.
		[
			'pages of at most eight records do not overlap',
			'offset',
			20,
			8,
			[
				[0, 8, 16],
				[0, 8, 16],
			],
		],
		['larger ones do', 'offset', 20, 9, [[0], [1], [5, 10, 15]]],
	])('asks for nothing that is not needed: %s', async (_, style, count, cap, asked) => {
		const server = new Server(() => itemsUpTo(count), style, cap);
		expect((await listAll(server.request())).items).toEqual(itemsUpTo(count));
		expect(server.asked.map(({ offset }) => offset)).toEqual(asked.flat());
	});

	it('asks for pages of the size that it got, since a server may count by what it is asked for', async () => {
		const fetchPage = ({ number, limit }: PageRequest) => {
			const start = (number - 1) * limit;
			return Promise.resolve({
				total: 170,
				records: itemsUpTo(170).slice(start, start + Math.min(50, limit)),
			});
		};
		const { items } = await listAll({ action: 'Listing', fetchPage, paging: {} });
		expect(items).toEqual(itemsUpTo(170));
	});

	it.each<[what: string, style: Style, asked: number[]]>([
		['by offset', 'offset', [0, 1, 0, 1, 96, 192]],
		['by number', 'page', [0, 1, 0, 1, 100, 200, 0, 100, 200]],
	])(
		'begins again where the list changes while it finds out how the server counts: %s',
		async (_, style, offsets) => {
			for (const change of [
				(page: Page<Item>) => ({ ...page, records: [] }),
				(page: Page<Item>) => ({ ...page, records: itemsUpTo(1100).slice(1000) }),
			]) {
				const server = once(2, change, style);
				expect((await listAll(server.request())).items).toEqual(itemsUpTo(250));
				expect(server.asked.map(({ offset }) => offset)).toEqual(offsets);
			}
		},
	);

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

	it('such a list is read up to the end that its last page tells of, though an older page comes later', async () => {
		let count = 300;
		const server = new Server(() => itemsUpTo(count));
		server.before = () => (count += 30);
		const request = server.request();
		const fetchPage = async (at: PageRequest) => {
			const page = await request.fetchPage(at);
			if (at.number === 2) await new Promise(setImmediate);
			return page;
		};
		const { items } = await listAll({ ...request, fetchPage });
		expect(items).toEqual(itemsUpTo(count));
	});

	it('a page that fails fails the listing', async () => {
		const server = new Server(() => itemsUpTo(250));
		server.change = (page, request) => {
			if (request === 3) throw new Error('no');
			return page;
		};
		await expect(listAll(server.request())).rejects.toThrow('no');
	});

	it.each<[what: string, server: Server, words: string, asked: number]>([
		[
			'an empty page where there is a total',
			lying(() => ({ total: 50, records: [] })),
			'is not complete: 0 of 50 arrived',
			8,
		],
		[
			'more than the total',
			lying(() => ({ total: 5, records: itemsUpTo(9) })),
			'is not complete: 9 of 5 arrived',
			8,
		],
		[
			'the same page for ever',
			lying(() => ({ total: 1e5, records: itemsUpTo(100) })),
			'is not complete: the same page came again',
			32,
		],
		[
			'the first page instead of each',
			lying(() => ({ total: 200, records: itemsUpTo(100) })),
			'is not complete: the same page came again',
			24,
		],
		[
			'nothing after the first page',
			lying((number) => ({ total: 250, records: number === 1 ? itemsUpTo(100) : [] })),
			'is not complete: a page has 0 records where 100 were due',
			32,
		],
		[
			'other files each time',
			lying((_, request) => ({ total: 250, records: filesOf(request) })),
			'is not complete: it changed on the way',
			16,
		],
		[
			'another total each time',
			withTotals((request) => 350 + request),
			'is not complete: it changed on the way',
			32,
		],
		[
			'a file twice and another never',
			new Server(() => itemsUpTo(250).map(({ id }) => ({ id: id === 50 ? 51 : id })), 'page'),
			'is not complete: it does not stop changing',
			25,
		],
		[
			'a total that memory cannot hold',
			lying(() => ({ total: 1e12, records: itemsUpTo(100) })),
			'cannot be read completely: it has 1000000000000 entries, more than 1000000',
			1,
		],
		['pages that never lead further', stuck(), 'is not complete: records moved between two pages', 32],
	])('%s: an error that says so, after few requests', async (_, server, words, asked) => {
		const error: unknown = await listAll(server.request()).catch((cause: unknown) => cause);
		expect(error).toBeInstanceOf(ServiceError);
		expect(error).toMatchObject({
			message: `Listing failed: the service's list ${words}`,
			status: 200,
			serviceMessage: `the list ${words}`,
			description:
				'Such a list is not used, so nothing was changed. Try again; if it stays so, tell whoever runs the service.',
		});
		expect(server.asked).toHaveLength(asked);
	});

	it('new files in every page for ever: an error that says so, after few requests', async () => {
		const server = endless();
		await expect(listAll(server.request())).rejects.toThrow(/not complete|does not come to an end/);
		expect(server.asked.length).toBeLessThan(60);
	});

	it('as many as are wanted are enough, whatever the total says', async () => {
		for (const limit of [8, 9]) {
			const server = lying(() => ({ total: 5, records: itemsUpTo(9) }));
			expect((await listAll(server.request(limit))).items).toEqual(itemsUpTo(limit));
		}
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
		expect(server.asked).toHaveLength(8 * 10_418);
	});

	it('a list that comes to rest at last is given', async () => {
		const server = new Server(() => itemsUpTo(250), 'page');
		server.change = (page, request) =>
			request < 15 ? { total: 250 + request, records: page.records } : page;
		expect((await listAll(server.request())).items).toEqual(itemsUpTo(250));
	});

	it.each<Style>(['offset', 'page'])(
		'a broken record costs only itself, also where two pages meet: %s',
		async (style) => {
			const server = new Server(() => itemsUpTo(400), style);
			const broken = [3, 99, 100, 191, 399];
			server.change = ({ total, records }) => ({
				total,
				records: records.map((item) =>
					'id' in item && broken.includes(item.id) ? new UnreadableRecord('it is no object') : item,
				),
			});
			const listing = await listAll(server.request());
			expect(listing.items).toHaveLength(395);
			expect(listing.unreadable).toHaveLength(5);
			// Whoever does not ask is not told.
			expect(readable(listing, {})).toBe(listing.items);
			const told: UnreadableRecord[] = [];
			readable(listing, { onUnreadable: (record) => void told.push(record) });
			expect(told).toEqual(listing.unreadable);
		},
	);

	it('finds out how a server counts also by ids that no number holds', async () => {
		const records = Array.from({ length: 250 }, (_, index) => ({
			id: `${1955228426376908800n + BigInt(index)}`,
		}));
		const fetchPage = ({ number }: PageRequest) =>
			Promise.resolve({ total: 250, records: records.slice((number - 1) * 100, number * 100) });
		expect((await listAll({ action: 'Listing', fetchPage, paging: {} })).items).toEqual(records);
	});
});

/** Answers each page request with what is made of its number and of how many there were. */
function lying(answer: (number: number, request: number) => Page<Item>): Server {
	const server = new Server(() => []);
	server.change = (_, request) => answer(server.asked.at(-1)?.number ?? 0, request);
	return server;
}

/** A hundred files of a request's own. */
const filesOf = (request: number) =>
	Array.from({ length: 100 }, (_, index) => ({ id: request * 1000 + index }));

/** Numbered pages of 450 files, with these totals. */
function withTotals(totalAt: (request: number) => number): Server {
	const server = new Server(() => itemsUpTo(450), 'page');
	server.change = ({ records }, request) => ({ total: totalAt(request), records });
	return server;
}

/** Each page is of other files than all before, and the total is always a little further on. */
function endless(): Server {
	const server = new Server(() => []);
	server.change = (_, request) => ({
		total: request * 100 + 50,
		records: filesOf(request),
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
