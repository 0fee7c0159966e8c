import type { BddFileApi, CallContext, UploadDescription, UploadTarget } from '../../api/api';
import { toWireId } from '../../api/ids';
import type { UploadResult } from '../../types';
import { MIB } from '../bytes';
import { Progress } from '../progress';
import type { UploadSource } from '../source';
import { uploadMultipart } from './multipart';
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
	const { id, md5 } = await (multipart
		? uploadMultipart(api, source, file, settings, progress, context)
		: uploadSimple(api, source, file, settings, progress, context));
	settings.claimed.add(id);
	return {
		fileId: toWireId(id),
		fileName: file.fileName,
		size: file.size,
		mode: multipart ? 'multipart' : 'simple',
		md5,
	};
}
