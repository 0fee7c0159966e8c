import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';

import { BddFileClient, isBddFileError, type CallOptions, type ClientOptions } from '../../../client';
import { HostileService } from './service';
import { USER } from './store';

/** Seconds: how long an upload is looked for, the least wait for an answer, and the base of the waits between tries. */
export interface Patience {
	settle?: number;
	answer?: number;
	retry?: number;
}

/** Long enough for a list that is two seconds behind, and no longer. */
const PATIENCE: Patience = { settle: 3, answer: 1, retry: 0.05 };

export type PatientOptions = ClientOptions & { patience?: Patience };

/** What a listing tells of a record that is none. */
export interface Unreadable {
	reason: string;
	fileId?: unknown;
	fileName?: unknown;
}

/** The options of a listing that gathers what it could not read. */
export function gathering(unreadable: Unreadable[]): CallOptions & {
	onUnreadable: (problem: Unreadable) => void;
} {
	return { onUnreadable: (problem) => void unreadable.push(problem) };
}

export interface Scenario {
	service: HostileService;
	/** A client of the service, with short waits. */
	client: BddFileClient;
	/** Everything that any client of this scenario logged. */
	log: string[];
	/** A new folder, empty. Its parent is the test's too. */
	folder: string;
	newClient: (options?: Partial<PatientOptions>) => BddFileClient;
}

/**
 * Runs one test with a service, a client and a folder of its own, so that tests can run side by side. In the end the
 * clients are closed, and then no socket may be left.
 */
export async function scenario(test: (parts: Scenario) => Promise<void>): Promise<void> {
	const base = await mkdtemp(path.join(tmpdir(), 'bdd-file-hostile-'));
	const folder = path.join(base, 'folder');
	await mkdir(folder);
	const service = await HostileService.start();
	const log: string[] = [];
	const note = (message: string) => void log.push(message);
	const clients: BddFileClient[] = [];
	const newClient = (more: Partial<PatientOptions> = {}) => {
		const options: PatientOptions = {
			baseUrl: service.url,
			userId: USER,
			logger: { debug: note, info: note, warn: note },
			patience: PATIENCE,
			...more,
		};
		const client = new BddFileClient(options);
		clients.push(client);
		return client;
	};
	try {
		await test({ service, client: newClient(), log, folder, newClient });
		for (const client of clients) client.close();
		await noSockets(service);
	} finally {
		for (const client of clients) client.close();
		await service.close();
		await rm(base, { recursive: true, force: true });
	}
}

/** Waits until the service has no connection; throws after five seconds. */
export async function noSockets(service: HostileService): Promise<void> {
	for (const giveUp = Date.now() + 5000; service.openSockets() > 0;) {
		if (Date.now() > giveUp) throw new Error(`${service.openSockets()} sockets are left`);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

/** The names in a folder: its files, and temporary ones that were left behind, but not what a sync remembers. */
export async function filesIn(folder: string): Promise<string[]> {
	const names = await readdir(folder);
	return names.filter((name) => !name.startsWith('.') || name.endsWith('.part')).sort();
}

/** How a call ended. What is not a BddFileError must not come out of a client, whatever the service does. */
export async function failureOf(call: Promise<unknown>): Promise<Error> {
	let result: unknown;
	try {
		result = await call;
	} catch (error) {
		if (isBddFileError(error)) return error;
		throw error;
	}
	throw new Error(`No failure, but ${inspect(result).slice(0, 300)}`);
}
