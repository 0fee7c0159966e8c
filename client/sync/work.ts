import { compareIds } from '../api/ids';
import type { WireId } from '../api/wire';
import { Progress } from '../transfer/progress';
import type { Logger } from '../types';
import type { NameKey } from './disk-names';
import { removeLeftovers, type SyncFolder } from './folder';
import type { FolderLock } from './lock';
import type { Memory } from './memory';
import { lastPart, showName } from './names';
import type { PendingUploads } from './pending';
import { RecentFiles } from './recent';
import type { RemoteFiles } from './remote-files';
import type { Report } from './report';
import type { Scanned } from './scan';
import type { Settings } from './settings';
import type { Outcome, Step } from './steps';
import { Trash } from './trash';
import type { RemoteFile } from './trees';

/** What carrying out a plan needs. */
export interface Work {
	remote: RemoteFiles;
	folder: SyncFolder;
	trash: Trash;
	settings: Settings;
	keyOf: NameKey;
	/** Undefined in a sync that neither deletes nor goes both ways, nor finds a memory. */
	memory: Memory | undefined;
	report: Report;
	progress: Progress;
	logger: Logger | undefined;
	/** Fires when the caller cancels, and when the lock on the folder is lost. */
	signal: AbortSignal | undefined;
	/** Proves that the folder is still ours; rejects when it is not, and then nothing more may be done. */
	assertOwned: () => Promise<void>;
	/** The highest id in the chat when it was scanned. */
	highestId: WireId | undefined;
	pending: PendingUploads;
	/** For the next sync of the folder. */
	recent: RecentFiles;
}

/** What `prepareWork` puts together. */
export interface Ingredients extends Pick<Work, 'remote' | 'folder' | 'settings' | 'report' | 'logger'> {
	lock: FolderLock;
	scanned: Scanned;
	steps: readonly Step[];
}

export async function prepareWork({ lock, scanned, steps, ...given }: Ingredients): Promise<Work> {
	const { folder, settings, logger } = given;
	const { directory, rules, trashDays, call } = settings;
	const { chatKey, memory, pending, trees, temporaries } = scanned;
	await removeLeftovers(folder, temporaries);
	const progress = new Progress(logger, `${ACTIONS[rules.mode.name]} ${showName(directory)}`, sum(steps));
	const highestId = trees.remote.files.reduce<WireId | undefined>(higher, undefined);
	return {
		...given,
		trash: new Trash(folder, trashDays),
		keyOf: scanned.rules.keyOf,
		memory,
		pending,
		highestId,
		recent: new RecentFiles(chatKey, highestId),
		progress,
		signal: call.signal,
		assertOwned: () => lock.assertOwned(),
	};
}

/** The beginning of the sentence that the log reads. */
const ACTIONS = { toLocal: 'Syncing to', toRemote: 'Syncing from', both: 'Syncing both ways with' } as const;

const higher = (highest: WireId | undefined, { id }: RemoteFile) =>
	highest === undefined || compareIds(id, highest) > 0 ? id : highest;

/** What there is to transfer. */
function sum(steps: readonly Step[]): { files: number; bytes: number } {
	let files = 0;
	let bytes = 0;
	steps.forEach((step) => {
		if (step.kind !== 'download' && step.kind !== 'upload') return;
		// What a conflict keeps beside comes down and goes up again.
		const times = step.kind === 'download' && step.beside ? 2 : 1;
		files += times;
		bytes += times * (step.kind === 'upload' ? step.local.size : step.remote.size);
	});
	return { files, bytes };
}

/** A step and its place in the plan. */
export interface Planned<S extends Step = Step> {
	step: S;
	position: number;
}

/** What has become of the steps so far. */
export class Outcomes {
	private readonly failedNames = new Set<string>();
	private readonly failedSteps = new Set<Step>();
	private readonly sameSteps = new Set<Step>();

	constructor(private readonly work: Work) {}

	settle({ step, position }: Planned, outcome: Outcome): void {
		this.work.report.settle(step, position, outcome);
		if (outcome.kind === 'done' || outcome.kind === 'same') return;
		this.failedSteps.add(step);
		for (const name of this.namesOf(step)) this.failedNames.add(name);
	}

	hasFailed(step: Step): boolean {
		return this.failedSteps.has(step);
	}

	/** Nothing is to be kept beside anything: no item comes of the step. */
	noConflict(step: Step): void {
		this.sameSteps.add(step);
	}

	wasNoConflict(step: Step): boolean {
		return this.sameSteps.has(step);
	}

	/** Something else for the same name did not come to its end. */
	isHeldUp(step: Step): boolean {
		return this.namesOf(step).some((name) => this.failedNames.has(name));
	}

	private namesOf({ pair: { path, remote } }: Step): string[] {
		const names = [path === undefined ? undefined : lastPart(path), remote?.name];
		return names.filter((name) => name !== undefined).map(this.work.keyOf);
	}
}
