import { type Checksum, type HashAlgorithm, knownChecksum } from '../transfer/hash';
import { type LocalFile, NO_TIME, type RemoteFile, type SyncedFile } from './trees';

/**
 * The one rule of equality: size, then the hash where the service knows one, else time. Time proves equality in two forms
 * only. What the memory has is equal while size and time are still those it has written down. And a modification time that
 * is the upload time is our own mark: a sync sets it after it has verified the content, so it stands for the hash too and
 * spares the reading, unless it may come from an edit at that very instant. An older or a newer time proves nothing: clocks
 * differ, and an edit may keep the size.
 */

/** How a local file was found to be the chat's; undefined when it is not, or cannot be shown to be. */
export function sameContent(local: LocalFile, remote: RemoteFile): 'content' | 'time' | undefined {
	if (local.size !== remote.size) return undefined;
	if (remote.hash !== '' && local.checksums !== undefined) {
		return hasHash(local.checksums, remote.hash) ? 'content' : undefined;
	}
	if (remote.hash !== '' && !local.isTimeSet) return undefined;
	return carriesUploadTime(local, remote) ? 'time' : undefined;
}

/** Two edits this close may have one time on a disk that counts whole seconds, or two. Milliseconds. */
const COARSE_TICK = 2_000;

/** The time of a local file as the memory may rely on it: an edit after now must have another one. */
export function reliableTime(mtimeMs: number, now: number): number {
	return mtimeMs % 1000 === 0 && Math.abs(now - mtimeMs) <= COARSE_TICK ? NO_TIME : mtimeMs;
}

/** The local file is as it was when both sides were last the same. */
export function sameAsRemembered(local: LocalFile, synced: SyncedFile): boolean {
	if (local.size !== synced.size) return false;
	return local.mtimeMs === synced.mtimeMs || hasHash(local.checksums ?? [], synced.hash);
}

/** The chat's file is the remembered one and not known to be another now, or has its content under another id. */
export function remoteSameAsRemembered(remote: RemoteFile, synced: SyncedFile): boolean {
	if (remote.size !== synced.size) return false;
	if (remote.hash.length === synced.hash.length && remote.hash !== '') return remote.hash === synced.hash;
	return remote.id === synced.id;
}

/** How exactly a time is there again that was given to a disk as a fraction of seconds since 1970. Milliseconds. */
const FRACTION = 0.01;

/** The mark of a download: a whole millisecond, which few edits have. Some disks keep whole seconds only. */
export function carriesUploadTime(
	{ mtimeMs }: { mtimeMs: number },
	{ uploadedMs }: { uploadedMs: number | undefined },
): boolean {
	if (uploadedMs === undefined) return false;
	if (Math.abs(mtimeMs - uploadedMs) < FRACTION) return true;
	return mtimeMs === Math.floor(uploadedMs / 1000) * 1000;
}

function hasHash(checksums: readonly Checksum[], hash: string): boolean {
	return hash !== '' && checksums.some(({ hex }) => hex === hash);
}

/** The algorithm whose hash of the local file decides about a file of this size and hash; undefined when none does. */
export function decidingHash(
	local: LocalFile,
	{ size, hash }: { size: number; hash: string },
): HashAlgorithm | undefined {
	return size === local.size ? knownChecksum(hash)?.algorithm : undefined;
}
