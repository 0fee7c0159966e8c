import { FilesFailedError, type SyncItem, type SyncOptions, type SyncOutput } from '../../../../client';
import { countFailed, isSummary, type SyncResults } from './sync-hints';

/** Failures that the error names; the log of an execution is no place for thousands. */
const SHOWN = 3;

/** Characters of a reason that the error shows. */
const SHOWN_LENGTH = 300;

/** The error of a sync in which files failed; undefined when none did. */
export function failedFiles(
	results: SyncResults,
	{ chatId, localDirectory, output = 'all' }: SyncOptions<SyncOutput>,
): FilesFailedError | undefined {
	const failed = countFailed(results, output);
	if (failed === undefined) return undefined;
	const failures = results.flatMap((result) => (isSummary(result) ? result.failures : [result]));
	const shown = failures.filter(({ status }) => status === 'failed').slice(0, SHOWN);
	const more = failed.count - shown.length;
	return new FilesFailedError(
		`${failed.inWords} failed in the sync of chat "${chatId}" with the folder "${localDirectory}"`,
		{
			description: [
				...shown.map(reasonOf),
				...(more > 0 ? [`And ${more} more.`] : []),
				'Everything else was done. To go on in spite of it, switch the option "Fail If Any File Failed" off.',
			].join(' '),
		},
	);
}

function reasonOf({ fileName = '', localPath, error = '' }: SyncItem): string {
	const reason = error.length > SHOWN_LENGTH ? `${error.slice(0, SHOWN_LENGTH)}...` : error;
	const end = /[.!?。！？]$/.test(reason) ? '' : '.';
	return `${fileName || (localPath ?? 'A file')}: ${reason}${end}`;
}
