import { parseId, type FileId } from '../../api/ids';
import * as given from '../../arguments';
import {
	UPLOAD_MODES,
	type ClientOptions,
	type Logger,
	type UploadMode,
	type UploadOptions,
} from '../../types';

export interface UploadSettings {
	mode: UploadMode;
	/** Bytes per part; undefined for the smallest that is allowed. */
	partSize: number | undefined;
	/** Parts in flight at once. */
	concurrency: number;
	resume: boolean;
	resumeFileId: FileId | undefined;
	logger: Logger | undefined;
	/** Ids that this client already gave to someone: they are no answer to "did my upload arrive?". */
	claimed: Set<string>;
}

/** What a caller gives, checked, with every default. @throws InvalidInputError */
export function uploadSettings(
	options: UploadOptions,
	client: Pick<ClientOptions, 'mode' | 'logger'>,
	claimed: Set<string>,
): UploadSettings {
	const { partSize, concurrency, resume, resumeFileId } = options;
	const isNamed = resumeFileId !== undefined && resumeFileId !== '';
	return {
		mode: given.oneOf(UPLOAD_MODES, options.mode ?? client.mode ?? given.DEFAULTS.mode, 'Mode'),
		partSize: partSize === undefined ? undefined : given.partBytes(partSize),
		concurrency: given.concurrency(concurrency ?? given.DEFAULTS.partConcurrency),
		resume: resume ?? true,
		resumeFileId: isNamed ? parseId(resumeFileId, 'Resume File ID') : undefined,
		logger: client.logger,
		claimed,
	};
}
