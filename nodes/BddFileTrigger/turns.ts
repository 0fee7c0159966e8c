/**
 * What this process knows of each trigger node besides what n8n keeps for it.
 *
 * - n8n starts a poll although the one before it still runs; both would see the same state and give out the same files.
 * - n8n keeps what a poll learned only when something comes out of it (without durable cursors, when its scheduler makes
 *   the polls). A trigger of a quiet chat would look at everything again in each poll, once an hour has gone by.
 * - n8n's scheduler reads for a poll what is kept before the poll before it has ended, when polls are close together, as
 *   after a restart. What that one left is not in it.
 * - With durable cursors n8n does not keep what the very first poll learned, as nothing comes out of it. The next one
 *   would take what came in between for something that was there before.
 */

/** What quiet polls begin with while n8n has kept nothing. */
export const NOTHING = '';

/**
 * n8n keeps what a poll has left after the poll has ended, and may have read for the next one what was kept before. Until
 * it shows what was left, or so long that it cannot be on its way any more, the next polls do nothing: giving out the same
 * files again could not be undone, waiting can. Milliseconds.
 */
const KEEPING_MS = 30_000;

interface Trigger {
	isBusy: boolean;
	/** The last poll that gave files, by the number of its state, and when it ended. */
	gave?: { round: number; at: number };
	learned?: { from: string; to: string };
}

const triggers = new Map<string, Trigger>();

/** Runs a poll of a node, unless one is running: then it gives null, and the next poll finds what there is. */
export async function inTurn<T>(node: string, poll: () => Promise<T>): Promise<T | null> {
	const trigger = triggers.get(node) ?? { isBusy: false };
	triggers.set(node, trigger);
	if (trigger.isBusy) return null;
	trigger.isBusy = true;
	try {
		return await poll();
	} finally {
		trigger.isBusy = false;
	}
}

/** Notes that a poll gave files, and the number of the state that it left. */
export function gave(node: string, round: number): void {
	const trigger = triggers.get(node);
	if (trigger) trigger.gave = { round, at: Date.now() };
}

/** Whether a state may be older than what n8n is about to keep. */
export function isOverdue(node: string, round: number): boolean {
	const last = triggers.get(node)?.gave;
	return last !== undefined && round < last.round && Date.now() - last.at < KEEPING_MS;
}

/** Notes that a quiet poll made one state of another. */
export function learn(node: string, from: string, to: string): void {
	const trigger = triggers.get(node);
	if (!trigger) return;
	// Where n8n has kept nothing since, it is still the same one that all of this was learned from.
	const origin = trigger.learned?.to === from ? trigger.learned.from : from;
	trigger.learned = { from: origin, to };
}

/** The state that quiet polls have made of the one that n8n kept; that one itself when they made nothing of it. */
export function learnedFrom(node: string, kept: string): string {
	const learned = triggers.get(node)?.learned;
	return learned?.from === kept ? learned.to : kept;
}
