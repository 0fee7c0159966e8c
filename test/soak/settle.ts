import { setTimeout as sleep } from 'node:timers/promises';

import { isUnfinished } from '../../harness/n8n-host';
import type { SoakWorld } from './world';
import { allExecutions } from './executions';
import { SYNCS, WATCH } from './workflows';

/** A lock of a killed sync is taken over after 30 s, a stalled job found after 30 s, a lost execution after a minute. */
const BOUND_MS = 240_000;

/** So long nothing may happen: each sync has run and each poll looked more than once. */
const QUIET_MS = 30_000;
const LOOK_MS = 2000;

/**
 * Waits until n8n has nothing left to do: no execution is unfinished but a sync that has just begun, and for half a
 * minute no event came and nothing changed at the service.
 *
 * @returns seconds it took, without the half minute, or undefined when it took too long
 */
export async function settle({ n8n, service }: SoakWorld, stopped: AbortSignal): Promise<number | undefined> {
	const started = Date.now();
	let last = '';
	let since = started;
	while (Date.now() - started < BOUND_MS) {
		await sleep(LOOK_MS, undefined, { signal: stopped });
		const executions = await allExecutions(n8n.rest);
		const newest = Number(executions[0]?.id ?? 0);
		const busy = executions
			.filter(isUnfinished)
			// A schedule goes on for ever: what began a moment ago is none of the past.
			.filter(({ id, workflowName }) => !(isSync(workflowName) && newest - Number(id) < SYNCS.length));
		const files = service.files().map(({ id, status }) => `${id} ${status}`);
		const watched = executions.filter(({ workflowName }) => workflowName === WATCH).length;
		const state = JSON.stringify([busy.map(({ id }) => id), files, watched]);
		if (state !== last || busy.length > 0) since = Date.now();
		last = state;
		if (Date.now() - since >= QUIET_MS) return (since - started) / 1000;
	}
	return undefined;
}

const isSync = (name: string): boolean => SYNCS.some((sync) => sync === name);
