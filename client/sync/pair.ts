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
	// Most runs find a partner for everything, and then nobody need know for which.
	let [localsLeft, syncedLeft] = [locals.size, synced.size];
	const taken = lazily(() => new Set(pairs.map(({ path }) => (path === undefined ? path : keyOf(path)))));
	for (const [position, remote] of trees.remote.files.entries()) {
		const place = places[position] ?? { why: 'noFreeName' };
		if (typeof place !== 'string') {
			pairs.push({ path: undefined, local: undefined, remote, synced: undefined, noPlace: place });
			continue;
		}
		const key = keyOf(place);
		const local = locals.get(key);
		const before = synced.get(key);
		if (local !== undefined) localsLeft -= 1;
		if (before !== undefined) syncedLeft -= 1;
		pairs.push({ path: local?.path ?? place, local, remote, synced: before, noPlace: undefined });
	}
	if (localsLeft > 0) {
		for (const [key, local] of locals) {
			const before = synced.get(key);
			if (taken().has(key) || (!mode.up && before === undefined)) continue;
			if (before !== undefined) syncedLeft -= 1;
			taken().add(key);
			pairs.push({ path: local.path, local, remote: undefined, synced: before, noPlace: undefined });
		}
	}
	if (syncedLeft === 0) return pairs;
	for (const [key, before] of synced) {
		if (taken().has(key)) continue;
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
	const remembered = syncedByKey(trees, rules);
	// Most runs find everything that is remembered, and then nobody need know where.
	let syncedLeft = remembered.size;
	for (const entry of local.entries) {
		if (entry.kind === 'folder') continue;
		const file = entry.kind === 'file' ? claims.get(entry) : undefined;
		const before = synced.files.get(entry.path);
		if (before !== undefined && remembered.get(rules.keyOf(entry.path)) === before) syncedLeft -= 1;
		pairs.push({ path: entry.path, local: entry, remote: file, synced: before, noPlace: undefined });
	}
	if (syncedLeft > 0) {
		const present = new Set(pairs.map(({ path }) => path));
		const chat = new UnclaimedFiles(remote.files, new Set(claims.values()), synced.superseded, rules);
		for (const before of remembered.values()) {
			if (present.has(before.path)) continue;
			const file = chat.take(before);
			pairs.push({ path: before.path, local: undefined, remote: file, synced: before, noPlace: undefined });
		}
	}
	for (const file of remote.files) {
		const by = synced.superseded.get(file.id);
		if (by === undefined) continue;
		const noPlace: NoPlace = { why: 'superseded', by };
		pairs.push({ path: undefined, local: undefined, remote: file, synced: undefined, noPlace });
	}
	return pairs;
}

/** The chat's files that no local file has a claim to. */
class UnclaimedFiles {
	private readonly byId = new Map<WireId, RemoteFile>();
	private readonly byName = new Map<string, RemoteFile[]>();

	constructor(
		files: readonly RemoteFile[],
		claimed: ReadonlySet<RemoteFile>,
		superseded: ReadonlyMap<WireId, WireId>,
		private readonly rules: Rules,
	) {
		for (const file of files.toSorted((a, b) => compareIds(a.id, b.id))) {
			if (claimed.has(file) || superseded.has(file.id)) continue;
			this.byId.set(file.id, file);
			if (file.status === 'ok') addTo(this.byName, rules.keyOf(file.name), file);
		}
	}

	/** The remembered file itself, else the newest of its name. */
	take({ id, path, remoteName }: SyncedFile): RemoteFile | undefined {
		const name = remoteName ?? lastPart(path);
		const itself = this.byId.get(id);
		const namesakes = this.byName.get(this.rules.keyOf(name));
		let file = itself ?? namesakes?.pop();
		while (itself === undefined && file !== undefined && !this.byId.has(file.id)) file = namesakes?.pop();
		if (file !== undefined) this.byId.delete(file.id);
		return file;
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
