import type { BddFileApi, CallContext } from '../../api/api';
import { CancelledError, ServiceError, StalledError, UnknownOutcomeError } from '../../api/errors';
import type { FileId } from '../../api/ids';
import { isNotFound, outcomeOf, withRetries } from '../../api/retry';
import type { FileStatus } from '../../api/wire';
import type { Place } from './place';
import { settledStatus } from './settled-status';

/** An upload of which the service has every part. */
export interface PartsSent {
	id: FileId;
	fileName: string;
	/** Bytes. */
	size: number;
}

export const isGone = (error: unknown): boolean =>
	isNotFound(error) || (error instanceof ServiceError && /file is not uploading/i.test(error.serviceMessage));

/**
 * POST /completeMultipartUpload, until the file is seen to be `ok`. When its answer is lost the service is asked what
 * became of the file; completing again is safe as long as the upload still stands.
 */
export async function complete(
	api: BddFileApi,
	place: Place,
	sent: PartsSent,
	context: CallContext,
): Promise<void> {
	await withRetries(
		context,
		async () => {
			await api.completeMultipartUpload(sent.id, context);
			return await untilOk(api, place, sent, context);
		},
		async (error, isLast) => {
			const isLost = outcomeOf(error) !== 'final' || error instanceof StalledError;
			if (!isLost && !isGone(error)) return undefined;
			return (await untilOk(api, place, sent, context, { error, isLast })) || undefined;
		},
	);
}

/** What the service says of a file of which nothing will become one. */
const FAILED = 'the file is in error';

/** The service has every part and could not put them together: nothing is left to continue. */
export const isFailedFile = (error: unknown): boolean =>
	error instanceof ServiceError && error.serviceMessage === FAILED;

/**
 * Waits until a file whose completion was asked for is complete.
 *
 * @param lost why its answer is missing, and whether it is asked for again; without it the service has said yes
 * @returns false when the upload still stands unfinished
 * @throws ServiceError when it failed, UnknownOutcomeError when the service does not tell
 */
async function untilOk(
	api: BddFileApi,
	place: Place,
	sent: PartsSent,
	context: CallContext,
	lost?: { error: unknown; isLast: boolean },
): Promise<boolean> {
	let silence = lost?.error;
	let seen: FileStatus | undefined;
	const status = await settledStatus(context, async () => {
		try {
			seen = await currentStatus(api, place, sent, context);
			// After a yes a list that still shows it unfinished only lags; and what was asked for last may still be at work.
			return seen === 'uploading' && lost?.isLast !== false ? undefined : seen;
		} catch (error) {
			if (error instanceof CancelledError) throw error;
			silence = error;
			return undefined;
		}
	});
	if (status === 'ok') return true;
	if (lost && seen === 'uploading') return false;
	if (status === 'error') throw failedFile(context, lost?.error);
	throw new UnknownOutcomeError(
		`${context.action}: all parts arrived, but it is not known whether the file was completed`,
		{
			description: `Check file ${sent.id} before you upload it again, or it may exist twice.`,
			cause: silence,
		},
	);
}

const failedFile = ({ action }: CallContext, cause: unknown) =>
	new ServiceError(`${action} failed: the service could not put the parts together`, {
		status: 200,
		code: -1,
		serviceMessage: FAILED,
		description: 'Upload the file again.',
		cause,
	});

/** The status of a file that was a multipart upload; undefined when the service does not tell. */
async function currentStatus(
	api: BddFileApi,
	place: Place,
	{ id, fileName, size }: PartsSent,
	context: CallContext,
): Promise<FileStatus | undefined> {
	try {
		return (await api.getMultipartStatus(id, context)).status;
	} catch (error) {
		if (!isNotFound(error)) throw error;
	}
	// The record is gone, so the upload was completed or aborted: the lists know which.
	const record = await place.file(id, fileName);
	if (record) return record.status;
	if (place.isListable) return undefined;
	// Another biz may be in no list that we may ask; only a complete file has its bytes to give.
	const answer = await api.downloadFile(id, context);
	answer.discard();
	return answer.status === 200 && answer.length === size ? 'ok' : undefined;
}
