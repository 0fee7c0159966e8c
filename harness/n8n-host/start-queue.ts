import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { N8nHome, type CredentialDefinition, type StartedN8n } from './n8n-home';
import { packPackage } from './package-under-test';
import { databaseBytes, startPostgres } from './postgres';
import { prepareN8n } from './prepare';
import { startRedis } from './redis';
import { reportToStderr, type Report } from './report';
import { N8nRest } from './rest';
import { Sandbox, type SandboxProcess } from './sandbox';

export interface QueueOptions {
	workers: number;
	credentials: readonly CredentialDefinition[];
	/** More environment variables, for the main process and the workers. */
	extra?: Readonly<Record<string, string>>;
	report?: Report;
}

/** n8n in queue mode: a main process that takes the orders, and workers that execute, each with a disk of its own. */
export interface RunningQueue extends StartedN8n {
	workers: SandboxProcess[];
	/** n8n's own interface, logged in as the owner. What it executes runs on a worker. */
	rest: N8nRest;
	/** The one folder that workflows may use, which all the workers share. */
	sharedFolder: string;
	/** Starts the main process again, on another port, and logs in: `url`, `process` and `rest` are then the new ones. */
	startMain(): Promise<void>;
	/** Starts a worker again once it has ended, on the disk it had. */
	startWorker(index: number): Promise<void>;
	/** What n8n's database takes on the disk, in bytes. */
	databaseBytes(): Promise<number>;
	/** Ends every process, the database and the queue among them, and removes everything. */
	stop(): Promise<void>;
}

/**
 * Starts queue mode as it is run for real: PostgreSQL, Redis, a main process and workers with the packed package in each,
 * and binary data in the database.
 */
export async function startQueue({
	workers: count,
	credentials,
	extra: more = {},
	report = reportToStderr,
}: QueueOptions): Promise<RunningQueue> {
	const installation = await prepareN8n({ report });
	const sandbox = await Sandbox.open();
	try {
		const sharedFolder = join(sandbox.folder, 'shared');
		await mkdir(sharedFolder);
		const database = await startPostgres(sandbox);
		const extra = {
			...database,
			...(await startRedis(sandbox)),
			EXECUTIONS_MODE: 'queue',
			// Otherwise what is started by hand runs in the main process.
			OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
			N8N_DEFAULT_BINARY_DATA_MODE: 'database',
			N8N_ENCRYPTION_KEY: randomBytes(16).toString('hex'),
			...more,
		};
		const tarball = await packPackage(join(sandbox.folder, 'package'), report);
		const makeHome = async (name: string): Promise<N8nHome> => {
			const userFolder = join(sandbox.folder, name);
			await mkdir(userFolder);
			const home = new N8nHome(installation, sandbox, { userFolder, allowedFolders: [sharedFolder], extra });
			await home.install(tarball, report);
			return home;
		};

		const main = await makeHome('main');
		await main.importCredentials(credentials);
		const started = await main.start();
		const workers: SandboxProcess[] = [];
		const homes: N8nHome[] = [];
		for (let number = 1; number <= count; number++) {
			const home = await makeHome(`worker-${String(number)}`);
			homes.push(home);
			workers.push(await home.startWorker());
		}
		const queue: RunningQueue = {
			...started,
			workers,
			rest: await N8nRest.login(started.url),
			sharedFolder,
			startMain: async () => {
				const { url, process } = await main.start();
				Object.assign(queue, { url, process, rest: await N8nRest.login(url) });
			},
			startWorker: async (index) => {
				const process = await homes[index]?.startWorker();
				if (process === undefined) throw new Error(`There is no worker ${String(index)}`);
				workers[index] = process;
			},
			databaseBytes: () => databaseBytes(sandbox, database),
			stop: () => sandbox.close(),
		};
		return queue;
	} catch (error) {
		await sandbox.close();
		throw error;
	}
}
