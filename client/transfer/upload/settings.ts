import type { FileId } from '../../api/ids';
import type { Logger, UploadMode } from '../../types';

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
