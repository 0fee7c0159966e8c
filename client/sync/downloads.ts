import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { isStill, placeFile, PlaceChangedError } from '../transfer/download/place';
import { asLocalError } from '../transfer/local-error';
import { mapBounded, ownFailure } from './bounded';
import { lastPart, showName } from './names';
import { temporaryFile } from './own-files';
import { hashFile } from './read-hashes';
import type { Download, Outcome } from './steps';
import type { LocalFile, SyncedFile } from './trees';
import type { Outcomes, Planned, Work } from './work';

/** What comes down: each beside its place under a temporary name, verified, and put there if nothing has changed meanwhile. */
export async function carryOutDownloads(
	downloads: ReadonlyArray<Planned<Download>>,
	work: Work,
	outcomes: Outcomes,
): Promise<void> {
	const { settings, signal } = work;
	await mapBounded(downloads, { concurrency: settings.concurrency, signal }, async (planned) => {
		const { step } = planned;
		const { beside } = step;
		const outcome = await ownFailure<Outcome>(
			() => (beside === undefined ? bringDown(step, work) : keepBeside(step, beside, work)),
			(cause) => {
				const appeared = cause instanceof PlaceChangedError && settings.rules.ifExists === 'skip';
				return appeared ? { kind: 'appeared' } : { kind: 'failed', cause };
			},
		);
		work.progress.add('bytes' in outcome ? step.remote.size : 0, 1);
		if (outcome.kind === 'same') outcomes.noConflict(step);
		// What is kept beside a conflict is settled when it is up again.
		else if (outcome.kind !== 'done' || beside === undefined) outcomes.settle(planned, outcome);
	});
}

async function bringDown(step: Download, work: Work): Promise<Outcome> {
	const { size, mtimeMs } = await download(step, step.path, work);
	const before = step.pair.synced?.path;
	if (before !== undefined) work.memory?.forget(before);
	if (mtimeMs !== undefined) work.memory?.remember(asSynced(step, { size, mtimeMs }));
	return { kind: 'done', id: step.remote.id, bytes: size };
}

/**
 * What is kept beside a conflict. Where no hash could tell, the content does now: what is the same on both sides is no
 * conflict, and nothing is kept.
 */
async function keepBeside(step: Download, beside: LocalFile, work: Work): Promise<Outcome> {
	const { folder, memory } = work;
	const { remote, path } = step;
	const isDoubtful = remote.hash === '' && remote.size === beside.size;
	const arrival = isDoubtful ? temporaryFile(randomUUID()) : path;
	const { size } = await download(step, arrival, work);
	if (isDoubtful) {
		const [arrived, local] = [folder.pathOf(arrival), folder.pathOf(beside.path)];
		const place = folder.pathOf(path);
		try {
			if (await isSameContent(arrived, local, beside, work)) {
				const { id, hash } = remote;
				memory?.remember({ path: beside.path, id, size, hash, mtimeMs: beside.mtimeMs });
				return { kind: 'same' };
			}
			await folder.assertInside(path);
			await told(`Writing ${showName(place)}`, placeFile(arrived, place, 'nothing'));
		} finally {
			// What stays is removed by a later sync.
			await rm(arrived).catch(() => undefined);
		}
	}
	return { kind: 'done', id: remote.id, bytes: size };
}

async function isSameContent(
	arrived: string,
	local: string,
	beside: LocalFile,
	{ folder, signal }: Work,
): Promise<boolean> {
	await folder.assertInside(beside.path);
	const read = (path: string) => told(`Reading ${showName(path)}`, hashFile(path, ['md5'], signal));
	const [[one], [other]] = await Promise.all([read(arrived), read(local)]);
	return one?.hex === other?.hex && (await told(`Reading ${showName(local)}`, isStill(local, beside)));
}

/** What a disk refuses comes as a sentence. */
async function told<T>(action: string, work: Promise<T>): Promise<T> {
	return await work.catch((error: unknown) => {
		throw asLocalError(action, error);
	});
}

async function download(
	{ remote: file, replaces }: Download,
	path: string,
	{ remote, folder, settings, memory }: Work,
): Promise<{ size: number; mtimeMs: number | undefined }> {
	const { id, name, size, hash, uploadedMs } = file;
	return await remote.downloadToFile(id, folder.pathOf(path), {
		...settings.call,
		expected: { filename: name, size, hashcode: hash },
		verify: settings.verify,
		...(uploadedMs !== undefined && { modifiedAt: new Date(uploadedMs) }),
		tellTime: memory !== undefined,
		onto: replaces ?? 'nothing',
		check: folder.checkOf(path),
	});
}

/** The local time is that of the file as it was written, not as it may be a moment later. */
function asSynced(
	{ path, remote: { id, name, hash } }: Download,
	{ size, mtimeMs }: { size: number; mtimeMs: number },
): SyncedFile {
	const isRenamed = name !== lastPart(path);
	return { path, id, size, hash, mtimeMs, ...(isRenamed && { remoteName: name }) };
}
