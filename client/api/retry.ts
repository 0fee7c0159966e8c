import { setTimeout as delay } from 'node:timers/promises';

import { CancelledError, ConnectionError, messageOf, ServiceError } from './errors';

const BASE_MS = 1_000;
const CAP_MS = 30_000;
/** A service that asks for more than this is not waited for: the workflow's own schedule does that better. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/**
 * How long to wait before the next attempt, in milliseconds: full jitter over an exponentially growing window, and
 * never less than the service asked for.
 *
 * @param failures how many attempts have failed so far, at least 1
 * @param retryAfterMs what the service's `Retry-After` asks for
 * @param random a number in [0, 1), injected so that the function stays pure
 * @param baseMs the window before the second attempt
 */
export function retryDelay(
	failures: number,
	retryAfterMs: number | undefined,
	random: number,
	baseMs = BASE_MS,
): number {
	const window = Math.min(CAP_MS, baseMs * 2 ** Math.min(failures - 1, 30));
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
	if ((error.retryAfterMs ?? 0) > LONGEST_RETRY_AFTER_MS || isNotFound(error)) return 'final';
	if ([408, 425, 429, 503].includes(error.status)) return 'notDone';
	// 200 with a code says no; 200 with anything else than an envelope says nothing.
	return error.status >= 500 || (error.status === 200 && !error.code) ? 'unknown' : 'final';
}

/**
 * What the service says, under whatever status, when it does not know an id, or no longer does. A gateway's page that
 * says so is about something else, unless its status is 404.
 */
export const isNotFound = (error: unknown): boolean =>
	error instanceof ServiceError &&
	(error.status === 404 || (error.code !== undefined && /not found|不存在/i.test(error.serviceMessage)));

/** Whether what the work is about was there: false when the service does not know it. */
export async function wasFound(work: Promise<unknown>): Promise<boolean> {
	try {
		await work;
		return true;
	} catch (error) {
		if (isNotFound(error)) return false;
		throw error;
	}
}

/** Waits; rejects with CancelledError, without delay, when the signal fires. */
export async function sleep(ms: number, action: string, signal: AbortSignal | undefined): Promise<void> {
	try {
		await delay(ms, undefined, signal ? { signal } : {});
	} catch (cause) {
		throw cancelled(action, cause);
	}
}

/** @param kept what is left of the work, as the sentence goes on */
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
	/** Milliseconds: the window of the wait before the second attempt. Default 1,000. */
	retryBaseMs?: number | undefined;
	signal?: AbortSignal | undefined;
	onRetry?: ((message: string) => void) | undefined;
}

/** Waits before attempt `failures + 1`, as long as `retryDelay` says for this error. */
export async function backOff(error: unknown, failures: number, context: RetryContext): Promise<void> {
	const retryAfterMs = error instanceof ServiceError ? error.retryAfterMs : undefined;
	const ms = retryDelay(failures, retryAfterMs, Math.random(), context.retryBaseMs);
	context.onRetry?.(`${messageOf(error)}. Attempt ${failures + 1} of ${context.maxTries} in ${ms} ms`);
	await sleep(ms, context.action, context.signal);
}

/**
 * Runs `attempt` until it succeeds, fails for good or has used its tries. What is not safe to do twice needs `lookUp`.
 *
 * @param attempt gets how many attempts failed before it
 * @param lookUp asked after each failed attempt, the last included (then `isLast`), whether the work was done all the same: gives its
 * result, or undefined when it certainly was not done; throws when that cannot be told
 */
export async function withRetries<T>(
	context: RetryContext,
	attempt: (failures: number) => Promise<T>,
	lookUp?: (error: unknown, isLast: boolean) => Promise<T | undefined>,
): Promise<T> {
	for (let failures = 0; ;) {
		try {
			return await attempt(failures);
		} catch (error) {
			failures += 1;
			const found = await lookUp?.(error, failures >= context.maxTries);
			if (found !== undefined) return found;
			if (outcomeOf(error) === 'final' || failures >= context.maxTries) throw error;
			await backOff(error, failures, context);
		}
	}
}
