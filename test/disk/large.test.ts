import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

import { startService, type RunningService } from '../../local-service';
import { runApart } from './apart/apart';

const CHAT = '42';
const USER = '1955228426376908801';
const MIB = 1024 * 1024;
const SIZE = 2048 * MIB;
/** MiB. Far less than the file, and than n8n itself wants. */
const HEAP = 128;
/** MiB, whatever the size of the file: parts under way, and what is between the sockets and the disk. */
const MOST_GROWN = 100;
const LIMIT_MS = 600_000;

let root: string;
let service: RunningService;
const inRoot = (name: string) => path.join(root, name);

beforeAll(async () => {
	root = await realpath(await mkdtemp(path.join(tmpdir(), 'bdd-large-')));
	await Promise.all(['up', 'down', 'n8n', 'service'].map((name) => mkdir(inRoot(name))));
	service = await startService({ dataDir: inRoot('service') });
	await writeFile(inRoot('up/small.bin'), 'small');
	await writeLarge(inRoot('up/large.bin'));
});
afterAll(async () => {
	await service.close();
	await rm(root, { recursive: true });
});

/** A file with holes costs no disk; what is in it tells each place from the others. */
async function writeLarge(file: string): Promise<void> {
	const handle = await open(file, 'wx');
	for (let at = 0; at < SIZE; at += 64 * MIB) await handle.write(`place ${at}`, at + 12_345);
	await handle.truncate(SIZE);
	await handle.close();
}

async function md5(file: string): Promise<string> {
	const hash = createHash('md5');
	await pipeline(createReadStream(file, { highWaterMark: MIB }), hash);
	return hash.digest('hex');
}

const step = (operation: string, parameters: Record<string, string>) => ({
	resource: 'file',
	operation,
	...parameters,
});
const inApart = (warmUp: ReturnType<typeof step>, parameters: ReturnType<typeof step>) =>
	runApart({ baseUrl: service.url, userId: USER, folder: root, warmUp, parameters }, HEAP, inRoot('n8n'));

test(
	`2 GiB go up from a path and down to a path with a heap of ${HEAP} MiB, past the storage of n8n`,
	async () => {
		const upload = (name: string) =>
			step('upload', { source: 'path', filePath: inRoot(`up/${name}`), chatId: CHAT });
		const up = await inApart(upload('small.bin'), upload('large.bin'));
		const [{ fileId, md5: sent } = {}] = up.items;
		expect(up.items).toMatchObject([
			{ status: 'success', fileName: 'large.bin', size: SIZE, mode: 'multipart' },
		]);
		const small = service.files().find(({ filename }) => filename === 'small.bin')?.id;
		await rm(inRoot('up/large.bin'));

		const download = (id: unknown) =>
			step('download', { fileId: String(id), destination: 'path', filePath: inRoot('down') });
		const down = await inApart(download(small), download(fileId));
		const localPath = inRoot('down/large.bin');
		expect(down.items).toMatchObject([{ status: 'success', fileId, size: SIZE, localPath }]);

		expect(await readdir(inRoot('down'))).toEqual(expect.arrayContaining(['large.bin', 'small.bin']));
		expect(await readdir(inRoot('down'))).toHaveLength(2);
		expect((await stat(localPath)).size).toBe(SIZE);
		expect(await md5(localPath)).toBe(sent);
		for (const { grown, stored } of [up, down]) {
			expect(grown).toBeLessThan(MOST_GROWN);
			expect(stored).toBeLessThan(MIB);
		}
		expect(await readdir(inRoot('n8n'))).toEqual([]);
	},
	LIMIT_MS,
);
