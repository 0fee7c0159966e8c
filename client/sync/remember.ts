import { errorSentence } from '../api/errors';
import type { Checksum } from '../transfer/hash';
import { SIMPLE_LIMIT_BYTES } from '../transfer/upload/upload';
import { DISK_CONCURRENCY, mapBounded, ownFailure } from './bounded';
import type { PendingUpload } from './pending';
import { hashFile } from './read-hashes';
import type { Sending } from './sending';
import type { Trees } from './trees';
import type { Work } from './work';

/**
 * Writes down uploads before they begin: those that replace something, and all where there is a memory. A run that is killed
 * in the middle of them is then understood by the next one.
 *
 * @throws LocalFileError where deletions depend on it
 */
export async function announce(sendings: readonly Sending[], work: Work): Promise<void> {
	const { memory, pending, logger, signal } = work;
	const uploads = await mapBounded(
		sendings.filter(({ replaces }) => memory !== undefined || replaces !== undefined),
		{ concurrency: DISK_CONCURRENCY, signal },
		async (sending) => await announcementOf(sending, work),
	);
	if (uploads.length === 0) return;
	await assertMayWrite(work);
	try {
		await pending.announce(uploads);
	} catch (error) {
		if (work.settings.rules.mode.down) throw error;
		logger?.warn(
			`${errorSentence(error)} If this sync is interrupted, a file that is being replaced may stay in the chat beside the new one`,
		);
	}
}

/**
 * What comes of an upload that replaces something is known by its hash, even when the local file is edited once more before
 * anybody looks.
 */
async function announcementOf(sending: Sending, work: Work): Promise<PendingUpload> {
	const { path, size, mtimeMs, replaces } = sending;
	const upload: PendingUpload = { path, size, mtimeMs };
	if (work.highestId !== undefined) upload.above = work.highestId;
	if (replaces === undefined) return upload;
	upload.replaces = replaces.id;
	const md5 = await md5Of(sending, work);
	if (md5 !== undefined) upload.md5 = md5;
	return upload;
}

/** Undefined for a large file that was not read yet, and for one that cannot be read: it fails when it is sent. */
async function md5Of(
	{ path, size, checksums }: Sending,
	{ folder, signal }: Work,
): Promise<string | undefined> {
	const md5In = (read: readonly Checksum[]) => read.find(({ algorithm }) => algorithm === 'md5')?.hex;
	const known = md5In(checksums);
	if (known !== undefined || size > SIMPLE_LIMIT_BYTES) return known;
	const read = () => hashFile(folder.pathOf(path), ['md5'], signal);
	return md5In(await ownFailure(read, () => []));
}

/**
 * Writes down what is the same on both sides now, also after a failure: it was true when it was noted. The uploads whose end
 * is open come first, so that the memory never knows an upload whose older file nobody remembers to delete.
 */
export async function remember(trees: Trees, work: Work): Promise<void> {
	const { memory, pending, report, settings } = work;
	if (settings.rules.mode.up) pending.settle(trees.synced, trees.local, trees.remote);
	if (!pending.isChanged && memory?.isChanged !== true) return;
	try {
		await assertMayWrite(work);
		await pending.save();
		await memory?.save();
	} catch (error) {
		report.notRemembered(error);
	}
}

/** The folder is still ours, and still where it was. */
async function assertMayWrite({ assertOwned, folder, pending }: Work): Promise<void> {
	await folder.assertInside(pending.name);
	await assertOwned();
}
