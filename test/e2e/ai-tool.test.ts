import type { IDataObject, INodeParameters, INodeTypeDescription } from 'n8n-workflow';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { WorkflowDefinition } from '../../harness/n8n-host';
import { RESOURCES } from '../../nodes/BddFile/actions/router';
import { startModel, type ScriptedModel } from './support/model';
import { activate, until } from './support/watching';
import { bddFile, chain, type Step } from './support/workflow';
import { USER_ID, useWorld } from './support/world';

/** What the tool does is a person's choice, partly in fields that n8n adds; `options` is but the list of them. */
const CHOSEN_BY_A_PERSON = new Set([
	'resource',
	'operation',
	'descriptionType',
	'toolDescription',
	'toolNotice',
	'options',
]);

/** What the editor writes into a parameter that the model is to fill in. */
const fromModel = (name: string, type: 'string' | 'number'): string =>
	`={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${name}', \`\`, '${type}') }}`;

/** The agents that n8n has had, and how they use a tool. */
const AGENTS: ReadonlyArray<[string, number]> = [
	['its tool run inside of it', 2],
	['its tool run by the engine', 3],
];

/** The items that the model got of its only use of the tool. */
const answerIn = (results: string[]) => JSON.parse(results[0] ?? '') as IDataObject[];

const CHAT_TRIGGER = {
	name: 'Chat',
	type: '@n8n/n8n-nodes-langchain.chatTrigger',
	typeVersion: 1.1,
	webhookId: 'agent-attachments',
	parameters: { public: true, mode: 'webhook', options: { allowFileUploads: true } },
};

describe('the node as a tool of an AI agent', () => {
	const world = useWorld();

	/** A credential for the scripted model, under a name of its own. */
	const modelCredential = async (name: string, { url }: ScriptedModel) => {
		const ofModel = `Scripted model ${name}`;
		const id = await world().n8n.rest.createCredential(ofModel, 'openAiApi', { apiKey: 'none', url });
		return { id, name: ofModel };
	};

	/** Lets an agent use the node once, with the model calling it with these arguments. */
	const useTool = async (
		resource: string,
		operation: string,
		parameters: INodeParameters,
		toolArguments: object,
		settings: Partial<Step> = {},
		agentVersion = 2,
	): Promise<{ offered: ReturnType<ScriptedModel['offered']>; results: string[] }> => {
		const model = await startModel(toolArguments);
		try {
			const credential = await modelCredential(`${operation} ${agentVersion}`, model);
			const node = bddFile('BDD File', resource, operation, parameters, settings);
			const run = await world().run(agentWorkflow(node, credential, undefined, agentVersion));
			expect(run.resultData.error?.message).toBeUndefined();
			return { offered: model.offered(), results: model.toolResults() };
		} finally {
			await model.close();
		}
	};

	describe.each(AGENTS)('an agent that has %s', (_, version) => {
		test('lists a chat, and the model gets the ids as text, names and sizes', async () => {
			const chatId = `c-tool-${version}`;
			const fileId = await world().service.addFile({
				filename: '会议纪要.md',
				content: 'twelve bytes',
				chatId,
				userId: USER_ID,
			});

			const { offered, results } = await useTool(
				'chat',
				'list',
				{ chatId: fromModel('Chat_ID', 'string'), returnAll: fromModel('All', 'string') },
				{ Chat_ID: chatId, All: 'yes' },
				{},
				version,
			);
			expect(offered[0]?.parameters).toMatchObject({
				properties: { Chat_ID: { type: 'string' } },
				required: ['Chat_ID', 'All'],
			});
			expect(answerIn(results)).toEqual([
				expect.objectContaining({ id: fileId, filename: '会议纪要.md', size: 12 }),
			]);
		}, 60_000);

		test('lists 3,000 files in a bounded answer that says how many more there are', async () => {
			const chatId = `c-many-${version}`;
			for (let i = 0; i < 3000; i++) await world().service.addFile({ filename: `file-${i}.txt`, chatId });
			const { results } = await useTool('chat', 'list', { chatId, returnAll: true }, {}, {}, version);

			const answer = answerIn(results);
			expect(results[0]?.length).toBeLessThan(30_000);
			expect(Number(answer.at(-1)?.notShown) + answer.length - 1).toBe(3000);
		}, 120_000);

		test('downloads to disk, and is told what to do where the model would get the bytes', async () => {
			const filename = `a-${version}.bin`;
			const fileId = await world().service.addFile({ filename, content: 'abc', userId: USER_ID });
			const id = { fileId: fromModel('File_ID', 'string') };
			const argument = { File_ID: fileId };
			const refused = await useTool(
				'file',
				'download',
				id,
				argument,
				{ onError: 'continueRegularOutput' },
				version,
			);
			expect(refused.results[0]).toContain('cannot receive its content. In the tool, set');

			const filePath = join(world().n8n.filesFolder, filename);
			const parameters = { ...id, destination: 'path', filePath };
			const { results } = await useTool('file', 'download', parameters, argument, {}, version);
			expect(answerIn(results)).toEqual([
				{ status: 'success', fileId, fileName: filename, size: 3, localPath: filePath },
			]);
			expect(await readFile(filePath, 'utf8')).toBe('abc');
		}, 60_000);

		test('reads what went wrong and what to do, with one output whatever the node is set to', async () => {
			const { results } = await useTool(
				'file',
				'delete',
				{ fileId: fromModel('File_ID', 'string'), splitByStatus: true },
				{ File_ID: '987654321' },
				{ onError: 'continueRegularOutput' },
				version,
			);
			expect(answerIn(results)).toMatchObject([{ status: 'failed', fileId: '987654321' }]);
			expect(results[0]).toMatch(/file not found.*List the files/);
		}, 60_000);
	});

	test.each(
		RESOURCES.flatMap(({ entry: resource, operations }) =>
			operations.map(({ entry, forModel }) => [String(resource.value), entry.value, forModel] as const),
		),
	)(
		'tells the model of %s: %s what it is for',
		async (resource, operation, description) => {
			const { offered } = await useTool(resource, operation, {}, {}, { onError: 'continueRegularOutput' });
			expect(offered).toEqual([expect.objectContaining({ name: 'BDD_File', description })]);
		},
		60_000,
	);

	test('tells the model what a person wrote instead', async () => {
		const toolDescription = 'Lists the contracts';
		const { offered } = await useTool('chat', 'list', { chatId: 'c-tool', toolDescription }, {});
		expect(offered[0]?.description).toBe(toolDescription);
	}, 60_000);

	test('uploads the attachments of a chat, which an expression takes from the chat trigger', async () => {
		const { rest, url } = world().n8n;
		const model = await startModel({});
		try {
			const credential = await modelCredential('attachments', model);
			const binaryPropertyName = "={{ $('Chat').first().binary }}";
			const chatId = "={{ $('Chat').first().json.sessionId }}";
			const workflow = agentWorkflow(
				bddFile('BDD File', 'file', 'upload', { binaryPropertyName, biz: 'chat', chatId }),
				credential,
				CHAT_TRIGGER,
			);
			await activate(rest, workflow);
			const form = new FormData();
			form.set('action', 'sendMessage');
			form.set('sessionId', 'c-attached');
			form.set('chatInput', 'Keep these');
			for (const name of ['一.txt', 'b.txt']) form.append('files', new Blob([name]), name);
			// The webhook is there a moment after the activation.
			await until(async () => {
				const { status } = await fetch(`${url}/webhook/${CHAT_TRIGGER.webhookId}/chat`, {
					method: 'POST',
					body: form,
				});
				return status !== 404;
			});

			const answer = JSON.parse(model.toolResults()[0] ?? '') as Array<{ fileName: string }>;
			expect(answer.map(({ fileName }) => fileName).sort()).toEqual(['b.txt', '一.txt']);
			const stored = world()
				.service.files()
				.filter(({ chatId: chat }) => chat === 'c-attached');
			expect(stored.map(({ filename, status }) => [filename, status]).sort()).toEqual([
				['b.txt', 'ok'],
				['一.txt', 'ok'],
			]);
		} finally {
			await model.close();
		}
	}, 120_000);

	test('describes every parameter that a model can be told to fill in', async () => {
		const types = (await world().n8n.rest.request('GET', '/types/nodes.json')) as INodeTypeDescription[];
		const tool = types.find(({ name }) => name === 'n8n-nodes-bdd-file.bddFileTool');
		const properties = tool?.properties ?? [];
		const options = properties.flatMap(({ type, options: inside }) =>
			type === 'collection' ? (inside ?? []) : [],
		);
		const fillable = [...properties.filter(({ name }) => !CHOSEN_BY_A_PERSON.has(name)), ...options];
		const names = fillable.map(({ name }) => name);
		expect(names).toEqual(expect.arrayContaining(['chatId', 'fileId', 'localDirectory', 'userId', 'dryRun']));
		expect(fillable.filter((property) => !('description' in property)).map(({ name }) => name)).toEqual([]);
	}, 60_000);
});

/** An agent with a model and the node as its only tool; a person starts it, or another trigger. */
function agentWorkflow(
	node: Step,
	model: { id: string; name: string },
	trigger?: Step,
	agentVersion = 2,
): WorkflowDefinition {
	const workflow = chain('Agent', [
		{
			name: 'Agent',
			type: '@n8n/n8n-nodes-langchain.agent',
			typeVersion: agentVersion,
			parameters: { promptType: 'define', text: 'Do it' },
		},
	]);
	const [manual, ...others] = workflow.nodes;
	if (manual === undefined) throw new Error('A chain has a trigger at least');
	const start = { ...manual, ...trigger };
	return {
		...workflow,
		// As the editor sets it: without it an agent of today goes on before its tool has run.
		settings: { executionOrder: 'v1' },
		nodes: [
			start,
			...others,
			{ ...node, type: `${node.type}Tool`, id: 'tool', position: [480, 240] },
			{
				id: 'model',
				name: 'Model',
				type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
				typeVersion: 1.2,
				position: [240, 240],
				parameters: { model: { __rl: true, mode: 'id', value: 'scripted' }, options: {} },
				credentials: { openAiApi: model },
			},
		],
		connections: {
			[start.name]: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
			Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] },
			[node.name]: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		},
	};
}
