/** What the liar saw of the call: what the call is judged by, and what a person reads who looks for the reason. */
import type { IncomingMessage } from 'node:http';

import type { Reply } from './endpoints';
import type { Answer, Header } from '../scenario';

const TRACE_LINES = 60;

export class Observations {
	requests = 0;
	/** Time that the liar itself took, in milliseconds. */
	activeMs = 0;
	/** Requests that got no answer, or not the end of it. */
	silent = 0;
	/** What `Retry-After` asked for in all, as far as it is worth waiting for. */
	retryAfterMs = 0;
	/** How often a file was said to be `merging`. */
	merging = 0;
	/** Requests after which an upload may have to be looked for. */
	uploads = 0;
	/** What no other host may see, seen by the storage. */
	readonly carried: string[] = [];
	readonly trace: string[] = [];
	/** Files with a deletion whose answer leaves it open whether it was done. */
	readonly deletionsInDoubt = new Set<string>();

	note(line: string): void {
		if (this.trace.length < TRACE_LINES) this.trace.push(line);
	}

	countRetryAfter(headers: readonly Header[]): void {
		for (const [name, value] of headers) {
			const seconds = /^retry-after$/i.test(name) ? Number(value) : 0;
			if (seconds > 0 && seconds <= 120) this.retryAfterMs += seconds * 1000;
		}
	}

	lookForOurHeaders({ headers }: IncomingMessage): void {
		for (const name of ['x-user-id', 'authorization', 'cookie'])
			if (headers[name] !== undefined) this.carried.push(name);
	}
}

/** Whoever gets this cannot know whether the work was done. */
export const isInDoubt = (answer: Answer): boolean =>
	answer.kind === 'lie'
		? ![400, 401, 413, 425, 429, 503].includes(answer.status)
		: answer.kind !== 'truth' || answer.flow.kind !== 'whole';

/** For the trace. */
export function describe(answer: Answer, reply: Reply | undefined): string {
	const truthful =
		reply?.kind === 'json' ? JSON.stringify(reply.body) : reply ? `${reply.bytes.length} bytes` : '';
	const text = answer.kind === 'truth' ? `${answer.flow.kind}: ${truthful}` : JSON.stringify(answer);
	return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
