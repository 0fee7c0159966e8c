import type { FastifyInstance } from 'fastify';
import { DIRECTORY_SORTS, FILE_SORTS } from '../../client/api/wire';
import type { Context } from '../context';
import { directoryInfo, fileInfo, page } from '../http/answers';
import type { Params } from '../http/params';
import { callerOf, queryParams } from '../http/request';

const DEFAULT_CHAT_PAGE = 100;
const DEFAULT_DIRECTORY_PAGE = 10;

/** A page of a list, as positions. */
interface Slice {
	offset: number;
	limit: number;
}

/** Lists of chats, directories and the files in them. */
export const listRoutes = (app: FastifyInstance, context: Context): void => {
	const { store, answers, paging, maxPageSize } = context;
	const { catalog } = store;

	app.get('/listChatFiles', (request, reply) => {
		const params = queryParams(request, callerOf(request));
		const chatId = params.text('chat_id');
		const byOffset =
			paging === 'offset' || (paging === 'both' && (params.has('offset') || params.has('limit')));
		const { offset, limit } = byOffset
			? offsetSlice(params, maxPageSize)
			: pageSlice(params, maxPageSize, DEFAULT_CHAT_PAGE);
		params.check();
		const files = catalog.chatFiles(chatId);
		return answers.success(reply, page(files.length, files.slice(offset, offset + limit).map(fileInfo)));
	});

	app.get('/listDirectories', (request, reply) => {
		const params = queryParams(request, callerOf(request));
		const name = params.has('name') ? params.text('name') : '';
		const sort = params.has('sort_by') ? params.choice('sort_by', DIRECTORY_SORTS) : null;
		const { offset, limit } = pageSlice(params, maxPageSize, DEFAULT_DIRECTORY_PAGE);
		params.check();
		const all = [...catalog.directories.values()].filter((directory) => directory.name.includes(name));
		const sorted = sortBy(all, sort, (directory, field) =>
			field === 'name' ? directory.name : directory.createdAt,
		);
		return answers.success(reply, page(all.length, sorted.slice(offset, offset + limit).map(directoryInfo)));
	});

	app.get('/listFilesInDirectory', (request, reply) => {
		const params = queryParams(request, callerOf(request));
		const directoryId = params.id('directory_id');
		const name = params.has('name') ? params.text('name') : '';
		const sort = params.has('sort_by') ? params.choice('sort_by', FILE_SORTS) : null;
		const { offset, limit } = pageSlice(params, maxPageSize, DEFAULT_DIRECTORY_PAGE);
		params.check();
		const files = catalog.filesInDirectory(directoryId);
		const found = name === '' ? files : files.filter((file) => file.filename.includes(name));
		const sorted = sortBy(found, sort, (file, field) => (field === 'name' ? file.filename : file.uploadAt));
		return answers.success(reply, page(found.length, sorted.slice(offset, offset + limit).map(fileInfo)));
	});
};

const offsetSlice = (params: Params, maxPageSize: number): Slice => ({
	offset: params.has('offset') ? params.integer('offset', 0) : 0,
	limit: Math.min(params.has('limit') ? params.integer('limit', 1) : DEFAULT_CHAT_PAGE, maxPageSize),
});

const pageSlice = (params: Params, maxPageSize: number, defaultSize: number): Slice => {
	const size = params.has('page_size') ? params.integer('page_size', 1) : defaultSize;
	const limit = Math.min(size, maxPageSize);
	const number = params.has('page_number') ? params.integer('page_number', 1) : 1;
	return { offset: (number - 1) * limit, limit };
};

/**
 * Orders records as `sort_by` asks (`name_asc`, `upload_at_desc`, ...); equal ones stay in ascending id order, so that
 * pages neither repeat nor miss a record. Without `sort_by` the records stay as they are.
 */
const sortBy = <T>(
	records: readonly T[],
	sort: string | null,
	valueOf: (record: T, field: 'name' | 'time') => string,
): readonly T[] => {
	if (sort === null) return records;
	const field = sort.startsWith('name') ? 'name' : 'time';
	const direction = sort.endsWith('_desc') ? -1 : 1;
	return [...records].sort((one, other) => {
		const a = valueOf(one, field);
		const b = valueOf(other, field);
		return a === b ? 0 : (a < b ? -1 : 1) * direction;
	});
};
