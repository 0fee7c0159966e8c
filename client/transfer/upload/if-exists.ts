import type { BddFileApi, CallContext } from '../../api/api';
import { CancelledError, messageOf, NotReplacedError, ServiceError } from '../../api/errors';
import { compareIds } from '../../api/ids';
import { wasFound } from '../../api/retry';
import { quoted } from '../../api/text';
import type { FileInfo, WireId } from '../../api/wire';
import type { UploadIfExists, UploadOutcome, UploadResult } from '../../types';
import { checksumOf, knownChecksum } from '../hash';
import type { Siblings } from '../siblings';
import type { UploadSource } from '../source';
import type { Place } from './place';
import { settledStatus } from './settled-status';

/** What an upload that looks first works on. */
export interface LookingUpload {
	api: BddFileApi;
	source: UploadSource;
	ifExists: Exclude<UploadIfExists, 'keepBoth'>;
	/** Their files are not replaced. */
	siblings: Siblings;
	context: CallContext;
	/** The place it goes to, for who does something there. */
	placeFor: (context: CallContext) => Place;
	/** Uploads it, whatever there is. */
	upload: () => Promise<UploadResult>;
}

/**
 * Uploads a file unless one of its name is there already, or in its stead. What is there is found by search where the service
 * has one. A namesake that failed, or that is still going up, is none.
 *
 * @throws ServiceError where nobody can look; NotReplacedError; what `upload` throws, and then nothing was deleted
 */
export async function uploadIfExists(looking: LookingUpload): Promise<UploadOutcome> {
	const { api, source, siblings, ifExists, context, placeFor } = looking;
	const before = (await namesakes(placeFor(context), source.fileName, context)).filter(isThere);
	const newest = before.at(-1);
	if (
		newest &&
		(ifExists === 'skip' || (ifExists === 'skipUnchanged' && (await hasContent(newest, source, context))))
	) {
		siblings.keepFile(api.baseUrl, newest.id);
		return skipped(newest, ifExists === 'skip' ? 'exists' : 'unchanged');
	}

	const uploaded = await looking.upload();
	siblings.keepFile(api.baseUrl, uploaded.fileId);
	const replaced = ifExists === 'skip' ? [] : await replaceOlder(looking, uploaded, before);
	return { status: 'uploaded', ...uploaded, replaced };
}

/**
 * Deletes the older namesakes: those that were seen before the upload, and what somebody else has brought meanwhile. Nothing is
 * deleted before the new file is seen to be complete.
 *
 * Of two that replace each other at the same time, the one with the higher id stays, so that never both go. A file that was
 * there before and has a higher id nevertheless, since this upload went on with one begun long ago, is left to the next run.
 */
async function replaceOlder(
	{ api, siblings, context, placeFor }: LookingUpload,
	{ fileId, fileName }: UploadResult,
	before: readonly FileInfo[],
): Promise<WireId[]> {
	// The new one is among those that are kept.
	const isOld = ({ id }: FileInfo) => !siblings.keepsFile(api.baseUrl, id);
	const left = new Set(before.filter(isOld).map(({ id }) => id));
	const take = (files: readonly FileInfo[]) => {
		for (const file of files)
			if (isThere(file) && isOld(file) && compareIds(file.id, fileId) < 0) left.add(file.id);
	};
	const looking = { ...context, action: `Looking for file ${fileId}` };
	const place = placeFor(looking);
	try {
		const status = await settledStatus(looking, async () => {
			const now = (await place.filesNamed(fileName)) ?? [];
			take(now);
			return now.find(({ id }) => compareIds(id, fileId) === 0)?.status;
		});
		if (status !== 'ok') throw new Error('the new one is not seen to be complete');
		if (left.size > 0 && siblings.isDoubtful(fileName))
			throw new Error('one of them may be what another upload of this run has sent');
		const replaced: WireId[] = [];
		const refusals: unknown[] = [];
		const notFound = new Set<WireId>();
		for (const id of left) {
			if (compareIds(id, fileId) > 0) continue;
			try {
				// One that is gone by now was replaced by somebody else too, unless the service only says so.
				const deleting = api.deleteFile(String(id), { ...context, action: `Deleting file ${id}` });
				if (!(await wasFound(deleting))) notFound.add(id);
				left.delete(id);
				replaced.push(id);
			} catch (cause) {
				if (cause instanceof CancelledError) throw cause;
				// The others go all the same, or each repetition would leave one more.
				refusals.push(cause);
			}
		}
		const listed = notFound.size > 0 ? ((await place.filesNamed(fileName)) ?? []) : [];
		for (const { id } of listed.filter((file) => notFound.has(file.id))) {
			left.add(id);
			refusals.push(new Error(`the service lists file ${id}, and does not find it to delete it`));
		}
		if (refusals.length > 0) throw refusals[0];
		if (left.size > 0) throw new Error('the upload that was continued began before it came');
		return replaced;
	} catch (cause) {
		if (cause instanceof CancelledError) throw cause;
		const what =
			left.size > 0
				? `what it replaces (file ${[...left].join(', ')}) is still there`
				: 'whether an older file is still there is not known';
		throw new NotReplacedError(
			`"${quoted(fileName)}" was uploaded as file ${fileId}, but ${what}: ${messageOf(cause)}`,
			{
				fileId,
				description: 'Delete the older file, or run it again: then both are replaced.',
				cause,
			},
		);
	}
}

/** Of this name in this place, the oldest first. */
async function namesakes(place: Place, fileName: string, { action }: CallContext): Promise<FileInfo[]> {
	// That a search finds nothing is no proof. A chat can be asked for more; in other places all that it finds has to do.
	const found = await (place.isListable ? place.allFilesNamed(fileName) : place.foundFilesNamed(fileName));
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
	return (await checksumOf(source, known.algorithm, context)) === known.hex;
}

const skipped = ({ id, filename, size }: FileInfo, reason: 'exists' | 'unchanged'): UploadOutcome => ({
	status: 'skipped',
	fileId: id,
	fileName: filename,
	size,
	reason,
});
