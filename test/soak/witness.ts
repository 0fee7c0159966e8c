import { setTimeout as sleep } from 'node:timers/promises';

import type { RunningQueue } from '../../harness/n8n-host';
import { eventsOf, latestExecutions } from './executions';
import { WATCH } from './workflows';

/** Much shorter than n8n needs to find out that a worker has died. */
const LOOK_MS = 3000;

/**
 * Notes what came out of the trigger while n8n still knows it: when n8n finds that the worker of an execution has died, it
 * writes its error over all data of that execution, and nobody can tell any more which files it was about.
 */
export class Witness {
	/** The ids of files by the id of the execution. */
	readonly seen = new Map<string, string[]>();

	constructor(private readonly n8n: RunningQueue) {}

	async run(stopped: AbortSignal): Promise<void> {
		while (!stopped.aborted) {
			// The main process may be away: what it has written is there when it is back.
			await this.#look().catch(() => undefined);
			await sleep(LOOK_MS, undefined, { signal: stopped }).catch(() => undefined);
		}
	}

	async #look(): Promise<void> {
		for (const execution of await latestExecutions(this.n8n.rest)) {
			if (execution.workflowName !== WATCH || this.seen.has(execution.id)) continue;
			const { fileIds } = await eventsOf(this.n8n.rest, execution);
			if (fileIds.length > 0) this.seen.set(execution.id, fileIds);
		}
	}
}
