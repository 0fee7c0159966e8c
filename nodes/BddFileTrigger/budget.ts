import { NodeOperationError, type IPollFunctions } from 'n8n-workflow';

import { CancelledError } from '../../client';

/** Where n8n does not say how long a poll may take. Milliseconds. */
const OWN_MS = 5 * 60_000;

/** After this share of the time no content is begun, and the one under way is given up: what is left is for n8n. */
const CONTENT_SHARE = 0.9;

/** Newer n8n says how long a poll may take before its result is thrown away; the oldest that is supported does not. */
interface PollWithBudget {
	getPollBudgetMs?(): number;
}

/** The time that one poll has. */
export class Budget {
	/** Aborts whatever is still under way at the end. */
	readonly signal: AbortSignal;
	/** Aborts the contents. */
	readonly contentSignal: AbortSignal;
	private readonly ms: number;

	constructor(private readonly n8n: IPollFunctions) {
		this.ms = (n8n as PollWithBudget).getPollBudgetMs?.() ?? OWN_MS;
		this.signal = AbortSignal.timeout(this.ms);
		this.contentSignal = AbortSignal.timeout(Math.floor(this.ms * CONTENT_SHARE));
	}

	/** Says of what was given up that the time was up; any other error stays what it is. */
	explain(error: unknown): unknown {
		// The contents are given up first.
		if (!(error instanceof CancelledError) || !this.contentSignal.aborted) return error;
		return new NodeOperationError(
			this.n8n.getNode(),
			`The poll took longer than the ${Math.ceil(this.ms / 1000)} s that it has`,
			{
				description: `${error.message}. Nothing is lost: the next poll looks again. If it stays so, the service is too slow, or the list too long.`,
			},
		);
	}
}
