import type { WireId } from '../api/wire';
import type { NotDeletedReason } from '../sync-types';
import type { Pair } from './pair';
import type { NoPlace } from './places';
import type { LocalFile, RemoteFile, SyncedFile } from './trees';

/** What is to be done about one file: data, with codes for reasons. `apply.ts` does it, `report.ts` puts it into words. */
export type Step = Leave | Touch | Download | Upload | RemoveLocal | RemoveRemote | Forget;

/** Nothing is done, and why. */
export interface Leave {
	kind: 'leave';
	pair: Pair;
	why: LeaveReason;
	/** For `unchanged`, where there is a memory, and for `exists`: what may be written down as the same on both sides. */
	same?: SyncedFile | undefined;
}

export type LeaveReason =
	/** As the memory has it, by size and time, or by content. */
	| { code: 'unchanged'; by: 'memory' | 'time' | 'content' }
	/** A file is there already, and `ifExists` says to leave it. */
	| { code: 'exists' }
	| { code: 'noPlace'; place: NoPlace }
	/** The chat's file of this name is still being put together. */
	| { code: 'merging' }
	/** The local path must not be used, or holds something else than a file. */
	| { code: 'notAllowed' | 'link' | 'folder' | 'special' | 'unreadable' }
	/** It is gone on the other side and stays here. */
	| { code: 'notDeleted'; because: NotDeletedReason };

/** Equal content under another time, and no memory that knows it: setting it saves the next run the reading. */
export interface Touch {
	kind: 'touch';
	pair: Pair;
	why: { code: 'unchanged'; by: 'content' };
	local: LocalFile;
	remote: RemoteFile;
}

export interface Download {
	kind: 'download';
	pair: Pair;
	remote: RemoteFile;
	/** Relative. */
	path: string;
	/** The local file that is replaced; undefined where there is none. */
	replaces: LocalFile | undefined;
	/** Edited on both sides, and this is how it is settled. */
	conflict: boolean;
	/**
	 * Edited on both sides: the chat's version is kept beside this local file, under another name. It then goes up under that
	 * name too, and the version under the old name goes away with the conflict's own upload.
	 */
	beside: LocalFile | undefined;
}

export interface Upload {
	kind: 'upload';
	pair: Pair;
	local: LocalFile;
	/** The chat's file that is deleted once the new one is complete. */
	replaces: RemoteFile | undefined;
	conflict: boolean;
	/** Must have succeeded before this one begins. */
	after: Step | undefined;
}

/** Gone in the chat, and unchanged here. */
export interface RemoveLocal {
	kind: 'removeLocal';
	pair: Pair;
	local: LocalFile;
}

/** Gone here, and unchanged in the chat; or replaced by an upload of an earlier run. */
export interface RemoveRemote {
	kind: 'removeRemote';
	pair: Pair;
	remote: RemoteFile;
	/** The upload that took its place. */
	supersededBy: WireId | undefined;
}

/** What became of a step that was carried out. */
export type Outcome =
	/** `id`: the chat's file that came of it. `bytes`: transferred. */
	| { kind: 'done'; id?: WireId | undefined; bytes?: number | undefined }
	| { kind: 'failed'; cause: unknown }
	/** The new file is there, the one that it replaces could not be deleted. */
	| { kind: 'notReplaced'; id: WireId; bytes: number; cause: unknown }
	/** A local file appeared where `ifExists: skip` leaves what exists. */
	| { kind: 'appeared' }
	/** What looked like a conflict is none: both sides have the same content. */
	| { kind: 'same' }
	/** What had to be done before it failed. */
	| { kind: 'notBegun' }
	| { kind: 'notDeleted'; because: NotDeletedReason };

/** Gone on both sides: the memory lets it go. No item comes of it. */
export interface Forget {
	kind: 'forget';
	pair: Pair;
}

export function leave(pair: Pair, why: LeaveReason, same?: SyncedFile): Leave {
	return { kind: 'leave', pair, why, same };
}

export const notDeleted = (pair: Pair, because: NotDeletedReason) =>
	leave(pair, { code: 'notDeleted', because });

export function download(pair: Pair, remote: RemoteFile, replaces: LocalFile | undefined): Download {
	const path = pair.path ?? remote.name;
	return { kind: 'download', pair, remote, path, replaces, conflict: false, beside: undefined };
}

export function upload(pair: Pair, local: LocalFile, replaces: RemoteFile | undefined): Upload {
	return { kind: 'upload', pair, local, replaces, conflict: false, after: undefined };
}

export function touch(pair: Pair, local: LocalFile, remote: RemoteFile): Touch {
	return { kind: 'touch', pair, why: { code: 'unchanged', by: 'content' }, local, remote };
}
