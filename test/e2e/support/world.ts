import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
	problemsIn,
	startN8n,
	taskOf,
	type N8nRun,
	type RunningN8n,
	type StartOptions,
} from '../../../harness/n8n-host';
import type { WorkflowDefinition } from '../../../harness/n8n-host';
import { startService, type RunningService } from '../../../local-service';
import { CREDENTIAL, TRIGGER } from './workflow';

/** Longer than an installation from an empty cache takes. */
export const WORLD_MS = 45 * 60_000;

/** The user that the suites act for: an id as long as real ones are. */
export const USER_ID = '1955228426376908801';

const CLOSE_MS = 60_000;
const RUN_MS = 60_000;

type WorldOptions = Pick<StartOptions, 'extra' | 'workflows'>;

/** The real n8n with the package in it, and the service its credential points to. */
export interface World {
	n8n: RunningN8n;
	service: RunningService;
	/** Creates the workflow and executes it as the editor does. */
	run(workflow: WorkflowDefinition, timeoutMs?: number): Promise<N8nRun>;
	/** What n8n's log holds that somebody should look at, less the errors that executed workflows ended with. */
	unexpectedInLog(): string[];
	close(): Promise<void>;
}

/** One world for all tests of a `describe`. A world that cannot be had fails every one of them. */
export function useWorld(options: WorldOptions = {}): () => World {
	let world: World | undefined;
	beforeAll(async () => {
		world = await openWorld(options);
	}, WORLD_MS);
	afterAll(async () => {
		await world?.close();
	}, CLOSE_MS);
	return () => {
		if (world === undefined) throw new Error('There is no world outside of the tests');
		return world;
	};
}

/** Builds the world; when that fails nothing of it is left. Takes about 15 seconds once n8n is in the cache. */
async function openWorld(options: WorldOptions): Promise<World> {
	const dataDir = await mkdtemp(join(tmpdir(), 'e2e-service-'));
	const service = await startService({ dataDir });
	const closeService = async (): Promise<void> => {
		await service.close();
		await rm(dataDir, { recursive: true, force: true });
	};
	try {
		const data = { profile: 'custom', baseUrl: service.url, userId: USER_ID };
		const n8n = await startN8n({ ...options, credentials: [{ ...CREDENTIAL, type: 'bddFileApi', data }] });
		const failures: string[] = [];
		return {
			n8n,
			service,
			run: async (workflow, timeoutMs = RUN_MS) => {
				const run = await n8n.rest.run(await n8n.rest.createWorkflow(workflow), TRIGGER, timeoutMs);
				if (run.resultData.error !== undefined) failures.push(JSON.stringify(run.resultData.error.message));
				return run;
			},
			unexpectedInLog: () =>
				problemsIn(n8n.process.log).filter((line) => !failures.some((message) => line.includes(message))),
			close: async () => {
				try {
					await n8n.stop();
				} finally {
					await closeService();
				}
			},
		};
	} catch (error) {
		await closeService();
		throw error;
	}
}

/** The items that a node gave on one of its outputs. */
export function outputOf(run: N8nRun, node: string, output = 0): INodeExecutionData[] {
	const task = taskOf(run, node);
	if (task.error !== undefined) throw new Error(`${node} failed: ${task.error.message}`);
	return task.data?.main?.[output] ?? [];
}

/** The JSON of those items. */
export function jsonOf(run: N8nRun, node: string, output = 0): IDataObject[] {
	return outputOf(run, node, output).map(({ json }) => json);
}
