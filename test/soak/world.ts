import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startFaultProxy, type FaultProxy } from '../../harness/fault-proxy';
import { startQueue, type RunningQueue } from '../../harness/n8n-host';
import { startService, type RunningService } from '../../local-service';
import { activate } from '../e2e/support/watching';
import { CREDENTIAL } from '../e2e/support/workflow';
import { eventsFolder, folderOf, N8N_SETTINGS, SYNCS, workflows } from './workflows';

const USER_ID = '1955228426376908801';

/** The service, the proxy in front of it, and the n8n that reaches it through that, with everything active. */
export interface SoakWorld {
	service: RunningService;
	proxy: FaultProxy;
	n8n: RunningQueue;
	/** A folder for the people's own things. */
	desk: string;
	/** Activates the workflows. */
	activate(): Promise<void>;
	/** Ends and removes everything. */
	close(): Promise<void>;
}

/** @param report told what is being done */
export async function openWorld(report: (line: string) => void): Promise<SoakWorld> {
	const dataDir = await mkdtemp(join(tmpdir(), 'soak-service-'));
	const cleanups = [() => rm(dataDir, { recursive: true, force: true })];
	const close = async (): Promise<void> => {
		for (let step = cleanups.pop(); step !== undefined; step = cleanups.pop()) await step();
	};
	try {
		const service = await startService({ dataDir });
		cleanups.push(() => service.close());
		const proxy = await startFaultProxy({ target: service.url });
		cleanups.push(() => proxy.close());
		const data = { profile: 'custom', baseUrl: proxy.url, userId: USER_ID };
		const n8n = await startQueue({
			workers: 2,
			credentials: [{ ...CREDENTIAL, type: 'bddFileApi', data }],
			extra: N8N_SETTINGS,
			report,
		});
		cleanups.push(() => n8n.stop());
		const { sharedFolder } = n8n;
		const desk = join(sharedFolder, '..', 'desk');
		const folders = [desk, eventsFolder(sharedFolder), ...SYNCS.map((sync) => folderOf(sharedFolder, sync))];
		await Promise.all(folders.map((folder) => mkdir(folder)));
		return {
			service,
			proxy,
			n8n,
			desk,
			activate: async () => {
				for (const workflow of workflows(sharedFolder)) await activate(n8n.rest, workflow);
			},
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}
