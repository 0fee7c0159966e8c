import { NodeHelpers, type IDataObject, type INodeType, type INodeTypes } from 'n8n-workflow';

/** Node types given as instances. */
export class InstanceNodeTypes implements INodeTypes {
	constructor(private readonly nodes: Record<string, INodeType>) {}

	getByName(type: string): INodeType {
		const node = this.nodes[type];
		if (node) return node;
		throw new Error(
			`The engine harness has no node "${type}". It has: ${Object.keys(this.nodes).join(', ')}`,
		);
	}

	getByNameAndVersion(type: string, version?: number): INodeType {
		return NodeHelpers.getVersionedNodeType(this.getByName(type), version);
	}

	getKnownTypes(): IDataObject {
		return {};
	}
}
