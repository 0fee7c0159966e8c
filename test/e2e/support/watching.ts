import type { INodeParameters } from 'n8n-workflow';
import { setTimeout as sleep } from 'node:timers/promises';

import type { N8nRest, WorkflowDefinition } from '../../../harness/n8n-host';
import { bddFile, chain, CREDENTIAL, newFile, type Step } from './workflow';

/** n8n refuses an expression that fires more than once a minute, but takes several: together, one poll in five seconds. */
const EVERY_FIVE_SECONDS = {
	item: Array.from({ length: 12 }, (_, index) => ({
		mode: 'custom',
		cronExpression: `${index * 5} * * * * *`,
	})),
};

const LOOK_MS = 50;

/** A workflow that begins with our trigger, with a poll every five seconds. */
export function watching(
	name: string,
	parameters: INodeParameters,
	steps: readonly Step[],
	credential: { id: string; name: string } = CREDENTIAL,
): WorkflowDefinition {
	return chain(name, steps, newFile({ pollTimes: EVERY_FIVE_SECONDS, ...parameters }, credential));
}

/**
 * A step that asks the service for a link to the file that came out. The service sees it, so that a test knows what came
 * out even of executions that were killed.
 */
export const witness = (): Step => bddFile('Get Link', 'file', 'getUrl');

/** Creates a workflow and activates it, which makes its first poll. Answers its id. */
export async function activate(rest: N8nRest, workflow: WorkflowDefinition): Promise<string> {
	const id = await rest.createWorkflow(workflow);
	const { versionId } = (await rest.request('GET', `/rest/workflows/${id}`)) as { versionId: string };
	await rest.request('POST', `/rest/workflows/${id}/activate`, { versionId });
	return id;
}

/** The executions of a workflow, the oldest first. */
export async function executionsOf(rest: N8nRest, workflowId: string): Promise<Array<{ id: string }>> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const answer = await rest.request('GET', `/rest/executions?limit=100&filter=${filter}`);
	return (answer as { results: Array<{ id: string }> }).results.reverse();
}

/**
 * Waits until something is so.
 *
 * @throws after `timeoutMs`, with the condition's code: jest gives a test up, and does not end what it waits for
 */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 120_000): Promise<void> {
	const late = Date.now() + timeoutMs;
	while (!(await condition())) {
		if (Date.now() > late) throw new Error(`After ${timeoutMs / 1000} s it is not so: ${String(condition)}`);
		await sleep(LOOK_MS);
	}
}
