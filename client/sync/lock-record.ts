import { hostname } from 'node:os';

/** Who has a folder. Information for people: nothing is decided by it. */
export interface LockOwner {
	/** The machine's own name. */
	host: string;
	/** Process id on that machine. */
	process: number;
	/** When it asked for the folder, by that machine's clock. ISO 8601. */
	since: string;
	/** What it is doing: `Sync Both Ways of chat 42`. */
	what: string;
}

/** What a lock file says. */
export interface LockRecord {
	owner: LockOwner;
	/** Given back: whoever comes next need not wait. */
	released: boolean;
	/** Of one that was given back: what the owner leaves to whoever comes next. JSON of a few hundred bytes. */
	left?: unknown;
}

/** Stands for an owner whose lock file holds nothing that can be read, as on a full disk. */
export const UNKNOWN_OWNER: LockOwner = {
	host: 'unknown',
	process: 0,
	since: 'unknown',
	what: 'A sync',
};

/** As much of a lock file as is read, in bytes. A record is shorter. */
export const MAX_RECORD_BYTES = 4096;

/** In characters. */
const MAX_WHAT_LENGTH = 300;

/** @param what its beginning is kept when it is long */
export function thisProcess(what: string): LockOwner {
	return {
		host: hostname(),
		process: process.pid,
		since: new Date().toISOString(),
		what: what.slice(0, MAX_WHAT_LENGTH),
	};
}

export function recordText(owner: LockOwner, released: boolean, left?: unknown): string {
	return JSON.stringify({ owner, released, left } satisfies LockRecord);
}

/** Undefined for what is empty, torn or no record of ours. */
export function parseRecord(text: string): LockRecord | undefined {
	try {
		const { owner, released, left } = JSON.parse(text) as Loose<LockRecord>;
		const { host, process, since, what } = owner as Loose<LockOwner>;
		if (typeof host !== 'string' || typeof process !== 'number' || typeof since !== 'string')
			return undefined;
		if (typeof what !== 'string' || typeof released !== 'boolean') return undefined;
		return { owner: { host, process, since, what }, released, left };
	} catch {
		return undefined;
	}
}

type Loose<T> = { [K in keyof T]?: unknown };

/** `Sync Both Ways of chat 42, since 2025-01-02T03:04:05.678Z, in process 17 on "worker-1"`. */
export function describeOwner({ host, process, since, what }: LockOwner): string {
	return `${what}, since ${since}, in process ${process} on ${JSON.stringify(host)}`;
}
