import { errorSentence } from './failures';
import type { Trees } from './trees';
import type { Sending } from './sending';
import type { Work } from './work';

/**
 * Writes down uploads before they begin: those that replace something, and all where there is a memory. A run that is killed
 * in the middle of them is then understood by the next one.
 *
 * @throws LocalFileError where deletions depend on it
 */
export async function announce(sendings: readonly Sending[], work: Work): Promise<void> {
	const { memory, pending, highestId: above, logger } = work;
	const uploads = sendings
		.filter(({ replaces }) => memory !== undefined || replaces !== undefined)
		.map(({ path, size, mtimeMs, replaces }) => ({
			path,
			size,
			mtimeMs,
			...(replaces !== undefined && { replaces: replaces.id }),
			...(above !== undefined && { above }),
		}));
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
