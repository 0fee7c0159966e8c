import type { INode } from 'n8n-workflow';

export const TYPE = 'n8n-nodes-bdd-file.bddFile';
export const TRIGGER_TYPE = `${TYPE}Trigger`;

/** A BDD File node with nothing set but this, for a workflow or a context of n8n that a test makes itself. */
export const bareNode = (given: Partial<INode> = {}): INode => ({
	id: '1',
	name: 'BDD File',
	type: TYPE,
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
	...given,
});
