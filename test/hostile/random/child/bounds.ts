/** How long a call may take, given what the liar did to it. Only a hang or a runaway breaks these bounds. */
import type { Observations } from '../liar/observations';
import type { ClientSettings } from '../scenario';

/** For a machine with much else to do. */
const SLACK_MS = 6_000;
/** Between two looks at a file that is being merged. */
const MERGE_POLL_MS = 1_200;
const LONGEST_MS = 30_000;

/** What the client is told of its patience, in seconds; see `patience` of its options. */
export const patienceOf = ({ settle }: ClientSettings) => ({ settle, answer: 0.2, retry: 0.01 });

/**
 * Milliseconds. Every request that is not answered costs a timeout, every upload in doubt the settling time, and what the
 * service itself asks for (to wait, to look again, to listen to it drip) is on its own account.
 */
export function longestTime(client: ClientSettings, seen: Observations): number {
	const stall = Math.max(client.timeout, patienceOf(client).answer) * 1000 + 100;
	const waits =
		seen.activeMs +
		seen.retryAfterMs * client.maxTries +
		seen.silent * stall +
		(seen.uploads + 1) * client.settle * 1000 +
		seen.merging * MERGE_POLL_MS;
	return Math.min(LONGEST_MS, SLACK_MS + waits);
}
