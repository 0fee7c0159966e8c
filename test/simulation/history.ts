import type {
	ConflictChoice,
	DuplicateNames,
	IfExists,
	IfRunning,
	SyncOutput,
} from '../../client/sync-types';

/** A history is data: what a world is like, and what happens in it when. It can be kept, cut down and played again. */
export interface History {
	/** Decides everything that the events leave open: how long things take, which of several comes first. */
	seed: number;
	setup: Setup;
	events: Event[];
}

export type Operation = 'both' | 'toLocal' | 'toRemote';

export interface Setup {
	/** What the schedules do, one entry for each folder; all with the same chat. None: only the trigger watches it. */
	folders: Operation[];
	/** Processes of n8n. Each can run every workflow. */
	workers: number;
	/** What the trigger watches, and whether it gives contents too. Nothing: the chat, and no contents. */
	trigger?: { watch: 'chat' | 'directory'; downloadFiles: boolean };
	options: {
		propagateDeletes: boolean;
		/** For the syncs one way. */
		ifExists: IfExists;
		mode: 'simple' | 'multipart' | 'auto';
		ifRunning: IfRunning;
		concurrency: number;
		trashDays: number;
		// What is missing is as the client has it.
		maxDelete?: number;
		/** Seconds without progress. */
		timeout?: number;
		/** For the syncs both ways. */
		conflict?: ConflictChoice;
		/** For the syncs to local. */
		duplicateNames?: DuplicateNames;
		output?: SyncOutput;
		verify?: boolean;
		/** For the syncs to remote. */
		recursive?: boolean;
		/** A pattern that fits a name fits it with a number before its extension too. */
		include?: string[];
		exclude?: string[];
	};
	service: {
		/** Old services keep no hash of an upload. */
		hashes: boolean;
		/** Services before 0.7 have none. */
		directories: boolean;
		/** `upload_at` tells its zone. */
		zone: boolean;
		newest: 'first' | 'last';
		/** A file is `merging` for so long before it is `ok`. */
		mergeMs: number;
	};
}

export const ENDPOINTS = [
	'uploadSimpleFile',
	'downloadFile',
	'getFileDownloadUrl',
	'link',
	'deleteFile',
	'listChatFiles',
	'initMultipartUploadFile',
	'uploadFilePart',
	'completeMultipartUpload',
	'getMultipartUploadFileStatus',
	'listFilesInDirectory',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

export const FAULTS = [
	/** The connection breaks before the service does anything. */
	'lost',
	/** The service says that it is busy, and has done nothing. */
	'busy',
	/** The service refuses by a code. */
	'refused',
	/** It is done, and the connection breaks before the answer. */
	'lostAnswer',
	/** It is done, and a gateway answers 502. */
	'badGateway',
	/** A gateway answers 504; it is done some seconds later. */
	'late',
	/** It is done; the answer is 200 and a page of HTML. */
	'garbage',
	/** It is done, and no answer ever comes. */
	'stalled',
	/** It is never done, and no answer ever comes. */
	'hangs',
	/** The answer comes twice over the same connection; what may be done twice is. */
	'doubled',
	/** The answer breaks off in the middle. */
	'cut',
	/** A content with a wrong byte, a list with a wrong total, the id of nothing. */
	'wrong',
] as const;
export type FaultKind = (typeof FAULTS)[number];

export type Refusal = 'EACCES' | 'EPERM' | 'EROFS';

/** What happens at one moment. What makes no sense at that moment, such as deleting what is not there, is nothing. */
export type Event = { at: number } &
	// A name may be a path below the folder. What is deleted or renamed may be a subfolder.
	(
		| { do: 'write' | 'delete'; folder: number; name: string }
		| { do: 'rename'; folder: number; name: string; to: string }
		| { do: 'touch'; folder: number; name: string }
		/** Into the chat, in place of what has the name there. */
		| { do: 'put' | 'drop'; name: string }
		/** Into the chat, beside what has the name there. */
		| { do: 'add'; name: string }
		/** So many files at once, each with a name of its own. */
		| { do: 'crowd'; files: number }
		/** Everything goes from a folder, or from the chat. */
		| { do: 'purge'; folder?: number }
		/** A workflow uploads a file of its own. */
		| { do: 'upload'; worker: number; name: string }
		| { do: 'sync'; worker: number; folder: number; dry?: boolean }
		/** n8n's main process polls for the trigger; it is the first worker. */
		| { do: 'poll' }
		/** For the next requests of this kind, after `skip` of them. */
		| { do: 'fault'; on: Endpoint | '*'; what: FaultKind; skip: number; times: number }
		/** Nobody reaches the service for so long. Milliseconds. */
		| { do: 'outage'; ms: number }
		/** Lists show the chat of so long ago, for a while. */
		| { do: 'lag'; ms: number; for: number }
		| { do: 'fullDisk'; for: number }
		/** Of the calls that change something in a folder, or read it too, so many percent are refused by this code. */
		| { do: 'refuse'; folder: number; code: Refusal; percent: number; reads: boolean; for: number }
		/** The time of day of a worker's machine jumps. */
		| { do: 'clock'; worker: number; by: number }
		/** The worker's machine sleeps, or its process is stopped. */
		| { do: 'freeze'; worker: number; ms: number; sleeps: boolean }
		/** After so many more steps the worker is killed, and n8n starts it again. */
		| { do: 'kill'; worker: number; after: number }
		/** Somebody stops the executions of a worker. */
		| { do: 'stop'; worker: number }
	);
