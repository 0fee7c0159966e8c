import type { BddFileApi, CallContext } from './api';
import { listAll, type Listing, type ListRequest } from './list';
import { UnreadableRecord } from './records';
import type { DirectoryInfo, DirectorySort, FileInfo, FileSort, WireId } from './wire';
import type { FileId } from './ids';

/** Which records of a list, and how many. */
type Selection<T> = Pick<ListRequest<T>, 'limit' | 'where'>;

/**
 * GET /listChatFiles, as many times as it takes. Complete, or it rejects.
 *
 * @param keep what is kept of each record while the others are read: a chat may be long
 */
export async function chatFilesAs<T extends { id: WireId }>(
	api: BddFileApi,
	chatId: string,
	context: CallContext,
	keep: (file: FileInfo) => T,
	{ limit, where }: Selection<T> = {},
): Promise<Listing<T>> {
	return await listAll({
		action: context.action,
		fetchPage: async (page) => {
			const { total, records } = await api.listChatFiles(chatId, page, context);
			return {
				total,
				records: records.map((record) => (record instanceof UnreadableRecord ? record : keep(record))),
			};
		},
		paging: api.chatPaging,
		limit,
		where,
	});
}

/** All of each record. */
export async function chatFiles(
	api: BddFileApi,
	chatId: string,
	context: CallContext,
): Promise<Listing<FileInfo>> {
	return await chatFilesAs(api, chatId, context, (file) => file);
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
	{ limit, where }: Selection<FileInfo> = {},
): Promise<Listing<FileInfo>> {
	return await listAll({
		action: context.action,
		fetchPage: (page) => api.listFilesInDirectory(directoryId, filter, page, context),
		paging: { byOffset: false },
		limit,
		where,
	});
}
