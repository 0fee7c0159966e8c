import type { IDataObject } from 'n8n-workflow';

import type { Outcome } from '../operation';

/** The service's own records, each an item of its own, as they are. */
export function recordItems(records: ReadonlyArray<object>): Outcome[] {
	return records.map((record) => ({ ok: true, json: record as IDataObject }));
}
