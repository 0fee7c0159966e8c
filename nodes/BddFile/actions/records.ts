import type { IDataObject } from 'n8n-workflow';

import type { ItemRun, Outcome } from '../operation';

/** What a listing of the client takes besides the call itself: how many records, and who is told of a record that is none. */
interface Listing {
	limit?: number;
	onUnreadable: (record: { reason: string }) => void;
}

/** The part of a run that a list needs. */
interface ListRun extends Pick<ItemRun, 'parameters' | 'isTool' | 'notes'> {
	n8n: Pick<ItemRun['n8n'], 'addExecutionHints'>;
}

/** How an AI model gets a shorter list. */
export const toNarrow =
	'Narrow the list by a part of the name or by the options of the tool, or ask for fewer entries.';

/** How many reasons the output panel shows. */
const MOST_REASONS = 3;

/**
 * The service's own records, each an item of its own, as they are: all of them, or as many as the panel's limit. Those that
 * could not be read are counted in n8n's output panel, since a list that is silently short looks complete. So does one that
 * ends at the limit to an AI model; therefore one record more is asked for, to tell the model whether there are more.
 */
export async function recordItems(
	{ n8n, parameters, isTool, notes }: ListRun,
	list: (listing: Listing) => Promise<readonly object[]>,
): Promise<Outcome[]> {
	const { limit } = parameters.limit();
	const reasons: string[] = [];
	const records = await list({
		...(limit !== undefined && { limit: isTool ? limit + 1 : limit }),
		onUnreadable: ({ reason }) => void reasons.push(reason),
	});
	if (reasons.length > 0) {
		const count = reasons.length === 1 ? '1 record' : `${reasons.length} records`;
		const message = `${count} of the list could not be read. ${reasons.slice(0, MOST_REASONS).join('; ')}`;
		n8n.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
		notes.push(`${message}.`);
	}
	const shown = records.slice(0, limit);
	if (shown.length < records.length) notes.push(`The list has more than ${shown.length} entries.`, toNarrow);
	return shown.map((record) => ({ ok: true, json: record as IDataObject }));
}
