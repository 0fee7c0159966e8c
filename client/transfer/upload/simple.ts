import type { BddFileApi, CallContext, UploadDescription } from '../../api/api';
import { ServiceError, StalledError, UnknownOutcomeError } from '../../api/errors';
import type { FileId } from '../../api/ids';
import { backOff, outcomeOf } from '../../api/retry';
import type { Progress } from '../progress';
import type { UploadSource } from '../source';
import { simpleForm } from './form';
import { chatOf, isNewerThan, namesakes } from './look-up';
import type { UploadSettings } from './settings';

/**
 * One request carries the file. When its answer is lost, the chat's list tells whether the file arrived before anything
 * is sent again.
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
	for (let failures = 0; ;) {
		const form = await simpleForm(source, file, (count) => progress.add(count));
		try {
			const id = await api.uploadSimpleFile(form.body, context);
			return { id, md5: form.md5() ?? '' };
		} catch (error) {
			failures += 1;
			const md5 = form.md5();
			const outcome = outcomeOf(error);
			// Without its last byte a form is no upload: then nothing can have come of it.
			const mayExist = md5 !== undefined && (outcome === 'unknown' || error instanceof StalledError);
			const giveUp = outcome === 'final' || failures >= context.maxTries;
			if (!giveUp) await backOff(error, failures, context);
			if (mayExist) {
				const found = await findArrived(api, file, md5, startedAt, settings.claimed, error, context);
				if (found !== undefined) return { id: found, md5 };
				if (error instanceof StalledError)
					throw unknownOutcome(file, context, error, 'it may still be at work');
			}
			if (giveUp) throw error;
		} finally {
			form.close();
		}
	}
}

/**
 * Looks for the file that an upload without an answer may have made.
 *
 * @returns its id, or undefined when it is certain that there is none
 * @throws UnknownOutcomeError where that cannot be found out
 */
async function findArrived(
	api: BddFileApi,
	file: UploadDescription,
	md5: string,
	startedAt: number,
	claimed: ReadonlySet<string>,
	error: unknown,
	context: CallContext,
): Promise<FileId | undefined> {
	const chatId = chatOf(file);
	if (chatId === undefined) {
		throw unknownOutcome(file, context, error, `files of biz "${file.biz}" cannot be looked up`);
	}
	let files;
	try {
		files = await namesakes(api, chatId, file, md5, context);
	} catch (cause) {
		if (outcomeOf(cause) === 'final' && !(cause instanceof ServiceError || cause instanceof StalledError))
			throw cause;
		throw unknownOutcome(file, context, error, 'the list of the chat could not be read either');
	}
	const found = files.find(
		(candidate) =>
			candidate.status === 'ok' &&
			!claimed.has(String(candidate.id)) &&
			isNewerThan(candidate, startedAt, api.clockSkewMs),
	);
	return found && String(found.id);
}

function unknownOutcome(
	{ fileName }: UploadDescription,
	{ action }: CallContext,
	cause: unknown,
	why: string,
): UnknownOutcomeError {
	const reason = cause instanceof Error ? cause.message : String(cause);
	return new UnknownOutcomeError(
		`${action} failed, and it is not known whether the file arrived, because ${why}. ${reason}`,
		{
			description: `Check whether "${fileName}" is there before you upload it again, or it may exist twice.`,
			cause,
		},
	);
}
