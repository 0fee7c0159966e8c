import type { IDataObject, INodeProperties } from 'n8n-workflow';

import {
	IF_RUNNING,
	SYNC_OUTPUTS,
	type SyncItem,
	type SyncOptions,
	type SyncOutput,
	type SyncSummary,
} from '../../../../client';
import { chatIdField, localDirectoryField } from '../../../shared/fields';
import { allowFolder } from '../../../shared/file-policy';
import { OPTIONS } from '../../../shared/options';
import type { ItemRun, Outcome } from '../../operation';
import { failedFiles } from './sync-failure';
import { hintsFor, isSummary } from './sync-hints';

/** The options of the panel that all syncs have; each has some more. */
export const COMMON_OPTIONS = [
	'concurrentFiles',
	'dryRun',
	'exclude',
	'failIfAnyFailed',
	'ifRunning',
	'include',
	'maxDelete',
	'output',
	'trashDays',
] as const;

/** How an AI model gets a shorter answer of a sync. */
export const toNarrow =
	'When the option "Output" of the tool is "Summary", the answer has the counts instead.';

/** The folder of a sync that makes it where it is missing. */
export const createdFolderField: INodeProperties = {
	...localDirectoryField,
	description: `${localDirectoryField.description ?? ''} It is created when it does not exist and there is something to write.`,
};

/** What all syncs share. n8n's file-access policy is asked here, before anything is listed. */
export async function syncOptions(
	{ n8n, parameters, call }: ItemRun,
	{ folderExists }: { folderExists: boolean },
): Promise<SyncOptions<SyncOutput>> {
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
		// The same value in all three; only what is said of it differs.
		propagateDeletes: parameters.optionFlag(OPTIONS.propagateDeletesBoth),
		maxDelete: parameters.optionNumber(OPTIONS.maxDelete),
		trashDays: parameters.optionNumber(OPTIONS.trashDays),
		ifRunning: parameters.optionChoice(OPTIONS.ifRunning, IF_RUNNING),
		output: parameters.optionChoice(OPTIONS.output, SYNC_OUTPUTS),
	};
	const { path, isPathAllowed } = await allowFolder(n8n.helpers, folder, localDirectoryField.displayName, {
		exists: folderExists,
	});
	return { ...call, ...options, chatId, localDirectory: path, isPathAllowed };
}

/** Runs a sync: one item per file, or a summary. It goes on when a file fails, so n8n's output panel says it in so many words. */
export async function runSync<Options extends SyncOptions<SyncOutput>>(
	{ n8n, parameters, notes }: ItemRun,
	sync: (options: Options) => Promise<Array<SyncItem | SyncSummary>>,
	options: Options,
): Promise<Outcome[]> {
	const failIfAnyFailed = parameters.optionFlag(OPTIONS.failIfAnyFailed) ?? false;
	const results = await sync(options);
	const hints = hintsFor(results, options.output ?? 'all');
	if (hints.length > 0) n8n.addExecutionHints(...hints);
	notes.push(...hints.map(({ message }) => message));
	const outcomes: Outcome[] = results.map((result) => ({ ok: true, json: statusFirst(result) }));
	const failure = failIfAnyFailed ? failedFiles(results, options) : undefined;
	return failure ? [...outcomes, { ok: false, error: failure, subject: {}, waits: true }] : outcomes;
}

/** The status comes first, as in every other operation's output, then what was done. */
function statusFirst(result: SyncItem | SyncSummary): IDataObject {
	const { status, ...rest } = result;
	return { status, ...rest, ...(isSummary(result) && { failures: result.failures.map(statusFirst) }) };
}
