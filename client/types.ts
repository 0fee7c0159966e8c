import type { Readable } from 'node:stream';

import type { HttpOptions } from './api/network';
import type { UnreadableRecord } from './api/records';
import type { Biz, FileInfo, WireId } from './api/wire';
import type { Patience } from './arguments';
import type { Siblings } from './transfer/siblings';

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

/** A list of some of the files: only those count and come out for which `where` is true. */
export interface FileListOptions<T = FileInfo> extends ListOptions {
	where?: ((file: T) => boolean) | undefined;
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

export interface UploadIfExistsOptions extends UploadOptions {
	ifExists: UploadIfExists;
	/** The transfers that it belongs to, of which none replaces another one's file. Default: it stands for itself. */
	siblings?: Siblings | undefined;
}

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
	/**
	 * Over how many a large file comes down where one is slow and its storage serves ranges: 1 to 16, default 4. Each but one
	 * holds up to 4 MiB in memory; all downloads of a client together have 8 more than there are downloads.
	 */
	connections?: number | undefined;
}

export interface DownloadToFileOptions extends DownloadOptions {
	/** Becomes the file's modification time. */
	modifiedAt?: Date | undefined;
	/** Whether the result is to have `mtimeMs`, for which a disk has to be asked once more. Default false. */
	tellTime?: boolean | undefined;
	/** What must be at the path when the file is put there; otherwise it rejects with LocalFileError. Default: anything. */
	onto?: 'nothing' | FileState | undefined;
	/**
	 * Called before the temporary file is made, and when it is complete, right before it takes its name. What it throws, the
	 * download throws. Gets where the folder that is written to really is, all links followed, on systems that tell it of an
	 * open folder (Linux).
	 */
	check?: ((realFolder: string | undefined, isComplete: boolean) => Promise<void>) | undefined;
}

/** What to do with a file that is in a download's place already. */
export const DOWNLOAD_IF_EXISTS = ['overwrite', 'skip', 'skipUnchanged'] as const;

export interface DownloadIntoOptions extends DownloadOptions {
	/** Default: the expected name, else the one that the service tells. */
	fileName?: string | undefined;
	/** Becomes the file's modification time. */
	modifiedAt?: Date | undefined;
	/** The transfers that it belongs to, of which none writes over another one's file. Default: it stands for itself. */
	siblings?: Siblings | undefined;
	/** Asked for the path of the file, links followed, before anything is written. Default: all are. */
	isPathAllowed?: ((path: string) => boolean) | undefined;
	/** Default `overwrite`. */
	ifExists?: (typeof DOWNLOAD_IF_EXISTS)[number] | undefined;
}

/** A file in a folder, or what stands in its place and stays. */
export type DownloadOutcome = {
	fileId: WireId;
	fileName: string;
	/** Absolute, all links followed. */
	path: string;
	/** Bytes. */
	size: number;
} & ({ status: 'downloaded' } | { status: 'skipped'; reason: 'exists' | 'unchanged' });

/** What tells a file that was looked at from whatever may be in its place later. */
export interface FileState {
	/** Bytes. */
	size: number;
	/** Milliseconds since 1970. */
	mtimeMs: number;
	ino: number;
}
