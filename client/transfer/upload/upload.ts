import type { BddFileApi, CallContext, UploadDescription, UploadTarget } from '../../api/api';
import { toWireId, type FileId } from '../../api/ids';
import type { UploadResult } from '../../types';
import { MIB } from '../bytes';
import { Progress } from '../progress';
import type { UploadSource } from '../source';
import { checksumOf } from '../hash';
import { MultipartUpload } from './multipart';
import { partSizeFor } from './part-plan';
import type { UploadSettings } from './settings';
import { uploadSimple } from './simple';

/** `auto` changes from simple to multipart above this size, as the published client does. */
export const SIMPLE_LIMIT_BYTES = 100 * MIB;

/**
 * Uploads one file so that exactly one remote file comes of it, or an error that says what is unknown.
 *
 * An empty file always goes up in simple mode, since it has no parts.
 */
export async function uploadFile(
	api: BddFileApi,
	source: UploadSource,
	target: UploadTarget,
	settings: UploadSettings,
	context: CallContext,
): Promise<UploadResult> {
	const file: UploadDescription = { ...target, fileName: source.fileName, size: source.size };
	const progress = new Progress(settings.logger, context.action, { bytes: source.size });
	const multipart =
		source.size > 0 &&
		(settings.mode === 'multipart' || (settings.mode === 'auto' && source.size > SIMPLE_LIMIT_BYTES));
	const upload = multipart ? inParts : uploadSimple;
	const { id, md5 } = await upload(api, source, file, settings, progress, context);
	settings.claimed.add(id);
	return {
		fileId: toWireId(id),
		fileName: file.fileName,
		size: file.size,
		mode: multipart ? 'multipart' : 'simple',
		md5,
	};
}

/**
 * The MD5 must be known before the first byte goes up, since it is what an unfinished upload is recognised by; so the
 * source is read twice.
 */
async function inParts(
	api: BddFileApi,
	source: UploadSource,
	file: UploadDescription,
	settings: UploadSettings,
	progress: Progress,
	context: CallContext,
): Promise<{ id: FileId; md5: string }> {
	const md5 = await checksumOf(source, 'md5', context);
	const partSize = partSizeFor(file.size, settings.partSize);
	const upload = new MultipartUpload(api, source, { ...file, md5 }, partSize, settings, progress, context);
	return { id: await upload.run(), md5 };
}
