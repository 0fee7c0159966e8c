import type { BddFileApi, CallContext, UploadDescription } from '../../api/api';
import { ConnectionError, isBddFileError, ServiceError, StalledError } from '../../api/errors';
import type { FileId } from '../../api/ids';
import { outcomeOf, withRetries } from '../../api/retry';
import type { Progress } from '../progress';
import type { UploadSource } from '../source';
import { simpleForm } from './form';
import { findArrived, unknownOutcome } from './look-up';
import type { UploadSettings } from './settings';

/**
 * One request carries the file. When a whole body gets no proper answer the file is looked for before anything is sent
 * again. What was made of a source that changed on the way is deleted.
 */
export async function uploadSimple(
	api: BddFileApi,
	source: UploadSource,
	file: UploadDescription,
	settings: UploadSettings,
	progress: Progress,
	context: CallContext,
): Promise<{ id: FileId; md5: string }> {
	const startedAt = Date.now();
	/** Of the last attempt; known once its last byte was handed over. */
	let md5: string | undefined;
	const id = await withRetries(
		context,
		async () => {
			md5 = undefined;
			progress.setTo(0);
			const form = await simpleForm(source, file, (count) => progress.add(count), context);
			try {
				const id = await api.uploadSimpleFile(form.body, context);
				if (form.md5() === undefined) throw answeredTooEarly(context);
				return id;
			} finally {
				md5 = form.md5();
				form.close();
			}
		},
		async (error) => {
			// Without its last byte a form is no upload: then nothing can have come of it.
			if (md5 === undefined || !mayHaveArrived(error)) return undefined;
			const found = await findArrived(
				api,
				{ file, md5, startedAt, claimed: settings.claimed },
				error,
				context,
			);
			if (found === undefined && error instanceof StalledError)
				throw unknownOutcome(file, context, error, 'it may still be at work');
			return found;
		},
	);
	await assertUnchanged(api, source, id, context);
	return { id, md5: md5 ?? '' };
}

/** An id for a file whose last byte was not sent is the id of something else. */
const answeredTooEarly = ({ action }: CallContext) =>
	new ServiceError(`${action} failed: the service answered before it had the whole file`, {
		status: 200,
		serviceMessage: 'answered too early',
		description: 'Check that the base URL of the credential is that of a BDD file service.',
	});

/** Whether a whole body without a file id for an answer may have become a file all the same. */
function mayHaveArrived(error: unknown): boolean {
	if (error instanceof ConnectionError) return error.mayHaveArrived;
	if (error instanceof StalledError) return true;
	if (!(error instanceof ServiceError)) return false;
	// A redirect after a form may be to what came of it.
	if ([301, 302, 303].includes(error.status)) return true;
	return error.status === 408 || error.status >= 500 || outcomeOf(error) === 'unknown';
}

/** Deletes what was made of a source that is no longer what it was when the upload began. */
async function assertUnchanged(
	api: BddFileApi,
	source: UploadSource,
	id: FileId,
	context: CallContext,
): Promise<void> {
	try {
		await source.assertUnchanged?.();
	} catch (error) {
		const kept = await api.deleteFile(id, context).then(
			() => false,
			() => true,
		);
		if (isBddFileError(error))
			error.message += kept
				? `. What was sent could not be deleted: file ${id}`
				: '. What was sent was deleted again';
		throw error;
	}
}
