import type { UnreadableRecord } from '../api/records';
import { sleep } from '../api/retry';
import { uploadTime } from '../api/upload-time';
import type { FileInfo, WireId } from '../api/wire';
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

/** A list may be behind. Shares of the settling time between two looks. */
const WAITS = [0.05, 0.1, 0.2, 0.4];

/**
 * Scans again while the list does not show what it must, as it may be behind what was done a moment ago.
 *
 * @param isShown of a scan; what is not shown by the end of the settling time is for the caller to judge
 * @returns the last scan
 */
export async function scanUntil(
	scan: () => Promise<RemoteTree>,
	isShown: (tree: RemoteTree) => boolean | Promise<boolean>,
	{ settleMs }: RemoteFiles,
	signal: AbortSignal | undefined,
): Promise<RemoteTree> {
	let tree = await scan();
	for (const wait of WAITS) {
		if (await isShown(tree)) break;
		await sleep(wait * settleMs, 'The sync', signal);
		tree = await scan();
	}
	return tree;
}

/** Those of the ids that none of the files has. */
export function missingIn(files: readonly RemoteFile[], ids: readonly WireId[]): WireId[] {
	if (ids.length === 0) return [];
	const missing = new Set(ids);
	for (const { id } of files) missing.delete(id);
	return [...missing];
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
