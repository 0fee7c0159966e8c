import type { INodeParameters, INodeTypeDescription } from 'n8n-workflow';

import type { WorkflowDefinition } from '../../harness/n8n-host';
import { startModel, type ScriptedModel } from './support/model';
import { bddFile, chain, type Step } from './support/workflow';
import { USER_ID, useWorld } from './support/world';

/** What the tool does is a person's choice, partly in fields that n8n adds; `options` is but the list of them. */
const CHOSEN_BY_A_PERSON = new Set([
	'resource',
	'operation',
	'descriptionType',
	'toolDescription',
	'options',
]);

/** What the editor writes into a parameter that the model is to fill in. */
const fromModel = (name: string, type: 'string' | 'number'): string =>
	`={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${name}', \`\`, '${type}') }}`;

describe('the node as a tool of an AI agent', () => {
	const world = useWorld();

	/** Lets an agent use the node once, with the model calling it with these arguments. */
	const useTool = async (
		resource: string,
		operation: string,
		parameters: INodeParameters,
		toolArguments: object,
		settings: Partial<Step> = {},
	): Promise<{ offered: ReturnType<ScriptedModel['offered']>; results: string[] }> => {
		const model = await startModel(toolArguments);
		try {
			const name = `Scripted model ${operation}`;
			const credential = { apiKey: 'none', url: model.url };
			const id = await world().n8n.rest.createCredential(name, 'openAiApi', credential);
			const run = await world().run(
				agentWorkflow(bddFile('BDD File', resource, operation, parameters, settings), { id, name }),
			);
			expect(run.resultData.error?.message).toBeUndefined();
			return { offered: model.offered(), results: model.toolResults() };
		} finally {
			await model.close();
		}
	};

	test('lists a chat, and the model gets the ids, names and sizes', async () => {
		const fileId = await world().service.addFile({
			filename: '会议纪要.md',
			content: 'twelve bytes',
			chatId: 'c-tool',
			userId: USER_ID,
		});

		const { offered, results } = await useTool(
			'chat',
			'list',
			{ chatId: fromModel('Chat_ID', 'string') },
			{ Chat_ID: 'c-tool' },
		);
		expect(offered[0]?.parameters).toMatchObject({
			properties: { Chat_ID: { type: 'string' } },
			required: ['Chat_ID'],
		});
		expect(JSON.parse(results[0] ?? '')).toEqual([
			expect.objectContaining({ id: Number(fileId), filename: '会议纪要.md', size: 12 }),
		]);
	}, 60_000);

	test('downloads, and the model learns which file it was although it cannot see the bytes', async () => {
		const fileId = await world().service.addFile({ filename: 'a.bin', content: 'abc', userId: USER_ID });
		const { results } = await useTool(
			'file',
			'download',
			{ fileId: fromModel('File_ID', 'string') },
			{ File_ID: fileId },
		);
		expect(JSON.parse(results[0] ?? '')).toEqual([
			{ status: 'success', fileId: Number(fileId), fileName: 'a.bin', size: 3 },
		]);
	}, 60_000);

	test('tells the model what went wrong and with which file, when it is set to continue', async () => {
		const { results } = await useTool(
			'file',
			'delete',
			{ fileId: fromModel('File_ID', 'string') },
			{ File_ID: '987654321' },
			{ onError: 'continueRegularOutput' },
		);
		expect(JSON.parse(results[0] ?? '')).toMatchObject([{ status: 'failed', fileId: 987654321 }]);
		expect(results[0]).toContain('file not found');
	}, 60_000);

	test.each([
		['file', 'upload', 'Upload a file in BDD File'],
		['file', 'download', 'Download a file in BDD File'],
		['file', 'getUrl', 'Get a download link in BDD File'],
		['file', 'delete', 'Delete a file in BDD File'],
		['chat', 'list', 'List the files of a chat in BDD File'],
		['chat', 'syncToLocal', 'Sync a chat to a local folder in BDD File'],
		['chat', 'syncToRemote', 'Sync a local folder to a chat in BDD File'],
		['directory', 'list', 'List directories in BDD File'],
		['directory', 'listFiles', 'List the files in a directory in BDD File'],
	])(
		'offers %s: %s to the model as "%s"',
		async (resource, operation, description) => {
			const { offered } = await useTool(resource, operation, {}, {}, { onError: 'continueRegularOutput' });
			expect(offered).toEqual([expect.objectContaining({ name: 'BDD_File', description })]);
		},
		60_000,
	);

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

/** An agent with a model and the node as its only tool. */
function agentWorkflow(node: Step, model: { id: string; name: string }): WorkflowDefinition {
	const workflow = chain('Agent', [
		{
			name: 'Agent',
			type: '@n8n/n8n-nodes-langchain.agent',
			typeVersion: 2,
			parameters: { promptType: 'define', text: 'Do it' },
		},
	]);
	return {
		...workflow,
		nodes: [
			...workflow.nodes,
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
			...workflow.connections,
			Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] },
			[node.name]: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		},
	};
}
