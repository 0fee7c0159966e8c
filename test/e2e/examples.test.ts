import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { exampleFiles, readExample, type WorkflowDefinition } from '../../harness/n8n-host';
import { startModel } from './support/model';
import { activate, until } from './support/watching';
import { jsonOf, USER_ID, useWorld } from './support/world';

/** What the editor's button starts by itself. The others wait for somebody. */
const STARTED_BY_HAND = new Set([
	'n8n-nodes-base.manualTrigger',
	'n8n-nodes-base.scheduleTrigger',
	'n8n-nodes-bdd-file.bddFileTrigger',
]);

const triggerOf = ({ nodes }: WorkflowDefinition) => nodes.find(({ type }) => STARTED_BY_HAND.has(type));

describe('the example workflows', () => {
	const world = useWorld();
	const example = (file: string) => readExample(file, world().n8n.filesFolder);

	test('all that start by hand run to their end as they are, and leave their files where they say', async () => {
		const { filesFolder, rest } = world().n8n;
		const ends: Record<string, string> = {};
		const expected: Record<string, string> = {};
		for (const folder of ['outbox', 'scheduled']) await mkdir(join(filesFolder, folder));
		await writeFile(join(filesFolder, 'outbox', '周报.txt'), 'weekly report');

		for (const file of await exampleFiles()) {
			const workflow = await example(file);
			const trigger = triggerOf(workflow);
			// It needs a model, and has a test of its own.
			if (!trigger || file === 'new-file-agent.json') continue;
			const run = await rest.run(await rest.createWorkflow(workflow), trigger.name, 60_000);
			ends[file] = run.resultData.error?.message ?? run.status;
			expected[file] = 'success';
			if (file === 'new-file-download-read.json')
				expect(jsonOf(run, 'Read')).toEqual([{ text: 'weekly report' }]);
		}

		expect(Object.keys(ends).length).toBeGreaterThanOrEqual(6);
		expect(ends).toEqual(expected);
		const names = world()
			.service.files()
			.map(({ filename }) => filename);
		expect(names).toContain('周报.txt');
		expect(world().unexpectedInLog()).toEqual([]);
	}, 180_000);

	test('a sync by schedule: a file that cannot be synced ends the execution with an error that says which', async () => {
		const { rest } = world().n8n;
		await world().service.addFile({ filename: '../x', chatId: 'demo-chat-scheduled' });
		const workflow = await example('scheduled-sync-alert.json');
		// Under another id than the one that has already run.
		const { nodes, connections } = workflow;
		const again = await rest.createWorkflow({ name: 'Alert', nodes, connections });
		const run = await rest.run(again, triggerOf(workflow)?.name ?? '', 60_000);
		expect(run.resultData.error?.message).toMatch(/^1 of 1 files were not synced: \.\.\/x: /);
	}, 60_000);

	test('attachments of a chat: each file is uploaded, and the answer has a link to it', async () => {
		const { rest, url } = world().n8n;
		const workflow = await example('chat-attachments.json');
		await activate(rest, workflow);
		const webhook = workflow.nodes.find(({ name }) => name === 'Chat')?.webhookId ?? '';
		const send = async (files: Record<string, string>) => {
			const form = new FormData();
			form.set('action', 'sendMessage');
			form.set('sessionId', 'session-7');
			form.set('chatInput', 'Here you are');
			for (const [name, text] of Object.entries(files)) form.append('files', new Blob([text]), name);
			return await fetch(`${url}/webhook/${webhook}/chat`, { method: 'POST', body: form });
		};
		// The webhook is there a moment after the activation.
		let answer = await send({});
		await until(async () => {
			if (answer.status === 404) answer = await send({});
			return answer.status !== 404;
		});
		expect(await answer.json()).toMatchObject({
			output: expect.stringContaining('Attach one or more files') as string,
		});

		answer = await send({ '一.txt': 'one', 'b.txt': 'two' });
		const { output } = (await answer.json()) as { output: string };
		// n8n numbers the files as they happen to have arrived.
		const links = output
			.split('\n')
			.sort()
			.map((line) => line.split(': '));
		expect(links.map(([name]) => name)).toEqual(['b.txt', '一.txt']);
		const texts = await Promise.all(links.map(async ([, link]) => await (await fetch(link ?? '')).text()));
		expect(texts).toEqual(['two', 'one']);
		const uploaded = world()
			.service.files()
			.filter(({ chatId }) => chatId === 'session-7');
		expect(uploaded.map(({ filename, userId }) => [filename, userId]).sort()).toEqual([
			['b.txt', USER_ID],
			['一.txt', USER_ID],
		]);
	}, 120_000);

	test('an agent for each new file: it gets a link by its tool', async () => {
		const { rest } = world().n8n;
		const id = await world().service.addFile({ filename: 'plan.pdf', content: 'x', chatId: 'demo-chat' });
		const model = await startModel({ File_ID: id });
		try {
			const name = 'Scripted model of the example';
			const credential = {
				id: await rest.createCredential(name, 'openAiApi', { apiKey: 'none', url: model.url }),
				name,
			};
			const workflow = await example('new-file-agent.json');
			for (const node of workflow.nodes)
				if (node.name === 'Model') node.credentials = { openAiApi: credential };
			const trigger = triggerOf(workflow)?.name ?? '';
			const run = await rest.run(await rest.createWorkflow(workflow), trigger, 60_000);
			expect(run.resultData.error?.message).toBeUndefined();
			expect(jsonOf(run, 'New File')).toMatchObject([{ filename: 'plan.pdf' }]);
			expect(JSON.parse(model.toolResults()[0] ?? '')).toMatchObject([
				{ status: 'success', fileId: id, url: expect.stringMatching(/^http/) as string },
			]);
			expect(jsonOf(run, 'Agent')).toEqual([{ output: 'Done' }]);
		} finally {
			await model.close();
		}
	}, 120_000);
});
