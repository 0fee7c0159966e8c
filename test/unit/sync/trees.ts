import type { WireId } from '../../../client/api/wire';
import { exactName } from '../../../client/sync/disk-names';
import { pathFilter } from '../../../client/sync/filter';
import { MODES, type Rules } from '../../../client/sync/modes';
import type { Pair } from '../../../client/sync/pair';
import type { LocalEntry, LocalFile, RemoteFile, SyncedFile, Trees } from '../../../client/sync/trees';

/** Trees and rules for tests of what is pure. */

export function remoteFile(file: Partial<RemoteFile> & Pick<RemoteFile, 'id'>): RemoteFile {
	return { name: 'a.txt', size: 1, hash: '', uploadedMs: undefined, status: 'ok', ...file };
}

export function localFile(file: Partial<LocalFile> = {}): LocalFile {
	const path = file.path ?? 'a.txt';
	const name = path.slice(path.lastIndexOf('/') + 1);
	return {
		kind: 'file',
		path,
		name,
		size: 1,
		mtimeMs: Date.parse('2024-01-01T00:00:00Z'),
		isTimeSet: true,
		ino: 1,
		...file,
	};
}

/** What the memory has of `localFile()`, but for what is said. */
export function syncedFile(file: Partial<SyncedFile> & Pick<SyncedFile, 'id'>): SyncedFile {
	return { path: 'a.txt', size: 1, hash: '', mtimeMs: localFile().mtimeMs, ...file };
}

export function pairOf(parts: Partial<Pair>): Pair {
	return {
		path: undefined,
		local: undefined,
		remote: undefined,
		synced: undefined,
		noPlace: undefined,
		...parts,
	};
}

export function treesOf({
	local = [],
	remote = [],
	synced = [],
	superseded = [],
}: {
	local?: readonly LocalEntry[];
	remote?: readonly RemoteFile[];
	synced?: readonly SyncedFile[];
	superseded?: ReadonlyArray<readonly [old: WireId, by: WireId]>;
}): Trees {
	return {
		local: { exists: true, entries: local },
		remote: { files: remote, unreadable: [] },
		synced: { files: new Map(synced.map((file) => [file.path, file])), superseded: new Map(superseded) },
	};
}

export function rulesFor(name: keyof typeof MODES, rules: Partial<Rules> = {}): Rules {
	const mode = MODES[name];
	return {
		mode,
		ifExists: mode.ifExists,
		duplicateNames: 'renameById',
		conflict: 'keepBoth',
		propagateDeletes: false,
		maxDelete: 50,
		remembers: true,
		recursive: name === 'toRemote',
		filter: pathFilter(),
		keyOf: exactName,
		isAllowed: () => true,
		...rules,
	};
}
