import type { LookupFunction } from 'node:net';

import { isBddFileError, InvalidInputError, type BddFileError } from './errors';
import { quoted } from './text';

/** What an administrator allows this process to reach. */
export interface NetworkPolicy {
	/** Rejects when the URL must not be asked. */
	validateUrl(url: string): Promise<void>;
	/** Resolves host names to allowed addresses only. */
	lookup?: LookupFunction;
}

export interface HttpOptions {
	allowUnauthorizedCerts?: boolean | undefined;
	network?: NetworkPolicy | undefined;
	/**
	 * The least wait for an answer after the last byte of a request body has left, whatever the timeout: megabytes may
	 * still be on their way. Milliseconds; default 30,000.
	 */
	answerFloorMs?: number | undefined;
}

/** What a policy's look-up said no with, as opposed to a name that is unknown. */
export class LookupRefusal extends Error {}

/**
 * A policy's look-up that fails only in the way that Node expects. A failure without the code of a system is the
 * policy's refusal.
 */
export function safeLookup(lookup: LookupFunction): LookupFunction {
	return (hostname, options, callback) => {
		const fail = (cause: unknown) => {
			const { code } = asFailure(cause);
			const reason = reasonOf(cause);
			const error =
				typeof code === 'string' ? Object.assign(new Error(reason), { code }) : new LookupRefusal(reason);
			// Node would take an error at once for one of its own caller.
			process.nextTick(callback, error, '', 0);
		};
		try {
			lookup(hostname, options, (error, ...found) => (error ? fail(error) : callback(null, ...found)));
		} catch (cause) {
			fail(cause);
		}
	};
}

/** The error for an address that a policy refuses. */
export function notAllowed(action: string, url: string, cause: unknown): BddFileError {
	if (isBddFileError(cause)) return cause;
	const reason = reasonOf(cause);
	const { origin } = new URL(url);
	return new InvalidInputError(
		`${action} failed: the address ${origin} is not allowed here${reason && `: ${reason}`}`,
		{
			description:
				'Whoever administers this computer decides which addresses may be reached. Have it allowed, or use another.',
			cause: new Error(reason),
		},
	);
}

/** A policy's code is not ours: what it throws may be anything. */
const asFailure = (cause: unknown): { code?: unknown; message?: unknown } =>
	typeof cause === 'object' && cause !== null ? cause : { message: cause };

function reasonOf(cause: unknown): string {
	const { message } = asFailure(cause);
	return typeof message === 'string' ? quoted(message) : '';
}
