import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { CHAT, download, list, namesIn, startWorld, step, sync, TOOL, upload, type World } from './world';

/** What an agent makes of the items: the answer that its model reads. */
const answerOf = (run: Awaited<ReturnType<World['run']>>) => run.items('Tool').map(({ json }) => json);

describe('the node as a tool, run by the engine for an agent', () => {
	let world: World;
	beforeEach(async () => (world = await startWorld()));
	afterEach(() => world.close());

	const addFiles = async (count: number) => {
		const ids: string[] = [];
		for (let i = 0; i < count; i++) {
			ids.push(await world.service.addFile({ filename: `file-${i}.txt`, content: 'abc', chatId: CHAT }));
		}
		return ids;
	};

	it('answers a list of 3,000 files within bounds, with IDs as text, and says how many more there are and how to narrow', async () => {
		await addFiles(3000);
		const run = await world.run([step('Tool', list({ returnAll: 'yes' }), TOOL)]);
		const answer = answerOf(run);
		const last = answer.at(-1);

		expect(run.error).toBeUndefined();
		expect(JSON.stringify(answer).length).toBeLessThan(25_000);
		expect(answer.slice(0, -1).every(({ id }) => typeof id === 'string')).toBe(true);
		expect(Number(last?.notShown) + answer.length - 1).toBe(3000);
		expect(last?.note).toMatch(/more are not shown.*Narrow the list/);

		const plan = sync('syncToLocal', world.folder('plan'), { options: { dryRun: true } });
		expect(answerOf(await world.run([step('Tool', plan, TOOL)])).at(-1)?.note).toMatch(
			/more are not shown.*When the option "Output" of the tool is "Summary", the answer has the counts instead\.$/,
		);
	});

	it('says that the list goes on behind the limit, and only then', async () => {
		await addFiles(3);
		const two = answerOf(await world.run([step('Tool', list({ limit: 2 }), TOOL)]));
		const three = answerOf(await world.run([step('Tool', list({ limit: '3' }), TOOL)]));

		expect(two).toHaveLength(3);
		expect(two[2]?.note).toMatch(/^The list has more than 2 entries\. Narrow the list/);
		expect(three.map(({ filename }) => filename)).toEqual(['file-0.txt', 'file-1.txt', 'file-2.txt']);
	});

	it('says that a chat is empty', async () => {
		const run = await world.run([step('Tool', list(), TOOL)]);
		expect(answerOf(run)).toEqual([{ note: 'There is nothing: the answer is an empty list.' }]);
	});

	it('takes the ID that it gave for a link and for a deletion', async () => {
		const [id] = await addFiles(1);
		const [record] = answerOf(await world.run([step('Tool', list(), TOOL)]));
		expect(record?.id).toBe(id);
		for (const operation of ['getUrl', 'delete']) {
			const run = await world.run([step('Tool', { resource: 'file', operation, fileId: record?.id }, TOOL)]);
			expect(answerOf(run)).toMatchObject([{ status: 'success', fileId: id }]);
		}
		expect(world.service.files()).toEqual([]);
	});

	it("deletes nothing for an agent's input item that has an ID", async () => {
		const [id] = await addFiles(1);
		const run = world.run([step('Tool', { resource: 'file', operation: 'delete' }, TOOL)], {
			input: [{ json: { id: Number(id), fileId: Number(id), filename: 'file-0.txt' } }],
		});

		await expect(run).rejects.toThrow('The workflow has issues');
		expect(world.service.files()).toHaveLength(1);
	});

	it('downloads to disk, and refuses before any request where the content would go to the model', async () => {
		const [id] = await addFiles(1);
		world.forgetRequests();
		const refused = await world.run([step('Tool', download({ fileId: id }), TOOL)]);
		expect(refused.error?.message).toMatch(
			/an AI agent cannot receive its content\. In the tool, set "Destination" to "File on Disk"/,
		);
		expect(world.requests).toEqual([]);

		const filePath = path.join(world.engine.filesFolder, 'a.txt');
		const run = await world.run([
			step('Tool', download({ fileId: id, destination: 'path', filePath }), TOOL),
		]);
		expect(answerOf(run)).toEqual([
			{ status: 'success', fileId: id, fileName: 'a.txt', size: 3, localPath: filePath },
		]);
		expect(await readFile(filePath, 'utf8')).toBe('abc');
	});

	it("uploads all attachments of another node's item, which an expression gives", async () => {
		const content = Buffer.from('abc');
		const run = await world.run(
			[step('Tool', upload({ binaryPropertyName: "={{ $('Trigger').first().binary }}" }), TOOL)],
			{
				input: [{ files: { data0: { fileName: 'a.txt', content }, data1: { fileName: 'b.txt', content } } }],
			},
		);

		expect(run.error).toBeUndefined();
		expect(answerOf(run).map(({ fileName }) => fileName)).toEqual(['a.txt', 'b.txt']);
		expect(world.service.files().map(({ status }) => status)).toEqual(['ok', 'ok']);
	});

	it('has one output, and says of a failed file what to do', async () => {
		const [id] = await addFiles(1);
		const run = await world.run([
			step(
				'Tool',
				{ resource: 'file', operation: 'delete', fileId: '987654321', splitByStatus: true },
				{ ...TOOL, onError: 'continueErrorOutput' },
			),
		]);

		expect(answerOf(run)).toEqual([
			{
				status: 'failed',
				fileId: '987654321',
				fileName: '',
				error: expect.stringMatching(/file not found .*\. .+/) as string,
			},
		]);
		expect(world.service.files().map((file) => file.id)).toEqual([id]);
	});

	it('syncs, with what people read in the output panel in the answer', async () => {
		await world.service.addFile({ filename: '..', content: 'abc', chatId: CHAT });
		const [id] = await addFiles(1);
		const folder = world.folder('copy');
		const answer = answerOf(await world.run([step('Tool', sync('syncToLocal', folder), TOOL)]));

		expect(answer.find(({ status }) => status === 'success')).toMatchObject({ fileId: id });
		expect(answer.at(-1)?.note).toMatch(/^1 of 2 files failed\./);
		expect(await namesIn(folder)).toEqual(['file-0.txt']);
	});
});
