import { NodeConnectionTypes, type INodeProperties, type INodeTypeDescription } from 'n8n-workflow';

/** The description of a stand-in: one input, one output, no parameters, unless more is said. */
export function describe(name: string, more: Partial<INodeTypeDescription> = {}): INodeTypeDescription {
	return {
		name,
		displayName: name,
		description: '',
		group: ['transform'],
		version: [1, 1.1, 3.4],
		defaults: { name },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
		...more,
	};
}

/** A parameter that takes text. */
export function text(name: string): INodeProperties {
	return { displayName: name, name, type: 'string', default: '' };
}
