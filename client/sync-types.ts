import type { WireId } from './api/wire';
import type { CallOptions, UploadMode } from './types';

export type SyncStatus = 'success' | 'skipped' | 'failed';

/** What a sync did with one file; in a dry run, what it would do. `none`: skipped for another reason, or failed. */
export type SyncAction =
	'uploaded' | 'downloaded' | 'deletedLocal' | 'deletedRemote' | 'conflict' | 'unchanged' | 'none';

/** Why a deletion on one side was not carried over to the other. */
export type NotDeletedReason =
	/** The local file was changed since it was last in sync. */
	| 'changedLocally'
	/** The chat has another file of this name since. */
	| 'changedRemotely'
	/** The chat's list holds records that cannot be read. */
	| 'unreadableRecords'
	/** Something in the folder cannot be read or is not allowed, and is not excluded. */
	| 'unreadableFolder'
	/** Something else had to be done first for the same name, and failed. */
	| 'earlierFailure'
	/** What was to be deleted is no longer what was planned, or it is there again. */
	| 'changedMeanwhile';

/** What became of one file of a sync. */
export interface SyncItem {
	status: SyncStatus;
	action: SyncAction;
	/** Missing only when a local file never got as far as the service. */
	fileId?: WireId;
	/** The remote name; empty when it cannot be read. Missing only in the one item of a sync that did not run (`ifRunning`: `skip`). */
	fileName?: string;
	/** Absolute. Missing when the remote name cannot be a local one. */
	localPath?: string;
	/** Bytes. */
	size?: number;
	/** Why it was skipped, or what a conflict came to: a sentence. */
	reason?: string;
	/** Why it failed: a sentence. */
	error?: string;
	/** Set when a file is gone on one side and stays on the other although deletions are carried over. */
	notDeleted?: NotDeletedReason;
	/** Only in the one item of a sync that did not run. */
	localDirectory?: string;
}

/** A whole sync in one object of bounded size. */
export interface SyncSummary {
	/** `failed` when a file failed. */
	status: 'success' | 'failed';
	chatId: string;
	localDirectory: string;
	/** Files that the sync was about; each is counted once in what follows. */
	total: number;
	uploaded: number;
	downloaded: number;
	/** On either side. */
	deleted: number;
	conflicts: number;
	unchanged: number;
	skipped: number;
	failed: number;
	/** Transferred. */
	bytes: number;
	seconds: number;
	/** Of the skipped ones: gone on one side and kept on the other although deletions are carried over. Missing when there is none. */
	notDeleted?: Partial<Record<NotDeletedReason, number>>;
	/** The first 20. */
	failures: SyncItem[];
}

/**
 * How much comes out: one item per file; only those that are not `unchanged` and not left where they are because an option says
 * so (`ifExists`: `skip`, `duplicateNames`: `newest`); or one summary.
 */
export const SYNC_OUTPUTS = ['all', 'changes', 'summary'] as const;
export type SyncOutput = (typeof SYNC_OUTPUTS)[number];

/** What a sync resolves with: always a list, which for `summary` has one element. */
export type SyncResult<Output extends SyncOutput = 'all'> = Output extends 'summary'
	? [SyncSummary | SyncItem]
	: SyncItem[];

/** What to do when another sync of the same folder is running. */
export const IF_RUNNING = ['wait', 'skip', 'fail'] as const;
export type IfRunning = (typeof IF_RUNNING)[number];

export interface SyncOptions<Output extends SyncOutput = 'all'> extends CallOptions {
	chatId: string;
	/** Absolute path, already allowed by the caller. */
	localDirectory: string;
	/** Files in flight at once. Default 24; of those above 5 MiB never more than 8 go up at once. */
	concurrency?: number | undefined;
	/** Globs on the name (to local, both ways) or on the path relative to the folder (to remote); none means everything. */
	include?: string[] | undefined;
	exclude?: string[] | undefined;
	/** Plan, and report what would be done, without doing it. */
	dryRun?: boolean | undefined;
	/** Asked for every local path before it is read or written; false makes that file fail. */
	isPathAllowed?: ((path: string) => boolean) | undefined;
	/** Carry over that a file is gone, as far as an earlier sync remembers it. Default false. */
	propagateDeletes?: boolean | undefined;
	/** Percent of what is remembered. If more (and more than 10 files) would go on a side, nothing is done. Default 50. */
	maxDelete?: number | undefined;
	/** Days that locally removed files stay in the folder's trash; 0 removes them at once. Default 30. */
	trashDays?: number | undefined;
	/** Default `wait`. */
	ifRunning?: IfRunning | undefined;
	/** Default `all`. */
	output?: Output | undefined;
}

export const IF_EXISTS = ['overwrite', 'skip', 'skipUnchanged'] as const;
export type IfExists = (typeof IF_EXISTS)[number];

export const DUPLICATE_NAMES = ['renameById', 'newest', 'fail'] as const;
export type DuplicateNames = (typeof DUPLICATE_NAMES)[number];

/** What to do with a file that was edited on both sides. */
export const CONFLICT_CHOICES = ['keepBoth', 'newest', 'local', 'remote'] as const;
export type ConflictChoice = (typeof CONFLICT_CHOICES)[number];

interface DownloadingSync {
	/** Check contents against the service's hashes. Default true. */
	verify?: boolean | undefined;
}

interface UploadingSync {
	/** As for a single upload; `partSize` in MiB. */
	mode?: UploadMode | undefined;
	partSize?: number | undefined;
}

export interface SyncToLocalOptions<Output extends SyncOutput = 'all'>
	extends SyncOptions<Output>, DownloadingSync {
	/** Default `skipUnchanged`. */
	ifExists?: IfExists | undefined;
	/** Default `renameById`. */
	duplicateNames?: DuplicateNames | undefined;
}

export interface SyncToRemoteOptions<Output extends SyncOutput = 'all'>
	extends SyncOptions<Output>, UploadingSync {
	/** Default `skip`. `overwrite` and `skipUnchanged` replace the remote file: upload first, then delete the old one. */
	ifExists?: IfExists | undefined;
	/** Walk subfolders too. Default true. */
	recursive?: boolean | undefined;
}

/** Only the folder's own files take part: a chat has no folders. */
export interface SyncBothWaysOptions<Output extends SyncOutput = 'all'>
	extends SyncOptions<Output>, DownloadingSync, UploadingSync {
	/** Default `keepBoth`. */
	conflict?: ConflictChoice | undefined;
}
