import type { IPollFunctions } from 'n8n-workflow';

import { storeDownload } from '../shared/binary-output';
import type { Budget } from './budget';
import type { Contents } from './deliver';
import type { Settings } from './settings';

/** Streams contents into n8n's binary storage, each verified against its record; undefined when none is asked for. */
export function contentsOf(
	{ helpers }: IPollFunctions,
	{ client, call, field }: Settings,
	{ contentSignal }: Budget,
): Contents | undefined {
	if (field === undefined) return undefined;
	return {
		isLate: () => contentSignal.aborted,
		of: async ({ id, filename, size, hashcode }) => {
			const expected = { filename, size, hashcode };
			const download = await client.download(id, { ...call, signal: contentSignal, expected });
			const { binary } = await storeDownload(helpers, download, filename);
			return { [field]: binary };
		},
	};
}
