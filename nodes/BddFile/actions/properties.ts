import { updateDisplayOptions, type INodeProperties, type NodeHint } from 'n8n-workflow';

import { localDirectoryField } from '../../shared/fields';
import { TOOL_ONLY } from '../../shared/tool';
import { RESOURCES } from './router';

/**
 * What an AI model is told of the operation. n8n adds a field of this name only to tools that have none; its own default
 * is but the action, which names the tool.
 */
const toolDescriptionField = (forModel: string): INodeProperties => ({
	displayName: 'Description',
	name: 'toolDescription',
	type: 'string',
	required: true,
	displayOptions: { show: TOOL_ONLY },
	typeOptions: { rows: 4 },
	default: forModel,
	description:
		'What the AI model is told of this tool, so that it knows when to use it. Add what your agent should use it for.',
});

/** The node's panel from top to bottom: what to work on, what to do with it, and that operation's parameters. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: RESOURCES.map(({ entry }) => entry),
		default: 'file',
	},
	...RESOURCES.map(({ entry, operations, first }): INodeProperties => {
		return {
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: { resource: [entry.value] } },
			options: operations.map((operation) => operation.entry),
			default: first,
		};
	}),
	...RESOURCES.flatMap(({ entry: { value: resource }, operations }) =>
		operations.flatMap(({ entry, forModel, description }) =>
			updateDisplayOptions({ show: { resource: [resource], operation: [entry.value] } }, [
				toolDescriptionField(forModel),
				...description,
			]),
		),
	),
];

const withLocalFolder = RESOURCES.flatMap(({ operations }) => operations)
	.filter(({ description }) => description.some(({ name }) => name === localDirectoryField.name))
	.map(({ entry }) => entry.value);

/** What the canvas says below the node's name: what it does, in the words of the menu. */
const ACTIONS = Object.fromEntries(
	RESOURCES.flatMap(({ entry: resource, operations }) =>
		operations.map(({ entry }) => [`${resource.value} ${entry.value}`, entry.action]),
	),
);
export const subtitle = `={{ (${JSON.stringify(ACTIONS)})[$parameter["resource"] + " " + $parameter["operation"]] }}`;

/** What the output panel says before the first run. */
export const hints: NodeHint[] = [
	{
		message:
			'The folder is on the machine that runs n8n. In queue mode that is the worker, so the workers need a shared folder.',
		type: 'info',
		location: 'outputPane',
		whenToDisplay: 'beforeExecution',
		displayCondition: `={{ ${JSON.stringify(withLocalFolder)}.includes($parameter["operation"]) }}`,
	},
];
