import { NodeConnectionTypes, type INodeType } from 'n8n-workflow';

/**
 * The tools that n8n makes of nodes an AI agent may use, by their types: each has "Tool" behind the name, no input, and
 * an agent for its output. n8n does this where it loads packages; what calls the tool is n8n-core's own.
 */
export function toolsOf(nodes: Record<string, INodeType>): Record<string, INodeType> {
	const usable = Object.entries(nodes).filter(([, { description }]) => Boolean(description.usableAsTool));
	return Object.fromEntries(usable.map(([type, node]) => [`${type}Tool`, asTool(node)]));
}

function asTool(node: INodeType): INodeType {
	// Everything but the description stays the node's.
	const tool = Object.create(node) as INodeType;
	tool.description = {
		...node.description,
		name: `${node.description.name}Tool`,
		displayName: `${node.description.displayName} Tool`,
		inputs: [],
		outputs: [NodeConnectionTypes.AiTool],
	};
	delete tool.description.usableAsTool;
	return tool;
}
