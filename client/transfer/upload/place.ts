import { isDeepStrictEqual } from 'node:util';

import type { BddFileApi, CallContext, UploadTarget } from '../../api/api';
import { ServiceError } from '../../api/errors';
import type { FileId } from '../../api/ids';
import { parseJson, stringifyJson } from '../../api/json';
import { PAGE_SIZE, pageRequest } from '../../api/list';
import { chatFiles, directories, directoryFiles } from '../../api/listings';
import { isReadable, type UnreadableRecord } from '../../api/records';
import type { FileInfo } from '../../api/wire';

const FIRST_PAGE = pageRequest(1);

/**
 * Where a file goes and can be found again: a chat, or what another biz's parameters name.
 *
 * A search asks the biz's directory (its name is the biz) for the newest files of one name, which costs the same however
 * large the place is. What it finds is proof; that it finds nothing is none. Where the service has no directories, or
 * another biz's are not to be searched, a chat is listed and another biz cannot be looked into.
 */
export class Place {
	constructor(
		private readonly api: BddFileApi,
		private readonly target: UploadTarget,
		private readonly context: CallContext,
	) {}

	/** Whether every file of the place can be listed. */
	get isListable(): boolean {
		return this.chatId !== undefined;
	}

	/** Whether looks are cheap. */
	async isSearchable(): Promise<boolean> {
		return typeof (await this.directory()) === 'string';
	}

	/** The place's files of exactly this name that a look finds, in any status; undefined where nobody can look. */
	async filesNamed(fileName: string): Promise<FileInfo[] | undefined> {
		const found = await this.search(fileName);
		if (found !== undefined) return found;
		const all = await this.list();
		return all?.filter(({ filename }) => filename === fileName);
	}

	/**
	 * All of them that a search finds, however many newer files have names that hold this one: none in a biz without a directory, to
	 * which nothing was ever uploaded. Undefined where nobody can search.
	 */
	async foundFilesNamed(fileName: string): Promise<FileInfo[] | undefined> {
		if ((await this.directory()) === undefined) return [];
		return await this.search(fileName, 'all');
	}

	/** All of them, and there are no others; undefined where that cannot be shown. */
	async allFilesNamed(fileName: string): Promise<FileInfo[] | undefined> {
		const { chatId, api, context } = this;
		if (chatId === undefined) return undefined;
		const first = await api.listChatFiles(chatId, FIRST_PAGE, context);
		if (first.records.length < first.total) {
			// A search that finds a file of this chat would find the one in question. Few others have a long name's words in theirs.
			// Best a file of somebody else: a search may know one's own only.
			const readable = first.records.filter(isReadable);
			const foreign = readable.filter(({ user_id: userId }) => userId !== context.userId);
			const other = (foreign.length > 0 ? foreign : readable).reduce(longerNamed, undefined);
			const probed = other && (await this.search(other.filename));
			const isSeen = other && probed?.some(({ id }) => id === other.id);
			const found = isSeen ? await this.search(fileName, 'all') : undefined;
			if (found) return found;
		}
		const { items, unreadable } = await chatFiles(api, chatId, context);
		if (mayBeAmong(unreadable, fileName)) return undefined;
		return items.filter((file) => file.filename === fileName && this.isOfChat(file));
	}

	/** The record of one file; undefined when no look finds it. */
	async file(id: FileId, fileName: string): Promise<FileInfo | undefined> {
		const isIt = (file: FileInfo) => String(file.id) === id;
		return (await this.search(fileName))?.find(isIt) ?? (await this.list())?.find(isIt);
	}

	/** The chat; undefined for another biz. */
	private get chatId(): string | undefined {
		const { biz, bizParams } = this.target;
		return biz === 'chat' ? chatIdOf(bizParams) : undefined;
	}

	/** @param which the files whose name holds this one, of which those with the very name are given: the newest hundred, or all */
	private async search(
		fileName: string,
		which: 'newest' | 'all' = 'newest',
	): Promise<FileInfo[] | undefined> {
		const directory = await this.directory();
		if (typeof directory !== 'string') return undefined;
		const filter = { name: fileName, sortBy: 'upload_at_desc' } as const;
		const isIt = (file: FileInfo) => file.filename === fileName && this.holds(file);
		try {
			if (which === 'newest') {
				const page = await this.api.listFilesInDirectory(directory, filter, FIRST_PAGE, this.context);
				return page.records.filter(isReadable).filter(isIt);
			}
			const { items, unreadable } = await directoryFiles(this.api, directory, filter, this.context);
			if (mayBeAmong(unreadable, fileName)) return undefined;
			return items.filter(isIt);
		} catch (error) {
			if (!isUnsupported(error)) throw error;
			this.api.bizDirectories.delete(this.directoryKey);
			return undefined;
		}
	}

	private holds({ biz, biz_params: params }: FileInfo): boolean {
		if (biz !== this.target.biz) return false;
		const { chatId } = this;
		if (chatId !== undefined) return chatIdOf(params) === chatId;
		return isDeepStrictEqual(params, parseJson(stringifyJson(this.target.bizParams)));
	}

	/** A list that gives more than it was asked for says so in its records. */
	private readonly isOfChat = ({ biz_params: params }: FileInfo) =>
		(chatIdOf(params) ?? this.chatId) === this.chatId;

	private async list(): Promise<FileInfo[] | undefined> {
		const { chatId } = this;
		if (chatId === undefined) return undefined;
		return (await chatFiles(this.api, chatId, this.context)).items.filter(this.isOfChat);
	}

	private get directoryKey(): string {
		return `${this.context.userId} ${this.target.biz}`;
	}

	/** The biz's directory; undefined where there is none, which may come with the first file; null where the service has none at all. */
	private async directory(): Promise<FileId | null | undefined> {
		const { bizDirectories } = this.api;
		const known = bizDirectories.get(this.directoryKey);
		if (known !== undefined) return known;
		const { biz } = this.target;
		try {
			const { items } = await directories(this.api, { name: biz }, this.context, PAGE_SIZE);
			const directory = items.find(({ name }) => name === biz);
			if (directory) bizDirectories.set(this.directoryKey, String(directory.id));
			return directory && String(directory.id);
		} catch (error) {
			if (!isUnsupported(error)) throw error;
			bizDirectories.set(this.directoryKey, null);
			return null;
		}
	}
}

/** A record that does not tell its name may be of this one, and one that tells it may be the one. */
const mayBeAmong = (unreadable: readonly UnreadableRecord[], fileName: string) =>
	unreadable.some((record) => (record.fileName ?? fileName) === fileName);

const longerNamed = (a: FileInfo | undefined, b: FileInfo) =>
	a === undefined || b.filename.length > a.filename.length ? b : a;

/** Servers before 0.7 have no directories. */
const isUnsupported = (error: unknown) =>
	error instanceof ServiceError && [404, 405, 422].includes(error.status);

function chatIdOf(params: unknown): string | undefined {
	if (typeof params !== 'object' || params === null) return undefined;
	const { chat_id: chatId } = params as { chat_id?: unknown };
	return typeof chatId === 'string' || typeof chatId === 'number' ? String(chatId) : undefined;
}
