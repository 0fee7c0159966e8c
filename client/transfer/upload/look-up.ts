import type { BddFileApi, CallContext, UploadDescription } from '../../api/api';
import { messageOf, ServiceError, StalledError, UnknownOutcomeError } from '../../api/errors';
import { compareIds, type FileId } from '../../api/ids';
import { outcomeOf, sleep } from '../../api/retry';
import { hasZone, uploadTime } from '../../api/upload-time';
import type { FileInfo, WireId } from '../../api/wire';
import { Place } from './place';
import { settledStatus } from './settled-status';

/** What an upload looks for. */
export interface Sought {
	file: UploadDescription;
	md5: string;
	/** When its request began; milliseconds since the epoch, by our clock. */
	startedAt: number;
	/** Ids that were already given to someone. */
	claimed: ReadonlySet<string>;
}

/** The service's `Date` header counts whole seconds, and clocks are never quite alike. */
const CLOCK_TOLERANCE_MS = 3_000;
/** No zone is further from another, and no clock that anybody uses is further off. */
const SURELY_OLDER_MS = 26 * 3600_000;
/** When to look, as shares of the settling time: often where a look is cheap. */
const SEARCHES = [0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1];
const LISTINGS = [0, 0.3, 1];
/**
 * What one record is to an upload whose answer was lost.
 * - `mine`: the same content, and made since the upload began by a clock that can be trusted.
 * - `foreign`: other content, somebody else's, or older than any error of a clock explains.
 * - `doubtful`: neither can be shown.
 */
export function verdict(
	record: FileInfo,
	sought: Sought,
	clockSkewMs: number | undefined,
): 'mine' | 'foreign' | 'doubtful' {
	const { file, md5, startedAt, claimed } = sought;
	if (record.filename !== file.fileName || record.size !== file.size || record.status === 'error')
		return 'foreign';
	if (claimed.has(String(record.id))) return 'foreign';
	const hash = record.hashcode.toLowerCase();
	if (/^[0-9a-f]{32}$/.test(hash) && hash !== md5) return 'foreign';
	const uploadedAt = uploadTime(record.upload_at)?.getTime();
	if (uploadedAt === undefined || clockSkewMs === undefined) return 'doubtful';
	const sinceStart = uploadedAt - startedAt - clockSkewMs;
	if (sinceStart < -SURELY_OLDER_MS) return 'foreign';
	const isProven = hash === md5 && hasZone(record.upload_at);
	return isProven && sinceStart >= -CLOCK_TOLERANCE_MS ? 'mine' : 'doubtful';
}

/**
 * Looks for the file that an upload without a proper answer may have made. One look proves presence, never absence: a
 * gateway gives up while the service still stores, a list lags, a file is `merging` before it is `ok`. So it is looked
 * for again and again over the settling time.
 *
 * @returns its id, or undefined when it is certain that there is none
 * @throws UnknownOutcomeError where that cannot be found out
 */
export async function findArrived(
	api: BddFileApi,
	sought: Sought,
	error: unknown,
	context: CallContext,
): Promise<FileId | undefined> {
	const { file } = sought;
	const place = new Place(api, file, context);
	const unknown = (why: string) => unknownOutcome(file, context, error, why);
	context.onRetry?.(
		`${messageOf(error)}. Looking for "${file.fileName}" for up to ${context.settleMs / 1000} s, as it may have arrived`,
	);
	try {
		const seen = new Map<WireId, FileInfo>();
		const schedule = (await place.isSearchable()) ? SEARCHES : LISTINGS;
		const from = Date.now();
		for (const share of schedule) {
			await sleep(Math.max(0, from + share * context.settleMs - Date.now()), context.action, context.signal);
			const found = await place.filesNamed(file.fileName);
			if (found === undefined) throw unknown(`files of biz "${file.biz}" cannot be looked up`);
			for (const record of found) seen.set(record.id, record);
			const mine = newestFirst(found).find((record) => verdict(record, sought, api.clockSkewMs) === 'mine');
			if (mine) return await untilOk(place, mine, file, context);
		}
		const all = await place.allFilesNamed(file.fileName);
		if (all === undefined) throw unknown('a search that finds nothing proves nothing');
		for (const record of all) seen.set(record.id, record);
		const verdicts = [...seen.values()].map((record) => verdict(record, sought, api.clockSkewMs));
		if (verdicts.every((each) => each === 'foreign')) return undefined;
		const late = newestFirst(all).find((record) => verdict(record, sought, api.clockSkewMs) === 'mine');
		if (late) return await untilOk(place, late, file, context);
		throw unknown('there is a file of this name and size that may be it or an older one');
	} catch (cause) {
		const isAnswer = cause instanceof ServiceError || cause instanceof StalledError;
		if (!isAnswer && outcomeOf(cause) === 'final') throw cause;
		throw unknown(`the files that are there could not be listed either (${messageOf(cause)})`);
	}
}

/** Waits until a file that was found is complete; undefined when it has failed, so that nothing came of it. */
async function untilOk(
	place: Place,
	found: FileInfo,
	file: UploadDescription,
	context: CallContext,
): Promise<FileId | undefined> {
	const id = String(found.id);
	if (found.status === 'ok') return id;
	const status = await settledStatus(context, async () => {
		const seen = (await place.file(id, file.fileName))?.status;
		// One request carried it, so whatever is neither complete nor failed is at work.
		return seen === undefined || seen === 'ok' || seen === 'error' ? seen : 'merging';
	});
	if (status === undefined)
		throw unknownOutcome(file, context, undefined, `file ${id} does not become complete`);
	return status === 'ok' ? id : undefined;
}

/** The unfinished uploads of the same name, size and MD5 in the same place, the newest first. */
export async function unfinished(
	place: Place,
	{ fileName, size }: UploadDescription,
	md5: string,
): Promise<FileInfo[]> {
	const found = (await place.filesNamed(fileName)) ?? [];
	return newestFirst(found).filter(
		(record) =>
			record.status === 'uploading' && record.size === size && record.hashcode.toLowerCase() === md5,
	);
}

const newestFirst = (files: readonly FileInfo[]) => [...files].sort((a, b) => compareIds(b.id, a.id));

export function unknownOutcome(
	{ fileName }: UploadDescription,
	{ action }: CallContext,
	cause: unknown,
	why: string,
): UnknownOutcomeError {
	const reason = cause === undefined ? '' : ` ${messageOf(cause)}`;
	return new UnknownOutcomeError(
		`${action} failed, and it is not known whether the file arrived, because ${why}.${reason}`,
		{
			description: `Check whether "${fileName}" is there before you upload it again, or it may exist twice.`,
			cause,
		},
	);
}
