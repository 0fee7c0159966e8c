import { compareIds } from '../api/ids';
import type { WireId } from '../api/wire';
import { addTo } from './add-to';
import { exactName } from './disk-names';
import { lazily } from './lazily';
import type { Rules } from './modes';
import { lastPart } from './names';
import { pairNamesakes } from './namesakes';
import { type NoPlace, placeFiles } from './places';
import type { LocalEntry, RemoteFile, SyncedFile, Trees } from './trees';

/** The entries of the three trees that are about the same file. */
export interface Pair {
	/** Where the file is in the folder, or would be; undefined when it has no place there. */
	path: string | undefined;
	local: LocalEntry | undefined;
	remote: RemoteFile | undefined;
	synced: SyncedFile | undefined;
	/** Why the chat's file has no place. */
	noPlace: NoPlace | undefined;
}

/**
 * Finds out which entries belong together. The memory comes first: what was one file stays one file, whatever it is called.
 * Then names decide. A filter plays no part, so that it never changes which file is which.
 *
 * @returns pairs in the order in which they are reported; every local and every remote file is in one at most
 */
export function pairTrees(trees: Trees, rules: Rules): Pair[] {
	return rules.mode.down ? pairByPlace(trees, rules) : pairByClaim(trees, rules);
}

/** Every file of the chat has a place in the folder. What is there, and what was there, belongs to it. */
function pairByPlace(trees: Trees, rules: Rules): Pair[] {
	const { keyOf, mode } = rules;
	const locals = new Map<string, LocalEntry>();
	for (const entry of trees.local.entries) locals.set(keyOf(entry.path), entry);
	const places = placeFiles(trees, rules, locals);
	const synced = syncedByKey(trees, rules);
	const pairs: Pair[] = [];
	for (const [position, remote] of trees.remote.files.entries()) {
		const place = places[position] ?? { why: 'noFreeName' };
		if (typeof place !== 'string') {
			pairs.push({ path: undefined, local: undefined, remote, synced: undefined, noPlace: place });
			continue;
		}
		const key = keyOf(place);
		const local = locals.get(key);
		locals.delete(key);
		pairs.push({
			path: local?.path ?? place,
			local,
			remote,
			synced: synced.get(key),
			noPlace: undefined,
		});
	}
	for (const [key, local] of locals) {
		const before = synced.get(key);
		if (!mode.up && before === undefined) continue;
		pairs.push({ path: local.path, local, remote: undefined, synced: before, noPlace: undefined });
	}
	for (const before of inNoPair(synced, pairs, rules)) {
		pairs.push({
			path: before.path,
			local: undefined,
			remote: undefined,
			synced: before,
			noPlace: undefined,
		});
	}
	return pairs;
}

/** Every local file has a claim to one of the chat's files of its name. */
function pairByClaim(trees: Trees, rules: Rules): Pair[] {
	const { local, remote, synced } = trees;
	const claims = pairNamesakes(trees, rules);
	const pairs: Pair[] = [];
	for (const entry of local.entries) {
		if (entry.kind === 'folder') continue;
		const file = entry.kind === 'file' ? claims.get(entry) : undefined;
		const before = synced.files.get(entry.path);
		pairs.push({ path: entry.path, local: entry, remote: file, synced: before, noPlace: undefined });
	}
	const gone = inNoPair(syncedByKey(trees, rules), pairs, rules);
	const unclaimed = lazily(() => new UnclaimedFiles(trees, new Set(claims.values()), gone, rules));
	for (const before of gone) {
		const file = unclaimed().take(before);
		pairs.push({ path: before.path, local: undefined, remote: file, synced: before, noPlace: undefined });
	}
	for (const file of remote.files) {
		const by = synced.superseded.get(file.id);
		if (by === undefined) continue;
		const noPlace: NoPlace = { why: 'superseded', by };
		pairs.push({ path: undefined, local: undefined, remote: file, synced: undefined, noPlace });
	}
	return pairs;
}

/** What is remembered and in none of the pairs. */
function inNoPair(
	remembered: ReadonlyMap<string, SyncedFile>,
	pairs: readonly Pair[],
	{ keyOf }: Rules,
): SyncedFile[] {
	// Most runs find all of it, and then nobody need know where.
	let left = remembered.size;
	for (const { synced } of pairs)
		if (synced !== undefined && remembered.get(keyOf(synced.path)) === synced) left -= 1;
	if (left === 0) return [];
	const found = new Set(pairs.map(({ synced }) => synced));
	return [...remembered.values()].filter((file) => !found.has(file));
}

/** The chat's files that no local file has a claim to, for what is remembered and gone from the folder. */
class UnclaimedFiles {
	private readonly byId = new Map<WireId, RemoteFile>();
	/** Those that are not remembered, in ascending order of their ids. */
	private readonly byName = new Map<string, RemoteFile[]>();

	constructor(
		{ remote, synced }: Trees,
		claimed: ReadonlySet<RemoteFile>,
		gone: readonly SyncedFile[],
		private readonly rules: Rules,
	) {
		const isGone = new Set(gone.map(({ id }) => id));
		// Also what is remembered of what this sync does not see: it is another's.
		const remembered = new Set([...synced.files.values()].map(({ id }) => id));
		for (const file of remote.files.toSorted((a, b) => compareIds(a.id, b.id))) {
			if (claimed.has(file) || synced.superseded.has(file.id)) continue;
			if (isGone.has(file.id)) this.byId.set(file.id, file);
			else if (file.status === 'ok' && !remembered.has(file.id))
				addTo(this.byName, rules.keyOf(file.name), file);
		}
	}

	/** The remembered file itself, else the newest of its name. */
	take({ id, path, remoteName }: SyncedFile): RemoteFile | undefined {
		const itself = this.byId.get(id);
		this.byId.delete(id);
		return itself ?? this.byName.get(this.rules.keyOf(remoteName ?? lastPart(path)))?.pop();
	}
}

/** What is remembered of that part of the folder which this sync looks at. */
function syncedByKey({ local, synced }: Trees, { keyOf, recursive }: Rules): ReadonlyMap<string, SyncedFile> {
	const unseen = local.entries.filter((entry) => entry.kind !== 'file');
	const hidden = unseen.filter(({ hidesAll }) => hidesAll === true).map(({ path }) => `${path}/`);
	const isSeen = (path: string) =>
		(recursive || !path.includes('/')) && !hidden.some((prefix) => path.startsWith(prefix));
	if (keyOf === exactName && every(synced.files.keys(), isSeen)) return synced.files;
	const found = new Map<string, SyncedFile>();
	for (const file of synced.files.values()) if (isSeen(file.path)) found.set(keyOf(file.path), file);
	return found;
}

function every<T>(items: Iterable<T>, isSo: (item: T) => boolean): boolean {
	for (const item of items) if (!isSo(item)) return false;
	return true;
}
