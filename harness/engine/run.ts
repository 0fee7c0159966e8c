import type {
	ExecutionError,
	ExecutionStatus,
	INodeExecutionData,
	IRun,
	ITaskData,
	NodeExecutionHint,
} from 'n8n-workflow';

/** A finished execution, read by the names of its nodes. */
export class EngineRun {
	constructor(readonly raw: IRun) {}

	get status(): ExecutionStatus {
		return this.raw.status;
	}

	/** What ended the execution, if it failed. */
	get error(): ExecutionError | undefined {
		return this.raw.data.resultData.error;
	}

	/** The items of one output of a node's last run; none when the node did not run. */
	items(node: string, output = 0): INodeExecutionData[] {
		return this.outputs(node)[output] ?? [];
	}

	/** All outputs of a node's last run. */
	outputs(node: string): INodeExecutionData[][] {
		return (this.task(node)?.data?.main ?? []).map((items) => items ?? []);
	}

	/** What the node said in n8n's output panel. */
	hints(node: string): NodeExecutionHint[] {
		return this.task(node)?.hints ?? [];
	}

	private task(node: string): ITaskData | undefined {
		return this.raw.data.resultData.runData[node]?.at(-1);
	}
}
