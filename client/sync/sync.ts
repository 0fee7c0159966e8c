import { stat } from 'node:fs/promises';
import { joinedSignal } from '../api/joined-signal';
import type { Logger } from '../types';
import type { SyncOutput, SyncResult } from '../sync-types';
import { applyPlan } from './apply';
import { folderError, throwIfCancelled } from './failures';
import { createFolder, SyncFolder } from './folder';
import { type FolderLock, lockFolder } from './lock';
import type { Mode } from './modes';
import { showName } from './names';
import { type Plan, planSync } from './plan';
import { remember } from './remember';
import type { RemoteFiles } from './remote-files';
import { Report } from './report';
import { scanTrees } from './scan';
import { type AnySyncOptions, type Settings, settingsFor } from './settings';
import type { Step } from './steps';
import { tooManyDeletions } from './words';
import { prepareWork } from './work';

/**
 * A sync: lock the folder, scan both sides and the memory, plan, apply, remember, report. `trees.ts` says what is compared,
 * `plan.ts` what follows from it.
 *
 * @param logger hears of the progress of long syncs
 * @returns one item for each wanted file, or one summary; one file's failure is its item's
 * @throws InvalidInputError, LocalFileError for options or a folder that make no sync possible; before any request
 * @throws BddFileError when the listing fails
 * @throws TooManyDeletionsError before anything is done
 * @throws CancelledError when the signal fires, once everything that was running has ended
 */
export async function sync(
	remote: RemoteFiles,
	mode: Mode,
	options: AnySyncOptions,
	logger: Logger | undefined,
): Promise<SyncResult<SyncOutput>> {
	const settings = settingsFor(mode, options);
	const { directory, dryRun } = settings;
	const report = new Report(settings);
	throwIfCancelled(settings.call.signal);

	const exists = await isThere(directory);
	if (!exists && !mode.down) throw folderError('Reading', directory, { code: 'ENOENT' });
	if (dryRun || !exists) {
		const { trees, rules } = await scanTrees(remote, settings, { mayWrite: false });
		const plan = allowed(planSync(trees, rules), settings);
		// A folder is made only when there is something to write, and only then there is something to lock.
		if (dryRun || !plan.steps.some(changesSomething))
			return report.previewAll(plan.steps, trees.remote.unreadable);
		await createFolder(directory);
	}

	const lock = await lockFolder(directory, {
		ifRunning: settings.ifRunning,
		what: `${mode.title} (chat ${showName(settings.chatId)})`,
		signal: settings.call.signal,
		logger,
		// What is only read can be locked only on this machine.
		allowElsewhere: !mode.down,
	});
	if ('busy' in lock) return report.notRun(lock.busy);
	try {
		return await syncLocked(remote, lock, whileOwned(settings, lock), report, logger);
	} catch (error) {
		// What was stopped because somebody else has the folder was not cancelled by the caller.
		throw lock.lost.aborted && settings.call.signal?.aborted !== true ? lock.lost.reason : error;
	} finally {
		await lock.release();
	}
}

/** The same for whoever has the folder. What the folder is now is what it must still be when something is changed. */
async function syncLocked(
	remote: RemoteFiles,
	lock: FolderLock,
	settings: Settings,
	report: Report,
	logger: Logger | undefined,
): Promise<SyncResult<SyncOutput>> {
	const folder = await SyncFolder.open(settings.directory, settings.isPathAllowed);
	const scanned = await scanTrees(remote, settings, { mayWrite: true, left: lock.left });
	const { steps } = allowed(planSync(scanned.trees, scanned.rules), settings);
	const work = await prepareWork({ remote, folder, lock, scanned, steps, report, settings, logger });
	try {
		await applyPlan(steps, work);
	} finally {
		lock.left = work.recent.toLeave();
		await remember(scanned.trees, work);
	}
	return report.all(scanned.trees.remote.unreadable);
}

/** Everything stops when the caller cancels, and when the lock is lost. */
function whileOwned(settings: Settings, { lost }: FolderLock): Settings {
	return { ...settings, call: { ...settings.call, signal: joinedSignal(settings.call.signal, lost) } };
}

/** @throws LocalFileError when something else than a folder is there */
async function isThere(directory: string): Promise<boolean> {
	try {
		if ((await stat(directory)).isDirectory()) return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
		throw folderError('Reading', directory, error);
	}
	throw folderError('Reading', directory, { code: 'ENOTDIR' });
}

/** @throws TooManyDeletionsError */
function allowed(plan: Plan, settings: Settings): Plan {
	if (plan.tooMany !== undefined) throw tooManyDeletions(plan.tooMany, settings);
	return plan;
}

/** Where there is no folder there is no memory, so that nothing is to be forgotten. */
const changesSomething = ({ kind }: Step) => kind !== 'leave';
