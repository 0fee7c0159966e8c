import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { runInNewContext } from 'node:vm';

import {
	NodeConnectionTypes,
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
} from 'n8n-workflow';
import picomatch from 'picomatch';

import { AGENT_STAND_INS } from './agent';
import { describe, text } from './describe';

/**
 * Stand-ins for those nodes of n8n's own (`n8n-nodes-base` cannot be installed alone) that our workflow files use. Each
 * does what the workflow files need of it, with the same parameters, so the files run in n8n unchanged.
 */
export const STAND_INS: Record<string, INodeType> = {
	...AGENT_STAND_INS,
	'n8n-nodes-base.manualTrigger': {
		description: describe('manualTrigger', { inputs: [], group: ['trigger'] }),
		// The engine emits what the run was started with.
		trigger: () => Promise.resolve({}),
	},
	'n8n-nodes-base.scheduleTrigger': {
		description: describe('scheduleTrigger', { inputs: [], group: ['trigger'] }),
		trigger: () => Promise.resolve({}),
	},
	'@n8n/n8n-nodes-langchain.chatTrigger': {
		description: describe('chatTrigger', { inputs: [], group: ['trigger'] }),
		trigger: () => Promise.resolve({}),
	},
	'n8n-nodes-base.code': step(
		'code',
		(n8n) => {
			const context = { $input: { all: () => n8n.getInputData() } };
			const items: unknown = runInNewContext(`(() => {${parameter(n8n, 0, 'jsCode')}\n})()`, context);
			return Promise.resolve(items as INodeExecutionData[]);
		},
		[text('jsCode')],
	),
	'n8n-nodes-base.if': {
		description: describe('if', {
			outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
			properties: [{ displayName: 'Conditions', name: 'conditions', type: 'filter', default: {} }],
		}),
		execute() {
			const items = this.getInputData();
			// n8n itself judges the conditions.
			const isTrue = items.map((_, item) =>
				Boolean(this.getNodeParameter('conditions', item, false, { extractValue: true })),
			);
			const kept = (wanted: boolean) => items.filter((_, item) => isTrue[item] === wanted);
			return Promise.resolve([kept(true), kept(false)]);
		},
	},
	'n8n-nodes-base.stopAndError': step(
		'stopAndError',
		(n8n) => {
			throw new NodeOperationError(n8n.getNode(), parameter(n8n, 0, 'errorMessage'));
		},
		[text('errorMessage')],
	),
	'n8n-nodes-base.stickyNote': { description: describe('stickyNote', { inputs: [], outputs: [] }) },
	'n8n-nodes-base.noOp': step('noOp', (n8n) => Promise.resolve(n8n.getInputData())),
	'n8n-nodes-base.set': step('set', (n8n) => eachItem(n8n, setFields), [
		{ displayName: 'Fields', name: 'assignments', type: 'assignmentCollection', default: {} },
	]),
	'n8n-nodes-base.convertToFile': step('convertToFile', (n8n) => eachItem(n8n, convertToText), [
		text('operation'),
		text('sourceProperty'),
		text('binaryPropertyName'),
		{ displayName: 'Options', name: 'options', type: 'collection', default: {}, options: [text('fileName')] },
	]),
	'n8n-nodes-base.extractFromFile': step('extractFromFile', (n8n) => eachItem(n8n, extractText), [
		text('operation'),
		text('binaryPropertyName'),
		text('destinationKey'),
	]),
	'n8n-nodes-base.readWriteFile': step('readWriteFile', (n8n) => eachItem(n8n, readFiles), [
		text('fileSelector'),
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			default: {},
			options: [text('dataPropertyName')],
		},
	]),
};

type ItemWork = (n8n: IExecuteFunctions, itemIndex: number) => Promise<INodeExecutionData[]>;

function step(
	name: string,
	work: (n8n: IExecuteFunctions) => Promise<INodeExecutionData[]>,
	properties: INodeProperties[] = [],
): INodeType {
	return {
		description: describe(name, { properties }),
		async execute(this: IExecuteFunctions) {
			return [await work(this)];
		},
	};
}

async function eachItem(n8n: IExecuteFunctions, work: ItemWork): Promise<INodeExecutionData[]> {
	const output: INodeExecutionData[] = [];
	for (const item of n8n.getInputData().keys()) {
		output.push(...(await work(n8n, item)).map((made) => ({ ...made, pairedItem: { item } })));
	}
	return output;
}

function parameter(n8n: IExecuteFunctions, itemIndex: number, name: string, fallback = ''): string {
	const value: unknown = n8n.getNodeParameter(name, itemIndex, fallback);
	if (typeof value === 'string') return value || fallback;
	throw new Error(`The parameter "${name}" is not text`);
}

interface Assignment {
	name: string;
	value: string;
}

/** "Edit Fields": the assignments only, without the input's fields. */
const setFields: ItemWork = (n8n, itemIndex) => {
	const assignments: unknown = n8n.getNodeParameter('assignments.assignments', itemIndex, []);
	return Promise.resolve([
		{ json: Object.fromEntries((assignments as Assignment[]).map(({ name, value }) => [name, value])) },
	]);
};

/** "Convert to File", operation "Convert to Text File". */
const convertToText: ItemWork = async (n8n, itemIndex) => {
	const source = parameter(n8n, itemIndex, 'sourceProperty');
	const field = parameter(n8n, itemIndex, 'binaryPropertyName', 'data');
	const fileName = parameter(n8n, itemIndex, 'options.fileName', 'file.txt');
	const text = n8n.getInputData()[itemIndex]?.json[source];
	if (typeof text !== 'string') throw new Error(`The item has no text "${source}"`);
	const binary = await n8n.helpers.prepareBinaryData(Buffer.from(text), fileName, 'text/plain');
	return [{ json: {}, binary: { [field]: binary } }];
};

/** "Extract from File", operation "Extract From Text File". */
const extractText: ItemWork = async (n8n, itemIndex) => {
	const field = parameter(n8n, itemIndex, 'binaryPropertyName', 'data');
	const content = await n8n.helpers.getBinaryDataBuffer(itemIndex, field);
	return [{ json: { [parameter(n8n, itemIndex, 'destinationKey', 'data')]: content.toString() } }];
};

/** "Read/Write Files from Disk", operation "Read File(s) From Disk", with a pattern in the last part of the path. */
const readFiles: ItemWork = async (n8n, itemIndex) => {
	const selector = parameter(n8n, itemIndex, 'fileSelector');
	const field = parameter(n8n, itemIndex, 'options.dataPropertyName', 'data');
	const folder = path.dirname(selector);
	const matches = picomatch(path.basename(selector));
	const names = (await readdir(folder)).filter((name) => matches(name)).sort();
	return await Promise.all(
		names.map(async (fileName) => {
			const file = await n8n.helpers.resolvePath(path.join(folder, fileName));
			const stream = await n8n.helpers.createReadStream(file);
			const binary = await n8n.helpers.prepareBinaryData(stream, fileName, 'application/octet-stream');
			return { json: { fileName }, binary: { [field]: binary } };
		}),
	);
};
