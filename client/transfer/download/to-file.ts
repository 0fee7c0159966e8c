import { randomUUID } from 'node:crypto';
import { link, lstat, rename, unlink, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { isBddFileError, LocalFileError } from '../../api/errors';
import type { ToFileOptions } from '../../types';
import { SMALL_BYTES } from '../bytes';
import { localFileError } from '../local-error';
import type { Progress } from '../progress';
import type { FileDownload } from './file-download';
import { holdFolder, type HeldFolder } from './held-folder';
import { NewFile } from './new-file';

/** Names of our own unfinished files. They are hidden, and no sync uploads them. */
export const TEMPORARY_PREFIX = '.bdd-file-';
export const TEMPORARY_SUFFIX = '.part';

const [renameFile, linkFile, removeFile] = [promisify(rename), promisify(link), promisify(unlink)];
const statFile = promisify<string, Stats>(lstat);

/** What a disk says that knows no second name for a file. */
const NO_LINKS = new Set(['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EMLINK']);

/**
 * Writes a download to `target`: under a temporary name beside it, then renamed. After a failure the temporary file is
 * gone and what was at `target` is as it was. A file that is replaced keeps its mode, and its owner where that is
 * permitted.
 *
 * @returns the number of bytes written
 * @throws LocalFileError when the disk refuses, when a file is there that must not be replaced, or when the folder was
 * exchanged for another meanwhile
 */
export async function writeToFile(
	download: FileDownload,
	target: string,
	options: ToFileOptions,
	progress: Progress,
	hold: (folderPath: string) => Promise<HeldFolder> = holdFolder,
): Promise<number> {
	try {
		const folder = await hold(path.dirname(target));
		try {
			return await writeInto(folder, download, target, options, progress);
		} finally {
			await folder.release();
		}
	} catch (error) {
		download.discard();
		throw isBddFileError(error) ? error : localFileError(`Writing "${target}"`, error);
	}
}

async function writeInto(
	folder: HeldFolder,
	download: FileDownload,
	target: string,
	{ ifExists = 'replace', expectedTarget, isPathAllowed, modifiedAt }: ToFileOptions,
	progress: Progress,
): Promise<number> {
	const name = path.basename(target);
	const place = folder.pathOf(name);
	if (isPathAllowed?.(path.join(folder.realPath, name)) === false) throw notAllowed(target);
	// Looked at while the bytes are on their way.
	const standing = statFile(place).catch(() => undefined);
	if (ifExists === 'fail' && (await standing)) throw isThere(target);
	const isSmall = download.size !== undefined && download.size <= SMALL_BYTES;
	const content = isSmall ? [await download.whole(progress)] : download.bytes(progress);

	const temporary = folder.pathOf(`${TEMPORARY_PREFIX}${randomUUID()}${TEMPORARY_SUFFIX}`);
	const replaced = await standing;
	const file = await NewFile.create(temporary, replaced?.isFile() ? replaced : undefined);
	let size = 0;
	try {
		try {
			for await (const chunk of content) {
				await file.write(chunk);
				size += chunk.length;
			}
			await file.finish(modifiedAt);
		} finally {
			await file.close();
		}
		if (!(await folder.isSame())) throw wasMoved(target);
		if (ifExists === 'fail') await putNew(temporary, place, target);
		else {
			if (expectedTarget && !isAs(await statFile(place).catch(() => undefined), expectedTarget))
				throw wasChanged(target);
			await renameFile(temporary, place);
		}
	} catch (error) {
		await removeFile(temporary).catch(() => undefined);
		throw error;
	}
	if (!folder.isPinned && !(await folder.isSame())) {
		await removeFile(place).catch(() => undefined);
		throw wasMoved(target);
	}
	return size;
}

/**
 * Gives a finished file its name, unless something has it. A second name is given by the disk in one step; where the
 * disk knows none, the name is taken by an empty file first, and only what somebody writes into that very file in the
 * moment before it is replaced is lost.
 */
export async function putNew(
	temporary: string,
	place: string,
	target: string,
	giveName: (from: string, to: string) => Promise<void> = linkFile,
): Promise<void> {
	try {
		await giveName(temporary, place);
		await removeFile(temporary).catch(() => undefined);
		return;
	} catch (error) {
		const code = codeOf(error);
		if (code === 'EEXIST') throw isThere(target);
		if (!NO_LINKS.has(code)) throw error;
	}
	try {
		await (await open(place, 'wx')).close();
	} catch (error) {
		throw codeOf(error) === 'EEXIST' ? isThere(target) : error;
	}
	try {
		await renameFile(temporary, place);
	} catch (error) {
		await removeFile(place).catch(() => undefined);
		throw error;
	}
}

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code);

const isAs = (stats: Stats | undefined, expected: NonNullable<ToFileOptions['expectedTarget']>) =>
	stats?.size === expected.size && stats.mtimeMs === expected.mtimeMs && stats.ino === expected.ino;

const refused = (target: string, why: string, description: string) =>
	new LocalFileError(`Writing "${target}" failed: ${why}`, { description });

const isThere = (target: string) =>
	refused(target, 'a file of that name is there', 'It was kept. Remove or rename it, then run it again.');

const wasChanged = (target: string) =>
	refused(target, 'the file was changed meanwhile', 'It was kept. Run it again to look at it anew.');

const wasMoved = (target: string) =>
	refused(
		target,
		'its folder was moved or replaced meanwhile',
		'Nothing was left there. Run it again when the folder stays in its place.',
	);

const notAllowed = (target: string) =>
	refused(
		target,
		'a folder of its path leads to where writing is not allowed',
		'Name the folder by a path without symbolic links.',
	);
