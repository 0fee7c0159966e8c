import type { UnreadableRecord } from '../api/records';
import type { FileStatus, WireId } from '../api/wire';
import type { Checksum } from '../transfer/hash';

/**
 * A sync compares three trees.
 *
 * - `local`: what is in the folder now.
 * - `remote`: what is in the chat now.
 * - `synced`: what was the same on both sides when it was last seen to be: the memory of earlier runs.
 *
 * Two trees can tell that the sides differ; only the third tells why. A file that is here and not there is new when it is
 * not in `synced`, and deleted on the other side when it is; of two that differ, the one that is not as in `synced` was
 * edited. Without a memory `synced` is empty: then nothing ever counts as deleted, and what differs as edited on both sides.
 *
 * The trees are plain data. `scan-local.ts`, `scan-remote.ts` and `memory.ts` read them, `pair.ts` puts together which
 * entries are about the same file, `plan.ts` decides what is to be done; none of these changes anything.
 */
export interface Trees {
	local: LocalTree;
	remote: RemoteTree;
	synced: SyncedTree;
}

export interface LocalTree {
	/** False while the folder is still to be made. */
	exists: boolean;
	/** Everything that takes up a name, sorted by path; our own files are not among them. */
	entries: readonly LocalEntry[];
}

/** A path is relative to the folder, with `/` on every platform. */
export type LocalEntry = LocalFile | LocalObstacle;

export interface LocalFile {
	kind: 'file';
	path: string;
	/** The last part of the path: what the file is called in the chat. */
	name: string;
	/** Bytes. */
	size: number;
	/** Milliseconds since 1970. */
	mtimeMs: number;
	/** The modification time was set, as a download sets it, and does not come from writing. */
	isTimeSet: boolean;
	/** What tells this very file from one that takes its place. */
	ino: number;
	/** Of the content, as far as there was a reason to read it. */
	checksums?: readonly Checksum[];
}

/** Something that takes up a name and is no file that could be synced. */
export interface LocalObstacle {
	kind: 'link' | 'folder' | 'special' | 'notAllowed' | 'unreadable';
	path: string;
	name: string;
	/** A folder, of which nothing below is known. */
	hidesAll?: boolean;
	/** Why it could not be read. */
	cause?: unknown;
}

export interface RemoteTree {
	/** In the service's order, each id once. */
	files: readonly RemoteFile[];
	/** Records of the list that are no file. Any file may be hidden behind one. */
	unreadable: readonly UnreadableRecord[];
}

export interface RemoteFile {
	id: WireId;
	/** As the chat has it: data, not a path. */
	name: string;
	/** Bytes. */
	size: number;
	/** Lower-case hex of an MD5 or a SHA-256, told apart by the length; empty when the service knows none. */
	hash: string;
	/** Milliseconds since 1970, by the service's clock; undefined when it does not say. */
	uploadedMs: number | undefined;
	status: FileStatus;
}

export interface SyncedTree {
	/** By local path. */
	files: ReadonlyMap<string, SyncedFile>;
	/** Files of the chat whose upload to take their place is known to have arrived: the old id, and the new one. */
	superseded: ReadonlyMap<WireId, WireId>;
}

/** A file that was the same on both sides. */
export interface SyncedFile {
	path: string;
	id: WireId;
	/** Bytes, on both sides. */
	size: number;
	/** As in `RemoteFile`. */
	hash: string;
	/** Of the local file. Milliseconds since 1970; `NO_TIME` when it proves nothing. */
	mtimeMs: number;
	/** The name in the chat, where it is not the local one. */
	remoteName?: string;
}

/** Stands for a modification time that an edit may share: only the hash tells then. */
export const NO_TIME = -1;
