import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startQueue, type RunningQueue } from '../../../harness/n8n-host';
import { startService, type RunningService } from '../../../local-service';
import { CREDENTIAL } from './workflow';
import { USER_ID, WORLD_MS } from './world';

/** n8n in queue mode with two workers, and the service that its credential points to. */
export interface QueueWorld {
	n8n: RunningQueue;
	service: RunningService;
	/** Requests to the path that is counted, so far. */
	requests: () => number;
	/** The executions that a worker has begun, by its own log. */
	startedBy: (worker: number) => string[];
}

/**
 * One for all tests of a `describe`.
 *
 * @param counted the path of the service whose requests are counted
 */
export function useQueue(counted: string): () => QueueWorld {
	let service: RunningService | undefined;
	let n8n: RunningQueue | undefined;
	let dataDir = '';
	let requests = 0;

	beforeAll(async () => {
		dataDir = await mkdtemp(join(tmpdir(), 'e2e-service-'));
		service = await startService({
			dataDir,
			onRequest: ({ path }) => {
				if (path === counted) requests += 1;
			},
		});
		const data = { profile: 'custom', baseUrl: service.url, userId: USER_ID };
		n8n = await startQueue({ workers: 2, credentials: [{ ...CREDENTIAL, type: 'bddFileApi', data }] });
	}, WORLD_MS);

	afterAll(async () => {
		// Each of them may be missing when the start failed.
		await n8n?.stop();
		await service?.close();
		await rm(dataDir, { recursive: true, force: true });
	}, 60_000);

	return () => {
		if (n8n === undefined || service === undefined) throw new Error('There is no queue outside of the tests');
		const { workers } = n8n;
		return {
			n8n,
			service,
			requests: () => requests,
			startedBy: (worker) =>
				(workers[worker]?.log.lines ?? []).flatMap(
					(line) => /Worker started execution (\d+)/.exec(line)?.[1] ?? [],
				),
		};
	};
}
