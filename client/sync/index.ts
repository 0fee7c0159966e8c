/** Many files, three operations, one skeleton. */
import type { Logger } from '../types';
import type {
	SyncBothWaysOptions,
	SyncOutput,
	SyncResult,
	SyncToLocalOptions,
	SyncToRemoteOptions,
} from '../sync-types';
import { MODES } from './modes';
import type { RemoteFiles } from './remote-files';
import { sync } from './sync';

export { LockedError, LockLostError } from './lock';
export type { RemoteFiles } from './remote-files';

/** Brings the files of a chat into a folder. A folder that is missing is created when there is something to write. */
export async function syncToLocal<Output extends SyncOutput = 'all'>(
	remote: RemoteFiles,
	options: SyncToLocalOptions<Output>,
	logger?: Logger,
): Promise<SyncResult<Output>> {
	return ofOutput<Output>(await sync(remote, MODES.toLocal, options, logger));
}

/** Brings the files of a folder into a chat. What is only in the chat is left alone. */
export async function syncToRemote<Output extends SyncOutput = 'all'>(
	remote: RemoteFiles,
	options: SyncToRemoteOptions<Output>,
	logger?: Logger,
): Promise<SyncResult<Output>> {
	return ofOutput<Output>(await sync(remote, MODES.toRemote, options, logger));
}

/** Keeps the files of a folder and of a chat the same. A folder that is missing is created as by `syncToLocal`. */
export async function syncBothWays<Output extends SyncOutput = 'all'>(
	remote: RemoteFiles,
	options: SyncBothWaysOptions<Output>,
	logger?: Logger,
): Promise<SyncResult<Output>> {
	return ofOutput<Output>(await sync(remote, MODES.both, options, logger));
}

/** The option `output` decides about the form of the result, which only its value tells. */
const ofOutput = <Output extends SyncOutput>(result: SyncResult<SyncOutput>) => result as SyncResult<Output>;
