import type { BddFileApi, CallContext } from '../../api/api';
import { ERROR_BYTES, isFailureEnvelope, serviceError } from '../../api/envelope';
import { CancelledError, ServiceError } from '../../api/errors';
import type { HttpAnswer } from '../../api/http-answer';
import type { FileId } from '../../api/ids';
import { quoted } from '../../api/text';
import { MIB } from '../bytes';

/** What the service's list says of a file. */
export interface ExpectedFile {
	filename?: string | undefined;
	/** Bytes. */
	size?: number | undefined;
	hashcode?: string | undefined;
}

/** Long enough for any retry; the link is used at once. */
export const LINK_SECONDS = 3600;

/** A connection that carried this much was a good one: its end does not count as one failure more. */
export const GOOD_BYTES = 8 * MIB;

/** Compressed on its way: then neither lengths nor offsets mean what they say. */
export const isEncoded = (answer: HttpAnswer): boolean =>
	!['', 'identity'].includes(answer.header('content-encoding')?.trim().toLowerCase() ?? '');

/** A gateway may have answered with a page of its own: nothing says that it is the file, nor how long it is. */
export const mayBePage = (answer: HttpAnswer): boolean =>
	/^text\/html\b/i.test(answer.header('content-type') ?? '') &&
	answer.header('content-disposition') === undefined &&
	answer.length === undefined;

/**
 * GET /downloadFile, once. Tells an error from a file, also from a file that is itself JSON: what has a file's headers or
 * the listed length is the file; what reads like a failure is checked against the signed link before it is believed.
 */
export async function openDirect(
	api: BddFileApi,
	fileId: FileId,
	expected: ExpectedFile,
	context: CallContext,
): Promise<HttpAnswer> {
	const answer = await api.downloadFile(fileId, context);
	if (answer.status !== 200) throw serviceError(answer, await answer.beginning(ERROR_BYTES), context.action);
	if (isEncoded(answer)) {
		answer.discard();
		const encoding = quoted(answer.header('content-encoding') ?? '');
		throw new ServiceError(
			`${context.action} failed: a gateway changed the bytes (Content-Encoding: ${encoding})`,
			{
				status: answer.status,
				serviceMessage: 'unexpected content encoding',
				description: 'Ask whoever runs the gateway not to compress downloads.',
			},
		);
	}
	const isJson = /^application\/(?:[\w.]+\+)?json\b/i.test(answer.header('content-type') ?? '');
	const looksLikeFile =
		!isJson ||
		answer.header('content-disposition') !== undefined ||
		(answer.length ?? 0) > ERROR_BYTES ||
		(expected.size !== undefined && answer.length === expected.size);
	if (looksLikeFile) return answer;

	// An error is a short text; whatever is longer is a file.
	const body = await answer.shortBody(ERROR_BYTES);
	if (body === undefined) return answer;
	const text = body.toString('utf8');
	if (!isFailureEnvelope(text)) return answer.replay(body);
	const failure = serviceError(answer, text, context.action);
	let stored: HttpAnswer;
	try {
		const url = await api.getFileDownloadUrl(fileId, LINK_SECONDS, context);
		stored = await api.openSignedUrl(url, undefined, context);
	} catch (error) {
		if (error instanceof CancelledError) throw error;
		throw failure;
	}
	if (stored.status === 200 && stored.length === body.length && !isEncoded(stored)) return stored;
	stored.discard();
	throw failure;
}
