/**
 * One scenario of the random liar, as plain JSON: what the service holds and how it behaves, how it answers each request,
 * and the one call that is made. A seed gives a scenario, a scenario gives the same conversation each time, as far as
 * real sockets allow. The arbitraries make scenarios, the child process plays them.
 */
import type {
	Biz,
	DirectorySort,
	DuplicateNames,
	FileSort,
	FileStatus,
	IfExists,
	UploadMode,
} from '../../../client';

export const ENDPOINTS = [
	'uploadSimpleFile',
	'downloadFile',
	'getFileDownloadUrl',
	'deleteFile',
	'listChatFiles',
	'initMultipartUploadFile',
	'uploadFilePart',
	'completeMultipartUpload',
	'abortMultipartUpload',
	'getMultipartUploadFileStatus',
	'listDirectories',
	'listFilesInDirectory',
	/** The object storage that signed links lead to: another origin, without our headers. */
	'storage',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** What begins every planted secret. It must never be seen in a message, a description or the log. */
export const SECRET = 'S3CR3T';

/** The chat of every call, and the one whose files are nobody's business. */
export const CHATS = ['chat-1', 'chat-2'] as const;
export const USER_ID = '1955228426376908801';

/** An index into the table of `content.ts`. */
export type ContentIndex = number;

/** A file that the service has before the call. */
export interface InitialFile {
	name: string;
	biz: Biz;
	/** For biz `chat`: an index into `CHATS`. */
	chat: number;
	content: ContentIndex;
	/** What its `hashcode` is. */
	hash: 'md5' | 'sha256' | 'none' | 'other';
	status: FileStatus;
	/** For `uploading`: whether its first part is there already. */
	begun: boolean;
	/** How long ago it was uploaded. */
	ageSeconds: number;
}

/** Somebody else who uploads a file of the same name and size, and other content, while the call is under way. */
export interface Rival {
	file: InitialFile;
	/** It is there before this request of the call is served; 1 is the first. */
	atRequest: number;
}

/** How the service behaves as long as it is honest. */
export interface ServiceSettings {
	files: InitialFile[];
	/** That many further small files in the chat. */
	crowd: number;
	/** Before these list requests (1 is the first) one file of the crowd is deleted and another one added. */
	moves: number[];
	rival: Rival | null;
	/** Records that are none, at the end of every chat's list. */
	broken: unknown[];
	paging: 'offset' | 'page' | 'both' | 'ignored';
	maxPage: number;
	/** The service's clock minus ours. */
	clockMs: number;
	dateHeader: 'true' | 'none' | 'garbage';
	uploadAt: 'utc' | 'noZone' | 'local' | 'behind' | 'garbage';
	/** What the lists say of new files' hashes. */
	hashes: 'asSent' | 'none' | 'sha256' | 'upper';
	/** How long the lists do not show a new file. */
	lagMs: number;
	/** How long a new file is `merging`. */
	mergeMs: number;
	/** What comes after `merging` when an upload in parts was completed. */
	afterMerge: 'ok' | 'error';
	/** How the search by name compares, or the HTTP status of a service that has none. */
	search: 'exact' | 'part' | 'caseless' | 404 | 405 | 422;
	/** HTTP status of an envelope that says no. */
	refusalStatus: 200 | 400 | 404 | 500;
	disposition: 'none' | 'plain' | 'utf8';
	/** Whether the storage serves ranges. */
	ranges: boolean;
	/** Ids beyond 2^53. */
	bigIds: boolean;
}

/** How a message goes over the wire. Fractions are of the whole message, head included. */
export type Flow =
	| { kind: 'whole' }
	| { kind: 'drip'; pieces: number; everyMs: number }
	| { kind: 'cut'; at: number; how: 'fin' | 'rst' }
	| { kind: 'stall'; at: number };

/** What is announced as the body's length. `wrong` is the text of the header. */
export type Length = 'exact' | 'chunked' | 'untilClose' | { wrong: string };

export type Body =
	| { kind: 'json'; value: unknown }
	| { kind: 'text'; text: string; times: number }
	/** `[[[...]]]`, or the same with objects, with something around it. */
	| { kind: 'deep'; depth: number; unit: 'array' | 'object'; around: [before: string, after: string] }
	/** What an object storage says, with secrets. */
	| { kind: 'xml' }
	/** Up to the liar's own limit, which is beyond all that a client should take. */
	| { kind: 'endless'; unit: string };

/** A change of a truthful JSON answer: at the first field of that name, or at a place counted in the order of its text. */
export interface Edit {
	at: number | string;
	change: 'replace' | 'remove' | 'double';
	value: unknown;
}

export type Header = [name: string, value: string];

export type Answer =
	| { kind: 'truth'; flow: Flow }
	/** The truth with changes. */
	| { kind: 'near'; edits: Edit[]; status: number | null; headers: Header[]; length: Length; flow: Flow }
	| { kind: 'lie'; status: number; headers: Header[]; body: Body; length: Length; flow: Flow }
	/** No HTTP at all. */
	| { kind: 'garbage'; text: string }
	| { kind: 'reset'; how: 'fin' | 'rst' }
	| { kind: 'silence' };

/** What becomes of one request. */
export interface Behaviour {
	/** How much of the request's body is taken before the answer. Work needs all of it. */
	read: 'all' | 'some' | 'none';
	/** Whether what was asked for is done: before the answer, never, or that many milliseconds after it. */
	work: 'now' | 'never' | number;
	waitMs: number;
	answer: Answer;
}

/** A file on our disk before the call. */
export interface LocalFile {
	name: string;
	/** In a subfolder. */
	nested: boolean;
	content: ContentIndex;
}

/** `file` counts the initial files; whatever is beyond them does not exist. */
export type Call =
	| {
			method: 'upload';
			name: string;
			content: ContentIndex;
			mode: UploadMode;
			partSize: number | null;
			concurrency: number;
			resume: boolean;
			/** An initial file to name as `resumeFileId`. */
			resumeFile: number | null;
			biz: Biz;
			source: 'buffer' | 'stream' | 'disk';
			/** The same upload that many times at once. */
			copies: number;
	  }
	| {
			method: 'download' | 'downloadToFile';
			file: number;
			expected: 'none' | 'size' | 'all';
			verify: boolean;
			/** For `downloadToFile`: something is at the target already. */
			replaces: boolean;
	  }
	| { method: 'getDownloadUrl'; file: number; expiresIn: number }
	| { method: 'delete'; file: number }
	| { method: 'testConnection' }
	| { method: 'listChatFiles'; limit: number | null }
	| { method: 'listDirectories'; name: string; sortBy: DirectorySort | null; limit: number | null }
	| {
			method: 'listFilesInDirectory';
			directory: number;
			name: string;
			sortBy: FileSort | null;
			limit: number | null;
	  }
	| {
			method: 'syncToLocal';
			ifExists: IfExists;
			duplicateNames: DuplicateNames;
			verify: boolean;
			dryRun: boolean;
			concurrency: number;
			local: LocalFile[];
	  }
	| {
			method: 'syncToRemote';
			ifExists: IfExists;
			mode: UploadMode;
			recursive: boolean;
			dryRun: boolean;
			concurrency: number;
			local: LocalFile[];
	  };
export type Method = Call['method'];

export interface ClientSettings {
	maxTries: number;
	/** Seconds; see `patience` of the client. */
	timeout: number;
	settle: number;
	/** The base URL has a user and a password. */
	userInfo: boolean;
	/** The base URL has a path. */
	basePath: boolean;
}

export interface Scenario {
	/**
	 * `noise`: anything may be answered; only that calls end well is asked for. `honest`: the service does what it says and
	 * never says what is not so, but answers are lost, late and replaced; then the truth is asked for, too.
	 */
	world: 'noise' | 'honest';
	service: ServiceSettings;
	/**
	 * The n-th request to an endpoint gets the n-th behaviour. Noise begins anew after the last one; an honest service is
	 * truthful from then on, and so is every endpoint that has none.
	 */
	answers: Partial<Record<Endpoint, Behaviour[]>>;
	call: Call;
	client: ClientSettings;
	/** The caller's signal fires after that many milliseconds. */
	cancelAfterMs: number | null;
}

/** Something that must not be. `rule` names the class, `detail` the case. */
export interface Violation {
	rule: string;
	detail: string;
}

/** How a scenario ended. */
export interface Verdict {
	violations: Violation[];
	/** What was asked and answered, and what the call came to: for the person who reads a failure. */
	trace: string[];
	ms: number;
	requests: number;
}
