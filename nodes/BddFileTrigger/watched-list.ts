import { PAGE_SIZE, type CallOptions, type FileInfo, type UnreadableRecord } from '../../client';
import type { FileList } from './look';
import type { Settings } from './settings';

/** A directory is asked for its newest files first; a chat has the service's own order. */
const NEWEST_FIRST = { sortBy: 'upload_at_desc' } as const;

/** The list that the settings name, read with the client. */
export function watchedList({ client, watched, id }: Settings, call: CallOptions): FileList {
	const isChat = watched === 'chat';
	return {
		pageSize: PAGE_SIZE,
		page: (number) =>
			isChat
				? client.readChatPage(id, number, call)
				: client.readDirectoryPage(id, number, { ...call, ...NEWEST_FIRST }),
		all: async () => {
			const unreadable: UnreadableRecord[] = [];
			const options = { ...call, onUnreadable: (record: UnreadableRecord) => void unreadable.push(record) };
			const files: FileInfo[] = isChat
				? await client.listChatFiles(id, options)
				: await client.listFilesInDirectory(id, { ...options, ...NEWEST_FIRST });
			return [...files, ...unreadable];
		},
	};
}
