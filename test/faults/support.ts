import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { BddFileClient, bufferSource, type FileInfo, type UploadSource } from '../../client';
import { startFaultProxy, type FaultProxy } from '../../harness/fault-proxy';
import { startService, type RunningService, type ServiceOptions } from '../../local-service';

export const MIB = 1024 * 1024;
export const CHAT = '42';
const USER = '1955228426376908801';

/** A service on disk, a proxy in front of it that breaks by script, and a client that talks through the proxy. */
export interface Scenario {
	readonly service: RunningService;
	readonly proxy: FaultProxy;
	readonly client: BddFileClient;
	/** A folder for the test's own files. */
	readonly folder: string;
	/** What the client logged. */
	readonly log: string[];
	/** A second client, as another run of the workflow has it. */
	anotherClient(): BddFileClient;
	/** The chat's files as the service has them. */
	remote(): Promise<FileInfo[]>;
	stop(): Promise<void>;
}

export async function startScenario(options: Partial<ServiceOptions> = {}): Promise<Scenario> {
	const base = await mkdtemp(path.join(tmpdir(), 'bdd-file-faults-'));
	const folder = await mkdtemp(path.join(base, 'folder-'));
	const service = await startService({ dataDir: path.join(base, 'service'), ...options });
	const proxy = await startFaultProxy({ target: service.url });
	const log: string[] = [];
	const note = (message: string) => void log.push(message);
	const clients: BddFileClient[] = [];
	const newClient = (baseUrl: string) => {
		const logger = { debug: note, info: note, warn: note };
		const client = new BddFileClient({ baseUrl, userId: USER, logger, patience: { settle: 1, answer: 2 } });
		clients.push(client);
		return client;
	};
	const direct = newClient(service.url);
	return {
		service,
		proxy,
		folder,
		log,
		client: newClient(proxy.url),
		anotherClient: () => newClient(proxy.url),
		remote: async () => await direct.listChatFiles(CHAT),
		stop: async () => {
			for (const client of clients) client.close();
			await proxy.close();
			await service.close();
			await rm(base, { recursive: true, force: true });
		},
	};
}

/** Bytes and their MD5. */
export function content(size: number): { bytes: Buffer; md5: string } {
	const bytes = randomBytes(size);
	return { bytes, md5: createHash('md5').update(bytes).digest('hex') };
}

/** A source that counts how often it was opened and how many of its streams are still open. */
export function countedSource(fileName: string, bytes: Buffer): UploadSource & { stillOpen(): number } {
	const source = bufferSource(fileName, bytes);
	const streams: { destroyed: boolean }[] = [];
	return {
		...source,
		open: async (start) => {
			const stream = await source.open(start);
			streams.push(stream);
			return stream;
		},
		stillOpen: () => streams.filter(({ destroyed }) => !destroyed).length,
	};
}

/** The part numbers that were sent, in ascending order, each as often as it was sent. */
export function partsSent(proxy: FaultProxy, from = 0): number[] {
	return proxy
		.matching('POST /uploadFilePart')
		.filter(({ order }) => order > from)
		.map(({ params }) => Number(params?.['part_number']))
		.sort((a, b) => a - b);
}

/** Names of our own temporary files in a folder. */
export async function temporaries(folder: string): Promise<string[]> {
	return (await readdir(folder)).filter((name) => name.endsWith('.part'));
}
