import type { NodeExecutionHint } from 'n8n-workflow';

import type { NotDeletedReason, SyncItem, SyncOutput, SyncSummary } from '../../../../client';

/** What a sync gives: its files, or one summary. */
export type SyncResults = ReadonlyArray<SyncItem | SyncSummary>;

/** What n8n's output panel says of a sync in which not everything went as one may think. */
export function hintsFor(results: SyncResults, output: SyncOutput): NodeExecutionHint[] {
	const hints = [failedHint(results, output), notDeletedHint(results), emptyHint(results, output)];
	return hints.filter((hint) => hint !== undefined);
}

/** How many files failed, and of how many where that is known: `8 of 10 files`. Undefined when none did. */
export function countFailed(
	results: SyncResults,
	output: SyncOutput,
): { count: number; inWords: string } | undefined {
	const summary = results.find(isSummary);
	const count = summary?.failed ?? results.filter(({ status }) => status === 'failed').length;
	if (count === 0) return undefined;
	const total = summary?.total ?? results.length;
	return { count, inWords: output === 'changes' ? files(count) : `${count} of ${files(total)}` };
}

export const isSummary = (result: SyncItem | SyncSummary): result is SyncSummary => 'failures' in result;

function failedHint(results: SyncResults, output: SyncOutput): NodeExecutionHint | undefined {
	const failed = countFailed(results, output);
	if (failed === undefined) return undefined;
	const where = results.some(isSummary)
		? 'The field "failures" holds the first ones with their reasons.'
		: 'The field "error" of each failed item says why.';
	return { message: `${failed.inWords} failed. ${where}`, type: 'warning', location: 'outputPane' };
}

const NOT_DELETED: Readonly<Record<NotDeletedReason, string>> = {
	changedLocally: 'changed in the folder since the last sync',
	changedRemotely: 'the chat has another file of that name since the last sync',
	unreadableRecords: "the chat's list holds records that cannot be read, so nothing is deleted",
	unreadableFolder:
		'something in the folder cannot be read or is not allowed, and is not excluded, so nothing is deleted',
	earlierFailure: 'something else failed for the same name before',
	changedMeanwhile: 'changed, or came back, while the sync ran',
};

function notDeletedHint(results: SyncResults): NodeExecutionHint | undefined {
	const counts = new Map<NotDeletedReason, number>();
	for (const result of results) {
		if (result.notDeleted === undefined) continue;
		if (isSummary(result))
			reasonsOf(result.notDeleted).forEach(([reason, count]) => counts.set(reason, count));
		else counts.set(result.notDeleted, (counts.get(result.notDeleted) ?? 0) + 1);
	}
	if (counts.size === 0) return undefined;
	const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
	const reasons = [...counts].map(([code, count]) => `${count} (${NOT_DELETED[code]})`).join(', ');
	const where = results.some(isSummary)
		? 'field "notDeleted" has the counts'
		: 'field "reason" of each item says it';
	return {
		message: `Not deleted, although gone on the other side: ${files(total)}. ${reasons}. The ${where} too.`,
		type: 'warning',
		location: 'outputPane',
	};
}

const reasonsOf = (counts: Partial<Record<NotDeletedReason, number>>) =>
	Object.entries(counts) as Array<[NotDeletedReason, number]>;

/** Nothing behind a node without items runs, which ends a loop without a word. */
function emptyHint(results: SyncResults, output: SyncOutput): NodeExecutionHint | undefined {
	if (results.length > 0) return undefined;
	const why = output === 'changes' ? 'Nothing has changed' : 'There is no file to sync';
	return {
		message: `${why}, so no item comes out and the nodes behind this one do not run. With the option "Output" set to "Summary" there is always one.`,
		type: 'info',
		location: 'outputPane',
	};
}

const files = (count: number) => `${count} ${count === 1 ? 'file' : 'files'}`;
