import type { IConnections, INode, INodeParameters } from 'n8n-workflow';

import { EXAMPLE_CREDENTIAL, type WorkflowDefinition } from '../../../harness/n8n-host';

/** Between two nodes on the canvas, in its pixels. */
const GAP = 240;

/** What starts every workflow of these suites. */
export const TRIGGER = 'Start';

/** The credential for the suites' local service: the one that the example workflows refer to, too. */
export const CREDENTIAL = EXAMPLE_CREDENTIAL;

/** A node to put into a workflow; it gets its place on the canvas there. */
export type Step = Omit<INode, 'id' | 'position'>;

/** Reads files from disk into binary data, one item per file. */
export function readFiles(pattern: string): Step {
	return step('Read Files', 'n8n-nodes-base.readWriteFile', 1.1, {
		operation: 'read',
		fileSelector: pattern,
	});
}

/** Writes each item's binary data to disk, under the file's own name. */
export function writeFiles(folder: string): Step {
	return step('Write Files', 'n8n-nodes-base.readWriteFile', 1.1, {
		operation: 'write',
		fileName: `=${folder}/{{ $binary.data.fileName }}`,
	});
}

/** Items with exactly this JSON. */
export function items(list: readonly object[]): Step {
	return step('Items', 'n8n-nodes-base.code', 2, {
		jsCode: `return ${JSON.stringify(list)}.map((json) => ({ json }));`,
	});
}

/** One item with a text file in its binary data. */
export function textFile(fileName: string, text: string): Step[] {
	return [
		step('Text', 'n8n-nodes-base.set', 3.4, { mode: 'raw', jsonOutput: JSON.stringify({ text }) }),
		step('Make a File', 'n8n-nodes-base.convertToFile', 1.1, {
			operation: 'toText',
			sourceProperty: 'text',
			options: { fileName },
		}),
	];
}

/** The node under test, set as a user sets it: parameters left out have their defaults. */
export function bddFile(
	name: string,
	resource: string,
	operation: string,
	parameters: INodeParameters = {},
	settings: Partial<Step> = {},
): Step {
	return {
		...step(name, 'n8n-nodes-bdd-file.bddFile', 1, { resource, operation, ...parameters }),
		credentials: { bddFileApi: CREDENTIAL },
		...settings,
	};
}

/** Starts a workflow by hand. */
const BY_HAND = step(TRIGGER, 'n8n-nodes-base.manualTrigger', 1, {});

/** Our trigger, set as a user sets it. */
export function newFile(
	parameters: INodeParameters,
	credential: { id: string; name: string } = CREDENTIAL,
): Step {
	return {
		...step('New File', 'n8n-nodes-bdd-file.bddFileTrigger', 1, parameters),
		credentials: { bddFileApi: credential },
	};
}

/** A workflow of a trigger and the steps, one after the other. */
export function chain(name: string, steps: readonly Step[], trigger = BY_HAND): WorkflowDefinition {
	const nodes = [trigger, ...steps].map(place);
	const connections: IConnections = {};
	nodes.slice(1).forEach((node, index) => {
		const before = nodes[index];
		if (before !== undefined)
			connections[before.name] = { main: [[{ node: node.name, type: 'main', index: 0 }]] };
	});
	return { name, nodes, connections };
}

/** The same, with the last step's outputs each leading to an end of its own, of these names, one above the other. */
export function chainWithOutputs(
	name: string,
	steps: readonly Step[],
	outputs: readonly string[],
	trigger = BY_HAND,
): WorkflowDefinition {
	const workflow = chain(name, steps, trigger);
	const last = workflow.nodes.at(-1);
	if (last === undefined) throw new Error('A chain has a trigger at least');
	const middle = (outputs.length - 1) / 2;
	const ends = outputs.map((output, index): INode => {
		const node = place(step(output, 'n8n-nodes-base.noOp', 1, {}), workflow.nodes.length + index);
		return { ...node, position: [last.position[0] + 1.5 * GAP, (index - middle) * GAP] };
	});
	return {
		name,
		nodes: [...workflow.nodes, ...ends],
		connections: {
			...workflow.connections,
			[last.name]: { main: ends.map((node) => [{ node: node.name, type: 'main', index: 0 }]) },
		},
	};
}

export function step(name: string, type: string, typeVersion: number, parameters: INodeParameters): Step {
	return { name, type, typeVersion, parameters };
}

function place(node: Step, index: number): INode {
	return { ...node, id: `node-${String(index)}`, position: [index * GAP, 0] };
}
