import { stat } from 'node:fs/promises';
import type { Logger, SyncOutput, SyncResult } from '../types';
import { applyPlan } from './apply';
import { folderError, throwIfCancelled } from './failures';
import { createFolder, SyncFolder } from './folder';
import type { Mode } from './modes';
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

	if (dryRun || (mode.down && !(await isThere(directory)))) {
		const { trees, rules } = await scanTrees(remote, settings, { mayWrite: false });
		const plan = allowed(planSync(trees, rules), settings);
		// A folder is made only when there is something to write, and only then there is something to lock.
		if (dryRun || !plan.steps.some(changesSomething))
			return report.previewAll(plan.steps, trees.remote.unreadable);
		await createFolder(directory);
	}

	// What the folder is before anything is asked is what it must still be when something is changed.
	const folder = await SyncFolder.open(directory, settings.isPathAllowed);
	const scanned = await scanTrees(remote, settings, { mayWrite: true });
	const { steps } = allowed(planSync(scanned.trees, scanned.rules), settings);
	const work = await prepareWork(remote, folder, scanned, steps, report, settings, logger);
	try {
		await applyPlan(steps, work);
	} finally {
		await remember(scanned.trees, work);
	}
	return report.all(scanned.trees.remote.unreadable);
}

async function isThere(directory: string): Promise<boolean> {
	try {
		await stat(directory);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
		throw folderError('Reading', directory, error);
	}
}

/** @throws TooManyDeletionsError */
function allowed(plan: Plan, settings: Settings): Plan {
	if (plan.tooMany !== undefined) throw tooManyDeletions(plan.tooMany, settings);
	return plan;
}

const changesSomething = ({ kind }: Step) => kind !== 'leave' && kind !== 'forget';
