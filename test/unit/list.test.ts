import fc from 'fast-check';

import type { PageRequest } from '../../client/api/api';
import { listAll } from '../../client/api/list';

interface Item {
	id: number;
}
const itemsUpTo = (count: number): Item[] => Array.from({ length: count }, (_, id) => ({ id }));

/** A server that honours one pair of paging parameters and caps its pages. */
function server(items: Item[], paging: 'offset' | 'page' | 'none', cap: number) {
	const asked: PageRequest[] = [];
	const fetchPage = (page: PageRequest) => {
		asked.push(page);
		const size = Math.min(page.limit, cap);
		const start =
			paging === 'offset' ? page.offset : paging === 'page' ? Math.floor(page.offset / page.limit) * size : 0;
		return Promise.resolve({
			total: items.length,
			items: paging === 'none' ? items : items.slice(start, start + size),
		});
	};
	return { asked, fetchPage };
}

describe('listing', () => {
	it('gives everything once and in order, whatever the server honours and caps, up to the limit', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 0, max: 700 }),
				fc.constantFrom('offset' as const, 'page' as const, 'none' as const),
				fc.integer({ min: 1, max: 300 }),
				fc.option(fc.integer({ min: 1, max: 800 }), { nil: Infinity }),
				async (count, paging, cap, limit) => {
					const { fetchPage } = server(itemsUpTo(count), paging, cap);
					const listed = await listAll(fetchPage, limit);
					expect(listed).toEqual(itemsUpTo(Math.min(count, limit)));
				},
			),
		);
	});

	it('asks a well-behaved server for each page once', async () => {
		const { asked, fetchPage } = server(itemsUpTo(250), 'offset', 1000);
		expect(await listAll(fetchPage)).toHaveLength(250);
		expect(asked.map(({ offset }) => offset)).toEqual([0, 100, 200]);
	});

	it('reads again when the list changed on the way, so that nothing slips between two pages', async () => {
		let items = itemsUpTo(300);
		let requests = 0;
		const listed = await listAll((page: PageRequest) => {
			requests += 1;
			// The first file is deleted after the first page: every later one moves up by one.
			if (requests === 2) items = items.slice(1);
			return Promise.resolve({
				total: items.length,
				items: items.slice(page.offset, page.offset + page.limit),
			});
		});
		expect(listed.map(({ id }) => id).sort((a, b) => a - b)).toEqual(itemsUpTo(300).map(({ id }) => id));
	});

	it('a page that fails fails the listing', async () => {
		const { fetchPage } = server(itemsUpTo(250), 'offset', 1000);
		const failing = (page: PageRequest) =>
			page.offset === 100 ? Promise.reject(new Error('no')) : fetchPage(page);
		await expect(listAll(failing)).rejects.toThrow('no');
	});

	it('ends even if the server never gives what its total promises', async () => {
		const listed = await listAll(() => Promise.resolve({ total: 500, items: itemsUpTo(7) }));
		expect(listed).toHaveLength(7);
	});
});
