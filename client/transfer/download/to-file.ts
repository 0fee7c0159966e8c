import { randomUUID } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import path from 'node:path';

import { LocalFileError } from '../../api/errors';
import type { DownloadToFileOptions } from '../../types';
import { SMALL_BYTES } from '../bytes';
import { asLocalError } from '../local-error';
import type { Progress } from '../progress';
import type { FileDownload } from './file-download';
import { holdFolder, type HeldFolder } from './held-folder';
import { NewFile } from './new-file';
import { look, placeFile } from './place';

/** Names of our own unfinished files. They are hidden, and no sync uploads them. */
export const TEMPORARY_PREFIX = '.bdd-file-';
export const TEMPORARY_SUFFIX = '.part';

type ToFileOptions = Pick<DownloadToFileOptions, 'modifiedAt' | 'tellTime' | 'onto' | 'check'>;

/** The file as it was written. */
interface Written {
	/** Bytes. */
	size: number;
	/** Milliseconds since 1970. */
	mtimeMs: number | undefined;
}

/**
 * Writes a download to `target`: under a temporary name beside it, then renamed. After a failure the temporary file is
 * gone and what was at `target` is as it was. A file that is replaced keeps its mode, and its owner where that is
 * permitted.
 *
 * @throws PlaceChangedError when something else is there than `onto` says
 * @throws LocalFileError when the disk refuses, or when the folder was exchanged for another meanwhile
 */
export async function writeToFile(
	download: FileDownload,
	target: string,
	options: ToFileOptions,
	progress: Progress,
	hold: (folderPath: string) => Promise<HeldFolder> = holdFolder,
): Promise<Written> {
	try {
		const folder = await hold(path.dirname(target));
		try {
			return await writeInto(folder, download, target, options, progress);
		} finally {
			await folder.release();
		}
	} catch (error) {
		download.discard();
		throw asLocalError(`Writing "${target}"`, error);
	}
}

async function writeInto(
	folder: HeldFolder,
	download: FileDownload,
	target: string,
	{ onto, check, modifiedAt, tellTime = false }: ToFileOptions,
	progress: Progress,
): Promise<Written> {
	const place = folder.pathOf(path.basename(target));
	const realFolder = folder.isPinned ? folder.realPath : undefined;
	// Looked at while the bytes are on their way: what is written goes into the held folder, wherever that is moved.
	const standing = onto === 'nothing' ? undefined : look(place).catch(() => undefined);
	const checked = check?.(realFolder, false);
	checked?.catch(() => undefined);
	const isSmall = download.size !== undefined && download.size <= SMALL_BYTES;
	const content = isSmall ? [await download.whole(progress)] : download.bytes(progress);

	const temporary = folder.pathOf(`${TEMPORARY_PREFIX}${randomUUID()}${TEMPORARY_SUFFIX}`);
	const replaced = await standing;
	await checked;
	const file = await NewFile.create(temporary, replaced?.isFile() ? replaced : undefined);
	let size = 0;
	let mtimeMs: number | undefined;
	try {
		try {
			for await (const chunk of content) {
				await file.write(chunk);
				size += chunk.length;
			}
			await file.finish(modifiedAt);
			if (tellTime) mtimeMs = await file.modificationTime();
		} finally {
			await file.close();
		}
		if (!(await folder.isSame())) throw wasMoved(target);
		await check?.(realFolder, true);
		await placeFile(temporary, place, onto, target);
	} catch (error) {
		await unlink(temporary).catch(() => undefined);
		throw error;
	}
	if (!folder.isPinned && !(await folder.isSame())) {
		await unlink(place).catch(() => undefined);
		throw wasMoved(target);
	}
	return { size, mtimeMs };
}

const wasMoved = (target: string) =>
	new LocalFileError(`Writing "${target}" failed: its folder was moved or replaced meanwhile`, {
		description: 'Nothing was left there. Run it again when the folder stays in its place.',
	});
