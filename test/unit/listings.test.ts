/** Whole lists over HTTP: which pages are asked for, and what becomes of their records. */
import { BddFileApi, type CallContext } from '../../client/api/api';
import { chatFiles, chatFilesAs, directories, directoryFiles } from '../../client/api/listings';
import { UnreadableRecord } from '../../client/api/records';
import { afterThisTest, oddServer, USER } from '../faults/odd-server';

const context: CallContext = {
	action: 'Listing',
	userId: USER,
	timeoutMs: 10_000,
	settleMs: 100,
	maxTries: 1,
};

const FILES = Array.from({ length: 250 }, (_, index) => ({
	id: index + 1,
	filename: `${index + 1}.txt`,
	size: 1,
	hashcode: '',
	upload_at: '2026-03-01T12:00:00Z',
	user_id: USER,
	status: 'ok',
}));
const DIRECTORIES = FILES.map(({ id, filename }) => ({ id, name: filename, created_at: '' }));

/** A service that has these records, in numbered pages. */
async function serve(records: unknown[]) {
	const server = await oddServer(({ url = '' }, response) => {
		const query = new URL(url, 'http://127.0.0.1').searchParams;
		const [size, number] = [Number(query.get('page_size')), Number(query.get('page_number'))];
		const items = records.slice((number - 1) * size, number * size);
		response.end(JSON.stringify({ code: 0, data: { total: records.length, items }, message: null }));
	});
	const api = new BddFileApi(server.url, {});
	afterThisTest(() => api.close());
	return { api, asked: () => server.requests.map(({ url }) => url) };
}

/** Twice, since nothing else shows that the list held still, and without a look at how the service counts. */
const TWICE = [1, 2, 3, 1, 2, 3];

it("reads a user's directories by their number, and up to a limit", async () => {
	const { api, asked } = await serve(DIRECTORIES);
	const { items, unreadable } = await directories(api, { name: 'txt', sortBy: 'name_asc' }, context);
	expect({ items, unreadable }).toEqual({ items: DIRECTORIES, unreadable: [] });
	expect(asked()).toEqual(
		TWICE.map((page) => `/listDirectories?name=txt&sort_by=name_asc&page_size=100&page_number=${page}`),
	);
	expect((await directories(api, {}, context, 3)).items).toEqual(DIRECTORIES.slice(0, 3));
});

it("reads a directory's files by their number, and only those that are wanted", async () => {
	const { api, asked } = await serve(FILES);
	const filter = { name: 'txt', sortBy: 'upload_at_desc' } as const;
	expect((await directoryFiles(api, '7', filter, context)).items).toEqual(FILES);
	expect(asked()).toEqual(
		TWICE.map(
			(page) =>
				`/listFilesInDirectory?directory_id=7&name=txt&sort_by=upload_at_desc&page_size=100&page_number=${page}`,
		),
	);
	const wanted = { limit: 2, where: ({ id }: { id: unknown }) => Number(id) > 30 };
	expect((await directoryFiles(api, '7', {}, context, wanted)).items).toEqual(FILES.slice(30, 32));
});

it("reads a chat's files, whole or as what is kept of each, and tells of what is none", async () => {
	const { api } = await serve([...FILES.slice(0, 3), 'none']);
	const whole = await chatFiles(api, '42', context);
	expect(whole).toEqual({ items: FILES.slice(0, 3), unreadable: [expect.any(UnreadableRecord)] });
	const kept = await chatFilesAs(api, '42', context, ({ id, filename }) => ({ id, filename }));
	expect(kept).toEqual({
		items: FILES.slice(0, 3).map(({ id, filename }) => ({ id, filename })),
		unreadable: [expect.any(UnreadableRecord)],
	});
});
