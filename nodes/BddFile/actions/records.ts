import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { Outcome } from '../operation';

/** What a listing of the client takes besides the call itself: who is told of a record that is none. */
interface Listing {
	onUnreadable: (record: { reason: string }) => void;
}

/** How many reasons the output panel shows. */
const MOST_REASONS = 3;

/**
 * The service's own records, each an item of its own, as they are. Those that could not be read are counted in n8n's
 * output panel, since a list that is silently short looks complete.
 */
export async function recordItems(
	n8n: Pick<IExecuteFunctions, 'addExecutionHints'>,
	list: (listing: Listing) => Promise<readonly object[]>,
): Promise<Outcome[]> {
	const reasons: string[] = [];
	const records = await list({ onUnreadable: ({ reason }) => void reasons.push(reason) });
	if (reasons.length > 0) {
		const count = reasons.length === 1 ? '1 record' : `${reasons.length} records`;
		n8n.addExecutionHints({
			message: `${count} of the list could not be read. ${reasons.slice(0, MOST_REASONS).join('; ')}`,
			type: 'warning',
			location: 'outputPane',
		});
	}
	return records.map((record) => ({ ok: true, json: record as IDataObject }));
}
