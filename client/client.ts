import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';

import { BddFileApi, type CallContext, type UploadTarget } from './api/api';
import { InvalidInputError } from './api/errors';
import { parseId, toWireId } from './api/ids';
import type { Listing } from './api/list';
import { chatFilesAs, directories, directoryFiles } from './api/listings';
import {
	BIZ,
	type DirectoryInfo,
	type DirectorySort,
	type FileInfo,
	type FileSort,
	type WireId,
} from './api/wire';
import * as given from './arguments';
import { syncBothWays, syncToLocal, syncToRemote } from './sync';
import { FileDownload } from './transfer/download/file-download';
import { writeToFile } from './transfer/download/to-file';
import { KeyedLock } from './transfer/upload/keyed-lock';
import { mimeTypeOf } from './transfer/mime-type';
import { MIB } from './transfer/bytes';
import { Progress } from './transfer/progress';
import type { UploadSource } from './transfer/source';
import { uploadFile } from './transfer/upload/upload';
import {
	UPLOAD_MODES,
	type CallOptions,
	type ClientOptions,
	type Download,
	type DownloadOptions,
	type DownloadToFileOptions,
	type ListOptions,
	type SyncBothWaysOptions,
	type SyncOutput,
	type SyncResult,
	type SyncToLocalOptions,
	type SyncToRemoteOptions,
	type UploadOptions,
	type UploadResult,
} from './types';

/**
 * A client of the BDD file service: the verbs of the published Python client, made safe for unattended use. Every method
 * rejects with a BddFileError whose message begins with what was being done; wrong input is rejected before any request.
 */
export class BddFileClient {
	private readonly api: BddFileApi;
	private readonly locks = new KeyedLock();
	private readonly claimed = new Set<string>();

	/** The address of the service. */
	readonly baseUrl: string;

	constructor(private readonly options: ClientOptions) {
		const answerFloorMs = given.patienceMs(options.patience, 'answer');
		this.api = new BddFileApi(options.baseUrl, { ...options, answerFloorMs });
		this.baseUrl = this.api.baseUrl;
	}

	/**
	 * Uploads one file. Exactly one remote file comes of it, or an error that says what is unknown. Uploads of the same name
	 * to the same place wait for each other.
	 */
	async upload(source: UploadSource, options: UploadOptions = {}): Promise<UploadResult> {
		if (source.fileName === '')
			throw new InvalidInputError('File name is empty', { description: 'Give the file a name.' });
		const target = this.target(options);
		const context = this.context(`Uploading "${source.fileName}"`, options);
		const mode = given.oneOf(UPLOAD_MODES, options.mode ?? this.options.mode ?? given.DEFAULTS.mode, 'Mode');
		const settings = {
			mode,
			partSize: options.partSize === undefined ? undefined : given.partBytes(options.partSize),
			concurrency: given.concurrency(options.concurrency ?? given.DEFAULTS.partConcurrency),
			resume: options.resume ?? true,
			resumeFileId:
				options.resumeFileId === undefined || options.resumeFileId === ''
					? undefined
					: parseId(options.resumeFileId, 'Resume file id'),
			logger: this.options.logger,
			claimed: this.claimed,
		};
		const key = JSON.stringify([context.userId, target, source.fileName], (_, value: unknown) =>
			typeof value === 'bigint' ? String(value) : value,
		);
		return await this.locks.run(key, () => uploadFile(this.api, source, target, settings, context));
	}

	/** Opens a download. Resolves when the bytes begin to arrive; a broken connection goes on where it broke. */
	async download(fileId: unknown, options: DownloadOptions = {}): Promise<Download> {
		const { download, progress, id } = await this.open(fileId, options);
		const fileName = download.fileName;
		const stream = Readable.from(inLargeChunks(download.bytes(progress)), {
			objectMode: false,
			highWaterMark: MIB,
		});
		stream.once('close', () => download.discard());
		return {
			fileId: toWireId(id),
			...(fileName !== undefined && { fileName }),
			...(download.size !== undefined && { size: download.size }),
			mimeType: mimeTypeOf(fileName),
			stream,
		};
	}

	/**
	 * Downloads into a file. It appears under `path` only when it is complete and verified; after a failure what was there
	 * before is untouched. The folder must exist.
	 */
	async downloadToFile(
		fileId: unknown,
		path: string,
		options: DownloadToFileOptions = {},
	): Promise<{ size: number; mtimeMs: number }> {
		const { download, progress } = await this.open(fileId, options);
		return await writeToFile(download, path, options, progress);
	}

	/**
	 * A link that any HTTP client can use without further credentials.
	 *
	 * @returns the link and when it expires (ISO 8601), by our clock
	 */
	async getDownloadUrl(
		fileId: unknown,
		options: CallOptions & { expiresIn?: number | undefined } = {},
	): Promise<{ url: string; expiresAt: string }> {
		const id = parseId(fileId, 'File id');
		const expiresIn = given.expirySeconds(options.expiresIn);
		const context = this.context(`Getting a link to file ${id}`, options);
		const expiresAt = new Date(Date.now() + expiresIn * 1000).toISOString();
		return { url: await this.api.getFileDownloadUrl(id, expiresIn, context), expiresAt };
	}

	/** Deletes a file. A file that does not exist is an error, unless an earlier try of this very call deleted it. */
	async delete(fileId: unknown, options: CallOptions = {}): Promise<void> {
		const id = parseId(fileId, 'File id');
		await this.api.deleteFile(id, this.context(`Deleting file ${id}`, options));
	}

	/** A chat's files in the service's order, each once: all of them, or it rejects. */
	async listChatFiles(chatId: string, options: ListOptions = {}): Promise<FileInfo[]> {
		return await this.listChatFilesAs((file) => file, chatId, options);
	}

	/** As `listChatFiles`, with what `keep` makes of each record: the rest is not kept while the list is read. */
	async listChatFilesAs<T extends { id: WireId }>(
		keep: (file: FileInfo) => T,
		chatId: string,
		options: ListOptions = {},
	): Promise<T[]> {
		const chat = given.requiredText(chatId, 'Chat ID');
		const context = this.context(`Listing chat "${chat}"`, options);
		return readable(await chatFilesAs(this.api, chat, context, keep, given.limit(options.limit)), options);
	}

	/** Resolves when the service answers: it is asked for a chat that does not exist, which every version lists as empty. */
	async testConnection(options: CallOptions = {}): Promise<void> {
		const context = this.context('Connecting to the file service', options);
		await this.api.listChatFiles('n8n-connection-test', { offset: 0, limit: 1, number: 1 }, context);
	}

	/** The user's directories; `name` keeps those whose name contains it. */
	async listDirectories(
		options: ListOptions & { name?: string | undefined; sortBy?: DirectorySort | undefined } = {},
	): Promise<DirectoryInfo[]> {
		const context = this.context('Listing directories', options);
		const limit = given.limit(options.limit);
		return readable(await directories(this.api, options, context, limit), options);
	}

	/** A directory's files; `name` keeps those whose name contains it. */
	async listFilesInDirectory(
		directoryId: unknown,
		options: ListOptions & { name?: string | undefined; sortBy?: FileSort | undefined } = {},
	): Promise<FileInfo[]> {
		const id = parseId(directoryId, 'Directory');
		const context = this.context(`Listing directory ${id}`, options);
		const limit = given.limit(options.limit);
		return readable(await directoryFiles(this.api, id, options, context, limit), options);
	}

	/**
	 * Brings a chat's files into a folder. One file's failure is its item; a listing that fails rejects.
	 *
	 * @returns one item for each file, or for `output: 'summary'` a list of one summary
	 */
	async syncChatFilesToLocal<Output extends SyncOutput = 'all'>(
		options: SyncToLocalOptions<Output>,
	): Promise<SyncResult<Output>> {
		return await syncToLocal(this, withChat(options), this.options.logger);
	}

	/** Brings a folder's files into a chat. Resolves and rejects as `syncChatFilesToLocal`. */
	async syncChatFilesToRemote<Output extends SyncOutput = 'all'>(
		options: SyncToRemoteOptions<Output>,
	): Promise<SyncResult<Output>> {
		return await syncToRemote(this, withChat(options), this.options.logger);
	}

	/** Keeps the files of a folder and of a chat the same. Resolves and rejects as `syncChatFilesToLocal`. */
	async syncChatFilesBothWays<Output extends SyncOutput = 'all'>(
		options: SyncBothWaysOptions<Output>,
	): Promise<SyncResult<Output>> {
		return await syncBothWays(this, withChat(options), this.options.logger);
	}

	/** Closes every connection. Call it when the work is done. */
	close(): void {
		this.api.close();
	}

	private async open(fileId: unknown, options: DownloadOptions) {
		const id = parseId(fileId, 'File id');
		const { expected = {}, verify = true } = options;
		const name = expected.filename === undefined ? `file ${id}` : `"${expected.filename}" (file ${id})`;
		const context = this.context(`Downloading ${name}`, options);
		const download = await FileDownload.open(this.api, id, expected, verify, context);
		const progress = new Progress(this.options.logger, context.action, { bytes: download.size });
		return { id, download, progress };
	}

	private context(action: string, options: CallOptions): CallContext {
		const userId = given.userIdDigits(options.userId ?? this.options.userId);
		// Many requests wait for one signal; Node would take more than ten for a leak and warn in n8n's log.
		if (options.signal) setMaxListeners(Infinity, options.signal);
		return {
			action,
			userId,
			signal: options.signal,
			timeoutMs: given.timeoutSeconds(options.timeout) * 1000,
			maxTries: given.tries(options.maxTries),
			settleMs: given.patienceMs(this.options.patience, 'settle'),
			retryBaseMs: given.patienceMs(this.options.patience, 'retry'),
			onRetry: (message) => this.options.logger?.warn(message),
		};
	}

	private target(options: UploadOptions): UploadTarget {
		const biz = given.oneOf(BIZ, options.biz ?? this.options.biz ?? given.DEFAULTS.biz, 'Biz');
		if (biz !== 'chat') return { biz, bizParams: options.bizParams ?? {} };
		return { biz, bizParams: { chat_id: given.requiredText(options.chatId, 'Chat ID') } };
	}
}

function readable<T>({ items, unreadable }: Listing<T>, { onUnreadable }: ListOptions): T[] {
	for (const record of unreadable) onUnreadable?.(record);
	return items;
}

const withChat = <Options extends { chatId: string }>(options: Options): Options => ({
	...options,
	chatId: given.requiredText(options.chatId, 'Chat ID'),
});

/** A socket's chunks are small, and whoever stores them pays for each. */
async function* inLargeChunks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
	let gathered: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of chunks) {
		gathered.push(chunk);
		bytes += chunk.length;
		if (bytes < MIB) continue;
		yield Buffer.concat(gathered, bytes);
		gathered = [];
		bytes = 0;
	}
	if (bytes > 0) yield Buffer.concat(gathered, bytes);
}
