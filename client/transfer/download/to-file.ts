import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import { isBddFileError } from '../../api/errors';
import { SMALL_BYTES } from '../bytes';
import { localFileError } from '../local-error';
import type { DownloadToFileOptions } from '../../types';
import type { Progress } from '../progress';
import type { FileDownload } from './file-download';
import { NewFile } from './new-file';
import { placeFile } from './place';

/** Names of our own unfinished files. They are hidden, and no sync uploads them. */
export const TEMPORARY_PREFIX = '.bdd-file-';
export const TEMPORARY_SUFFIX = '.part';

/**
 * Writes a download to `target`: under a temporary name beside it, then renamed. After a failure the temporary file is
 * gone and what was at `target` is as it was.
 *
 * @returns the file as it was written
 */
export async function writeToFile(
	download: FileDownload,
	target: string,
	{ modifiedAt, onto, check }: Pick<DownloadToFileOptions, 'modifiedAt' | 'onto' | 'check'>,
	progress: Progress,
): Promise<{ size: number; mtimeMs: number }> {
	const temporary = path.join(path.dirname(target), `${TEMPORARY_PREFIX}${randomUUID()}${TEMPORARY_SUFFIX}`);
	let created = false;
	let size = 0;
	try {
		const small = download.size !== undefined && download.size <= SMALL_BYTES;
		const content = small ? [await download.whole(progress)] : download.bytes(progress);
		await check?.();
		const file = await NewFile.create(temporary);
		created = true;
		let mtimeMs: number;
		try {
			for await (const chunk of content) {
				await file.write(chunk);
				size += chunk.length;
			}
			mtimeMs = await file.finish(modifiedAt);
		} finally {
			await file.close();
		}
		await check?.();
		await placeFile(temporary, target, onto);
		return { size, mtimeMs };
	} catch (error) {
		download.discard();
		if (created) await rm(temporary, { force: true });
		throw isBddFileError(error) ? error : localFileError(`Writing "${target}"`, error);
	}
}
