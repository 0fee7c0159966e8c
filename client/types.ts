import type { Readable } from 'node:stream';

import type { HttpOptions } from './api/network';
import type { UnreadableRecord } from './api/records';
import type { Biz, WireId } from './api/wire';
import type { Patience } from './arguments';

/** How a file goes up. `auto` is simple up to 100 MiB and multipart above. */
export const UPLOAD_MODES = ['auto', 'simple', 'multipart'] as const;
export type UploadMode = (typeof UPLOAD_MODES)[number];

/** Where messages for the operator go; n8n's logger fits. */
export interface Logger {
	debug(message: string): void;
	info(message: string): void;
	warn(message: string): void;
}

export interface ClientOptions extends Omit<HttpOptions, 'answerFloorMs'> {
	/** The address of the service, as `resolveBaseUrl` gives it. */
	baseUrl: string;
	/** Who asks, unless a call says otherwise. A string of digits. */
	userId?: string | undefined;
	/** Default `chat`. */
	biz?: Biz | undefined;
	/** Default `auto`. */
	mode?: UploadMode | undefined;
	logger?: Logger | undefined;
	patience?: Partial<Patience> | undefined;
}

/** A file coming down. `stream` must be read to its end or destroyed. */
export interface Download {
	fileId: WireId;
	/** As the service or the caller's list names it. */
	fileName?: string;
	/** Bytes. */
	size?: number;
	/** By the name. */
	mimeType: string;
	/** Ends only when all bytes arrived and are right; otherwise it fails with a BddFileError. */
	stream: Readable;
}

/** What every call takes. */
export interface CallOptions {
	/** Overrides the client's user id. A string of digits. */
	userId?: string | undefined;
	/** Aborting it closes the call's sockets and rejects with CancelledError. */
	signal?: AbortSignal | undefined;
	/** Seconds without a byte in either direction after which an attempt is given up. Default 60. */
	timeout?: number | undefined;
	/** Attempts in all, the first included. Default 4. */
	maxTries?: number | undefined;
}

export interface ListOptions extends CallOptions {
	/** At most so many. Default: all. */
	limit?: number | undefined;
	/** Told of each record that cannot be read; the others are given all the same. */
	onUnreadable?: ((record: UnreadableRecord) => void) | undefined;
}

export interface UploadOptions extends CallOptions {
	/** Default: the client's, else `chat`. */
	biz?: Biz | undefined;
	/** Required for biz `chat`. */
	chatId?: string | undefined;
	/** For any biz but `chat`: sent as it is. */
	bizParams?: unknown;
	/** Default: the client's, else `auto`. */
	mode?: UploadMode | undefined;
	/** MiB per part, at least 5; grows by itself so that 10,000 parts suffice. */
	partSize?: number | undefined;
	/** Parts in flight at once. Default 4. */
	concurrency?: number | undefined;
	/** Continue an unfinished upload of the same name, size and content in the same chat. Default true. */
	resume?: boolean | undefined;
	/** Continue this unfinished upload if it still fits; otherwise start anew. */
	resumeFileId?: string | undefined;
}

export interface UploadResult {
	fileId: WireId;
	fileName: string;
	/** Bytes. */
	size: number;
	mode: 'simple' | 'multipart';
	/** MD5 of the content, lower-case hex. */
	md5: string;
}

/** What to do with a file of the name of an upload. */
export const UPLOAD_IF_EXISTS = ['keepBoth', 'skip', 'skipUnchanged', 'replace'] as const;
export type UploadIfExists = (typeof UPLOAD_IF_EXISTS)[number];

/** What became of an upload that looks first. */
export type UploadOutcome =
	| (UploadResult & {
			status: 'uploaded';
			/** The older files of the same name that were deleted. */
			replaced: WireId[];
	  })
	| {
			status: 'skipped';
			/** Of the file that is there. */
			fileId: WireId;
			fileName: string;
			/** Bytes. */
			size: number;
			reason: 'exists' | 'unchanged';
	  };

/** What to do when there is no file to delete. */
export const IF_MISSING = ['fail', 'skip'] as const;

export interface DeleteOptions extends CallOptions {
	/** Default `fail`. */
	ifMissing?: (typeof IF_MISSING)[number] | undefined;
}

export interface DownloadOptions extends CallOptions {
	/** What the service's list says of the file, when the caller has it. */
	expected?: { filename?: string; size?: number; hashcode?: string } | undefined;
	/** Check the content against `expected.hashcode`. Default true. The length is always checked. */
	verify?: boolean | undefined;
}

export interface DownloadToFileOptions extends DownloadOptions {
	/** Becomes the file's modification time. */
	modifiedAt?: Date | undefined;
	/** What must be at the path when the file is put there; otherwise it rejects with LocalFileError. Default: anything. */
	onto?: 'nothing' | FileState | undefined;
	/** Called right before the temporary file is made and right before it takes its name. What it throws, the download throws. */
	check?: (() => Promise<void>) | undefined;
}

/** What tells a file that was looked at from whatever may be in its place later. */
export interface FileState {
	/** Bytes. */
	size: number;
	/** Milliseconds since 1970. */
	mtimeMs: number;
	ino: number;
}

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
	/** Something in the folder cannot be read. */
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
