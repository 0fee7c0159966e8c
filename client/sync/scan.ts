import { exactName, type NameKey } from './disk-names';
import { type ChatKey, keyOfChat, Memory } from './memory';
import type { Rules } from './modes';
import { memoryFile } from './own-files';
import { PendingUploads, settlePending } from './pending';
import { diskNames } from './probe';
import { readDecidingHashes } from './read-hashes';
import { leftFiles, showsAllOf } from './recent';
import type { RemoteFiles } from './remote-files';
import { scanLocal } from './scan-local';
import { scanRemote, scanUntil } from './scan-remote';
import type { Settings } from './settings';
import type { LocalTree, RemoteTree, SyncedFile, Trees } from './trees';
import { join } from 'node:path';

/** Everything that a sync knows before it decides. */
export interface Scanned {
	trees: Trees;
	rules: Rules;
	/** What the folder's own files about the chat have in their names. */
	chatKey: string;
	/** Undefined in a sync that needs none and finds none. */
	memory: Memory | undefined;
	pending: PendingUploads;
	/** Names of our own temporary files in the folder. */
	temporaries: readonly string[];
}

/**
 * Reads the three trees: the folder first, so that an unusable one costs no request.
 *
 * @param mayWrite false for a dry run, which leaves no trace
 * @param left by the last sync of the folder, with its lock
 * @throws LocalFileError, BddFileError as the parts of it do
 */
export async function scanTrees(
	remote: RemoteFiles,
	settings: Settings,
	{ mayWrite, left }: { mayWrite: boolean; left?: unknown },
): Promise<Scanned> {
	const { directory, isPathAllowed, call, chatId, rules } = settings;
	const { recursive } = rules;
	const { tree: local, temporaries } = await scanLocal(directory, {
		recursive,
		isPathAllowed,
		signal: call.signal,
	});
	const chat = { service: remote.baseUrl, chatId };
	const memory = await findMemory(directory, chat, settings);
	const pending = await PendingUploads.load(directory, chat);
	const remembered: ReadonlyMap<string, SyncedFile> = memory?.files ?? new Map<string, SyncedFile>();
	const chatKey = keyOfChat(chat);
	const recent = leftFiles(left, chatKey, remote.settleMs);
	const remoteTree = await scanUntil(
		() => scanRemote(remote, chatId, call, remembered),
		async (tree) => await showsAllOf(recent, tree, remote, call),
		remote,
		call.signal,
	);
	const keyOf: NameKey = local.exists
		? await diskNames(directory, allNames(local, remoteTree, remembered), () => namesOf(local), mayWrite)
		: exactName;
	const all: Rules = {
		...rules,
		keyOf,
		isAllowed: (path) => isPathAllowed(join(directory, path)),
		remembers: memory !== undefined,
	};
	const trees: Trees = {
		local,
		remote: remoteTree,
		synced: { files: remembered, superseded: new Map() },
	};
	await readDecidingHashes(directory, trees, pending.uploads, all, call.signal);
	trees.synced = settlePending(pending.uploads, local, remoteTree, remembered);
	return { trees, rules: all, chatKey, memory, pending, temporaries };
}

/** In the folder itself. */
const namesOf = ({ entries }: LocalTree) =>
	entries.flatMap(({ name, path }) => (path === name ? [name] : []));

/** One by one, as a list of them all would be three times as long as the folder's. */
const allNames = (
	{ entries }: LocalTree,
	{ files }: RemoteTree,
	remembered: ReadonlyMap<string, SyncedFile>,
): Iterable<string> => ({
	*[Symbol.iterator]() {
		for (const { name } of files) yield name;
		for (const { name } of entries) yield name;
		yield* remembered.keys();
	},
});

/** A memory that is there is used and kept right, whatever the options; a new one is made where it is needed. */
async function findMemory(
	directory: string,
	chat: ChatKey,
	{ rules, isPathAllowed }: Settings,
): Promise<Memory | undefined> {
	if (!isPathAllowed(join(directory, memoryFile(keyOfChat(chat))))) return undefined;
	const memory = await Memory.load(directory, chat);
	const { mode, propagateDeletes } = rules;
	return memory.existed || propagateDeletes || (mode.up && mode.down) ? memory : undefined;
}
