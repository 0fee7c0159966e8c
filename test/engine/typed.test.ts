import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { IDataObject, INode } from 'n8n-workflow';

import { CHAT, download, list, startWorld, step, sync, upload, type World } from './world';

const FILE = { fileName: 'a.txt', content: Buffer.from('abc') };
const using = (credential: string): Partial<INode> => ({
	credentials: { bddFileApi: { id: credential, name: credential } },
});
const link = (parameters: IDataObject = {}) => ({
	resource: 'file',
	operation: 'getUrl',
	fileId: 1,
	...parameters,
});

/** What people type, and what expressions give, in n8n's own engine. */
describe('values of the wrong kind', () => {
	let world: World;
	beforeAll(async () => {
		world = await startWorld();
		for (const filename of ['1.txt', '2.txt', '3.txt'])
			await world.service.addFile({ filename, content: filename, chatId: CHAT });
		await world.service.addFile({ filename: '../keep.txt', content: 'x', chatId: 'hostile' });
	});
	beforeEach(() => world.forgetRequests());
	afterAll(() => world.close());

	const on = [true, 'true', ' TRUE ', 1];
	const off = [false, 'false', 'False', 0];
	/** One run with an item per value, and what each item gave. */
	async function each(values: unknown[], parameters: IDataObject, settings: Partial<INode> = {}) {
		const run = await world.run(
			[step('BDD File', parameters, { onError: 'continueRegularOutput', ...settings })],
			{
				input: values.map((value) => ({ json: { value } as IDataObject, files: { data: FILE } })),
			},
		);
		expect(run.error).toBeUndefined();
		return values.map((_, item) =>
			run
				.items('BDD File')
				.filter(({ pairedItem }) => (pairedItem as { item: number }).item === item)
				.map(({ json }) => json),
		);
	}
	const VALUE = '={{ $json.value }}';

	it('a dry run that is asked for as text writes nothing', async () => {
		const folder = world.folder('dry');
		const options = { dryRun: VALUE };
		await each(on, sync('syncToLocal', folder, { options }));
		await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });

		await mkdir(folder);
		await writeFile(path.join(folder, 'new.txt'), 'new');
		const items = await each(on, sync('syncToRemote', folder, { options }));
		expect(items.map((ofItem) => ofItem.length)).toEqual([1, 1, 1, 1]);
		expect(world.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
	});

	it('a dry run that is asked for with nothing or nonsense does nothing and says so', async () => {
		const folder = world.folder('nonsense');
		const items = await each(
			[null, undefined, '', 'perhaps', 2, []],
			sync('syncToLocal', folder, { options: { dryRun: VALUE } }),
		);

		for (const ofItem of items)
			expect(ofItem).toEqual([{ status: 'failed', error: 'Dry Run must be true or false' }]);
		expect(world.requests).toEqual([]);
		await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
	});

	it('other switches count as what they say', async () => {
		const lists = await each([...on, ...off], list({ returnAll: VALUE, limit: 2 }));
		expect(lists.map((ofItem) => ofItem.length)).toEqual([3, 3, 3, 3, 2, 2, 2, 2]);

		const folder = world.folder('tree');
		await mkdir(path.join(folder, 'sub'), { recursive: true });
		await writeFile(path.join(folder, 'sub', 'deep.txt'), 'deep');
		const chatId = '={{ "tree-" + $itemIndex }}';
		const trees = await each(
			[...on, ...off],
			sync('syncToRemote', folder, { chatId, options: { recursive: VALUE } }),
		);
		expect(trees.map((ofItem) => ofItem.length)).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);

		await world.service.addFile({
			filename: 'bad.txt',
			content: 'x',
			chatId: 'verify',
			hashcode: '0'.repeat(32),
		});
		const synced = await each(
			[...on, ...off],
			sync('syncToLocal', world.folder('verify'), {
				chatId: 'verify',
				options: { verify: VALUE, ifExists: 'overwrite' },
			}),
		);
		expect(synced.flat().map(({ status }) => status)).toEqual([
			...on.map(() => 'failed'),
			...off.map(() => 'success'),
		]);
	});

	it('switches that a workflow file holds as text', async () => {
		const run = async (returnAll: string, splitByStatus: string) => {
			const result = await world.run([
				step('List', list({ returnAll })),
				step('Download', download({ splitByStatus })),
			]);
			return result.outputs('Download').map((items) => items.length);
		};

		expect(await run('true', 'TRUE')).toEqual([3, 0, 0]);
		// n8n drops parameters that the panel hides: the limit must not be one of them.
		expect(await run('false', 'false')).toEqual([3]);
		const { error } = await world.run([step('Download', download({ fileId: 1, splitByStatus: 'maybe' }))]);
		expect(error?.message).toBe('Separate Outputs by Status must be true or false');
	});

	it.each([
		['Timeout (Seconds)', 'timeout', list, 2_147_484, 'a number from 1 to 2147483'],
		['Tries per Request', 'maxTries', list, 1e9, 'a whole number from 1 to 100'],
		['Concurrency', 'concurrency', upload, 1e6, 'a whole number from 1 to 100'],
		['Part Size (MiB)', 'partSize', upload, 100_000, 'a number from 5 to 5120'],
	])('%s has an upper bound: %s', async (label, option, operation, value, text) => {
		const { error } = await world.run([step('BDD File', operation({ options: { [option]: value } }))], {
			input: [{ files: { data: FILE } }],
		});

		expect(error?.message).toBe(`${label} must be ${text}`);
		expect(error).toMatchObject({ description: expect.stringContaining(`It is ${value}.`) as string });
		expect(world.requests).toEqual([]);
	});

	it('a link for ever and a list without end are refused', async () => {
		const forever = await world.run([step('Link', link({ expiresIn: 1e15 }))]);
		const endless = await world.run([step('List', list({ limit: 1e12 }))]);

		expect(forever.error?.message).toBe('Expires In (Seconds) must be a whole number from 1 to 315360000');
		expect(endless.error?.message).toBe('Limit must be a whole number from 1 to 1000000');
		expect(world.requests).toEqual([]);
	});

	it('a part size need not be whole', async () => {
		const run = await world.run(
			[step('Upload', upload({ mode: 'multipart', chatId: 'parts', options: { partSize: 5.1 } }))],
			{ input: [{ files: { data: { fileName: 'parts.bin', content: Buffer.alloc(11 * 1024 * 1024) } } }] },
		);

		expect(run.error).toBeUndefined();
		expect(run.items('Upload')[0]?.json).toMatchObject({ status: 'success', mode: 'multipart' });
	});

	it('the longest link works', async () => {
		const run = await world.run([step('Link', link({ expiresIn: 315_360_000 }))]);

		expect(run.items('Link')[0]?.json.expiresAt).toMatch(/^20\d\d-/);
	});

	it.each([
		['biz', 'Chat', 'Business is unknown: "Chat"'],
		['biz', '={{ null }}', 'Business is empty'],
		['mode', 'simple ', 'Mode is unknown: "simple "'],
		['mode', '', 'Mode is empty'],
		['allowUnauthorizedCerts', 'sure', 'Ignore SSL Issues (Insecure) must be true or false'],
	])('a credential whose %s is %p is an error', async (field, value, message) => {
		world.credentials.wrong = { ...world.credentials.local, [field]: value };
		const { error } = await world.run([step('Upload', upload(), using('wrong'))], {
			input: [{ files: { data: FILE } }],
		});

		expect(error?.message).toBe(message);
		expect(world.requests).toEqual([]);
	});

	it.each(['', '={{ $json.nothing }}', '={{ null }}', ' '])(
		"the option User ID that gives nothing (%p) does not act for the credential's user",
		async (userId) => {
			const { error } = await world.run([step('List', list({ options: { userId } }))]);

			expect(error).toMatchObject({
				message: 'The option "User ID" is empty',
				description: expect.stringContaining('remove the option') as string,
			});
			expect(world.requests).toEqual([]);
		},
	);

	it.each([
		['={{ ["data"] }}', 'Input Data Field Name is a list, but must be text: ["data"]'],
		['constructor', 'Input Data Field Name names "constructor", but the item has no such binary field'],
		['__proto__', 'Input Data Field Name names "__proto__", but the item has no such binary field'],
		['={{ $json.nothing }}', 'Input Data Field Name is empty'],
	])('the field of an upload: %s', async (binaryPropertyName, message) => {
		const { error } = await world.run([step('Upload', upload({ binaryPropertyName }))], {
			input: [{ files: { data: FILE } }],
		});

		expect(error?.message).toBe(message);
		expect(world.requests).toEqual([]);
	});

	it('a file in a field of any name arrives', async () => {
		const names = ['constructor', 'toString', '0'];
		const run = await world.run([step('Upload', upload({ binaryPropertyName: '*', chatId: 'names' }))], {
			input: [{ files: Object.fromEntries(names.map((name) => [name, { content: Buffer.from(name) }])) }],
		});

		expect(run.error).toBeUndefined();
		expect(run.items('Upload').map(({ json }) => json.status)).toEqual(names.map(() => 'success'));
	});

	it('binary data that another node made by hand is uploaded, or says what is wrong with it', async () => {
		const data = Buffer.from('by hand').toString('base64');
		const made = [
			{ data, fileName: 2024, mimeType: 'text/plain' },
			{ data, mimeType: 5 },
			{ data, mimeType: null, fileName: null },
			{ data, mimeType: '', fileName: ['a'] },
			{ data: 7, mimeType: '' },
			{ id: 7, data: '', mimeType: '' },
		];
		const items = await each(
			made,
			upload({ binaryPropertyName: VALUE, chatId: 'by hand', options: { maxTries: 1 } }),
		);

		expect(items.map(([json]) => json?.error ?? json?.fileName)).toEqual([
			'2024',
			'data',
			'data',
			'The file name of binary field "data" is not text: ["a"]',
			'Binary field "data" holds no binary data',
			'Binary field "data" holds no binary data',
		]);
	});

	it('a remote name that is a path stays raw in the JSON, and is a base name as binary data', async () => {
		const run = await world.run([step('List', list({ chatId: 'hostile' })), step('Download', download())]);

		const [item] = run.items('Download');
		expect(item?.json.fileName).toBe('../keep.txt');
		expect(item?.binary?.data).toMatchObject({ fileName: 'keep.txt', mimeType: 'text/plain' });
		expect((await world.engine.bytes(item?.binary?.data)).toString()).toBe('x');
	});
});
