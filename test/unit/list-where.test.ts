import fc from 'fast-check';

import { listAll, type PageRequest, type Paging } from '../../client/api/list';
import { UnreadableRecord } from '../../client/api/records';

interface Item {
	id: number;
}

type Style = 'offset' | 'page';

/** A server that honours one pair of paging parameters and caps its pages, at times late. */
function serve(
	count: () => number,
	style: Style,
	cap = 100,
	latency: (page: PageRequest) => number = () => 0,
) {
	const asked: PageRequest[] = [];
	const paging: Paging = {};
	const fetchPage = async (page: PageRequest) => {
		asked.push(page);
		for (let turns = latency(page); turns > 0; turns--) await new Promise(setImmediate);
		const size = Math.min(page.limit, cap);
		const start = style === 'offset' ? page.offset : (page.number - 1) * size;
		const total = count();
		const ids = Array.from({ length: Math.max(0, Math.min(size, total - start)) }, (_, i) => start + i);
		return { total, records: ids.map((id): Item => ({ id })) };
	};
	const list = (where: (item: Item) => boolean, limit?: number) =>
		listAll({ action: 'Listing', fetchPage, paging, limit, where });
	return { asked, list };
}

const matching = (count: number, where: (item: Item) => boolean, limit = Infinity) =>
	Array.from({ length: count }, (_, id) => ({ id }))
		.filter(where)
		.slice(0, limit);

it('gives the first matching ones, each once and in order, whatever the server honours and whenever it answers', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 0, max: 700 }),
			fc.constantFrom<Style>('offset', 'page'),
			fc.integer({ min: 1, max: 200 }),
			fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
			fc.integer({ min: 1, max: 90 }),
			fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 5 }),
			async (count, style, cap, limit, every, late) => {
				const where = ({ id }: Item) => id % every === every - 1;
				const server = serve(
					() => count,
					style,
					cap,
					({ number }) => late[number % 5] ?? 0,
				);
				const { items } = await server.list(where, limit);
				expect(items).toEqual(matching(count, where, limit));
			},
		),
	);
});

it('asks for one page where it has enough', async () => {
	const server = serve(() => 5000, 'offset');
	const { items } = await server.list(({ id }) => id % 2 === 0, 50);
	expect(items).toHaveLength(50);
	expect(server.asked).toEqual([{ offset: 0, limit: 100, number: 1 }]);
});

it.each<[Style, number]>([
	// Once to find out that it honours the offset.
	['offset', 7],
	// Read twice, as nothing else shows that it held still.
	['page', 13],
])('reads a long list only up to the last one wanted, and a few pages under way; %s', async (style, most) => {
	const server = serve(() => 100_000, style);
	const { items } = await server.list(({ id }) => id === 5 || id === 250, 2);
	expect(items).toEqual([{ id: 5 }, { id: 250 }]);
	expect(server.asked.length).toBeLessThanOrEqual(most);
});

it('reads everything where there are not enough, and then is complete or an error', async () => {
	const server = serve(() => 350, 'offset');
	expect((await server.list(({ id }) => id === 349, 2)).items).toEqual([{ id: 349 }]);

	const short = listAll({
		action: 'Listing',
		fetchPage: ({ number }) => Promise.resolve({ total: 5, records: number === 1 ? [{ id: 1 }] : [] }),
		paging: {},
		limit: 2,
		where: () => true,
	});
	await expect(short).rejects.toThrow('is not complete');
});

it('tells of records that cannot be read, which never match', async () => {
	const unreadable = new UnreadableRecord('no name', 7);
	const { items, unreadable: told } = await listAll<Item>({
		action: 'Listing',
		fetchPage: () => Promise.resolve({ total: 2, records: [unreadable, { id: 8 }] }),
		paging: {},
		limit: 1,
		where: () => true,
	});
	expect(items).toEqual([{ id: 8 }]);
	expect(told).toEqual([unreadable]);
});

it('believes two readings of as much as is wanted, however many pages beyond were under way in each', async () => {
	let readings = 0;
	// In turns page 4, which has the last one wanted, comes before the pages that lead to it, and long after them.
	const server = serve(
		() => 100_000,
		'page',
		100,
		({ number }) => {
			if (number === 1) readings += 1;
			return readings % 2 === 0 ? Number(number < 4) * 10 : Number(number >= 4) * 10;
		},
	);
	expect((await server.list(({ id }) => id === 350, 1)).items).toEqual([{ id: 350 }]);
	// The first page once more, to find out how the server counts.
	expect(readings).toBe(3);
});

it('reads hardly further while a page is slow', async () => {
	const server = serve(
		() => 100_000,
		'offset',
		100,
		({ number }) => (number === 2 ? 1000 : 0),
	);
	await server.list(({ id }) => id === 150, 1);
	expect(Math.max(...server.asked.map(({ number }) => number))).toBe(5);
});

it('reads on while a page is slow where all matching ones are wanted', async () => {
	const asked: number[] = [];
	let meanwhile = 0;
	const listing = listAll<Item>({
		action: 'Listing',
		fetchPage: async ({ offset, limit, number }) => {
			asked.push(number);
			if (number === 2) {
				for (let turns = 0; turns < 100; turns += 1) await new Promise(setImmediate);
				meanwhile = Math.max(...asked);
			}
			return { total: 2000, records: matching(2000, () => true).slice(offset, offset + limit) };
		},
		paging: {},
		where: ({ id }) => id === 150,
	});
	expect((await listing).items).toEqual([{ id: 150 }]);
	// With what overlaps, 21 pages in all.
	expect(meanwhile).toBe(21);
});

it.each<[Style, number]>([
	['offset', 250],
	['offset', 990],
	['page', 250],
	['page', 990],
])('fails where a record twice may stand for one that is wanted: %s, up to %i', async (style, wanted) => {
	const records = matching(1000, () => true).map(({ id }) => (id === 50 ? { id: 51 } : { id }));
	const listing = listAll<Item>({
		action: 'Listing',
		fetchPage: ({ offset, number, limit }) => {
			const start = style === 'offset' ? offset : (number - 1) * limit;
			return Promise.resolve({ total: 1000, records: records.slice(start, start + limit) });
		},
		paging: {},
		limit: 1,
		where: ({ id }) => id === wanted,
	});
	await expect(listing).rejects.toThrow('is not complete: it does not stop changing');
});
