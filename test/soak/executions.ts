import { parse as parseFlatted } from 'flatted';
import type { IRunExecutionData } from 'n8n-workflow';

import type { N8nRest } from '../../harness/n8n-host';
import { TRIGGER_NODE } from './workflows';

const PAGE = 100;

export interface Execution {
	id: string;
	workflowName: string;
	status: string;
}

/** What came out of the trigger in one execution, and how that execution ended. */
export interface Events {
	fileIds: string[];
	/** Of an execution that has no success. */
	error: string;
}

interface ExecutionPage {
	results: Execution[];
	nextCursor: string | null;
}

/** @param cursor where the page before ended; without one it is the first */
async function page(rest: N8nRest, cursor?: string): Promise<ExecutionPage> {
	const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
	return (await rest.request('GET', `/rest/executions?limit=${String(PAGE)}${from}`)) as ExecutionPage;
}

/** The newest hundred. */
export const latestExecutions = async (rest: N8nRest): Promise<Execution[]> => (await page(rest)).results;

/** All executions that n8n has kept, the newest first. */
export async function allExecutions(rest: N8nRest): Promise<Execution[]> {
	const all = new Map<string, Execution>();
	let cursor: string | null | undefined;
	while (cursor !== null) {
		const { results, nextCursor }: ExecutionPage = await page(rest, cursor);
		// One that ends between two pages may be on both: the later page knows better.
		for (const { id, workflowName, status } of results) all.set(id, { id, workflowName, status });
		cursor = nextCursor;
	}
	return [...all.values()].sort((a, b) => Number(b.id) - Number(a.id));
}

/**
 * Which files an execution of the watching workflow was started with: from the node's output, or what n8n had stored to
 * start it.
 */
export async function eventsOf(rest: N8nRest, execution: Execution): Promise<Events> {
	const { resultData, executionData } = await dataOf(rest, execution);
	const ran = resultData.runData[TRIGGER_NODE]?.[0]?.data?.main?.[0];
	const stored = executionData?.nodeExecutionStack.find(({ node }) => node.name === TRIGGER_NODE);
	const items = ran ?? stored?.data.main?.[0] ?? [];
	return {
		fileIds: items.map(({ json }) => idOf(json.id)),
		error: resultData.error?.message ?? '',
	};
}

/** An id is a number while that is exact, else its digits. */
function idOf(value: unknown): string {
	if (typeof value === 'number' || typeof value === 'string') return String(value);
	throw new Error(`An event without an id: ${JSON.stringify(value)}`);
}

/** Why an execution ended without success, in n8n's words. */
export async function errorOf(rest: N8nRest, execution: Execution): Promise<string> {
	return (await dataOf(rest, execution)).resultData.error?.message ?? '';
}

async function dataOf(rest: N8nRest, { id }: Execution): Promise<IRunExecutionData> {
	const answer = (await rest.request('GET', `/rest/executions/${id}`)) as { data: string };
	return parseFlatted(answer.data) as IRunExecutionData;
}

/**
 * Whether n8n ended it because a process was killed. n8n 2 in queue mode runs no job twice (it sets Bull's
 * `maxStalledCount` to 0): a job whose worker is gone fails as stalled, and an execution that is in no queue, as its main
 * process died between writing it down and queueing it, or is still called running, is marked as crashed. The first
 * error is worded as if the load were to blame, and takes the place of all data of the execution.
 */
export function isEndedByKill({ status }: Execution, error: string): boolean {
	return status === 'crashed' || /failed to be processed too many times/.test(error);
}
