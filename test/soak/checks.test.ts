/** What judges a soak sees what it is there to see. On the real service and a real disk. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startService, type RunningService } from '../../local-service';
import { checkMessages } from './check-events';
import { checkSync, findLeftovers } from './check-syncs';
import { md5 } from './contents';
import type { Ledger } from './people';
import { CHATS, eventsFolder, folderOf, SYNCS, type SyncName } from './workflows';

let folder = '';
let service: RunningService;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'soak-checks-'));
	service = await startService({ dataDir: join(folder, 'service') });
	await mkdir(eventsFolder(folder));
	for (const sync of SYNCS) await mkdir(folderOf(folder, sync));
});

afterEach(async () => {
	await service.close();
	await rm(folder, { recursive: true, force: true });
});

const hash = (text: string) => md5(Buffer.from(text));
const ledger = (missed: string[], undone: string[] = []): Ledger => ({
	missed: new Set(missed.map(hash)),
	undone: new Set(undone.map(hash)),
});
const inChat = (sync: SyncName, filename: string, content: string) =>
	service.addFile({ filename, chatId: CHATS[sync], content });
const inFolder = async (sync: SyncName, name: string, content: string) => {
	await writeFile(join(folderOf(folder, sync), name), content);
};
const verdict = async (sync: SyncName, people: Ledger) => {
	const { kept, doubles, losses } = await checkSync(service, folder, sync, people);
	return [kept.length, doubles.length, losses.length];
};

test('equal sides are neither a double nor a loss', async () => {
	await inChat('both', 'a', 'A');
	await inFolder('both', 'a', 'A');
	expect(await verdict('both', ledger(['A']))).toEqual([0, 0, 0]);
});

test('a content that is twice in the chat is a double, and so is a name', async () => {
	await inFolder('both', 'a', 'A');
	await inChat('both', 'a', 'A');
	await inChat('both', 'b', 'A');
	expect(await verdict('both', ledger(['A']))).toEqual([0, 1, 0]);
	await inChat('toRemote', 'a', 'A');
	await inChat('toRemote', 'a', 'B');
	await inFolder('toRemote', 'a', 'A');
	await inFolder('toRemote', 'b', 'B');
	expect(await verdict('toRemote', ledger(['A', 'B']))).toEqual([0, 1, 0]);
});

test('what is on one side only is a loss; what somebody misses is one on each side', async () => {
	await inChat('both', 'a', 'A');
	expect(await verdict('both', ledger([]))).toEqual([0, 0, 1]);
	await inFolder('both', 'a', 'A');
	expect(await verdict('both', ledger(['A', 'B']))).toEqual([0, 0, 2]);
});

test('what somebody has deleted is kept only on the side that follows', async () => {
	await inFolder('toLocal', 'a', 'A');
	expect(await verdict('toLocal', ledger([], ['A']))).toEqual([1, 0, 0]);
	expect(await verdict('toLocal', ledger([]))).toEqual([0, 0, 1]);
	await inFolder('toRemote', 'a', 'A');
	expect(await verdict('toRemote', ledger([], ['A']))).toEqual([0, 0, 1]);
});

test('a message is lost, doubled or has other bytes', async () => {
	const message = { fileName: 'm', hash: hash('M'), answer: 'answered' } as const;
	const judge = async () => {
		const { doubles, losses, unsure } = await checkMessages(service, [message]);
		return [doubles.length, losses.length, unsure.length];
	};
	expect(await judge()).toEqual([0, 1, 0]);
	await service.addFile({ filename: 'm', chatId: CHATS.watched, content: 'M' });
	expect(await judge()).toEqual([0, 0, 0]);
	await service.addFile({ filename: 'm', chatId: CHATS.watched, content: 'other' });
	expect(await judge()).toEqual([1, 1, 0]);
});

test('temporary files, held locks and unfinished uploads are leftovers', async () => {
	const both = folderOf(folder, 'both');
	expect(await findLeftovers(service, folder)).toEqual({ found: [], ofKilled: [] });
	await writeFile(join(both, '.bdd-file-1.part'), '');
	await mkdir(join(both, '.bdd-file-lock'));
	await writeFile(join(both, '.bdd-file-lock', '7'), '{"released":false}');
	await service.addFile({ filename: 'u', chatId: CHATS.both, status: 'uploading' });
	const { found } = await findLeftovers(service, folder);
	expect(found).toHaveLength(3);
});
