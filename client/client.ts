import { BddFileApi, type CallContext } from './api/api';
import { parseId, toWireId } from './api/ids';
import { pageRequest, readable } from './api/list';
import type { FilePage, Page } from './api/records';
import { chatFilesAs, directories, directoryFiles } from './api/listings';
import { quoted } from './api/text';
import type { DirectoryInfo, DirectorySort, FileInfo, FileSort, WireId } from './api/wire';
import { wasFound } from './api/retry';
import * as given from './arguments';
import { callContext } from './call';
import { downloadInto } from './download-into';
import { syncBothWays, syncToLocal, syncToRemote } from './sync';
import { FileDownload } from './transfer/download/file-download';
import { SharedLanes } from './transfer/download/shared-lanes';
import { writeToFile } from './transfer/download/to-file';
import { mimeTypeOf } from './transfer/mime-type';
import { inLargeChunks, streamOf } from './transfer/bytes';
import { Progress } from './transfer/progress';
import type { UploadSource } from './transfer/source';
import { Uploads } from './uploads';
import {
	DOWNLOAD_IF_EXISTS,
	IF_MISSING,
	type CallOptions,
	type ClientOptions,
	type DeleteOptions,
	type Download,
	type DownloadIntoOptions,
	type DownloadOptions,
	type DownloadOutcome,
	type DownloadToFileOptions,
	type FileListOptions,
	type ListOptions,
	type UploadIfExistsOptions,
	type UploadOptions,
	type UploadOutcome,
	type UploadResult,
} from './types';
import type {
	SyncBothWaysOptions,
	SyncOutput,
	SyncResult,
	SyncToLocalOptions,
	SyncToRemoteOptions,
} from './sync-types';

/**
 * A client of the BDD file service: the verbs of the published Python client, made safe for unattended use. Every method
 * rejects with a BddFileError whose message begins with what was being done; wrong input is rejected before any request.
 */
export class BddFileClient {
	private readonly api: BddFileApi;
	private readonly uploads: Uploads;
	private readonly lanes = new SharedLanes();

	/** The address of the service. */
	readonly baseUrl: string;
	/** How long the service is given until what it did shows. Milliseconds. */
	readonly settleMs: number;

	constructor(private readonly options: ClientOptions) {
		const answerFloorMs = given.patienceMs(options.patience, 'answer');
		this.api = new BddFileApi(options.baseUrl, { ...options, answerFloorMs });
		this.uploads = new Uploads(this.api, options);
		this.baseUrl = this.api.baseUrl;
		this.settleMs = given.patienceMs(options.patience, 'settle');
	}

	/**
	 * Uploads one file. Exactly one remote file comes of it, or an error that says what is unknown. Uploads of the same name
	 * to the same place wait for each other.
	 */
	async upload(source: UploadSource, options: UploadOptions = {}): Promise<UploadResult> {
		return await this.uploads.upload(source, options);
	}

	/**
	 * As `upload`, unless a file of this name is there already: with `skip` that one stays; with `skipUnchanged` when it has the
	 * same content; otherwise the new file replaces it, which is deleted once the new one is complete.
	 */
	async uploadIfExists(source: UploadSource, options: UploadIfExistsOptions): Promise<UploadOutcome> {
		return await this.uploads.uploadIfExists(source, options);
	}

	/** Opens a download. Resolves when the bytes begin to arrive; a broken connection goes on where it broke. */
	async download(fileId: unknown, options: DownloadOptions = {}): Promise<Download> {
		const { download, progress, id } = await this.open(fileId, options);
		const fileName = download.fileName;
		const stream = streamOf(inLargeChunks(download.bytes(progress)), () => download.discard());
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
	 *
	 * @returns bytes, and with `tellTime` the modification time that the file has on its disk: milliseconds since 1970
	 */
	async downloadToFile(
		fileId: unknown,
		path: string,
		options: DownloadToFileOptions = {},
	): Promise<{ size: number; mtimeMs: number | undefined }> {
		const { download, progress } = await this.open(fileId, options);
		return await writeToFile(download, path, options, progress);
	}

	/** Downloads into an existing folder, under the file's own name unless told otherwise; see `downloadToFile`. */
	async downloadInto(
		fileId: unknown,
		folder: string,
		options: DownloadIntoOptions = {},
	): Promise<DownloadOutcome> {
		const id = parseId(fileId, 'File id');
		const ifExists = given.oneOf(DOWNLOAD_IF_EXISTS, options.ifExists ?? 'overwrite', 'If File Exists');
		const context = this.context(`Downloading file ${id}`, options);
		const open = () => this.open(id, options);
		return await downloadInto({
			service: this.baseUrl,
			id,
			context,
			folder,
			options: { ...options, ifExists },
			open,
		});
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

	/** Whether the service knows the file, which a list may not show yet. GET /getFileDownloadUrl. */
	async exists(fileId: unknown, options: CallOptions = {}): Promise<boolean> {
		const id = parseId(fileId, 'File id');
		const context = this.context(`Looking for file ${id}`, options);
		return await wasFound(this.api.getFileDownloadUrl(id, given.expirySeconds(undefined), context));
	}

	/**
	 * Deletes a file. A file that does not exist is an error by default, unless an earlier try of this very call deleted it.
	 *
	 * @returns whether there was one
	 */
	async delete(fileId: unknown, options: DeleteOptions = {}): Promise<boolean> {
		const id = parseId(fileId, 'File id');
		const ifMissing = given.oneOf(IF_MISSING, options.ifMissing ?? 'fail', 'If File Is Missing');
		const deleting = this.api.deleteFile(id, this.context(`Deleting file ${id}`, options));
		if (ifMissing === 'skip') return await wasFound(deleting);
		await deleting;
		return true;
	}

	/**
	 * A chat's files in the service's order, each once: all of them, or it rejects. With `where` and `limit` the list is read up
	 * to the last file that is asked for, and a few pages beyond at most.
	 */
	async listChatFiles(chatId: string, options: FileListOptions = {}): Promise<FileInfo[]> {
		return await this.listChatFilesAs((file) => file, chatId, options);
	}

	/** As `listChatFiles`, with what `keep` makes of each record: the rest is not kept while the list is read. */
	async listChatFilesAs<T extends { id: WireId }>(
		keep: (file: FileInfo) => T,
		chatId: string,
		options: FileListOptions<T> = {},
	): Promise<T[]> {
		const chat = given.requiredText(chatId, 'Chat ID');
		const context = this.context(`Listing chat "${chat}"`, options);
		const selection = { limit: given.limit(options.limit), where: options.where };
		return readable(await chatFilesAs(this.api, chat, context, keep, selection), options);
	}

	/**
	 * One page of a chat's list, of 100 records, counted from 1: what a glance at a long chat costs. GET /listChatFiles.
	 *
	 * A list that changes between two pages may show a record twice or not at all; only `listChatFiles` is complete.
	 */
	async readChatPage(chatId: string, page: number, options: CallOptions = {}): Promise<FilePage> {
		const chat = given.requiredText(chatId, 'Chat ID');
		const context = this.context(`Reading page ${page} of chat "${chat}"`, options);
		return await this.api.listChatFiles(chat, pageRequest(given.page(page)), context);
	}

	/** One page of a directory's files, as `readChatPage`. GET /listFilesInDirectory. */
	async readDirectoryPage(
		directoryId: unknown,
		page: number,
		options: CallOptions & { name?: string | undefined; sortBy?: FileSort | undefined } = {},
	): Promise<FilePage> {
		const id = parseId(directoryId, 'Directory');
		const context = this.context(`Reading page ${page} of directory ${id}`, options);
		return await this.api.listFilesInDirectory(id, options, pageRequest(given.page(page)), context);
	}

	/** One page of the user's directories, as `readChatPage`. GET /listDirectories. */
	async readDirectoriesPage(
		page: number,
		options: CallOptions & { name?: string | undefined; sortBy?: DirectorySort | undefined } = {},
	): Promise<Page<DirectoryInfo>> {
		const context = this.context(`Reading page ${page} of the directories`, options);
		return await this.api.listDirectories(options, pageRequest(given.page(page)), context);
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

	/** A directory's files; `name` keeps those whose name contains it, at the service. `where` and `limit` as for `listChatFiles`. */
	async listFilesInDirectory(
		directoryId: unknown,
		options: FileListOptions & { name?: string | undefined; sortBy?: FileSort | undefined } = {},
	): Promise<FileInfo[]> {
		const id = parseId(directoryId, 'Directory');
		const context = this.context(`Listing directory ${id}`, options);
		const selection = { limit: given.limit(options.limit), where: options.where };
		return readable(await directoryFiles(this.api, id, options, context, selection), options);
	}

	/**
	 * Brings a chat's files into a folder. One file's failure is its item; a listing that fails rejects.
	 *
	 * @returns one item for each file, or for `output: 'summary'` a list of one summary
	 */
	async syncChatFilesToLocal<Output extends SyncOutput = 'all'>(
		options: SyncToLocalOptions<Output>,
	): Promise<SyncResult<Output>> {
		return await syncToLocal(this, given.withChat(options), this.options.logger);
	}

	/** Brings a folder's files into a chat. Resolves and rejects as `syncChatFilesToLocal`. */
	async syncChatFilesToRemote<Output extends SyncOutput = 'all'>(
		options: SyncToRemoteOptions<Output>,
	): Promise<SyncResult<Output>> {
		return await syncToRemote(this, given.withChat(options), this.options.logger);
	}

	/** Keeps the files of a folder and of a chat the same. Resolves and rejects as `syncChatFilesToLocal`. */
	async syncChatFilesBothWays<Output extends SyncOutput = 'all'>(
		options: SyncBothWaysOptions<Output>,
	): Promise<SyncResult<Output>> {
		return await syncBothWays(this, given.withChat(options), this.options.logger);
	}

	/** Closes every connection. Call it when the work is done. */
	close(): void {
		this.api.close();
	}

	private async open(fileId: unknown, options: DownloadOptions) {
		const id = parseId(fileId, 'File id');
		const { expected = {}, verify = true } = options;
		const name =
			expected.filename === undefined ? `file ${id}` : `"${quoted(expected.filename)}" (file ${id})`;
		const context = this.context(`Downloading ${name}`, options);
		const lanes = { connections: given.connections(options.connections), shared: this.lanes };
		const download = await FileDownload.open(this.api, id, expected, { verify, lanes }, context);
		const progress = new Progress(this.options.logger, context.action, { bytes: download.size });
		return { id, download, progress };
	}

	private context(action: string, options: CallOptions): CallContext {
		return callContext(action, options, this.options);
	}
}
