/** Makes the call of a scenario with the real client, and tells what came of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { lookup } from 'node:dns';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import {
	BddFileClient,
	bufferSource,
	diskSource,
	type CallOptions,
	type ClientOptions,
	type Download,
	type NetworkPolicy,
	type UploadSource,
} from '../../../../client';
import { bytesOf, digestOf, digestOfBytes, type Digest } from '../content';
import { CHATS, SECRET, USER_ID, type Call, type Scenario } from '../scenario';
import { patienceOf } from './bounds';
import type { Disk } from './disk';
import type { Liar } from '../liar/liar';

/** What one of the call's promises came to. */
export type Ending = { value: unknown } | { error: unknown };

/** What was read of a download's stream. */
export interface Downloaded {
	download: Omit<Download, 'stream'>;
	content: Digest;
	/** The reader had enough; the rest was not asked for. */
	leftEarly: boolean;
}

/** Names in the call's folder. */
export const TARGET_NAME = 'target.bin';
export const SOURCE_NAME = 'source.bin';
/** A file that does not exist. */
const NO_SUCH_FILE = '4711';
/** A reader that gets more than this has enough. */
const MOST_READ = 48 * 1024 * 1024;

/** A client of the liar, in the way that the node makes one, with the scenario's patience. */
export function clientOf({ client }: Scenario, url: string, log: string[]): BddFileClient {
	const note = (message: string) => void log.push(message);
	const baseUrl = client.userInfo ? url.replace('//', `//user:${SECRET}-password@`) : url;
	const options: ClientOptions & { patience: ReturnType<typeof patienceOf> } = {
		baseUrl,
		userId: USER_ID,
		logger: { debug: note, info: note, warn: note },
		network: LOOPBACK_ONLY,
		patience: patienceOf(client),
	};
	return new BddFileClient(options);
}

/** Nothing of this suite ever leaves the machine, whatever a redirect says. */
const LOOPBACK_ONLY: NetworkPolicy = {
	validateUrl: (url) => {
		const { protocol, hostname } = new URL(url);
		const elsewhere = /^https?:$/.test(protocol) && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
		return elsewhere ? Promise.reject(new Error('This host may not be reached')) : Promise.resolve();
	},
	lookup: (hostname, options, callback) => {
		if (hostname === 'localhost') lookup(hostname, options, callback);
		else callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), '', 0);
	},
};

export interface Situation {
	client: BddFileClient;
	liar: Liar;
	disk: Disk;
	options: CallOptions;
}

/** One ending for each promise of the call: `copies` of them for an upload, else one. */
export async function makeCall(call: Call, situation: Situation): Promise<Ending[]> {
	const times = call.method === 'upload' ? call.copies : 1;
	const promises = Array.from({ length: times }, () => start(call, situation));
	return (await Promise.allSettled(promises)).map((result) =>
		result.status === 'fulfilled' ? { value: result.value } : { error: result.reason as unknown },
	);
}

async function start(call: Call, { client, liar, disk, options }: Situation): Promise<unknown> {
	const limit = (value: number | null) => (value === null ? {} : { limit: value });
	switch (call.method) {
		case 'upload': {
			const { mode, partSize, concurrency, resume, biz, resumeFile } = call;
			return await client.upload(await sourceOf(call, disk), {
				...options,
				mode,
				concurrency,
				resume,
				biz,
				...(biz === 'chat' && { chatId: CHATS[0] }),
				...(partSize !== null && { partSize }),
				...(resumeFile !== null && { resumeFileId: idOf(liar, resumeFile) }),
			});
		}
		case 'download':
			return await readAll(
				await client.download(idOf(liar, call.file), { ...options, ...expectation(call, liar) }),
			);
		case 'downloadToFile':
			return await client.downloadToFile(idOf(liar, call.file), targetOf(disk), {
				...options,
				...expectation(call, liar),
			});
		case 'getDownloadUrl':
			return await client.getDownloadUrl(idOf(liar, call.file), { ...options, expiresIn: call.expiresIn });
		case 'delete':
			await client.delete(idOf(liar, call.file), options);
			return undefined;
		case 'testConnection':
			await client.testConnection(options);
			return undefined;
		case 'listChatFiles':
			return await client.listChatFiles(CHATS[0], { ...options, ...limit(call.limit) });
		case 'listDirectories':
			return await client.listDirectories({
				...options,
				...limit(call.limit),
				name: call.name,
				...(call.sortBy && { sortBy: call.sortBy }),
			});
		case 'listFilesInDirectory':
			return await client.listFilesInDirectory(call.directory, {
				...options,
				...limit(call.limit),
				name: call.name,
				...(call.sortBy && { sortBy: call.sortBy }),
			});
		case 'syncToLocal': {
			const { ifExists, duplicateNames, verify, dryRun, concurrency } = call;
			const settings = { ifExists, duplicateNames, verify, dryRun, concurrency };
			return await client.syncChatFilesToLocal({ ...options, ...settings, ...placeOf(disk) });
		}
		case 'syncToRemote': {
			const { ifExists, mode, recursive, dryRun, concurrency } = call;
			const settings = { ifExists, mode, recursive, dryRun, concurrency };
			return await client.syncChatFilesToRemote({ ...options, ...settings, ...placeOf(disk) });
		}
	}
}

const placeOf = ({ folder }: Disk) => ({ chatId: CHATS[0], localDirectory: folder });

/** Where `downloadToFile` writes to. */
export const targetOf = ({ folder }: Disk) => join(folder, TARGET_NAME);

/** The id of an initial file, or one that nobody has. */
export const idOf = ({ store }: Liar, file: number): string => store.initial[file]?.id ?? NO_SUCH_FILE;

function expectation(
	{ expected, verify, file }: Call & { method: 'download' | 'downloadToFile' },
	{ store }: Liar,
) {
	const stored = store.initial[file];
	if (!stored || expected === 'none') return { verify };
	const { name: filename, size, hashcode } = stored;
	return { verify, expected: expected === 'size' ? { size } : { filename, size, hashcode } };
}

async function sourceOf(
	{ name, content, source }: Call & { method: 'upload' },
	disk: Disk,
): Promise<UploadSource> {
	switch (source) {
		case 'buffer':
			return bufferSource(name, bytesOf(content));
		case 'disk':
			return await diskSource(join(disk.folder, SOURCE_NAME), name);
		case 'stream':
			return {
				fileName: name,
				size: digestOf(content).size,
				open: (start = 0) =>
					Promise.resolve(Readable.from(pieces(bytesOf(content).subarray(start)), { objectMode: false })),
			};
	}
}

/** As a slow source gives them. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
	const size = Math.max(1, Math.ceil(bytes.length / 5));
	for (let at = 0; at < bytes.length; at += size) {
		await delay(1);
		yield bytes.subarray(at, at + size);
	}
}

async function readAll({ stream, ...download }: Download): Promise<Downloaded> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	let leftEarly = false;
	for await (const chunk of stream as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		// Only what may be one of the table's contents is worth keeping.
		if (bytes < 8 * 1024 * 1024) chunks.push(chunk);
		if (bytes > MOST_READ) {
			leftEarly = true;
			break;
		}
	}
	return { download, content: { ...digestOfBytes(Buffer.concat(chunks)), size: bytes }, leftEarly };
}
