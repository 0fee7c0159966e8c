import type { INode, INodeParameters } from 'n8n-workflow';
import { setTimeout as sleep } from 'node:timers/promises';

import type { N8nRest, WorkflowDefinition } from '../../../harness/n8n-host';
import { bddFile, CREDENTIAL, type Step } from './workflow';

/** n8n refuses an expression that fires more than once a minute, but takes several: together, one poll in five seconds. */
const EVERY_FIVE_SECONDS = {
	item: Array.from({ length: 12 }, (_, index) => ({
		mode: 'custom',
		cronExpression: `${index * 5} * * * * *`,
	})),
};

/** A workflow that begins with our trigger, with a poll every five seconds. */
export function watching(
	name: string,
	parameters: INodeParameters,
	steps: readonly Step[],
	credential: { id: string; name: string } = CREDENTIAL,
): WorkflowDefinition {
	const trigger: Step = {
		name: 'New File',
		type: 'n8n-nodes-bdd-file.bddFileTrigger',
		typeVersion: 1,
		parameters: { pollTimes: EVERY_FIVE_SECONDS, ...parameters },
		credentials: { bddFileApi: credential },
	};
	const nodes = [trigger, ...steps].map((step, index): INode => ({
		...step,
		id: `node-${index}`,
		position: [index * 240, 0],
	}));
	const connections: WorkflowDefinition['connections'] = {};
	for (const [index, node] of nodes.slice(1).entries()) {
		const before = nodes[index];
		if (before) connections[before.name] = { main: [[{ node: node.name, type: 'main', index: 0 }]] };
	}
	return { name, nodes, connections };
}

/**
 * A step that asks the service for a link to the file that came out. The service sees it, so that a test knows what came
 * out even of executions that were killed.
 */
export const witness = (): Step => bddFile('Get Link', 'file', 'getUrl');

/** Creates a workflow and activates it, which makes its first poll. Answers its id. */
export async function activate(rest: N8nRest, workflow: WorkflowDefinition): Promise<string> {
	const created = (await rest.request('POST', '/rest/workflows', { settings: {}, ...workflow })) as {
		id: string;
		versionId: string;
	};
	const { versionId } = created;
	await rest.request('POST', `/rest/workflows/${created.id}/activate`, { versionId });
	return created.id;
}

/** The executions of a workflow, the oldest first. */
export async function executionsOf(rest: N8nRest, workflowId: string): Promise<Array<{ id: string }>> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const answer = await rest.request('GET', `/rest/executions?limit=100&filter=${filter}`);
	return (answer as { results: Array<{ id: string }> }).results.reverse();
}

/** Waits until something is so; a test that waits in vain ends by its own limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await condition())) await sleep(50);
}
