import type { UnreadableRecord } from './api/records';
import type { Biz, WireId } from './api/wire';

/** How a file goes up. `auto` is simple up to 100 MiB and multipart above. */
export const UPLOAD_MODES = ['auto', 'simple', 'multipart'] as const;
export type UploadMode = (typeof UPLOAD_MODES)[number];

/** Where messages for the operator go; n8n's logger fits. */
export interface Logger {
	debug(message: string): void;
	info(message: string): void;
	warn(message: string): void;
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

export interface DownloadOptions extends CallOptions {
	/** What the service's list says of the file, when the caller has it. */
	expected?: { filename?: string; size?: number; hashcode?: string } | undefined;
	/** Check the content against `expected.hashcode`. Default true. The length is always checked. */
	verify?: boolean | undefined;
}

export interface ToFileOptions {
	/** Becomes the file's modification time, where the disk takes it. */
	modifiedAt?: Date | undefined;
	/** What becomes of a file that is at the path, also of one that appears during the download. Default `replace`. */
	ifExists?: 'replace' | 'fail' | undefined;
	/** The file at the path as it was looked at (`lstat`): it is kept when it is no longer that one. */
	expectedTarget?: { size: number; mtimeMs: number; ino: number } | undefined;
	/** Asked for the path with all links followed, right before the file is written. */
	isPathAllowed?: ((realPath: string) => boolean) | undefined;
}

export type SyncStatus = 'success' | 'skipped' | 'failed';

/** What became of one file of a sync. */
export interface SyncItem {
	status: SyncStatus;
	/** Missing only when a local file never got as far as the service. */
	fileId?: WireId;
	/** The remote name. */
	fileName: string;
	/** Absolute. Missing when the remote name cannot be a local one. */
	localPath?: string;
	/** Bytes. */
	size?: number;
	/** Why it was skipped: a sentence. */
	reason?: string;
	/** Why it failed: a sentence. */
	error?: string;
}

export interface SyncOptions extends CallOptions {
	chatId: string;
	/** Absolute path, already allowed by the caller. */
	localDirectory: string;
	/** Files in flight at once. Default 24; to remote, 8 of those above 5 MiB. */
	concurrency?: number | undefined;
	/** Globs on the name (to local) or on the path relative to the folder (to remote); none means everything. */
	include?: string[] | undefined;
	exclude?: string[] | undefined;
	/** Plan, and report what would be done, without doing it. */
	dryRun?: boolean | undefined;
	/** Asked for every local path before it is read or written; false makes that file fail. */
	isPathAllowed?: ((path: string) => boolean) | undefined;
}

export const IF_EXISTS = ['overwrite', 'skip', 'skipUnchanged'] as const;
export type IfExists = (typeof IF_EXISTS)[number];

export const DUPLICATE_NAMES = ['renameById', 'newest', 'fail'] as const;
export type DuplicateNames = (typeof DUPLICATE_NAMES)[number];

export interface SyncToLocalOptions extends SyncOptions {
	/** Default `overwrite`. */
	ifExists?: IfExists | undefined;
	/** Default `renameById`. */
	duplicateNames?: DuplicateNames | undefined;
	/** Check contents against the service's hashes. Default true. */
	verify?: boolean | undefined;
}

export interface SyncToRemoteOptions extends SyncOptions {
	/** Default `skip`. `overwrite` and `skipUnchanged` replace the remote file: upload first, then delete the old one. */
	ifExists?: IfExists | undefined;
	/** Walk subfolders too. Default true. */
	recursive?: boolean | undefined;
	/** As for a single upload; `partSize` in MiB. */
	mode?: UploadMode | undefined;
	partSize?: number | undefined;
}
