import type { IRunExecutionData, ITaskData } from 'n8n-workflow';

/** One finished execution, as n8n stored it. */
export interface N8nRun {
	id: string;
	status: string;
	resultData: IRunExecutionData['resultData'];
}

/** What one node did in its only run. */
export function taskOf(run: N8nRun, node: string): ITaskData {
	const tasks = run.resultData.runData[node];
	const task = tasks?.[0];
	if (task === undefined || tasks?.length !== 1) {
		throw new Error(
			`${node} ran ${String(tasks?.length ?? 0)} times in execution ${run.id} (${run.status}): ${run.resultData.error?.message ?? 'no error'}`,
		);
	}
	return task;
}
