import { isBddFileError, LocalFileError } from '../api/errors';
import { cancelled } from '../api/retry';
import { localFileError } from '../transfer/local-error';
import { showName } from './names';

/** The folder that a sync is about cannot be used. `action` is the beginning of the sentence: `Reading`. */
export function folderError(action: string, directory: string, cause: unknown): LocalFileError {
	const { code } = cause as NodeJS.ErrnoException;
	if (code !== 'ENOTDIR' && code !== 'EEXIST')
		return localFileError(`${action} the folder ${showName(directory)}`, cause);
	return new LocalFileError(`${action} the folder ${showName(directory)} failed: it is not a folder`, {
		description: 'Name a folder, or remove what is in its place.',
		cause,
	});
}

/** @throws CancelledError; or why the sync may not go on, where the signal says so */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
	if (signal?.aborted !== true) return;
	throw isBddFileError(signal.reason) ? signal.reason : cancelled('The sync', signal.reason);
}
