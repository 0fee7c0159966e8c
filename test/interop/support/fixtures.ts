import { createCipheriv, createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type RunningService } from '../../../local-service';
import { INSTALL_TIMEOUT_MS, type ClientVersion } from './environment';
import { PublishedClient } from './published-client';

/** Beyond 2^53, as real ones are: 2^53 + 1 is the first integer that a JSON number loses. */
export const FIRST_ID = '9007199254740993';
export const USER_ID = '1955228426376908801';

export const MIB = 1024 * 1024;

let chats = 0;

/** A chat of its own for every test. */
export const newChat = () => `chat ${++chats}/聊天`;

/** Bytes that no compression, encoding or end-of-line conversion survives, the same in every run. */
export function bytes(length: number, seed = 0): Buffer {
	const iv = Buffer.alloc(16);
	iv.writeUInt32BE(seed);
	return createCipheriv('aes-128-ctr', Buffer.alloc(16), iv).update(Buffer.alloc(length));
}

export const md5 = (content: Uint8Array) => createHash('md5').update(content).digest('hex');

/** Stands for content in comparisons: jest takes seconds to compare each MiB, and prints every byte that differs. */
export const digest = (content: Uint8Array) => `${content.length} bytes, MD5 ${md5(content)}`;

/** Names and digests, ordered by name: how two places are compared. */
export type Contents = (readonly [name: string, digest: string])[];

export const contents = (files: readonly (readonly [name: string, content: Uint8Array])[]): Contents =>
	files
		.map(([name, content]) => [name, digest(content)] as const)
		.sort(([left], [right]) => (left < right ? -1 : 1));

/** What a person finds in a folder: our syncs keep hidden things of their own there. */
export async function contentsOfFolder(folder: string): Promise<Contents> {
	const names = (await readdir(folder)).filter((name) => !name.startsWith('.bdd-file-'));
	return contents(
		await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
	);
}

/** Past every client: what the service keeps. */
export async function contentsOfChat(service: RunningService, chatId: string): Promise<Contents> {
	const files = service.files().filter((file) => file.chatId === chatId);
	return contents(
		await Promise.all(files.map(async ({ id, filename }) => [filename, await service.readFile(id)] as const)),
	);
}

/** Names and sizes that have gone wrong somewhere. Every name is a file name of a usual Linux file system. */
export const FILES: readonly (readonly [name: string, content: Buffer])[] = [
	['报告 终稿.pdf', bytes(1, 1)],
	['a"b;c.txt', Buffer.from('not a header\r\n--boundary\r\n')],
	['👩‍🔬 実験 № 7.csv', bytes(70_000, 2)],
	// 255 bytes, the longest a name may be.
	[`${'文'.repeat(84)}.md`, bytes(1000, 3)],
	['empty.bin', Buffer.alloc(0)],
	[`100% &+#?'=%22.tar.gz`, bytes(4096, 4)],
	['a\\b.txt', bytes(10, 5)],
	// The letter and its accent apart, as macOS writes names.
	['cafe\u0301.txt', bytes(10, 6)],
	['record.json', Buffer.from('{"code": 1, "data": null, "message": "a file, not an answer"}')],
	['several MiB.bin', bytes(7 * MIB + 123, 7)],
];

/** Everything a test of the suite needs, and one call to remove it again. */
export interface Bench {
	service: RunningService;
	/** An empty folder for the files of one test, `name` distinguishing several. */
	folder(name: string): Promise<string>;
	/** Writes FILES there. */
	fill(folder: string): Promise<void>;
	close(): Promise<void>;
}

async function openBench(options: { traceId?: boolean }): Promise<Bench> {
	const home = await mkdtemp(join(tmpdir(), 'bdd-interop-'));
	const remove = async () => await rm(home, { recursive: true, force: true });
	const starting = startService({ dataDir: join(home, 'service'), firstId: FIRST_ID, ...options });
	await starting.catch(remove);
	const service = await starting;
	return {
		service,
		folder: async (name) => await mkdtemp(join(home, `${name}-`)),
		fill: async (folder) => {
			for (const [name, content] of FILES) await writeFile(join(folder, name), content);
		},
		close: async () => {
			await service.close();
			await remove();
		},
	};
}

export type PublishedBench = Bench & { published: PublishedClient };

/**
 * Gives the tests of the enclosing `describe` one bench with a published client on it; the result is for use in tests.
 * 0.5.1 gets answers with `trace_id`, which it insists on.
 */
export function usePublished(version: ClientVersion): () => PublishedBench {
	let open: PublishedBench | undefined;
	beforeAll(async () => {
		const bench = await openBench({ traceId: version === '0.5.1' });
		try {
			open = { ...bench, published: await PublishedClient.start(version, bench.service.url, USER_ID) };
		} catch (error) {
			await bench.close();
			throw error;
		}
	}, INSTALL_TIMEOUT_MS);
	afterAll(async () => {
		await open?.published.stop();
		await open?.close();
	});
	return () => {
		if (!open) throw new Error('the bench is open during tests only');
		return open;
	};
}
