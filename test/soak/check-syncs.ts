import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunningService } from '../../local-service';
import { md5 } from './contents';
import type { Ledger } from './people';
import { CHATS, eventsFolder, folderOf, SYNCS, type SyncName } from './workflows';

export interface SyncResult {
	/** In the chat, and in the folder. */
	files: [number, number];
	/** Deleted by somebody before a sync had written down that it knew them, and so not taken for deleted. */
	kept: string[];
	doubles: string[];
	losses: string[];
}

/** A content with the names it has. */
type Side = Map<string, string[]>;

/**
 * Whether chat and folder of a sync are equal by content, nothing is there twice, and nothing that somebody would miss
 * is gone.
 */
export async function checkSync(
	service: RunningService,
	sharedFolder: string,
	sync: SyncName,
	{ missed, undone }: Ledger,
): Promise<SyncResult> {
	const chat = await chatSide(service, sync);
	const folder = await folderSide(folderOf(sharedFolder, sync));
	const result: SyncResult = { files: [count(chat), count(folder)], kept: [], doubles: [], losses: [] };
	for (const [where, side] of [
		['chat', chat],
		['folder', folder],
	] as const) {
		for (const names of side.values())
			if (names.length > 1) result.doubles.push(`${sync}, ${where}: one content as ${names.join(', ')}`);
		const names = [...side.values()].flat();
		for (const name of new Set(names))
			if (names.filter((each) => each === name).length > 1)
				result.doubles.push(`${sync}, ${where}: twice ${name}`);
		for (const hash of missed)
			if (!side.has(hash)) result.losses.push(`${sync}, ${where}: ${hash} is missed`);
	}
	// Both ways both are the truth; one way, the side it comes from.
	compare(chat, folder, 'chat', 'folder');
	compare(folder, chat, 'folder', 'chat');
	return result;

	function compare(here: Side, there: Side, place: string, other: string): void {
		for (const [hash, names] of here) {
			if (there.has(hash)) continue;
			const words = `${sync}: ${names.join(', ')} is in the ${place} and not in the ${other}`;
			const isMirror =
				(sync === 'toLocal' && place === 'folder') || (sync === 'toRemote' && place === 'chat');
			if (isMirror && undone.has(hash)) result.kept.push(words);
			else result.losses.push(words);
		}
	}
}

async function chatSide(service: RunningService, sync: SyncName): Promise<Side> {
	const side: Side = new Map();
	for (const { id, filename, chatId, status } of service.files())
		if (chatId === CHATS[sync] && status === 'ok') add(side, md5(await service.readFile(id)), filename);
	return side;
}

async function folderSide(folder: string): Promise<Side> {
	const side: Side = new Map();
	for (const name of await readdir(folder))
		if (!name.startsWith('.bdd-file-')) add(side, md5(await readFile(join(folder, name))), name);
	return side;
}

function add(side: Side, hash: string, name: string): void {
	side.set(hash, [...(side.get(hash) ?? []), name]);
}

const count = (side: Side): number => [...side.values()].flat().length;

/** What nobody will clean up any more. */
export interface Leftovers {
	/** Temporary files and locks in the folders of syncs, staged bytes and unfinished uploads of syncs at the service. */
	found: string[];
	/** What an execution that was killed left where no sync comes by: the beginning of a download, an unfinished upload. */
	ofKilled: string[];
}

export async function findLeftovers(service: RunningService, sharedFolder: string): Promise<Leftovers> {
	const leftovers: Leftovers = { found: [], ofKilled: [] };
	for (const sync of SYNCS) {
		const folder = folderOf(sharedFolder, sync);
		for (const name of await readdir(folder)) {
			if (name.endsWith('.part')) leftovers.found.push(`${sync}: ${name}`);
			if (name.startsWith('.bdd-file-pending')) leftovers.found.push(`${sync}: ${name}`);
		}
		leftovers.found.push(...(await heldLocks(folder)).map((words) => `${sync}: ${words}`));
	}
	for (const name of await readdir(eventsFolder(sharedFolder)))
		if (name.endsWith('.part')) leftovers.ofKilled.push(`download: ${name}`);
	for (const name of await readdir(join(service.dataDir, 'staged')))
		leftovers.found.push(`service: staged ${name}`);
	for (const { id, filename, chatId, status } of service.files()) {
		if (status === 'ok') continue;
		const list = chatId === CHATS.watched ? leftovers.ofKilled : leftovers.found;
		list.push(`service: ${filename} (${id}) is ${status} in ${String(chatId)}`);
	}
	return leftovers;
}

/** The highest number stays, so that a latecomer finds it; it must say that the folder was given back. */
async function heldLocks(folder: string): Promise<string[]> {
	const lock = join(folder, '.bdd-file-lock');
	const names = await readdir(lock).catch(() => []);
	if (names.length > 1) return [`${String(names.length)} lock files`];
	const text = await readFile(join(lock, names[0] ?? ''), 'utf8').catch(() => '{"released":true}');
	return /"released":\s*true/.test(text) ? [] : [`a lock that is held: ${text}`];
}
