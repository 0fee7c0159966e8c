import type { FileInfo, WireId } from '../api/wire';
import type { UploadSource } from '../transfer/source';
import type { CallOptions, DownloadOptions, UploadOptions, UploadResult } from '../types';

/** What sync needs of the service: these four methods of BddFileClient. */
export interface RemoteFiles {
	/** Every file of the chat, once. A page that fails rejects the whole listing. */
	listChatFiles(chatId: string, options?: CallOptions): Promise<FileInfo[]>;
	upload(source: UploadSource, options?: UploadOptions): Promise<UploadResult>;
	/** Writes beside `path`, verifies, sets the modification time, renames; a failure leaves what was at `path`. */
	downloadToFile(
		fileId: WireId,
		path: string,
		options?: DownloadOptions & { modifiedAt?: Date },
	): Promise<{ size: number }>;
	delete(fileId: WireId, options?: CallOptions): Promise<void>;
}
