import type { BddFileApi, CallContext, UploadDescription } from '../../api/api';
import { MAX_PARTS, PART_BYTES } from '../../arguments';
import { ServiceError } from '../../api/errors';
import type { FileId } from '../../api/ids';
import { outcomeOf, withRetries } from '../../api/retry';
import type { FileInfo, MultipartStatus } from '../../api/wire';
import { unfinished, verdict } from './look-up';
import { planParts } from './part-plan';
import type { Place } from './place';
import type { UploadSettings } from './settings';

/** An upload that the service knows and that is not complete yet. */
export interface Session {
	id: FileId;
	/** Bytes per part, as agreed when it began. */
	partSize: number;
	/** Part numbers that the service does not have. */
	missing: Set<number>;
	resumed: boolean;
}

/** What an upload in parts is about. */
export interface PartedFile extends UploadDescription {
	/** Lower-case hex. */
	md5: string;
}

/** POST /initMultipartUploadFile. When its answer is lost, a look at the place shows whether the upload was begun. */
export async function beginSession(
	api: BddFileApi,
	place: Place,
	file: PartedFile,
	partSize: number,
	claimed: ReadonlySet<string>,
	context: CallContext,
): Promise<Session> {
	const startedAt = Date.now();
	const id = await withRetries(context, async (failures) => {
		if (failures > 0) {
			// One that is not found is no harm: an upload without parts is no file.
			const sought = { file, md5: file.md5, startedAt, claimed };
			const begun = (await unfinished(place, file, file.md5)).find(
				(record) => verdict(record, sought, api.clockSkewMs) === 'mine',
			);
			if (begun) return String(begun.id);
		}
		return await api.initMultipartUpload({ ...file, partSize, hashcode: file.md5 }, context);
	});
	const missing = new Set(planParts(file.size, partSize).map(({ number }) => number));
	return { id, partSize, missing, resumed: false };
}

/** The unfinished upload to continue: the one that was named, else the place's newest of the same name, size and MD5. */
export async function findSession(
	api: BddFileApi,
	place: Place,
	file: PartedFile,
	{ resume, resumeFileId, logger }: UploadSettings,
	context: CallContext,
): Promise<Session | undefined> {
	if (resumeFileId !== undefined) {
		const record = await place.file(resumeFileId, file.fileName);
		const session =
			record && isSame(record, file) ? await openSession(api, resumeFileId, file, context) : undefined;
		if (session) return session;
		logger?.warn(
			`${context.action}: file ${resumeFileId} is no unfinished upload of the same name, size and content in the same place, so it is not continued`,
		);
	}
	if (!resume) return undefined;
	for (const { id } of await unfinished(place, file, file.md5)) {
		const session = await openSession(api, String(id), file, context);
		if (session) return session;
	}
	return undefined;
}

/** Without a hash in the record the user's word counts, who named it. */
function isSame({ status, filename, size, hashcode }: FileInfo, file: PartedFile): boolean {
	if (filename !== file.fileName) return false;
	return status === 'uploading' && size === file.size && ['', file.md5].includes(hashcode.toLowerCase());
}

/** Asks what the service has of an unfinished upload; undefined when it is stale or was cut differently. */
async function openSession(
	api: BddFileApi,
	id: FileId,
	file: PartedFile,
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
	if (status.status !== 'uploading' || !uploaded || !remaining) return undefined;
	if (partSize > PART_BYTES.max || file.size / partSize > MAX_PARTS) return undefined;
	const known = new Set([...uploaded, ...remaining]);
	const parts = planParts(file.size, partSize);
	const fits = known.size === parts.length && parts.every(({ number }) => known.has(number));
	return fits ? { id, partSize, missing: new Set(remaining), resumed: true } : undefined;
}
