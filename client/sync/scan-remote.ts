import type { UnreadableRecord } from '../api/records';
import { uploadTime } from '../api/upload-time';
import type { FileInfo } from '../api/wire';
import { knownChecksum } from '../transfer/hash';
import type { CallOptions } from '../types';
import type { RemoteFiles } from './remote-files';
import type { RemoteFile, RemoteTree, SyncedFile } from './trees';

/**
 * Reads the chat's list, whole.
 *
 * @param remembered by local path
 * @throws BddFileError when it could not be read completely
 */
export async function scanRemote(
	remote: RemoteFiles,
	chatId: string,
	call: CallOptions,
	remembered: ReadonlyMap<string, SyncedFile> | undefined,
): Promise<RemoteTree> {
	const unreadable: UnreadableRecord[] = [];
	const files = await remote.listChatFilesAs((file) => remoteFile(file, remembered), chatId, {
		...call,
		onUnreadable: (record) => unreadable.push(record),
	});
	return { files, unreadable };
}

/**
 * Only what a sync needs: a list may be long, and is kept until the sync ends. Most of it is remembered, and texts that are the
 * same need not be in memory twice.
 */
function remoteFile(
	{ id, filename, size, hashcode, upload_at: uploadedAt, status }: FileInfo,
	remembered: ReadonlyMap<string, SyncedFile> | undefined,
): RemoteFile {
	const hash = knownChecksum(hashcode)?.hex ?? '';
	const known = remembered?.get(filename);
	return {
		id,
		name: known?.path ?? filename,
		size,
		hash: known?.hash === hash ? known.hash : hash,
		uploadedMs: uploadTime(uploadedAt)?.getTime(),
		status,
	};
}
