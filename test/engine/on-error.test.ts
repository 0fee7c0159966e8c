import type { INode } from 'n8n-workflow';

import { faults } from '../../harness/fault-proxy';
import { CHAT, download, PROXIED, startWorld, step, upload, type World } from './world';

const STOP: Partial<INode> = {};
const CONTINUE: Partial<INode> = { onError: 'continueRegularOutput' };
const ERROR_OUTPUT: Partial<INode> = { onError: 'continueErrorOutput' };
const MISSING = 999_999;

describe('row "third of five items fails"', () => {
	let world: World;
	let ids: number[];
	beforeAll(async () => {
		world = await startWorld();
		const names = ['1', '2', '3', '4', '5'].map((name) => `${name}.txt`);
		const made = await Promise.all(
			names.map((filename) => world.service.addFile({ filename, content: filename, chatId: CHAT })),
		);
		ids = made.map(Number).sort((a, b) => a - b);
		ids[2] = MISSING;
	});
	afterAll(() => world.close());

	const run = (settings: Partial<INode>, parameters = {}) =>
		world.run([step('Download', download(parameters), settings)], {
			input: ids.map((fileId) => ({ json: { fileId, from: 'input' } })),
		});

	it("stop: the execution fails with the item index, the file and the service's message", async () => {
		const { status, error } = await run(STOP);

		expect(status).toBe('error');
		expect(error?.message).toMatch(/Downloading file 999999 .*file not found/i);
		expect(error).toMatchObject({ context: { itemIndex: 2 } });
	});

	it('continue: the others succeed, the third is a failed item in its place', async () => {
		const { status, outputs } = bind(await run(CONTINUE));

		expect(status).toBe('success');
		expect(outputs).toHaveLength(1);
		expect(outputs[0]?.map(({ json, pairedItem }) => [json.status, json.fileId, pairedItem])).toEqual(
			ids.map((id, item) => [item === 2 ? 'failed' : 'success', id, { item }]),
		);
		expect(outputs[0]?.[2]).toEqual({
			json: {
				status: 'failed',
				fileId: MISSING,
				fileName: '',
				error: expect.stringMatching(/Downloading file 999999/) as string,
			},
			pairedItem: { item: 2 },
		});
	});

	it('error output: the third goes there with the fields of its input item', async () => {
		const { outputs } = bind(await run(ERROR_OUTPUT));

		expect(outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 3, 4].map((item) => ({ item })));
		expect(outputs[1]).toEqual([
			{
				json: {
					fileId: MISSING,
					from: 'input',
					error: expect.stringMatching(/Downloading file 999999/) as string,
				},
				pairedItem: { item: 2 },
			},
		]);
	});

	it('three outputs: a failure still stops the execution, unless told to continue', async () => {
		expect((await run(STOP, { splitByStatus: true })).status).toBe('error');

		const { outputs } = bind(await run(CONTINUE, { splitByStatus: true }));
		expect(outputs.map((items) => items.map(({ pairedItem }) => pairedItem))).toEqual([
			[0, 1, 3, 4].map((item) => ({ item })),
			[],
			[{ item: 2 }],
		]);
	});

	it('three outputs and the error output: the failure goes to the error output', async () => {
		const { outputs } = bind(await run(ERROR_OUTPUT, { splitByStatus: true }));

		expect(outputs.map((items) => items.length)).toEqual([4, 0, 0, 1]);
		expect(outputs[3]?.[0]).toMatchObject({
			json: { from: 'input', error: expect.stringMatching(/./) as string },
			pairedItem: { item: 2 },
		});
	});

	it('reports the first item that fails, even when a later one fails earlier', async () => {
		const { error } = await world.run([step('Download', download())], {
			input: [{ json: { fileId: MISSING } }, { json: { fileId: 'at once' } }],
		});

		expect(error).toMatchObject({ context: { itemIndex: 0 } });
	});

	it('starts no further item after a failure', async () => {
		// Those that began with it end when it has failed.
		const isMissing = ({ query }: { query: Readonly<Record<string, string>> }) =>
			query['file_id'] === String(MISSING);
		const failed = world.proxy.waitUntil(
			() => world.proxy.requests.some((request) => isMissing(request) && request.outcome === 'complete'),
			'the failure',
		);
		world.proxy.script({
			on: 'GET /downloadFile',
			when: (request) => !isMissing(request),
			times: Infinity,
			wait: failed,
		});
		const input = [MISSING, ...Array.from({ length: 30 }, () => ids[0])].map((fileId) => ({
			json: { fileId },
		}));
		const { error } = await world.run([step('Download', download(), PROXIED)], { input });

		expect(error).toMatchObject({ context: { itemIndex: 0 } });
		expect(world.proxy.unusedRules()).toEqual([]);
		expect(world.proxy.matching('GET /downloadFile')).toHaveLength(4);
		world.proxy.clearScript();
	});
});

describe('a failed item says which file it is about', () => {
	let world: World;
	beforeAll(async () => (world = await startWorld()));
	afterAll(() => world.close());

	const known = { id: MISSING, filename: 'record.txt', size: 1, hashcode: '', status: 'ok' };
	const toDisk = (name: string, options = {}) =>
		download({ destination: 'path', filePath: `={{ $json.folder }}${name}`, options });

	it.each([
		['a link', { resource: 'file', operation: 'getUrl' }, 'record.txt'],
		['a download', download(), 'record.txt'],
		['a download with a name', download({ options: { fileName: 'chosen.txt' } }), 'chosen.txt'],
		['a download into a folder', toDisk(''), 'record.txt'],
		['a download into a folder with a name', toDisk('', { fileName: 'chosen.txt' }), 'chosen.txt'],
		['a download to a whole path', toDisk('/whole.txt'), 'whole.txt'],
	])('%s', async (_, parameters, fileName) => {
		const run = await world.run([step('BDD File', parameters, CONTINUE)], {
			input: [{ json: { ...known, folder: world.folder('.') } }],
		});

		expect(run.items('BDD File').map(({ json }) => json)).toEqual([
			{ status: 'failed', fileId: MISSING, fileName, error: expect.stringMatching(/file 999999/) as string },
		]);
	});

	it('an upload that did not arrive has a name and no id', async () => {
		world.proxy.script({ on: 'POST /uploadSimpleFile', times: Infinity, fault: faults.answer(403) });
		const run = await world.run([step('Upload', upload(), { ...PROXIED, ...CONTINUE })], {
			input: [{ files: { data: { fileName: 'a.txt', content: Buffer.from('a') } } }],
		});

		expect(run.items('Upload').map(({ json }) => Object.keys(json))).toEqual([
			['status', 'fileName', 'error'],
		]);
	});
});

describe('several files of one item', () => {
	let world: World;
	beforeAll(async () => (world = await startWorld()));
	afterAll(() => world.close());

	/** The second name is one that the service refuses. */
	const files = {
		data0: { fileName: 'first.txt', content: Buffer.from('1') },
		data1: { fileName: 'second.txt', content: Buffer.from('2') },
		data2: { fileName: 'third.txt', content: Buffer.from('3') },
	};
	const refuseSecond = () =>
		world.proxy.script({
			on: 'POST /uploadSimpleFile',
			params: ({ filename }) => filename === 'second.txt',
			times: Infinity,
			fault: {
				kind: 'answer',
				answer: { status: 200, body: { code: 7, data: null, message: 'quota exceeded' } },
			},
		});
	const run = (settings: Partial<INode>, parameters = {}) =>
		world.run(
			[
				step('Upload', upload({ binaryPropertyName: '*', ...parameters }), {
					...PROXIED,
					...settings,
				}),
			],
			{ input: [{ json: { from: 'input' }, files }] },
		);

	it('each becomes an output item of the same input item, in the order of the fields', async () => {
		const result = await run(STOP);

		expect(
			result.items('Upload').map(({ json, pairedItem }) => [json.status, json.fileName, pairedItem]),
		).toEqual([
			['success', 'first.txt', { item: 0 }],
			['success', 'second.txt', { item: 0 }],
			['success', 'third.txt', { item: 0 }],
		]);
	});

	it('takes several names, separated by commas', async () => {
		const result = await run(STOP, { binaryPropertyName: 'data2, data0' });

		expect(result.items('Upload').map(({ json }) => json.fileName)).toEqual(['third.txt', 'first.txt']);
	});

	it('one that fails stops the execution, and with continue loses nothing of the others', async () => {
		refuseSecond();
		const before = world.proxy.matching('POST /uploadSimpleFile').length;
		expect((await run(STOP)).error?.message).toMatch(/"second.txt".*quota exceeded/);
		const sent = world.proxy.matching('POST /uploadSimpleFile').slice(before);
		expect(sent.map(({ params }) => params?.['filename'])).toEqual(['first.txt', 'second.txt']);

		const continued = await run(CONTINUE);
		expect(continued.items('Upload').map(({ json }) => [json.status, json.fileName])).toEqual([
			['success', 'first.txt'],
			['failed', 'second.txt'],
			['success', 'third.txt'],
		]);
		const [regular, errors] = (await run(ERROR_OUTPUT)).outputs('Upload');
		expect(regular?.map(({ json }) => json.fileName)).toEqual(['first.txt', 'third.txt']);
		expect(errors).toEqual([
			{
				json: { from: 'input', error: expect.stringMatching(/"second.txt".*quota exceeded/) as string },
				binary: undefined,
				pairedItem: { item: 0 },
			},
		]);
		world.proxy.clearScript();
	});
});

const bind = (run: Awaited<ReturnType<World['run']>>) => ({
	status: run.status,
	outputs: run.outputs('Download'),
});
