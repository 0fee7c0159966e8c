import { leftFiles, RecentFiles } from '../../../client/sync/recent';

const HOUR = 3_600_000;

const idsOf = (recent: RecentFiles) => (recent.toLeave() as { ids: unknown }).ids;

describe('what a sync leaves', () => {
	it('is the highest id that the list has shown, if it has shown any', () => {
		expect(idsOf(new RecentFiles('c', 7))).toEqual([7]);
		expect(idsOf(new RecentFiles('c', undefined))).toStrictEqual([]);
	});

	it('is the ten highest ids, whatever the order, without those that are gone', () => {
		const recent = new RecentFiles('c', 3);
		recent.add(2);
		expect(idsOf(recent)).toStrictEqual([3, 2]);
		for (const id of [12, '1955228426376908803', 5, 4, 11, 10, 9, 8, 7]) recent.add(id);
		expect(idsOf(recent)).toHaveLength(10);
		recent.add(6);
		expect(idsOf(recent)).toEqual(['1955228426376908803', 12, 11, 10, 9, 8, 7, 6, 5, 4]);
		recent.remove(12);
		expect(idsOf(recent)).toEqual(['1955228426376908803', 11, 10, 9, 8, 7, 6, 5, 4]);
	});
});

describe('what is taken of it', () => {
	const now = Date.now();
	beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(now));
	afterEach(() => jest.restoreAllMocks());

	it.each<[is: string, left: unknown, ids: unknown[]]>([
		['the ids', { chat: 'c', at: now, ids: [1, '2'] }, [1, '2']],
		[
			'ten of them',
			{ chat: 'c', at: now, ids: Array.from({ length: 12 }, (_, id) => id + 1) },
			[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
		],
		['those that are ids', { chat: 'c', at: now, ids: [1, null, {}, 2] }, [1, 2]],
		['them a moment before a list has settled', { chat: 'c', at: now - HOUR + 1, ids: [1] }, [1]],
		['nothing once it has', { chat: 'c', at: now - HOUR, ids: [1] }, []],
		['nothing of an hour to come', { chat: 'c', at: now + HOUR, ids: [1] }, []],
		['nothing of another chat', { chat: 'd', at: now, ids: [1] }, []],
		['nothing without a time', { chat: 'c', at: String(now), ids: [1] }, []],
		['nothing without a list', { chat: 'c', at: now, ids: 1 }, []],
		['nothing of null', null, []],
		['nothing of a text', 'c', []],
		['nothing of nothing', undefined, []],
	])('%s', (_is, left, ids) => expect(leftFiles(left, 'c', HOUR)).toStrictEqual(ids));
});
