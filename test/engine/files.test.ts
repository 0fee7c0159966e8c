import { faults } from '../../harness/fault-proxy';
import { CHAT, download, list, PROXIED, startWorld, step, text, upload, USER, type World } from './world';

const TEXT = Buffer.from('some text');

describe('single files', () => {
	let world: World;
	beforeAll(async () => (world = await startWorld()));
	afterAll(() => world.close());

	it('uploads to another business with its parameters, long integers unchanged', async () => {
		const run = await world.run(
			[
				step(
					'Upload',
					upload({ biz: 'knowledgeBase', bizParams: '{"space": 1955228426376908801, "tags": ["a"]}' }),
					PROXIED,
				),
			],
			{ input: [{ files: { data: { fileName: 'k.txt', content: TEXT } } }] },
		);

		expect(run.error).toBeUndefined();
		expect(world.service.files().at(-1)).toMatchObject({ biz: 'knowledgeBase', userId: USER });
		expect(world.proxy.requests.at(-1)?.params).toMatchObject({
			biz: 'knowledgeBase',
			biz_params: { space: '1955228426376908801', tags: ['a'] },
		});
	});

	it('takes business parameters also as an object, and none for none', async () => {
		const sent = async (bizParams: string) => {
			const input = [{ files: { data: { fileName: 'k.txt', content: TEXT } } }];
			const run = await world.run([step('Upload', upload({ biz: 'knowledgeBase', bizParams }), PROXIED)], {
				input,
			});
			expect(run.error).toBeUndefined();
			return world.proxy.requests.at(-1)?.params?.biz_params;
		};
		expect(await sent('={{ { space: "docs" } }}')).toEqual({ space: 'docs' });
		expect(await sent('={{ null }}')).toEqual({});
	});

	it('takes the business and the mode of the credential unless the node says otherwise', async () => {
		world.credentials.zero = { ...world.credentials.local, biz: 'zero2x', mode: 'multipart' };
		const zero = { credentials: { bddFileApi: { id: 'zero', name: 'zero' } } };
		const uploaded = async (parameters: Parameters<typeof upload>[0]) => {
			const run = await world.run([step('Upload', upload(parameters), zero)], {
				input: [{ files: { data: { fileName: 'z.txt', content: TEXT } } }],
			});
			expect(run.error).toBeUndefined();
			return { mode: run.items('Upload')[0]?.json.mode, biz: world.service.files().at(-1)?.biz };
		};

		expect(await uploaded({ chatId: '' })).toEqual({ mode: 'multipart', biz: 'zero2x' });
		expect(await uploaded({ mode: 'simple' })).toEqual({ mode: 'simple', biz: 'zero2x' });
		expect(await uploaded({ biz: 'chat' })).toEqual({ mode: 'multipart', biz: 'chat' });
	});

	it('names a file by the option, else by its field and type', async () => {
		const bare = { data: { content: TEXT, mimeType: 'text/plain' } };
		const named = await world.run([step('Upload', upload({ options: { fileName: '说明.md' } }))], {
			input: [{ files: bare }],
		});
		const unnamed = await world.run([step('Upload', upload())], { input: [{ files: bare }] });

		expect(named.items('Upload')[0]?.json.fileName).toBe('说明.md');
		expect(unnamed.items('Upload')[0]?.json.fileName).toBe('data.txt');
	});

	it('uses the user id of the option, and one credential per item where it holds an expression', async () => {
		world.credentials.perItem = { ...world.credentials.local, userId: '={{ $json.user }}' };
		world.forgetRequests();
		const perItem = { credentials: { bddFileApi: { id: 'perItem', name: 'perItem' } } };
		await world.run([step('List', list(), perItem)], {
			input: [{ json: { user: '11' } }, { json: { user: '22' } }],
		});
		await world.run([step('List', list({ options: { userId: '33' } }))]);

		expect(world.requests.map(({ headers }) => headers['x-user-id']).sort()).toEqual(['11', '22', '33']);
	});

	it('gives a link that works without our headers, and says until when', async () => {
		const fileId = await world.service.addFile({ filename: 'l.txt', content: TEXT, chatId: CHAT });
		const before = Date.now();
		const run = await world.run([
			step('Link', { resource: 'file', operation: 'getUrl', fileId, expiresIn: 60 }),
		]);

		const json = run.items('Link')[0]?.json;
		expect(json).toMatchObject({ status: 'success', fileId: Number(fileId), fileName: '' });
		expect(await (await fetch(text(json, 'url'))).text()).toBe(TEXT.toString());
		const expiresAt = Date.parse(text(json, 'expiresAt'));
		expect(expiresAt).toBeGreaterThanOrEqual(before + 60_000);
		expect(expiresAt).toBeLessThan(Date.now() + 61_000);
	});

	it('deletes files, and says when there was none', async () => {
		const fileId = await world.service.addFile({ filename: 'd.txt', chatId: 'delete' });
		const remove = { resource: 'file', operation: 'delete', splitByStatus: true };
		const run = await world.run([step('List', list({ chatId: 'delete' })), step('Delete', remove)]);
		const again = await world.run([
			step('Delete', { ...remove, fileId }, { onError: 'continueRegularOutput' }),
		]);

		expect(run.outputs('Delete')).toEqual([
			[
				{
					json: { status: 'success', fileId: Number(fileId), fileName: 'd.txt', deleted: true },
					pairedItem: { item: 0 },
				},
			],
			[],
			[],
		]);
		expect(again.items('Delete', 2)[0]?.json).toMatchObject({ status: 'failed', fileId: Number(fileId) });
	});

	it('names a download by the option, else by the record that the input item is, else by the service', async () => {
		const id = Number(await world.service.addFile({ filename: 'remote.txt', content: TEXT, chatId: CHAT }));
		const record = { id, filename: 'record.txt', size: TEXT.length, hashcode: '', status: 'ok' };
		const named = async (json: object, options = {}) => {
			const run = await world.run([step('Download', download({ fileId: id, options }))], {
				input: [{ json: { ...json } }],
			});
			const [item] = run.items('Download');
			return [item?.json.fileName, item?.binary?.data?.fileName];
		};

		expect(await named(record, { fileName: 'chosen.txt' })).toEqual(['chosen.txt', 'chosen.txt']);
		expect(await named(record)).toEqual(['record.txt', 'record.txt']);
		expect(await named({})).toEqual(['remote.txt', 'remote.txt']);
	});

	it('names a download by its id where nobody knows a name', async () => {
		world.proxy.script({ on: 'GET /downloadFile', fault: faults.answer(200, { body: 'nameless' }) });
		const run = await world.run([step('Download', download({ fileId: 42 }), PROXIED)]);

		expect(run.items('Download')[0]).toMatchObject({
			json: { status: 'success', fileName: 'file-42' },
			binary: { data: { fileName: 'file-42' } },
		});
	});

	it('verifies a download against the record that the input item is', async () => {
		await world.service.addFile({
			filename: 'wrong.txt',
			content: TEXT,
			chatId: 'verify',
			hashcode: '0'.repeat(32),
		});
		const steps = (options = {}) => [
			step('List', list({ chatId: 'verify' })),
			step('Download', download({ options })),
		];

		expect((await world.run(steps())).error?.message).toMatch(/"wrong.txt"/);
		expect((await world.run(steps({ verify: false }))).error).toBeUndefined();
	});

	it('runs in a workflow whose binary data is part of the JSON', async () => {
		const run = await world.engine.run(
			{
				name: 'Combined',
				settings: { binaryMode: 'combined' },
				nodes: [
					trigger(),
					node('Upload', upload({ binaryPropertyName: '_files.data' })),
					node('Download', download()),
					node('All', upload({ binaryPropertyName: '*' })),
				],
				connections: {
					Trigger: { main: [[{ node: 'Upload', type: 'main', index: 0 }]] },
					Upload: { main: [[{ node: 'Download', type: 'main', index: 0 }]] },
					Download: { main: [[{ node: 'All', type: 'main', index: 0 }]] },
				},
			},
			{ input: [{ files: { data: { fileName: 'c.txt', content: TEXT } } }], combined: true },
		);

		expect(run.error).toBeUndefined();
		expect(run.items('All')[0]?.json).toMatchObject({
			status: 'success',
			fileName: 'c.txt',
			size: TEXT.length,
		});
	});

	const trigger = () => ({ ...node('Trigger', {}), type: 'n8n-nodes-base.manualTrigger' });
	const node = (name: string, parameters: object) => ({
		id: name,
		name,
		type: 'n8n-nodes-bdd-file.bddFile',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: { ...parameters },
		credentials: { bddFileApi: { id: 'local', name: 'local' } },
	});
});
