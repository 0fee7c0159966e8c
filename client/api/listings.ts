import type { BddFileApi, CallContext } from './api';
import { listAll, type Listing } from './list';
import type { DirectoryInfo, DirectorySort, FileInfo, FileSort } from './wire';
import type { FileId } from './ids';

/** GET /listChatFiles, as many times as it takes. Complete, or it rejects. */
export async function chatFiles(
	api: BddFileApi,
	chatId: string,
	context: CallContext,
	limit?: number,
): Promise<Listing<FileInfo>> {
	return await listAll({
		action: context.action,
		fetchPage: (page) => api.listChatFiles(chatId, page, context),
		paging: api.chatPaging,
		limit,
	});
}

/** GET /listDirectories, as many times as it takes. Complete, or it rejects. */
export async function directories(
	api: BddFileApi,
	filter: { name?: string | undefined; sortBy?: DirectorySort | undefined },
	context: CallContext,
	limit?: number,
): Promise<Listing<DirectoryInfo>> {
	return await listAll({
		action: context.action,
		fetchPage: (page) => api.listDirectories(filter, page, context),
		paging: { byOffset: false },
		limit,
	});
}

/** GET /listFilesInDirectory, as many times as it takes. Complete, or it rejects. */
export async function directoryFiles(
	api: BddFileApi,
	directoryId: FileId,
	filter: { name?: string | undefined; sortBy?: FileSort | undefined },
	context: CallContext,
	limit?: number,
): Promise<Listing<FileInfo>> {
	return await listAll({
		action: context.action,
		fetchPage: (page) => api.listFilesInDirectory(directoryId, filter, page, context),
		paging: { byOffset: false },
		limit,
	});
}
