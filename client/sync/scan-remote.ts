import type { UnreadableRecord } from '../api/records';
import { uploadTime } from '../api/upload-time';
import type { FileInfo } from '../api/wire';
import { knownChecksum } from '../transfer/hash';
import type { CallOptions } from '../types';
import type { RemoteFiles } from './remote-files';
import type { RemoteFile, RemoteTree } from './trees';

/** Reads the chat's list, whole. @throws BddFileError when it could not be read completely */
export async function scanRemote(
	remote: RemoteFiles,
	chatId: string,
	call: CallOptions,
): Promise<RemoteTree> {
	const unreadable: UnreadableRecord[] = [];
	const files = await remote.listChatFilesAs(remoteFile, chatId, {
		...call,
		onUnreadable: (record) => unreadable.push(record),
	});
	return { files, unreadable };
}

/** Only what a sync needs: a list may be long, and is kept until the sync ends. */
function remoteFile({ id, filename, size, hashcode, upload_at: uploadedAt, status }: FileInfo): RemoteFile {
	const hash = knownChecksum(hashcode)?.hex ?? '';
	return { id, name: filename, size, hash, uploadedMs: uploadTime(uploadedAt)?.getTime(), status };
}
