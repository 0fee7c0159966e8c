import type { RequestInfo, RunningService } from '../../local-service';
import { call, start } from './helpers';

interface Listing {
	total: number;
	items: { id: number; filename?: string; name?: string }[];
}

const list = async (
	service: RunningService,
	path: string,
	query: Record<string, string | number>,
): Promise<Listing> => ((await call(service, `GET ${path}`, { query })).body as { data: Listing }).data;

const idsOf = ({ items }: Listing): number[] => items.map((item) => item.id);

const fill = async (service: RunningService, count: number, chatId = 'c'): Promise<void> => {
	for (let n = 1; n <= count; n++) await service.addFile({ filename: `f${n}`, chatId });
};

describe('listChatFiles', () => {
	test('lists only the files of the chat, ascending by id', async () => {
		const service = await start();
		for (const chatId of ['b', 'c', 'b', '团队']) await service.addFile({ filename: 'f', chatId });
		await service.addFile({ filename: 'f', biz: 'knowledgeBase' });
		expect(await list(service, '/listChatFiles', { chat_id: 'b' })).toMatchObject({ total: 2 });
		expect(idsOf(await list(service, '/listChatFiles', { chat_id: 'b' }))).toEqual([1, 3]);
		expect(idsOf(await list(service, '/listChatFiles', { chat_id: '团队' }))).toEqual([4]);
		expect(await list(service, '/listChatFiles', { chat_id: 'nobody' })).toEqual({ total: 0, items: [] });
	});

	test.each([
		['both', { offset: 2, limit: 3 }, [3, 4, 5]],
		['both', { page_size: 3, page_number: 2 }, [4, 5, 6]],
		['both', { offset: 2, limit: 3, page_size: 2, page_number: 1 }, [3, 4, 5]],
		['offset', { offset: 2, limit: 3, page_size: 2, page_number: 1 }, [3, 4, 5]],
		['offset', { page_size: 2, page_number: 2, limit: 4 }, [1, 2, 3, 4]],
		['page', { offset: 2, limit: 3, page_size: 2, page_number: 1 }, [1, 2]],
		['page', { offset: 'x', page_size: 2, page_number: 4, unknown: 1 }, [7]],
		['both', { offset: 7, limit: 3 }, []],
		['both', {}, [1, 2, 3, 4, 5, 6, 7]],
	] as const)('paging %s with %j', async (paging, query, ids) => {
		const service = await start({ paging });
		await fill(service, 7);
		const page = await list(service, '/listChatFiles', { chat_id: 'c', ...query });
		expect(page.total).toBe(7);
		expect(idsOf(page)).toEqual(ids);
	});

	test('a page is never larger than maxPageSize', async () => {
		const service = await start({ maxPageSize: 2 });
		await fill(service, 5);
		const pages = await Promise.all(
			[1, 2, 3].map((page_number) =>
				list(service, '/listChatFiles', { chat_id: 'c', page_size: 100, page_number }),
			),
		);
		expect(pages.map(idsOf)).toEqual([[1, 2], [3, 4], [5]]);
		expect(idsOf(await list(service, '/listChatFiles', { chat_id: 'c', offset: 1, limit: 9 }))).toEqual([
			2, 3,
		]);
	});

	test('deleted files leave the list, wherever they were', async () => {
		const service = await start();
		await fill(service, 12);
		for (const id of [1, 6, 12]) await call(service, 'DELETE /deleteFile', { query: { file_id: id } });
		const page = await list(service, '/listChatFiles', { chat_id: 'c' });
		expect(page.total).toBe(9);
		expect(idsOf(page)).toEqual([2, 3, 4, 5, 7, 8, 9, 10, 11]);
	});

	test('every status is listed', async () => {
		const service = await start();
		const statuses = ['ok', 'uploading', 'merging', 'error'] as const;
		for (const status of statuses) await service.addFile({ filename: 'f', chatId: 'c', status });
		const { items } = await list(service, '/listChatFiles', { chat_id: 'c' });
		expect(items).toMatchObject(statuses.map((status) => ({ status })));
	});
});

describe('listDirectories', () => {
	test('directories are named after the biz and made when they are needed', async () => {
		const service = await start();
		expect(await list(service, '/listDirectories', {})).toEqual({ total: 0, items: [] });
		await service.addFile({ filename: 'f', chatId: 'c' });
		await service.addFile({ filename: 'f', biz: 'knowledgeBase' });
		await service.addFile({ filename: 'f', chatId: 'd' });
		expect(await list(service, '/listDirectories', {})).toEqual({
			total: 2,
			items: [
				{ id: 1, created_at: expect.any(String) as string, name: 'chat' },
				{ id: 2, created_at: expect.any(String) as string, name: 'knowledgeBase' },
			],
		});
	});

	test.each([
		[{}, ['beta', 'alpha', 'gamma']],
		[{ sort_by: 'name_asc' }, ['alpha', 'beta', 'gamma']],
		[{ sort_by: 'name_desc' }, ['gamma', 'beta', 'alpha']],
		[{ name: 'et' }, ['beta']],
		[{ name: 'x' }, []],
		[{ page_size: 2, page_number: 2 }, ['gamma']],
		[{ sort_by: 'name_asc', page_size: 1, page_number: 2 }, ['beta']],
	])('%j', async (query, names) => {
		const service = await start();
		for (const name of ['beta', 'alpha', 'gamma']) service.addDirectory(name);
		const { items } = await list(service, '/listDirectories', query);
		expect(items.map((item) => item.name)).toEqual(names);
	});

	test('by time, both ways', async () => {
		const service = await start();
		service.addDirectory('old');
		await new Promise((resolve) => setTimeout(resolve, 5));
		service.addDirectory('new');
		expect(idsOf(await list(service, '/listDirectories', { sort_by: 'created_at_asc' }))).toEqual([1, 2]);
		expect(idsOf(await list(service, '/listDirectories', { sort_by: 'created_at_desc' }))).toEqual([2, 1]);
	});

	test('a page has ten records unless asked otherwise', async () => {
		const service = await start();
		for (let n = 0; n < 12; n++) service.addDirectory(`d${n}`);
		const page = await list(service, '/listDirectories', {});
		expect(page.total).toBe(12);
		expect(page.items).toHaveLength(10);
	});
});

describe('listFilesInDirectory', () => {
	const times = ['2024-01-03T00:00:00Z', '2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z'];

	test.each([
		[{}, [1, 2, 3]],
		[{ sort_by: 'name_asc' }, [2, 1, 3]],
		[{ sort_by: 'name_desc' }, [3, 1, 2]],
		[{ sort_by: 'upload_at_asc' }, [2, 3, 1]],
		[{ sort_by: 'upload_at_desc' }, [1, 3, 2]],
		[{ name: '告' }, [1, 3]],
		[{ name: '告', sort_by: 'name_desc', page_size: 1, page_number: 2 }, [1]],
		[{ page_size: 2, page_number: 2 }, [3]],
	])('%j', async (query, ids) => {
		const service = await start();
		const names = ['报告b', 'a', '报告c'];
		for (const [n, filename] of names.entries())
			await service.addFile({ filename, chatId: 'c', uploadAt: times[n] ?? '' });
		await service.addFile({ filename: '告', biz: 'zero2x' });
		const page = await list(service, '/listFilesInDirectory', { directory_id: 1, ...query });
		expect(idsOf(page)).toEqual(ids);
		expect(page.total).toBe('name' in query ? 2 : 3);
	});

	test('equal names stay in the order of their ids', async () => {
		const service = await start();
		for (let n = 0; n < 5; n++) await service.addFile({ filename: 'same', chatId: 'c' });
		for (const sort_by of ['name_asc', 'name_desc'])
			expect(idsOf(await list(service, '/listFilesInDirectory', { directory_id: 1, sort_by }))).toEqual([
				1, 2, 3, 4, 5,
			]);
	});

	test('an unknown directory is empty', async () => {
		const service = await start();
		expect(await list(service, '/listFilesInDirectory', { directory_id: 7 })).toEqual({
			total: 0,
			items: [],
		});
	});
});

test('a test can count requests', async () => {
	const seen: RequestInfo[] = [];
	const service = await start({ basePath: 'api/file/', onRequest: (info) => seen.push(info) });
	expect(service.url).toBe(`http://127.0.0.1:${service.port}/api/file`);
	await call(service, 'GET /listChatFiles', { query: { chat_id: '团队 1', limit: 1 } });
	await call(service, 'DELETE /deleteFile', { query: { file_id: 1 }, user: '42' });
	await call(service, 'GET /nothing');
	expect(seen).toMatchObject([
		{ method: 'GET', path: '/listChatFiles', query: { chat_id: '团队 1', limit: '1' } },
		{ method: 'DELETE', path: '/deleteFile', query: { file_id: '1' }, headers: { 'x-user-id': '42' } },
		{ method: 'GET', path: '/nothing' },
	]);
});

test('older servers add a trace id', async () => {
	const service = await start({ traceId: true });
	const success = await call(service, 'GET /listChatFiles', { query: { chat_id: 'c' } });
	const failure = await call(service, 'DELETE /deleteFile', { query: { file_id: 1 } });
	for (const { body } of [success, failure])
		expect(body).toHaveProperty('trace_id', expect.stringMatching(/^[0-9a-f]{32}$/));
});
