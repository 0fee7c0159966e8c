import { lutimes, lstat, mkdir } from 'node:fs/promises';
import type { FileInfo } from '../api/wire';
import * as given from '../arguments';
import { Progress } from '../transfer/progress';
import type { Logger, SyncItem, SyncToLocalOptions } from '../types';
import { DISK_CONCURRENCY, mapBounded, ownFailure } from './bounded';
import { knownChecksum } from '../transfer/hash';
import { checksumKey, hashFile } from './checksum';
import { folderError, throwIfCancelled } from './failures';
import { pathFilter } from './globs';
import { localNames } from './local-names';
import { nameKeyFor, showName } from './names';
import {
	about,
	chooseTargets,
	type LocalStep,
	planToLocal,
	type Report,
	type Target,
	type Unchanged,
} from './plan-to-local';
import type { RemoteFiles } from './remote';
import { absoluteFolder, allowEverything, callOptions } from './settings';
import { readTargetFolder, removeLeftovers } from './target-folder';
import { uploadTime } from '../api/upload-time';

/** A modification time survives the disk to the second. Milliseconds. */
const TIME_TOLERANCE = 1000;

/**
 * Brings the files of a chat into a folder: list, name, compare, plan, apply. A folder that is missing is created when
 * there is something to write.
 *
 * @param logger hears of the progress of long syncs
 * @returns one item for each wanted file, in the order of the service's list; one file's failure is its item's
 * @throws InvalidInputError, LocalFileError for options or a folder that make no sync possible; before any request
 * @throws BddFileError when the listing fails
 * @throws CancelledError when the signal fires, once everything that was running has ended
 */
export async function syncToLocal(
	remote: RemoteFiles,
	options: SyncToLocalOptions,
	logger?: Logger,
): Promise<SyncItem[]> {
	const { signal, ifExists = 'overwrite', duplicateNames = 'renameById', dryRun = false } = options;
	const directory = absoluteFolder(options.localDirectory);
	const concurrency = given.concurrency(options.concurrency ?? given.DEFAULTS.fileConcurrency);
	const filter = pathFilter(options.include, options.exclude);
	const isPathAllowed = options.isPathAllowed ?? allowEverything;
	const keyOf = nameKeyFor(process.platform);
	throwIfCancelled(signal);

	const folder = await readTargetFolder(directory, keyOf);
	const files = await remote.listChatFiles(options.chatId, callOptions(options));
	if (!dryRun) await removeLeftovers(directory, folder.temporaries, isPathAllowed);

	const names = localNames(files, duplicateNames);
	const targets = chooseTargets({
		files,
		names,
		filter,
		directory,
		keyOf,
		entries: folder.entries,
		isPathAllowed,
	});
	const unchanged = ifExists === 'skipUnchanged' ? await findUnchanged(targets, signal) : NOTHING_COMPARED;
	const plan = planToLocal(targets, ifExists, unchanged);
	if (dryRun) return plan.map(preview);

	const downloads = plan.filter((step) => step.kind === 'download');
	if (!folder.exists && downloads.length > 0) await createFolder(directory);
	const progress = new Progress(logger, `Syncing to ${showName(directory)}`, {
		files: downloads.length,
		bytes: downloads.reduce((bytes, { file }) => bytes + file.size, 0),
	});
	return await mapBounded(plan, { concurrency, signal }, async (step) => {
		const item = await applyStep(remote, step, options);
		if (step.kind === 'download') progress.add(item.size ?? 0, 1);
		return item;
	});
}

const NOTHING_COMPARED: ReadonlyMap<Target, Unchanged> = new Map();

/** Compares the files that exist already with what the service knows of them. */
async function findUnchanged(
	targets: readonly (Report | Target)[],
	signal: AbortSignal | undefined,
): Promise<Map<Target, Unchanged>> {
	const existing = targets.filter((target) => target.kind === 'target').filter(({ exists }) => exists);
	const unchanged = new Map<Target, Unchanged>();
	await mapBounded(existing, { concurrency: DISK_CONCURRENCY, signal }, async (target) => {
		// A file that cannot be read cannot be shown to be unchanged, so it is downloaded.
		const equal = await ownFailure(
			() => compare(target, signal),
			() => undefined,
		);
		if (equal !== undefined) unchanged.set(target, equal);
	});
	return unchanged;
}

async function compare(
	{ file, path }: Target,
	signal: AbortSignal | undefined,
): Promise<Unchanged | undefined> {
	const local = await lstat(path);
	if (!local.isFile() || local.size !== file.size) return undefined;
	const uploaded = uploadTime(file.upload_at);
	if (uploaded !== undefined && Math.abs(local.mtimeMs - uploaded.getTime()) < TIME_TOLERANCE) return 'time';
	const known = knownChecksum(file.hashcode);
	if (known === undefined) return undefined;
	const [actual] = await hashFile(path, [known.algorithm], signal);
	return actual !== undefined && checksumKey(actual) === checksumKey(known) ? 'content' : undefined;
}

async function createFolder(directory: string): Promise<void> {
	try {
		await mkdir(directory, { recursive: true });
	} catch (error) {
		throw folderError('Creating', directory, error);
	}
}

function preview(step: LocalStep): SyncItem {
	if (step.kind !== 'download') return step.item;
	const replacing = step.replaces ? ', replacing the local file' : '';
	return {
		status: 'skipped',
		...about(step.file, step.path),
		reason: `Dry run: would be downloaded${replacing}`,
	};
}

async function applyStep(
	remote: RemoteFiles,
	step: LocalStep,
	options: SyncToLocalOptions,
): Promise<SyncItem> {
	switch (step.kind) {
		case 'report':
			return step.item;
		case 'touch':
			await setTime(step.path, uploadTime(step.file.upload_at));
			return step.item;
		case 'download':
			return await download(remote, step.file, step.path, options);
	}
}

/** Only spares the next run some reading, so that a disk which refuses it is no failure. */
async function setTime(path: string, time: Date | undefined): Promise<void> {
	if (time !== undefined) await lutimes(path, time, time).catch(() => undefined);
}

async function download(
	remote: RemoteFiles,
	file: FileInfo,
	path: string,
	options: SyncToLocalOptions,
): Promise<SyncItem> {
	const modifiedAt = uploadTime(file.upload_at);
	return await ownFailure<SyncItem>(
		async () => {
			const { size } = await remote.downloadToFile(file.id, path, {
				...callOptions(options),
				expected: file,
				verify: options.verify,
				...(modifiedAt !== undefined && { modifiedAt }),
			});
			return { ...about(file, path), status: 'success', size };
		},
		(error) => ({ status: 'failed', ...about(file, path), error }),
	);
}
