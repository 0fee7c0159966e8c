import type { CallContext } from '../../api/api';
import { sleep } from '../../api/retry';
import type { FileStatus } from '../../api/wire';

/** How often a service that is merging is asked whether it is done, and how long in all. */
const MERGE_POLL_MS = 1_000;
const MERGE_LIMIT_MS = 15 * 60_000;

/**
 * Asks again and again until there is a status that lasts: `merging` is waited for, a file that is not seen is looked
 * for over the settling time, since a list may lag.
 *
 * @returns undefined when the time is over
 */
export async function settledStatus(
	{ settleMs, action, signal }: CallContext,
	ask: () => Promise<FileStatus | undefined>,
): Promise<Exclude<FileStatus, 'merging'> | undefined> {
	const from = Date.now();
	for (;;) {
		const status = await ask();
		if (status !== undefined && status !== 'merging') return status;
		const wait = Math.min(MERGE_POLL_MS, settleMs / 5);
		if (Date.now() + wait > from + (status === 'merging' ? MERGE_LIMIT_MS : settleMs)) return undefined;
		await sleep(wait, action, signal);
	}
}
