import { TEMPORARY_PREFIX, TEMPORARY_SUFFIX } from '../transfer/download/to-file';
import { foldedName } from './disk-names';

/**
 * What sync itself puts into a folder. Every name begins with the same prefix, and no file of such a name is ever synced,
 * in either direction: a chat's file of such a name could otherwise pass for our memory.
 */
const OWN_PREFIX = TEMPORARY_PREFIX;

/** Holds what was removed locally, by date. */
export const TRASH_FOLDER = `${OWN_PREFIX}trash`;

/** What was the same on both sides when the last sync ended: the third tree. One for each service and chat. */
export const memoryFile = (key: string): string => `${OWN_PREFIX}memory-${key}`;

/** Uploads that were begun and whose end nobody wrote down yet. One for each service and chat. */
export const pendingFile = (key: string): string => `${OWN_PREFIX}pending-${key}`;

/** A file that is being written and is put into its place when it is complete. */
export const temporaryFile = (unique: string): string => `${OWN_PREFIX}${unique}${TEMPORARY_SUFFIX}`;

/** True for everything that is ours; however it is written, as some disks know no case. */
export function isOwnFile(name: string): boolean {
	return foldedName(name).startsWith(OWN_PREFIX);
}

/** True for files that a run has left behind, or is still writing. */
export function isOwnTemporary(name: string): boolean {
	return isOwnFile(name) && name.toLowerCase().endsWith(TEMPORARY_SUFFIX);
}
