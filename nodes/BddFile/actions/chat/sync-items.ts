import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { CallOptions, SyncItem, SyncOptions } from '../../../../client';
import { chatIdField, localDirectoryField } from '../../../shared/fields';
import { allowFolder } from '../../../shared/file-policy';
import { OPTIONS } from '../../../shared/options';
import type { ItemRun, Outcome } from '../../operation';

/** What both directions of a sync share. n8n's file-access policy is asked here, before anything is listed. */
export async function syncOptions(
	{ n8n, parameters, call }: ItemRun,
	{ folderExists }: { folderExists: boolean },
): Promise<SyncOptions & CallOptions> {
	const chatId = parameters.text(chatIdField, 'Enter the ID of the chat that is to be synced.');
	const folder = parameters.text(
		localDirectoryField,
		'Enter the absolute path of a folder on the machine that runs n8n.',
	);
	const options = {
		concurrency: parameters.optionNumber(OPTIONS.concurrentFiles),
		include: parameters.optionPatterns(OPTIONS.include),
		exclude: parameters.optionPatterns(OPTIONS.exclude),
		dryRun: parameters.optionFlag(OPTIONS.dryRun),
	};
	const { path, isPathAllowed } = await allowFolder(n8n.helpers, folder, { exists: folderExists });
	return { ...call, ...options, chatId, localDirectory: path, isPathAllowed };
}

/** One item per file. A sync goes on when a file fails, so n8n's output panel says it in so many words. */
export function syncOutcomes(n8n: IExecuteFunctions, items: SyncItem[]): Outcome[] {
	const failed = items.filter(({ status }) => status === 'failed').length;
	if (failed > 0) {
		n8n.addExecutionHints({
			message: `${failed} of ${items.length} files failed. The field "error" of each failed item says why.`,
			type: 'warning',
			location: 'outputPane',
		});
	}
	// The status comes first, as in every other operation's output.
	return items.map(({ status, ...rest }) => ({ ok: true, json: { status, ...rest } satisfies IDataObject }));
}
