import {
	NodeConnectionTypes,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
} from 'n8n-workflow';

import { describe, text } from './describe';

/** A tool as n8n-core makes it of a node. */
interface Tool {
	name: string;
	/** By the names of the arguments that the model is to give. */
	schema: { shape: Record<string, unknown> };
	invoke(args: Record<string, string>): Promise<string>;
}

/** Answers a prompt, with tools to use. */
type Model = (prompt: string, tools: readonly Tool[]) => Promise<string>;

/**
 * In place of a language model: uses the first tool once and answers with what that has said. An argument such as
 * `File_ID` is what follows "ID" in the prompt, as text, which is what a model gives.
 */
const readsThePrompt: Model = async (prompt, [tool]) => {
	if (!tool) return prompt;
	const names = Object.keys(tool.schema.shape);
	const args = names.map((name) => {
		const word = name.split('_').pop() ?? name;
		const [, value] = new RegExp(`\\b${word} ([^\\s,;)]+)`).exec(prompt) ?? [];
		if (value === undefined) throw new Error(`The prompt does not say what "${name}" is: ${prompt}`);
		return [name, value];
	});
	return await tool.invoke(Object.fromEntries(args) as Record<string, string>);
};

/** The agent, and a model for it. The tools are real: n8n-core makes and calls them. */
export const AGENT_STAND_INS: Record<string, INodeType> = {
	'@n8n/n8n-nodes-langchain.agent': {
		description: describe('agent', {
			version: [2],
			inputs: [
				{ type: NodeConnectionTypes.Main },
				{ type: NodeConnectionTypes.AiLanguageModel, required: true, maxConnections: 1 },
				{ type: NodeConnectionTypes.AiTool },
			],
			properties: [text('text')],
		}),
		async execute(this: IExecuteFunctions) {
			const output: INodeExecutionData[] = [];
			for (const item of this.getInputData().keys()) {
				output.push({ json: await answer(this, item), pairedItem: { item } });
			}
			return [output];
		},
	},
	'@n8n/n8n-nodes-langchain.lmChatOpenAi': {
		description: describe('lmChatOpenAi', {
			version: [1.2],
			inputs: [],
			outputs: [NodeConnectionTypes.AiLanguageModel],
		}),
		supplyData: () => Promise.resolve({ response: readsThePrompt }),
	},
};

async function answer(n8n: IExecuteFunctions, item: number): Promise<IDataObject> {
	const prompt = n8n.getNodeParameter('text', item) as string;
	const model = (await n8n.getInputConnectionData(NodeConnectionTypes.AiLanguageModel, item)) as Model;
	const tools = (await n8n.getInputConnectionData(NodeConnectionTypes.AiTool, item)) as Tool[];
	return { output: await model(prompt, tools) };
}
