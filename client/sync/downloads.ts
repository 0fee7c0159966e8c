import { PlaceChangedError } from '../transfer/download/place';
import { mapBounded, ownFailure } from './bounded';
import type { Download, Outcome } from './steps';
import type { SyncedFile } from './trees';
import type { Outcomes, Planned, Work } from './work';

/** What comes down: each beside its place under a temporary name, verified, and put there if nothing has changed meanwhile. */
export async function carryOutDownloads(
	downloads: ReadonlyArray<Planned<Download>>,
	work: Work,
	outcomes: Outcomes,
): Promise<void> {
	const { settings, signal, memory } = work;
	await mapBounded(downloads, { concurrency: settings.concurrency, signal }, async (planned) => {
		const { step } = planned;
		const outcome = await ownFailure<Outcome>(
			async () => {
				const state = await download(step, work);
				// What is kept beside a conflict is on both sides only when it is up again under its new name.
				if (!step.keepsBoth) {
					const before = step.pair.synced?.path;
					if (before !== undefined && before !== step.path) memory?.forget(before);
					memory?.remember(asSynced(step, state));
				}
				return { kind: 'done', id: step.remote.id, bytes: state.size };
			},
			(cause) => {
				const appeared = cause instanceof PlaceChangedError && settings.rules.ifExists === 'skip';
				return appeared ? { kind: 'appeared' } : { kind: 'failed', cause };
			},
		);
		work.progress.add(outcome.kind === 'done' ? step.remote.size : 0, 1);
		// What is kept beside a conflict is settled when it is up again.
		if (outcome.kind !== 'done' || !step.keepsBoth) outcomes.settle(planned, outcome);
	});
}

async function download(
	{ remote: file, path, replaces }: Download,
	{ remote, folder, settings }: Work,
): Promise<{ size: number; mtimeMs: number }> {
	const { id, name, size, hash, uploadedMs } = file;
	return await remote.downloadToFile(id, folder.pathOf(path), {
		...settings.call,
		expected: { filename: name, size, hashcode: hash },
		verify: settings.verify,
		...(uploadedMs !== undefined && { modifiedAt: new Date(uploadedMs) }),
		onto: replaces ?? 'nothing',
		check: () => folder.assertInside(path),
	});
}

/** The local time is that of the file as it was written, not as it may be a moment later. */
function asSynced(
	{ path, remote: { id, name, hash } }: Download,
	{ size, mtimeMs }: { size: number; mtimeMs: number },
): SyncedFile {
	const localName = path.slice(path.lastIndexOf('/') + 1);
	return { path, id, size, hash, mtimeMs, ...(name !== localName && { remoteName: name }) };
}
