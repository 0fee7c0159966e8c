import { faults } from '../../harness/fault-proxy';
import { CHAT, download, list, PROXIED, startWorld, step, upload, type World } from './world';

/** The first integer that a JavaScript number cannot hold. */
const BEYOND = '9007199254740993';

describe('row "ids 9007199254740993 in an answer, in a list, as fileId"', () => {
	let world: World;
	beforeAll(async () => (world = await startWorld({ firstId: BEYOND })));
	afterAll(() => world.close());

	it('keeps every digit in output and in the next request', async () => {
		const run = await world.run(
			[
				step('Upload', upload()),
				step('List', list()),
				step('Link', { resource: 'file', operation: 'getUrl' }),
				step('Download', download()),
				step('Delete', { resource: 'file', operation: 'delete' }),
			],
			{ input: [{ files: { data: { fileName: 'a.txt', content: Buffer.from('abc') } } }] },
		);

		expect(run.error).toBeUndefined();
		expect(run.items('Upload')[0]?.json.fileId).toBe(BEYOND);
		expect(run.items('List')[0]?.json.id).toBe(BEYOND);
		for (const name of ['Link', 'Download', 'Delete']) {
			expect(run.items(name)[0]?.json).toMatchObject({
				status: 'success',
				fileId: BEYOND,
				fileName: 'a.txt',
			});
		}
		const asked = world.requests.filter(({ query }) => query.file_id !== undefined);
		expect(asked.map(({ query }) => query.file_id)).toEqual([BEYOND, BEYOND, BEYOND]);
		expect(world.service.files()).toEqual([]);
	});

	it('refuses an id that was rounded before the node got it', async () => {
		const run = await world.run([step('Download', download())], {
			input: [{ json: { fileId: Number(BEYOND) } }],
		});

		expect(run.error?.message).toContain('File ID 9007199254740992 has lost digits');
	});
});

describe.each(['offset', 'page'] as const)('row "250 files in a chat", server honours %s', (paging) => {
	let world: World;
	beforeAll(async () => {
		world = await startWorld({ paging });
		for (let i = 0; i < 250; i++) await world.service.addFile({ filename: `f${i}.txt`, chatId: CHAT });
	});
	afterAll(() => world.close());

	it('returns 250 once each', async () => {
		const run = await world.run([step('List', list({ returnAll: true }))]);

		const ids = run.items('List').map(({ json }) => json.id);
		expect(ids).toHaveLength(250);
		expect(new Set(ids).size).toBe(250);
	});

	it('returns 10 for limit 10, without asking for more, and 50 by default', async () => {
		world.forgetRequests();
		const run = await world.run([
			step('Ten', list({ limit: 10 })),
			step('Fifty', list(), { executeOnce: true }),
		]);

		expect(world.requests[0]?.query).toMatchObject({ limit: '10' });
		expect(run.items('Ten')).toHaveLength(10);
		expect(run.items('Fifty')).toHaveLength(50);
	});

	it('gives each record of several chats to its own input item', async () => {
		await world.service.addFile({ filename: 'other.txt', chatId: 'other' });
		const run = await world.run([step('List', list({ chatId: '={{ $json.chatId }}', limit: 2 }))], {
			input: [{ json: { chatId: 'other' } }, { json: { chatId: 'nobody' } }, { json: { chatId: CHAT } }],
		});

		expect(run.items('List').map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 2 },
			{ item: 2 },
		]);
	});
});

describe('a list with records that are none', () => {
	let world: World;
	beforeAll(async () => (world = await startWorld()));
	afterAll(() => world.close());

	it('gives the others, and says in the output panel how many could not be read and why', async () => {
		const fileId = await world.service.addFile({ filename: 'good.txt', chatId: CHAT });
		const good = {
			id: Number(fileId),
			filename: 'good.txt',
			size: 0,
			hashcode: '',
			upload_at: '',
			status: 'ok',
		};
		const items = [5, good, { ...good, id: 7, size: -1 }, { ...good, id: null }, 'x'];
		const answer = (data: object) => faults.answer(200, { body: { code: 0, data, message: '' } });
		world.proxy.script({ on: 'GET /listChatFiles', times: Infinity, fault: answer({ total: 5, items }) });
		const run = await world.run([step('List', list(), PROXIED)]);

		expect(run.error).toBeUndefined();
		expect(run.items('List').map(({ json }) => json.filename)).toEqual(['good.txt']);
		expect(run.hints('List')).toEqual([
			{
				message: expect.stringMatching(
					/^4 records of the list could not be read\. .*no object; .*file 7 has no usable size/,
				) as string,
				type: 'warning',
				location: 'outputPane',
			},
		]);
	});
});

describe('directories', () => {
	let world: World;
	beforeAll(async () => {
		world = await startWorld();
		const docs = world.service.addDirectory('docs');
		world.service.addDirectory('drafts');
		for (const filename of ['b.txt', 'a.txt', 'c.md'])
			await world.service.addFile({ filename, directoryId: docs });
	});
	afterAll(() => world.close());

	it('lists directories by name, in the chosen order', async () => {
		const run = await world.run([
			step('List', { resource: 'directory', operation: 'list', name: 'd', sortBy: 'name_desc' }),
		]);

		expect(run.error).toBeUndefined();
		const names = run.items('List').map(({ json }) => json.name);
		expect(names).toEqual([...names].sort().reverse());
		expect(names).toEqual(expect.arrayContaining(['drafts', 'docs']));
		expect(run.items('List')[0]?.json).toEqual({
			id: expect.any(Number) as number,
			name: expect.any(String) as string,
			created_at: expect.any(String) as string,
		});
	});

	it('lists the files of a directory that another node found', async () => {
		const run = await world.run([
			step('List', { resource: 'directory', operation: 'list', name: 'docs', limit: 1 }),
			step('Files', {
				resource: 'directory',
				operation: 'listFiles',
				directoryId: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
				sortBy: 'name_desc',
				limit: 2,
			}),
		]);

		expect(run.error).toBeUndefined();
		expect(run.items('Files').map(({ json }) => json.filename)).toEqual(['c.md', 'b.txt']);
	});
});
