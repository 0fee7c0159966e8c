import type { FileInfo, WireId } from '../api/wire';
import type { UploadSource } from '../transfer/source';
import type { CallOptions, DownloadToFileOptions, ListOptions, UploadOptions, UploadResult } from '../types';

/** What sync needs of the service: these methods of BddFileClient. */
export interface RemoteFiles {
	/** The address of the service, which tells its chats from those of another one. */
	readonly baseUrl: string;
	/** How long its list may be behind what it has done. Milliseconds. */
	readonly settleMs: number;
	/**
	 * What `keep` makes of every file of the chat, once. A list that could not be read completely rejects; a record that is no
	 * file goes to `onUnreadable`.
	 */
	listChatFilesAs<T extends { id: WireId }>(
		keep: (file: FileInfo) => T,
		chatId: string,
		options?: ListOptions,
	): Promise<T[]>;
	/** Resolves when the file is complete; a source that changes while it is read rejects, and leaves nothing behind. */
	upload(source: UploadSource, options?: UploadOptions): Promise<UploadResult>;
	/**
	 * Writes beside `path`, verifies, sets the modification time, renames; a failure leaves what was at `path`.
	 *
	 * @returns the file as it was written
	 */
	downloadToFile(
		fileId: WireId,
		path: string,
		options?: DownloadToFileOptions,
	): Promise<{ size: number; mtimeMs: number | undefined }>;
	/** Asks for the file itself, which is never behind as a list may be. */
	exists(fileId: WireId, options?: CallOptions): Promise<boolean>;
	/** A file that is not there rejects. */
	delete(fileId: WireId, options?: CallOptions): Promise<unknown>;
}
