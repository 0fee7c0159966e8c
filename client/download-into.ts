import { realpath } from 'node:fs/promises';

import { LocalFileError } from './api/errors';
import { toWireId, type FileId } from './api/ids';
import type { Watched } from './api/watch';
import { SyncFolder } from './sync/folder';
import { nameProblem, showName } from './sync/names';
import { carriesUploadTime } from './sync/same';
import type { FileDownload } from './transfer/download/file-download';
import { look, PlaceChangedError } from './transfer/download/place';
import { writeToFile } from './transfer/download/to-file';
import { checksumOf, knownChecksum } from './transfer/hash';
import { localFileError } from './transfer/local-error';
import type { Progress } from './transfer/progress';
import { Siblings } from './transfer/siblings';
import { diskSource } from './transfer/source';
import type { DownloadIntoOptions, DownloadOutcome } from './types';

/** One download into a folder, with everything that was checked before. */
export interface FolderDownload {
	/** The base URL. */
	service: string;
	id: FileId;
	/** Of the call: its action begins every error. */
	context: Watched;
	folder: string;
	options: DownloadIntoOptions;
	/** Asks for the file; resolves when its bytes begin to arrive. */
	open: () => Promise<Opened>;
}

interface Opened {
	download: FileDownload;
	progress: Progress;
}

/**
 * Writes a file into an existing folder, under its own name unless told otherwise. A name that leads elsewhere is refused, links
 * are not followed, and what is there stays as it is until the new file is complete.
 *
 * @throws LocalFileError when the folder is none, or the name cannot be one
 */
export async function downloadInto(request: FolderDownload): Promise<DownloadOutcome> {
	const { id, options, context } = request;
	const directory = await realpath(request.folder).catch((cause: unknown) => {
		throw localFileError(`Writing to ${showName(request.folder)}`, cause);
	});
	const folder = await SyncFolder.open(directory, options.isPathAllowed ?? (() => true));
	const known = options.fileName ?? options.expected?.filename;
	// Only an answer tells the name of a file of which nothing else is known.
	const opened = known === undefined ? await request.open() : undefined;
	try {
		const fileName = known ?? opened?.download.fileName ?? `file-${id}`;
		const isGiven = options.fileName !== undefined && options.fileName !== options.expected?.filename;
		assertName(folder, fileName, isGiven, context.action);
		return await writeUnlessThere(request, folder, fileName, opened);
	} finally {
		opened?.download.discard();
	}
}

async function writeUnlessThere(
	{ service, id, context, options, open }: FolderDownload,
	folder: SyncFolder,
	fileName: string,
	opened: Opened | undefined,
): Promise<DownloadOutcome> {
	const target = folder.pathOf(fileName);
	const file = { fileId: toWireId(id), fileName, path: target };
	const { siblings = new Siblings(), ifExists } = options;
	const owner = { service, id };
	const skipped = (found: Standing): DownloadOutcome => {
		if (found.reason === 'unchanged') siblings.keepPath(target, owner);
		return { status: 'skipped', ...file, ...found };
	};
	const write = async (): Promise<DownloadOutcome> => {
		const found = await standing(target, options, context);
		if (found) return skipped(found);
		const onto = ifExists === 'skip' ? 'nothing' : undefined;
		const other = onto ? undefined : await siblings.otherAt(target, owner);
		if (other !== undefined) throw taken(context.action, target, other);
		const { download, progress } = opened ?? (await open());
		const check = folder.checkOf(fileName);
		try {
			const { size } = await writeToFile(download, target, { ...options, onto, check }, progress);
			siblings.keepPath(target, owner);
			return { status: 'downloaded', ...file, size };
		} catch (error) {
			const appeared = error instanceof PlaceChangedError && (await standing(target, options, context));
			if (!appeared) throw error;
			return skipped(appeared);
		}
	};
	return await siblings.downloading(target, write, context);
}

/** @throws LocalFileError for a name that is no name in a folder, or that is not allowed */
function assertName(folder: SyncFolder, fileName: string, isGiven: boolean, action: string): void {
	const problem =
		nameProblem(fileName, undefined, isGiven ? 'The name' : undefined) ??
		(folder.isAllowed(fileName)
			? undefined
			: `${showName(folder.pathOf(fileName))} is not allowed as a local path`);
	if (problem === undefined) return;
	throw new LocalFileError(`${action} failed: ${problem}`, {
		description: isGiven
			? 'Give the file another name.'
			: 'Name the file yourself: give the whole path, or another file name.',
	});
}

const taken = (action: string, target: string, other: FileId) =>
	new LocalFileError(`${action} failed: ${showName(target)} is where file ${other} of this run goes`, {
		description: 'Give each file a name of its own, or another folder.',
	});

interface Standing {
	/** Bytes. */
	size: number;
	reason: 'exists' | 'unchanged';
}

/** What is at the target and stays there; undefined when the file is to be written. */
async function standing(
	target: string,
	{ ifExists = 'overwrite', expected, modifiedAt }: DownloadIntoOptions,
	context: Watched,
): Promise<Standing | undefined> {
	const there = await look(target).catch((cause: unknown) => {
		throw localFileError(`Writing ${showName(target)}`, cause);
	});
	if (there?.isDirectory()) throw localFileError(`Writing ${showName(target)}`, { code: 'EISDIR' });
	if (!there || ifExists === 'overwrite') return undefined;
	const { size, mtimeMs } = there;
	if (ifExists === 'skip') return { size, reason: 'exists' };
	if (!there.isFile() || expected?.size !== size) return undefined;
	const hash = knownChecksum(expected.hashcode ?? '');
	const isSame = hash
		? (await checksumOf(await diskSource(target), hash.algorithm, context)) === hash.hex
		: carriesUploadTime({ mtimeMs }, { uploadedMs: modifiedAt?.getTime() });
	return isSame ? { size, reason: 'unchanged' } : undefined;
}
