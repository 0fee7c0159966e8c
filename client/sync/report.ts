import { errorSentence } from '../api/errors';
import type { UnreadableRecord } from '../api/records';
import type { NotDeletedReason, SyncAction, SyncItem, SyncSummary } from '../sync-types';
import type { LockOwner } from './lock';
import { lastPart, pathIn } from './names';
import type { Settings } from './settings';
import type { Outcome, Step } from './steps';
import * as words from './words';

/** Failures that a summary shows. */
const SHOWN_FAILURES = 20;

/**
 * Turns steps and what became of them into items, in the order of the plan, or into a summary. What does not come out is
 * counted and not kept.
 */
export class Report {
	/** By position in the plan; where nothing comes out there is a hole. */
	private readonly items: SyncItem[] = [];
	private readonly extra: SyncItem[] = [];
	private failures: Array<{ position: number; item: SyncItem }> = [];
	private readonly counts: Record<SyncAction | 'skipped' | 'failed', number> = {
		uploaded: 0,
		downloaded: 0,
		deletedLocal: 0,
		deletedRemote: 0,
		conflict: 0,
		unchanged: 0,
		none: 0,
		skipped: 0,
		failed: 0,
	};
	private readonly notDeleted = new Map<NotDeletedReason, number>();
	private bytes = 0;

	private readonly startedAt = Date.now();

	constructor(private readonly settings: Settings) {}

	/** What became of a step. */
	settle(step: Step, position: number, outcome: Outcome): void {
		// What a conflict keeps beside has come down and gone up again.
		const times = step.kind === 'download' && step.beside ? 2 : 1;
		if ('bytes' in outcome) this.bytes += times * (outcome.bytes ?? 0);
		const action =
			outcome.kind === 'same' ? 'unchanged' : outcome.kind === 'done' ? words.actionOf(step) : 'none';
		const { output } = this.settings;
		if (action === 'unchanged' && output !== 'all') this.counts.unchanged += 1;
		else if (output !== 'changes' || !isLeftOnPurpose(step))
			this.take(this.item(step, outcome, action), position);
	}

	/** The one item of a sync that did not run, as another one has the folder. */
	notRun(owner: LockOwner): [SyncItem] {
		const { directory: localDirectory } = this.settings;
		return [
			{
				status: 'skipped',
				action: 'none',
				reason: words.alreadyRunning(owner),
				localDirectory,
			},
		];
	}

	/** The items of a dry run, or of a run in which there is nothing to do. */
	previewAll(steps: readonly Step[], unreadable: readonly UnreadableRecord[]): SyncItem[] | [SyncSummary] {
		for (const [position, step] of steps.entries()) this.preview(step, position);
		return this.all(unreadable);
	}

	/** The items of a run, or the one summary. */
	all(unreadable: readonly UnreadableRecord[]): SyncItem[] | [SyncSummary] {
		for (const record of unreadable) this.unreadableRecord(record);
		if (this.settings.output === 'summary') return [this.summary()];
		return [...this.items.filter((item) => item as SyncItem | undefined), ...this.extra];
	}

	private preview(step: Step, position: number): void {
		if (step.kind === 'leave' || step.kind === 'touch') this.settle(step, position, { kind: 'done' });
		else if (step.kind !== 'forget') {
			const reason = words.wouldBe(step);
			const action = words.actionOf(step);
			this.take({ status: 'skipped', action, ...this.about(step), reason }, position);
		}
	}

	private unreadableRecord({ fileId, fileName = '', reason }: UnreadableRecord): void {
		const item = { ...(fileId !== undefined && { fileId }), fileName, error: reason };
		this.take({ status: 'failed', action: 'none', ...item });
	}

	/** What was done could not be written down. */
	notRemembered(cause: unknown): void {
		const { directory } = this.settings;
		this.take({
			status: 'failed',
			action: 'none',
			fileName: '',
			localPath: directory,
			error: words.notRemembered(cause),
		});
	}

	private take(item: SyncItem, position?: number): void {
		const { output } = this.settings;
		if (item.status === 'failed') this.counts.failed += 1;
		else if (item.action === 'none') this.counts.skipped += 1;
		else this.counts[item.action] += 1;
		const { notDeleted } = item;
		if (notDeleted !== undefined) this.notDeleted.set(notDeleted, (this.notDeleted.get(notDeleted) ?? 0) + 1);
		if (output === 'summary') {
			if (item.status === 'failed') this.keepFailure(item, position ?? Infinity);
		} else if (position === undefined) this.extra.push(item);
		else this.items[position] = item;
	}

	/** The first ones of the plan, whichever failed first. */
	private keepFailure(item: SyncItem, position: number): void {
		this.failures.push({ position, item });
		if (this.failures.length < 2 * SHOWN_FAILURES) return;
		this.failures = firstOf(this.failures);
	}

	private summary(): SyncSummary {
		const { chatId, directory } = this.settings;
		const { uploaded, downloaded, deletedLocal, deletedRemote, conflict, unchanged, skipped, failed } =
			this.counts;
		const deleted = deletedLocal + deletedRemote;
		return {
			status: failed > 0 ? 'failed' : 'success',
			chatId,
			localDirectory: directory,
			total: uploaded + downloaded + deleted + conflict + unchanged + skipped + failed,
			uploaded,
			downloaded,
			deleted,
			conflicts: conflict,
			unchanged,
			skipped,
			failed,
			bytes: this.bytes,
			seconds: (Date.now() - this.startedAt) / 1000,
			...(this.notDeleted.size > 0 && { notDeleted: Object.fromEntries(this.notDeleted) }),
			failures: firstOf(this.failures).map(({ item }) => item),
		};
	}

	private item(step: Step, outcome: Outcome, action: SyncAction): SyncItem {
		const about = { action, ...this.about(step) };
		switch (outcome.kind) {
			case 'done':
				return this.done(step, outcome, about);
			case 'failed':
				return { status: 'failed', ...about, error: errorSentence(outcome.cause) };
			case 'same': {
				const fileId = step.pair.remote?.id;
				return {
					status: 'skipped',
					...about,
					...(fileId !== undefined && { fileId }),
					reason: words.same,
				};
			}
			case 'notBegun':
				return { status: 'failed', ...about, error: words.notBegun };
			case 'notReplaced': {
				const { id: fileId, cause } = outcome;
				const old = step.kind === 'upload' ? step.replaces?.id : undefined;
				return { status: 'failed', ...about, fileId, error: words.notReplaced(fileId, old, cause) };
			}
			case 'appeared':
				return { status: 'skipped', ...about, reason: words.appeared };
			case 'notDeleted': {
				const { because } = outcome;
				const reason = words.notDeletedReason(because);
				return { status: 'skipped', ...about, reason, notDeleted: because };
			}
		}
	}

	private done(
		step: Step,
		{ id, bytes }: Outcome & { kind: 'done' },
		about: Omit<SyncItem, 'status'>,
	): SyncItem {
		if (step.kind === 'leave' || step.kind === 'touch') {
			const verdict = words.whyLeft(step, this.settings);
			if ('error' in verdict) return { status: 'failed', ...about, error: verdict.error };
			const notDeleted =
				step.kind === 'leave' && step.why.code === 'notDeleted' ? { notDeleted: step.why.because } : {};
			return { status: 'skipped', ...about, reason: verdict.reason, ...notDeleted };
		}
		const reason = words.settled(step);
		return {
			status: 'success',
			...about,
			...(id !== undefined && { fileId: id }),
			...(bytes !== undefined && { size: bytes }),
			...(reason !== undefined && { reason }),
		};
	}

	/** The part of an item that does not depend on what became of the file. */
	private about(step: Step): Omit<SyncItem, 'status' | 'action'> {
		const { directory, rules } = this.settings;
		const { path, local, remote, synced } = step.pair;
		const goesUp = step.kind === 'upload' || (!rules.mode.down && local !== undefined);
		const isKept = step.kind === 'download' && step.beside !== undefined;
		// An upload has no id before it is there; the one that it replaces is another file.
		const fileId = step.kind === 'upload' ? undefined : (remote?.id ?? synced?.id);
		const localName = path === undefined ? undefined : lastPart(path);
		const remoteName = remote?.name ?? synced?.remoteName;
		const file = goesUp ? local : (remote ?? local ?? synced);
		return {
			...(fileId !== undefined && { fileId }),
			fileName: (goesUp || isKept ? (localName ?? remoteName) : (remoteName ?? localName)) ?? '',
			...(path !== undefined && { localPath: pathIn(directory, path) }),
			...(file !== undefined && 'size' in file && { size: file.size }),
		};
	}
}

/** The user's choice of an option keeps it where it is, run after run: nothing that anybody need be told. */
function isLeftOnPurpose(step: Step): boolean {
	if (step.kind !== 'leave') return false;
	const { why } = step;
	return why.code === 'exists' || (why.code === 'noPlace' && why.place.why === 'newerNamesake');
}

function firstOf(failures: Array<{ position: number; item: SyncItem }>): typeof failures {
	return failures.sort((a, b) => a.position - b.position).slice(0, SHOWN_FAILURES);
}
