import { isBddFileError } from '../api/errors';
import { cancelled } from '../api/retry';

/** What an item's `error` says: what happened and, where the error knows it, what to do about it. */
export function errorSentence(error: unknown): string {
	if (!isBddFileError(error)) return error instanceof Error ? error.message : String(error);
	const message = error.message.trim();
	const end = /[.!?。！？]$/.test(message) ? '' : '.';
	return error.description === '' ? message : `${message}${end} ${error.description}`;
}

/** @throws CancelledError */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
	if (signal?.aborted === true) throw cancelled('The sync', signal.reason);
}
