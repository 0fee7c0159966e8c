import { setTimeout as delay } from 'node:timers/promises';

import { CancelledError, ConnectionError, ServiceError } from './errors';

const BASE_MS = 1_000;
const CAP_MS = 30_000;
/** A service that asks for more than this is not waited for: the workflow's own schedule does that better. */
export const LONGEST_RETRY_AFTER_MS = 120_000;

/**
 * How long to wait before the next attempt, in milliseconds: full jitter over an exponentially growing window, and
 * never less than the service asked for.
 *
 * @param failures how many attempts have failed so far, at least 1
 * @param retryAfterMs what the service's `Retry-After` asks for
 * @param random a number in [0, 1), injected so that the function stays pure
 */
export function retryDelay(failures: number, retryAfterMs: number | undefined, random: number): number {
	const window = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 30));
	return Math.round((retryAfterMs ?? 0) + random * window);
}

/** Reads a `Retry-After` header (RFC 9110, 10.2.3): seconds or an HTTP date. Milliseconds from `now`, never negative. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
	if (header === undefined) return undefined;
	if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
	const date = Date.parse(header);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * What is known after a failed attempt about the work that was asked for.
 * - `notDone`: certainly not done, so repeating is safe and promising.
 * - `unknown`: it may have been done; repeating is safe only for what can be done twice.
 * - `final`: repeating cannot help.
 *
 * A stall is final on purpose: its timeout is the longest that the user wants to wait.
 */
export function outcomeOf(error: unknown): 'notDone' | 'unknown' | 'final' {
	if (error instanceof ConnectionError) return error.mayHaveArrived ? 'unknown' : 'notDone';
	if (!(error instanceof ServiceError)) return 'final';
	if ((error.retryAfterMs ?? 0) > LONGEST_RETRY_AFTER_MS) return 'final';
	if ([408, 425, 429, 503].includes(error.status)) return 'notDone';
	return error.status >= 500 ? 'unknown' : 'final';
}

/** Waits; rejects with CancelledError, without delay, when the signal fires. */
export async function sleep(ms: number, action: string, signal: AbortSignal | undefined): Promise<void> {
	try {
		await delay(ms, undefined, signal ? { signal } : {});
	} catch (cause) {
		throw cancelled(action, cause);
	}
}

export function cancelled(action: string, cause?: unknown, kept = ''): CancelledError {
	return new CancelledError(`${action} was cancelled${kept}`, {
		description: 'The execution was stopped. Run it again to continue.',
		cause,
	});
}

export interface RetryContext {
	/** What is being done, as the beginning of a sentence: `Uploading "a.txt"`. */
	action: string;
	/** Attempts in all. */
	maxTries: number;
	signal?: AbortSignal | undefined;
	onRetry?: ((message: string) => void) | undefined;
}

/** Waits before attempt `failures + 1`, as long as `retryDelay` says for this error. */
export async function backOff(error: unknown, failures: number, context: RetryContext): Promise<void> {
	const retryAfterMs = error instanceof ServiceError ? error.retryAfterMs : undefined;
	const ms = retryDelay(failures, retryAfterMs, Math.random());
	const why = error instanceof Error ? error.message : String(error);
	context.onRetry?.(`${why}. Attempt ${failures + 1} of ${context.maxTries} in ${ms} ms`);
	await sleep(ms, context.action, context.signal);
}

/**
 * Runs `attempt` until it succeeds, fails for good or has used its tries. Only for what is safe to do twice.
 *
 * @param attempt gets how many attempts failed before it
 */
export async function withRetries<T>(
	context: RetryContext,
	attempt: (failures: number) => Promise<T>,
): Promise<T> {
	for (let failures = 0; ;) {
		try {
			return await attempt(failures);
		} catch (error) {
			failures += 1;
			if (outcomeOf(error) === 'final' || failures >= context.maxTries) throw error;
			await backOff(error, failures, context);
		}
	}
}
