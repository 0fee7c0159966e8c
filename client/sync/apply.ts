import { lutimes } from 'node:fs/promises';
import { errorSentence } from '../api/errors';
import { isStill } from '../transfer/download/place';
import { mapBounded } from './bounded';
import { carryOutDeletions } from './deletions';
import { carryOutDownloads } from './downloads';
import { showName } from './names';
import type { Step, Touch, Upload } from './steps';
import { carryOutUploads } from './uploads';
import { Outcomes, type Planned, type Work } from './work';

/**
 * Carries out a plan: what comes down, what goes up, and last what goes away. Each step looks again at what it is about to
 * change, as the folder and the chat go on living. One file's failure is its outcome; cancellation ends all.
 *
 * @throws CancelledError when the signal fires, once everything that was running has ended
 */
export async function applyPlan(steps: readonly Step[], work: Work): Promise<void> {
	const outcomes = new Outcomes(work);
	const planned = sortOut(steps, work);
	await touchAll(planned.touches, work);
	await carryOutDownloads(planned.downloads, work, outcomes);
	const replaced = await carryOutUploads(planned.uploads, planned.downloads, work, outcomes);
	await carryOutDeletions(planned, replaced, work, outcomes);
}

type ByKind = { [Kind in Step['kind']]: Array<Planned<Extract<Step, { kind: Kind }>>> };

/** The steps of a plan by what they do. */
interface SortedSteps {
	touches: ByKind['touch'];
	downloads: ByKind['download'];
	uploads: Array<Planned<Upload>>;
	localRemovals: ByKind['removeLocal'];
	remoteRemovals: ByKind['removeRemote'];
}

/** What is left alone is settled here. */
function sortOut(steps: readonly Step[], { memory, report }: Work): SortedSteps {
	const sorted: SortedSteps = {
		touches: [],
		downloads: [],
		uploads: [],
		localRemovals: [],
		remoteRemovals: [],
	};
	steps.forEach((step, position) => {
		switch (step.kind) {
			case 'leave':
				if (step.same !== undefined) {
					const before = step.pair.synced?.path;
					if (before !== undefined && before !== step.same.path) memory?.forget(before);
					memory?.remember(step.same);
				}
				report.settle(step, position, { kind: 'done' });
				break;
			case 'forget':
				if (step.pair.path !== undefined) memory?.forget(step.pair.path);
				break;
			case 'touch':
				sorted.touches.push({ step, position });
				break;
			case 'download':
				sorted.downloads.push({ step, position });
				break;
			case 'upload':
				sorted.uploads.push({ step, position });
				break;
			case 'removeLocal':
				sorted.localRemovals.push({ step, position });
				break;
			case 'removeRemote':
				sorted.remoteRemovals.push({ step, position });
				break;
		}
	});
	return sorted;
}

/** Only spares the next run some reading, so that a disk which refuses it is no failure. */
async function touchAll(touches: ReadonlyArray<Planned<Touch>>, work: Work): Promise<void> {
	const { folder, settings, signal, report, logger } = work;
	await mapBounded(touches, { concurrency: settings.concurrency, signal }, async ({ step, position }) => {
		const { local, remote } = step;
		const path = folder.pathOf(local.path);
		const time = remote.uploadedMs === undefined ? undefined : new Date(remote.uploadedMs);
		try {
			await folder.assertInside(local.path);
			// An edit must keep its own time: the upload time would say that there is none.
			if (time !== undefined && (await isStill(path, local))) await lutimes(path, time, time);
		} catch (error) {
			logger?.debug(`Setting the time of ${showName(path)} failed: ${errorSentence(error)}`);
		}
		report.settle(step, position, { kind: 'done' });
	});
}
