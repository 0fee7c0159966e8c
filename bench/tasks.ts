/**
 * What the runner asks of a contender, and what it says of it: the words between the runner and a child process that does
 * one measurement. Every contender does the same work by the means it has.
 */
export type Work =
	/** Brings all files of a chat into a folder. */
	| { verb: 'syncToLocal'; chatId: string; folder: string; skipUnchanged?: boolean; dryRun?: boolean }
	/** Brings all files of a folder into a chat. */
	| { verb: 'syncToRemote'; chatId: string; folder: string }
	/** Finds out that a folder and a chat have the same files; only a summary comes out. */
	| { verb: 'syncUnchanged'; operation: UnchangedSync; chatId: string; folder: string }
	/** One file up. */
	| { verb: 'upload'; chatId: string; path: string; mode: 'auto' | 'simple' | 'multipart' }
	/**
	 * One file down. Inside n8n it ends in the binary storage, with every other contender at `path`. With `expected` those
	 * that can verify what they get do.
	 */
	| { verb: 'download'; fileId: string; path: string; expected?: { size: number; hashcode: string } }
	/** Every file of a folder is an item, and all items go up in one run. */
	| { verb: 'uploadItems'; chatId: string; folder: string }
	/** All records of a chat. */
	| { verb: 'list'; chatId: string };

export type WorkOf<Verb extends Work['verb']> = Extract<Work, { verb: Verb }>;

/** `both` and `toRemote` carry deletions over, so that they have a memory of what was the same. */
export type UnchangedSync = 'toLocal' | 'toRemote' | 'both';

export interface Task {
	/** Base URL of the service, or of the proxy in front of it. */
	url: string;
	/** Decimal digits. */
	userId: string;
	work: Work;
	/** The same kind of work in small, done before the clock starts: what is loaded on first use is loaded then. */
	warmUp?: Work;
}

/** Resident memory of a process while it worked, in MiB. */
export interface Memory {
	/** Just before the work began. */
	before: number;
	peak: number;
	/** Regular samples from begin to end. */
	samples: number[];
}

/** The event loop of a process while it worked. */
export interface EventLoop {
	/** The share of the time in which it was busy, 0 to 1. */
	utilization: number;
	/** By how much a timer was late, in milliseconds: 99 of 100 were at most so late. */
	delayMs: number;
}

/** What a contender says of one measurement. */
export interface Report {
	/** From the call to its result, without the start of the process. */
	seconds: number;
	/** Processor time of its process from the call to its result, all threads; null where it cannot be known. */
	cpuSeconds: number | null;
	/** How many files (of `list`: records) the contender says it has dealt with. */
	files: number;
	/** Null where it cannot be known. */
	memory: Memory | null;
	/** Of contenders that are Node, from the call to its result. */
	loop?: EventLoop;
	/** What came out, as JSON; of contenders and work where that is measured. */
	outputBytes?: number;
}

/** What one piece of work came to. */
export interface Outcome {
	files: number;
	/** For a contender that measures itself because its call does more than the work. */
	seconds?: number;
	outputBytes?: number;
}

/** Something that can do work. Made once per process. */
export interface Contender {
	/**
	 * Gets everything ready that is not part of the measurement, and gives the work as a function.
	 *
	 * @throws for work that this contender has no means for
	 */
	prepare(work: Work): Promise<() => Promise<Outcome>>;
	close(): Promise<void>;
}

/** Where a contender finds the service, and what was built for it. */
export interface Setting {
	url: string;
	userId: string;
	/** The folder that holds the snapshot of `dist` and `package.json`. */
	packageFolder: string;
	/** Everything the benchmark writes is below this folder. */
	temporaryFolder: string;
}

export const noMeans = (contender: string, { verb }: Work): Error =>
	new Error(`The contender "${contender}" has no means for this work: ${verb}`);
