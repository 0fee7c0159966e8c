import { compareIds } from '../api/ids';
import type { FileInfo } from '../api/wire';
import * as given from '../arguments';
import { Progress } from '../transfer/progress';
import { diskSource } from '../transfer/source';
import type { Logger, SyncItem, SyncToRemoteOptions, UploadResult } from '../types';
import { DISK_CONCURRENCY, mapBounded, ownFailure } from './bounded';
import { hashFile } from './checksum';
import { throwIfCancelled } from './failures';
import { pathFilter } from './globs';
import { type FoundEntry, measure, walk } from './local-files';
import type { LocalFile } from './namesakes';
import {
	about,
	hashesToCompare,
	type PlannedUpload,
	planToRemote,
	type RemoteStep,
	uploadChains,
	type UploadStep,
} from './plan-to-remote';
import type { RemoteFiles } from './remote';
import { showName } from './names';
import { absoluteFolder, allowEverything, callOptions, NOT_ALLOWED } from './settings';

/**
 * Brings the files of a folder into a chat: walk, list, compare, plan, apply. What is only in the chat is left alone.
 *
 * @param logger hears of the progress of long syncs
 * @returns one item for each wanted file, sorted by relative path; one file's failure is its item's
 * @throws InvalidInputError, LocalFileError for options or a folder that make no sync possible; before any request
 * @throws BddFileError when the listing fails
 * @throws CancelledError when the signal fires, once everything that was running has ended
 */
export async function syncToRemote(
	remote: RemoteFiles,
	options: SyncToRemoteOptions,
	logger?: Logger,
): Promise<SyncItem[]> {
	const { signal, ifExists = 'skip', recursive = true, dryRun = false } = options;
	const directory = absoluteFolder(options.localDirectory);
	const concurrency = given.concurrency(options.concurrency ?? given.DEFAULTS.fileConcurrency);
	const filter = pathFilter(options.include, options.exclude);
	const isPathAllowed = options.isPathAllowed ?? allowEverything;

	const entries = await walk(directory, { recursive, isPathAllowed, signal });
	const wanted = entries.filter(({ kind, relativePath }) =>
		// Any file could be in a folder that cannot be read, so only an exclusion makes it irrelevant.
		kind === 'problem' ? !filter.excludes(relativePath) : filter.accepts(relativePath),
	);
	const remotes = await remote.listChatFiles(options.chatId, callOptions(options));

	const looked = await lookAt(filesNamedLike(wanted, entries), isPathAllowed, signal);
	const locals = await withChecksums(looked, ifExists === 'skipUnchanged' ? remotes : [], signal);
	const decisions = planToRemote([...locals.values()], remotes, ifExists);
	const plan = wanted.map((entry): RemoteStep => {
		const local = locals.get(entry);
		const step = local && decisions.get(local);
		return step ?? { kind: 'report', item: notUploaded(entry, looked.get(entry)) };
	});

	const items = plan.map(preview);
	if (dryRun) return items;
	const uploads = plan.filter((step) => step.kind === 'upload');
	const progress = new Progress(logger, `Syncing from ${showName(directory)}`, {
		files: uploads.length,
		bytes: uploads.reduce((bytes, { file }) => bytes + file.size, 0),
	});
	const uploadAll = async (chains: readonly PlannedUpload[][], atOnce: number): Promise<void> => {
		const partsEach = partsPerFile(Math.min(atOnce, chains.length));
		await mapBounded(chains, { concurrency: atOnce, signal }, async (chain) => {
			for (const { step, position } of chain) {
				throwIfCancelled(signal);
				items[position] = await upload(remote, step, partsEach, options);
				progress.add(step.file.size, 1);
			}
		});
	};
	const chains = uploadChains(plan);
	const isLarge = ([first]: PlannedUpload[]) => (first?.step.file.size ?? 0) > SMALL_FILE_BYTES;
	await uploadAll(
		chains.filter((chain) => !isLarge(chain)),
		concurrency,
	);
	await uploadAll(chains.filter(isLarge), options.concurrency ?? LARGE_FILES_IN_FLIGHT);
	return items;
}

/** What fits into one part: its time is that of its round trips, so it gains from more company than larger files do. */
const SMALL_FILE_BYTES = given.PART_BYTES.min;

/** Larger files fill the line by themselves, and each holds parts in memory. */
const LARGE_FILES_IN_FLIGHT = 8;

/** Parts are held in memory, so their number in a whole sync is limited, however many files are in flight. */
const PARTS_IN_FLIGHT = 16;

/** What a single upload does by itself. */
const MAX_PARTS_PER_FILE = 4;

function partsPerFile(files: number): number {
	return Math.max(1, Math.min(MAX_PARTS_PER_FILE, Math.floor(PARTS_IN_FLIGHT / files)));
}

/** The wanted files and all that share a name with one of them: they all have a claim to the chat's files of that name. */
function filesNamedLike(wanted: readonly FoundEntry[], entries: readonly FoundEntry[]): FoundEntry[] {
	const files = wanted.filter(({ kind }) => kind === 'file');
	const names = new Set(files.map(({ name }) => name));
	return entries.filter(({ kind, name }) => kind === 'file' && names.has(name));
}

/** Measures files; a sentence stands for one that must not or cannot be looked at. */
async function lookAt(
	entries: readonly FoundEntry[],
	isPathAllowed: (path: string) => boolean,
	signal: AbortSignal | undefined,
): Promise<Map<FoundEntry, LocalFile | string>> {
	const looked = await mapBounded(entries, { concurrency: DISK_CONCURRENCY, signal }, async (entry) => {
		const { path, name } = entry;
		const found = isPathAllowed(path) ? await measure(entry) : NOT_ALLOWED;
		return [entry, typeof found === 'string' ? found : { path, name, ...found }] as const;
	});
	return new Map(looked);
}

/** The files that could be looked at, with the hashes that tell them from their namesakes among `remotes`. */
async function withChecksums(
	looked: ReadonlyMap<FoundEntry, LocalFile | string>,
	remotes: readonly FileInfo[],
	signal: AbortSignal | undefined,
): Promise<Map<FoundEntry, LocalFile>> {
	const locals = new Map<FoundEntry, LocalFile>();
	for (const [entry, file] of looked) if (typeof file !== 'string') locals.set(entry, file);
	const wanted = hashesToCompare([...locals.values()], remotes);
	await mapBounded([...locals], { concurrency: DISK_CONCURRENCY, signal }, async ([entry, file]) => {
		const algorithms = wanted.get(file);
		if (algorithms === undefined) return;
		// A file that cannot be read cannot be shown to be unchanged; its upload then says why it fails.
		const checksums = await ownFailure(
			() => hashFile(file.path, algorithms, signal),
			() => undefined,
		);
		if (checksums !== undefined) locals.set(entry, { ...file, checksums });
	});
	return locals;
}

/** The item of an entry that is no file, or of a file that could not be looked at. */
function notUploaded(
	{ kind, path, name, error }: FoundEntry,
	looked: LocalFile | string | undefined,
): SyncItem {
	const item = { fileName: name, localPath: path };
	switch (kind) {
		case 'link':
			return { status: 'skipped', ...item, reason: 'This is a symbolic link, which sync does not follow' };
		case 'special':
			return { status: 'skipped', ...item, reason: 'This is not a regular file' };
		case 'file':
			return {
				status: 'failed',
				...item,
				error: typeof looked === 'string' ? looked : 'This file was not looked at',
			};
		case 'problem':
			return { status: 'failed', ...item, error: error ?? 'This folder cannot be read' };
	}
}

function preview(step: RemoteStep): SyncItem {
	if (step.kind === 'report') return step.item;
	const replacing = step.replaces === undefined ? '' : `, replacing file ${step.replaces.id}`;
	return { status: 'skipped', ...about(step.file), reason: `Dry run: would be uploaded${replacing}` };
}

async function upload(
	remote: RemoteFiles,
	{ file, replaces }: UploadStep,
	concurrency: number,
	options: SyncToRemoteOptions,
): Promise<SyncItem> {
	return await ownFailure<SyncItem>(
		async () => {
			const uploaded = await remote.upload(await diskSource(file.path), {
				...callOptions(options),
				biz: 'chat',
				chatId: options.chatId,
				mode: options.mode,
				partSize: options.partSize,
				concurrency,
				resume: true,
			});
			const item = { fileId: uploaded.fileId, ...about(file), size: uploaded.size };
			const error = await deleteReplaced(remote, replaces, uploaded, options);
			return error === undefined ? { status: 'success', ...item } : { status: 'failed', ...item, error };
		},
		(error) => ({ status: 'failed', ...about(file), error }),
	);
}

/**
 * Deletes the file that an upload has replaced, unless the upload has completed that very file.
 *
 * @returns a sentence when it could not be deleted
 */
async function deleteReplaced(
	remote: RemoteFiles,
	replaced: FileInfo | undefined,
	{ fileId }: UploadResult,
	options: SyncToRemoteOptions,
): Promise<string | undefined> {
	if (replaced === undefined || compareIds(replaced.id, fileId) === 0) return undefined;
	return await ownFailure<string | undefined>(
		async () => {
			await remote.delete(replaced.id, callOptions(options));
			return undefined;
		},
		(error) => `Uploaded as file ${fileId}, but the older file ${replaced.id} could not be deleted: ${error}`,
	);
}
