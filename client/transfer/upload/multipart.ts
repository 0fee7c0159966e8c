import { setMaxListeners } from 'node:events';

import pMap from 'p-map';

import { isNotFound, type BddFileApi, type CallContext, type UploadDescription } from '../../api/api';
import {
	BddFileError,
	CancelledError,
	IntegrityError,
	ServiceError,
	StalledError,
	UnknownOutcomeError,
} from '../../api/errors';
import type { FileId } from '../../api/ids';
import { listAll } from '../../api/list';
import { backOff, cancelled, outcomeOf, sleep, withRetries } from '../../api/retry';
import type { FileInfo, FileStatus, MultipartStatus } from '../../api/wire';
import { partForm } from './form';
import { md5Of } from '../hash';
import { chatOf, isNewerThan, namesakes } from './look-up';
import { partSizeFor, planParts, type Part } from './part-plan';
import type { Progress } from '../progress';
import { readParts } from './read-parts';
import type { UploadSource } from '../source';
import type { UploadSettings } from './settings';

/** An upload that the service knows and that is not complete yet. */
interface Session {
	id: FileId;
	/** Bytes per part, as agreed when it began. */
	partSize: number;
	/** Part numbers that the service does not have. */
	missing: Set<number>;
	resumed: boolean;
}

/** How often a service that is merging is asked whether it is done, and how long in all. */
const MERGE_POLL_MS = 1_000;
const MERGE_LIMIT_MS = 15 * 60_000;

/**
 * Uploads a file in parts, several at once, each retried alone. What an earlier run left unfinished in the same chat is
 * continued: the chat's list shows it, the service says which parts it has. No local state is needed.
 *
 * The MD5 must be known before the first byte goes up, since it is what an unfinished upload is recognised by; so the
 * source is read twice.
 */
export async function uploadMultipart(
	api: BddFileApi,
	source: UploadSource,
	file: UploadDescription,
	settings: UploadSettings,
	progress: Progress,
	context: CallContext,
): Promise<{ id: FileId; md5: string }> {
	const partSize = partSizeFor(file.size, settings.partSize);
	const md5 = await md5Of(source, context.action, context.signal);
	const resumed = await findUnfinished(api, file, md5, settings, context);
	let session = resumed ?? (await begin(api, file, md5, partSize, context));
	for (;;) {
		try {
			await sendParts(api, source, session, settings.concurrency, progress, context);
			await source.assertUnchanged?.();
			await complete(api, session.id, file, context);
			return { id: session.id, md5 };
		} catch (error) {
			if (session.resumed && isGone(error)) {
				// Somebody aborted what we were about to continue.
				session = await begin(api, file, md5, partSize, context);
				continue;
			}
			throw await closeFailed(api, session, file, settings, error, context);
		}
	}
}

const isGone = (error: unknown) =>
	isNotFound(error) || (error instanceof ServiceError && /file is not uploading/i.test(error.serviceMessage));

/** POST /initMultipartUploadFile. When its answer is lost, the chat's list shows whether the upload was begun. */
async function begin(
	api: BddFileApi,
	file: UploadDescription,
	md5: string,
	partSize: number,
	context: CallContext,
): Promise<Session> {
	const startedAt = Date.now();
	const id = await withRetries(context, async (failures) => {
		if (failures > 0) {
			const begun = (await unfinishedNamesakes(api, file, md5, context)).find((candidate) =>
				isNewerThan(candidate, startedAt, api.clockSkewMs),
			);
			if (begun) return String(begun.id);
		}
		return await api.initMultipartUpload({ ...file, partSize, hashcode: md5 }, context);
	});
	const missing = new Set(planParts(file.size, partSize).map(({ number }) => number));
	return { id, partSize, missing, resumed: false };
}

/** The unfinished uploads of the same name, size and MD5 in the same chat, the newest first; none for another biz. */
async function unfinishedNamesakes(
	api: BddFileApi,
	file: UploadDescription,
	md5: string,
	context: CallContext,
): Promise<FileInfo[]> {
	const chatId = chatOf(file);
	if (chatId === undefined) return [];
	return (await namesakes(api, chatId, file, md5, context)).filter(({ status }) => status === 'uploading');
}

/** The unfinished upload to continue: the one that was named, else the chat's newest of the same name, size and MD5. */
async function findUnfinished(
	api: BddFileApi,
	file: UploadDescription,
	md5: string,
	{ resume, resumeFileId }: UploadSettings,
	context: CallContext,
): Promise<Session | undefined> {
	if (!resume && resumeFileId === undefined) return undefined;
	let candidates = (await unfinishedNamesakes(api, file, md5, context)).map(({ id }) => String(id));
	if (resumeFileId !== undefined) {
		// Another biz cannot be listed: there the named upload is continued on the user's word.
		const named = chatOf(file) === undefined || candidates.includes(resumeFileId) ? [resumeFileId] : [];
		candidates = named.length > 0 || !resume ? named : candidates;
	}
	for (const id of candidates) {
		const session = await openSession(api, id, file, context);
		if (session) return session;
	}
	return undefined;
}

/** Asks what the service has of an unfinished upload; undefined when it is stale or was cut differently. */
async function openSession(
	api: BddFileApi,
	id: FileId,
	file: UploadDescription,
	context: CallContext,
): Promise<Session | undefined> {
	let status: MultipartStatus;
	try {
		status = await api.getMultipartStatus(id, context);
	} catch (error) {
		if (error instanceof ServiceError && outcomeOf(error) === 'final') return undefined;
		throw error;
	}
	const { part_size: partSize, uploaded_parts: uploaded, remaining_parts: remaining } = status;
	if (status.status !== 'uploading' || !uploaded || !remaining || !(partSize > 0)) return undefined;
	const known = new Set([...uploaded, ...remaining]);
	const parts = planParts(file.size, partSize);
	const fits = known.size === parts.length && parts.every(({ number }) => known.has(number));
	return fits ? { id, partSize, missing: new Set(remaining), resumed: true } : undefined;
}

/** Sends the missing parts until the service confirms that it has every one. */
async function sendParts(
	api: BddFileApi,
	source: UploadSource,
	session: Session,
	concurrency: number,
	progress: Progress,
	context: CallContext,
): Promise<void> {
	const all = planParts(source.size, session.partSize);
	for (let round = 0; ; round += 1) {
		const parts = all.filter(({ number }) => session.missing.has(number));
		await sendAtOnce(api, source, session, parts, concurrency, progress, context);
		// A resumed session that misses nothing has just been asked.
		if (parts.length === 0 && round > 0) return;
		const { remaining_parts: remaining } = await api.getMultipartStatus(session.id, context);
		session.missing = new Set(remaining ?? []);
		if (session.missing.size === 0) return;
		if (round === 2) {
			throw new ServiceError(
				`${context.action} failed: the service does not keep part ${[...session.missing].join()}`,
				{
					status: 200,
					serviceMessage: 'some parts not uploaded',
					description: 'The service confirmed parts that it does not have. Tell whoever runs it.',
				},
			);
		}
	}
}

/** Sends parts, at most `concurrency` at once; as many are in memory. The first failure stops the others. */
async function sendAtOnce(
	api: BddFileApi,
	source: UploadSource,
	session: Session,
	parts: readonly Part[],
	concurrency: number,
	progress: Progress,
	context: CallContext,
): Promise<void> {
	if (parts.length === 0) return;
	const others = new AbortController();
	const signal = context.signal ? AbortSignal.any([context.signal, others.signal]) : others.signal;
	setMaxListeners(Infinity, signal);
	const running = new Set<Promise<void>>();
	// Buffers are used again: as many as there are parts in flight, and one that is being filled.
	const free: Buffer[] = [];
	const allocate = () => free.pop() ?? Buffer.allocUnsafeSlow(session.partSize);
	let first: unknown;
	try {
		await pMap(
			readParts(source, parts, allocate),
			async ({ part, bytes }) => {
				const sent = api.uploadFilePart(() => partForm(session.id, part.number, bytes), {
					...context,
					action: `${context.action}: part ${part.number}`,
					signal,
				});
				running.add(sent);
				try {
					await sent;
				} catch (error) {
					first ??= error;
					others.abort();
					throw error;
				} finally {
					running.delete(sent);
				}
				session.missing.delete(part.number);
				progress.add(bytes.length);
				free.push(Buffer.from(bytes.buffer));
			},
			{ concurrency },
		);
	} catch (error) {
		others.abort();
		// Every socket is closed before the failure is reported.
		await Promise.allSettled(running);
		throw context.signal?.aborted ? cancelled(context.action, context.signal.reason) : (first ?? error);
	}
}

/**
 * POST /completeMultipartUpload. When its answer is lost, the service is asked what became of the file; completing again
 * is safe as long as the upload still stands.
 */
async function complete(
	api: BddFileApi,
	id: FileId,
	file: UploadDescription,
	context: CallContext,
): Promise<void> {
	for (let failures = 0; ;) {
		try {
			await api.completeMultipartUpload(id, context);
			return;
		} catch (error) {
			failures += 1;
			const lost = outcomeOf(error) !== 'final' || error instanceof StalledError;
			if (!lost && !isGone(error)) throw error;
			if (lost && failures < context.maxTries) await backOff(error, failures, context);
			if (await isCompleted(api, id, file, error, context)) return;
			if (failures >= context.maxTries || error instanceof StalledError) throw error;
		}
	}
}

/**
 * What became of an upload whose completion was asked for.
 *
 * @returns true when the file is complete, false when the upload still stands unfinished
 * @throws ServiceError when it failed, UnknownOutcomeError when the service does not tell
 */
async function isCompleted(
	api: BddFileApi,
	id: FileId,
	file: UploadDescription,
	cause: unknown,
	context: CallContext,
): Promise<boolean> {
	const deadline = Date.now() + MERGE_LIMIT_MS;
	for (;;) {
		const status = await currentStatus(api, id, file, context);
		if (status === 'ok') return true;
		if (status === 'uploading') return false;
		if (status === 'error') {
			throw new ServiceError(`${context.action} failed: the service could not put the parts together`, {
				status: 200,
				serviceMessage: 'the file is in error',
				description: 'Upload the file again.',
				cause,
			});
		}
		if (status === undefined || Date.now() > deadline) {
			throw new UnknownOutcomeError(
				`${context.action}: all parts arrived, but it is not known whether the file was completed`,
				{ description: `Check file ${id} before you upload it again, or it may exist twice.`, cause },
			);
		}
		await sleep(MERGE_POLL_MS, context.action, context.signal);
	}
}

/** The status of a file that was a multipart upload; undefined when the service does not tell. */
async function currentStatus(
	api: BddFileApi,
	id: FileId,
	file: UploadDescription,
	context: CallContext,
): Promise<FileStatus | undefined> {
	try {
		return (await api.getMultipartStatus(id, context)).status;
	} catch (error) {
		if (!isNotFound(error)) throw error;
	}
	// The record is gone, so the upload was completed or aborted: the lists know which.
	const chatId = chatOf(file);
	if (chatId !== undefined) {
		const files = await listAll((page) => api.listChatFiles(chatId, page, context));
		return files.find((candidate) => String(candidate.id) === id)?.status;
	}
	// Another biz is in no list that we may ask; only a complete file has its bytes to give.
	const answer = await api.downloadFile(id, context);
	answer.discard();
	return answer.status === 200 && answer.length === file.size ? 'ok' : undefined;
}

/**
 * After a failure: what can be continued later is kept and named in the error; the rest is aborted, so that no half file
 * stays behind. A cancelled upload sends nothing more.
 */
async function closeFailed(
	api: BddFileApi,
	session: Session,
	file: UploadDescription,
	{ resume }: UploadSettings,
	error: unknown,
	context: CallContext,
): Promise<unknown> {
	if (!(error instanceof BddFileError) || error instanceof UnknownOutcomeError) return error;
	const total = planParts(file.size, session.partSize).length;
	const done = `${total - session.missing.size} of ${total} parts are kept as file ${session.id}`;
	const chat = chatOf(file) !== undefined;
	if (error instanceof CancelledError) {
		return cancelled(
			context.action,
			error.cause,
			chat && resume
				? `. ${done}: uploading the same file again continues there`
				: `. ${done}: set the option "Resume File ID" to ${session.id} to continue there`,
		);
	}
	if (chat && resume && !(error instanceof IntegrityError)) {
		error.message += `. ${done}: uploading the same file again continues there`;
		return error;
	}
	try {
		await api.abortMultipartUpload(session.id, context);
		error.message += `. The unfinished upload (file ${session.id}) was aborted`;
	} catch {
		error.message += `. The unfinished upload (file ${session.id}) could not be aborted either`;
	}
	return error;
}
