import type { BddFileApi, CallContext } from '../../api/api';
import { CancelledError, NotReplacedError, ServiceError } from '../../api/errors';
import { compareIds } from '../../api/ids';
import { wasFound } from '../../api/retry';
import type { FileInfo, WireId } from '../../api/wire';
import type { UploadIfExists, UploadOutcome, UploadResult } from '../../types';
import { checksumOf, knownChecksum } from '../hash';
import type { UploadSource } from '../source';
import { reasonOf } from './look-up';
import type { Place } from './place';
import { settledStatus } from './settled-status';

/**
 * Uploads a file unless one of its name is there already, or in its stead. What is there is found by search where the service
 * has one. A namesake that failed, or that is still going up, is none.
 *
 * @param upload uploads it, whatever there is
 * @throws ServiceError where nobody can look; NotReplacedError; what `upload` throws, and then nothing was deleted
 */
export async function uploadIfExists(
	api: BddFileApi,
	source: UploadSource,
	place: Place,
	ifExists: Exclude<UploadIfExists, 'keepBoth'>,
	context: CallContext,
	upload: () => Promise<UploadResult>,
): Promise<UploadOutcome> {
	const { fileName } = source;
	const before = (await namesakes(place, fileName, context)).filter(isThere);
	const newest = before.at(-1);
	if (newest && ifExists === 'skip') return skipped(newest, 'exists');
	if (newest && ifExists === 'skipUnchanged' && (await hasContent(newest, source, context)))
		return skipped(newest, 'unchanged');

	const uploaded = await upload();
	const replaced = ifExists === 'skip' ? [] : await replaceOlder(api, place, uploaded, before, context);
	return { status: 'uploaded', ...uploaded, replaced };
}

/**
 * Deletes the older namesakes: those that were seen before the upload, and what somebody else has brought meanwhile. Nothing is
 * deleted before the new file is seen to be complete.
 */
async function replaceOlder(
	api: BddFileApi,
	place: Place,
	{ fileId, fileName }: UploadResult,
	before: readonly FileInfo[],
	context: CallContext,
): Promise<WireId[]> {
	const older = new Set<WireId>();
	const take = (files: readonly FileInfo[]) => {
		for (const file of files) if (isThere(file) && compareIds(file.id, fileId) < 0) older.add(file.id);
	};
	take(before);
	try {
		const status = await settledStatus(context, async () => {
			const now = (await place.filesNamed(fileName)) ?? [];
			take(now);
			return now.find(({ id }) => compareIds(id, fileId) === 0)?.status;
		});
		if (status !== 'ok' && older.size > 0) throw new Error('the new one is not seen to be complete');
		const replaced: WireId[] = [];
		const refusals: unknown[] = [];
		for (const id of older) {
			try {
				// One that is gone by now was replaced by somebody else too.
				await wasFound(api.deleteFile(String(id), context));
				older.delete(id);
				replaced.push(id);
			} catch (cause) {
				if (cause instanceof CancelledError) throw cause;
				// The others go all the same, or each repetition would leave one more.
				refusals.push(cause);
			}
		}
		if (refusals.length > 0) throw refusals[0];
		return replaced;
	} catch (cause) {
		if (cause instanceof CancelledError) throw cause;
		throw new NotReplacedError(
			`${context.action} succeeded as file ${fileId}, but what it replaces (file ${[...older].join(', ')}) is still there: ${reasonOf(cause)}`,
			{ description: 'Delete the older file, or run it again: then both are replaced.', cause },
		);
	}
}

/** Of this name in this place, the oldest first. */
async function namesakes(place: Place, fileName: string, { action }: CallContext): Promise<FileInfo[]> {
	// That a search finds nothing is no proof. A chat can be asked for more; in other places it has to do.
	const found = place.isListable ? await place.allFilesNamed(fileName) : await place.filesNamed(fileName);
	if (found) return found.sort((a, b) => compareIds(a.id, b.id));
	throw new ServiceError(`${action} failed: the service cannot tell whether the file exists already`, {
		status: 200,
		serviceMessage: 'no search',
		description: 'Choose "Keep Both" in the option "If File Exists": then nothing is looked for.',
	});
}

/** One that failed is no file; one that is `uploading` is not there before it is complete, and is continued when it is this one. */
const isThere = ({ status }: FileInfo) => status === 'ok' || status === 'merging';

/** Whether the source is what the service has, as far as its hash tells; without one that is never known. */
async function hasContent(file: FileInfo, source: UploadSource, context: CallContext): Promise<boolean> {
	const known = knownChecksum(file.hashcode);
	if (!known || file.size !== source.size) return false;
	return (await checksumOf(source, known.algorithm, context.action, context.signal)) === known.hex;
}

const skipped = ({ id, filename, size }: FileInfo, reason: 'exists' | 'unchanged'): UploadOutcome => ({
	status: 'skipped',
	fileId: id,
	fileName: filename,
	size,
	reason,
});
