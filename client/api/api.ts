import type FormData from 'form-data';

import { parseAddress } from './address';
import { readData } from './envelope';
import { ServiceError } from './errors';
import { HttpClient, type HttpRequest, type RequestBody } from './http';
import type { HttpAnswer } from './http-answer';
import { parseId, type FileId } from './ids';
import { stringifyJson } from './json';
import type { PageRequest, Paging } from './list';
import type { HttpOptions } from './network';
import {
	parseDirectory,
	parseFile,
	parseMultipartStatus,
	parsePage,
	type Page,
	type UnreadableRecord,
} from './records';
import { isNotFound, outcomeOf, withRetries, type RetryContext } from './retry';
import type { Biz, DirectoryInfo, DirectorySort, FileInfo, FileSort, MultipartStatus } from './wire';

/** What every request needs besides its own parameters. */
export interface CallContext extends RetryContext {
	/** A string of digits; the only authentication there is. */
	userId: string;
	/** Milliseconds without progress. */
	timeoutMs: number;
	/** Milliseconds for which a file is looked for whose upload has no answer. */
	settleMs: number;
}

/** Where a file belongs: for biz `chat`, `bizParams` is `{chat_id}`. */
export interface UploadTarget {
	biz: Biz;
	bizParams: unknown;
}

export interface UploadDescription extends UploadTarget {
	fileName: string;
	/** Bytes. */
	size: number;
}

type Query = Record<string, string | number | undefined>;

/**
 * One method per endpoint of the service. Methods that are safe to repeat retry by themselves; those that are not
 * (`uploadSimpleFile`, `initMultipartUpload`, `completeMultipartUpload`, `downloadFile`) make one attempt, and the
 * transfer layer decides.
 */
export class BddFileApi {
	private readonly http: HttpClient;
	/** Without user and password. */
	readonly baseUrl: string;
	/** What goes to the service with each request, besides the user id. */
	private readonly headers: Record<string, string>;
	/** The service's clock minus ours, in milliseconds, from the last `Date` header; undefined while there was none. */
	clockSkewMs: number | undefined;
	/** The directory of each user and biz (its name is the biz), once it was found; null where the service has no directories. */
	readonly bizDirectories = new Map<string, FileId | null>();
	/** How the service pages chats. */
	readonly chatPaging: Paging = {};

	/** @throws InvalidInputError when the base URL is no address */
	constructor(baseUrl: string, options: HttpOptions) {
		const address = parseAddress(baseUrl);
		this.baseUrl = address.baseUrl;
		this.headers = address.authorization === undefined ? {} : { Authorization: address.authorization };
		this.http = new HttpClient(options);
	}

	close(): void {
		this.http.close();
	}

	/** POST /uploadSimpleFile. One attempt. */
	async uploadSimpleFile(form: FormBody, context: CallContext): Promise<FileId> {
		return this.id(await this.call('POST', '/uploadSimpleFile', context, { body: form }), context);
	}

	/** POST /initMultipartUploadFile. One attempt; the file then exists with status `uploading`. */
	async initMultipartUpload(
		file: UploadDescription & { partSize: number; hashcode: string },
		context: CallContext,
	): Promise<FileId> {
		const body = json({
			filename: file.fileName,
			size: file.size,
			part_size: file.partSize,
			hashcode: file.hashcode,
			biz: file.biz,
			biz_params: file.bizParams,
		});
		return this.id(await this.call('POST', '/initMultipartUploadFile', context, { body }), context);
	}

	/** POST /uploadFilePart, with retries: a part that is already there after a retry, or from an earlier run, is a success. */
	async uploadFilePart(form: () => FormBody, context: CallContext): Promise<void> {
		await withRetries(context, async () => {
			try {
				await this.call('POST', '/uploadFilePart', context, { body: form() });
			} catch (error) {
				if (error instanceof ServiceError && /part already uploaded/i.test(error.serviceMessage)) return;
				throw error;
			}
		});
	}

	/** POST /completeMultipartUpload. One attempt. */
	async completeMultipartUpload(fileId: FileId, context: CallContext): Promise<void> {
		await this.call('POST', '/completeMultipartUpload', context, { body: json({ file_id: BigInt(fileId) }) });
	}

	/** POST /abortMultipartUpload. The file's status becomes `error`. An upload that is already gone is a success. */
	async abortMultipartUpload(fileId: FileId, context: CallContext): Promise<void> {
		const body = json({ file_id: BigInt(fileId) });
		await withRetries(context, async () => {
			try {
				await this.call('POST', '/abortMultipartUpload', context, { body });
			} catch (error) {
				if (!isNotFound(error)) throw error;
			}
		});
	}

	/** GET /getMultipartUploadFileStatus. Fails with "file not found" once the upload is completed or aborted. */
	async getMultipartStatus(fileId: FileId, context: CallContext): Promise<MultipartStatus> {
		const data = await this.get('/getMultipartUploadFileStatus', { file_id: fileId }, context);
		const status = parseMultipartStatus(data);
		if (status) return status;
		throw notUnderstood(context, 'status of an upload');
	}

	/** GET /downloadFile. One attempt; the answer may be the bytes or an error, the caller tells them apart. */
	async downloadFile(fileId: FileId, context: CallContext): Promise<HttpAnswer> {
		return await this.http.send(
			this.request('GET', '/downloadFile', context, { query: { file_id: fileId } }),
		);
	}

	/**
	 * GET of a signed link: all of it, or a range where the storage serves ranges; without an `end`, up to the end. One
	 * attempt, without our headers.
	 *
	 * @param range its `etag` makes the storage send everything instead of a range of something else (`If-Range`)
	 */
	async openSignedUrl(
		url: string,
		range: { start: number; end?: number; etag?: string | undefined } | undefined,
		context: CallContext,
	): Promise<HttpAnswer> {
		const headers: Record<string, string> = {};
		if (range) {
			headers['Range'] = `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}`;
			if (range.etag !== undefined) headers['If-Range'] = range.etag;
		}
		const { action, signal, timeoutMs } = context;
		return await this.http.send({ method: 'GET', url, headers, action, signal, timeoutMs });
	}

	/** GET /getFileDownloadUrl. */
	async getFileDownloadUrl(fileId: FileId, expiresInSeconds: number, context: CallContext): Promise<string> {
		const query = { file_id: fileId, expires_in: expiresInSeconds };
		const data = await this.get('/getFileDownloadUrl', query, context);
		if (typeof data === 'string' && /^https?:\/\//i.test(data) && URL.canParse(data)) return data;
		throw notUnderstood(context, 'link');
	}

	/**
	 * DELETE /deleteFile. Deleting twice fails at the service; here it succeeds when an answer was lost before, because
	 * "not found" on the repeat then says that the first one worked.
	 */
	async deleteFile(fileId: FileId, context: CallContext): Promise<void> {
		let mayBeDone = false;
		await withRetries(context, async () => {
			try {
				await this.call('DELETE', '/deleteFile', context, { query: { file_id: fileId } });
			} catch (error) {
				if (mayBeDone && isNotFound(error)) return;
				mayBeDone ||= outcomeOf(error) === 'unknown';
				throw error;
			}
		});
	}

	/** GET /listChatFiles: one page. Both pairs of paging parameters go out, since servers differ in which they honour. */
	async listChatFiles(chatId: string, page: PageRequest, context: CallContext): Promise<Page<FileInfo>> {
		const { offset, limit, number } = page;
		const query = { chat_id: chatId, offset, limit, page_size: limit, page_number: number };
		return await this.page('/listChatFiles', query, parseFile, context);
	}

	/** GET /listDirectories: one page. */
	async listDirectories(
		filter: { name?: string | undefined; sortBy?: DirectorySort | undefined },
		page: PageRequest,
		context: CallContext,
	): Promise<Page<DirectoryInfo>> {
		const query = { ...searchQuery(filter), ...numbered(page) };
		return await this.page('/listDirectories', query, parseDirectory, context);
	}

	/** GET /listFilesInDirectory: one page. */
	async listFilesInDirectory(
		directoryId: FileId,
		filter: { name?: string | undefined; sortBy?: FileSort | undefined },
		page: PageRequest,
		context: CallContext,
	): Promise<Page<FileInfo>> {
		const query = { directory_id: directoryId, ...searchQuery(filter), ...numbered(page) };
		return await this.page('/listFilesInDirectory', query, parseFile, context);
	}

	private async page<T>(
		path: string,
		query: Query,
		parse: (record: unknown) => T | UnreadableRecord,
		context: CallContext,
	): Promise<Page<T>> {
		const page = parsePage(await this.get(path, query, context), parse);
		if (page) return page;
		throw notUnderstood(context, 'list');
	}

	private async get(path: string, query: Query, context: CallContext): Promise<unknown> {
		return await withRetries(context, () => this.call('GET', path, context, { query }));
	}

	private async call(
		method: HttpRequest['method'],
		path: string,
		context: CallContext,
		parts: { query?: Query; body?: RequestBody },
	): Promise<unknown> {
		const answer = await this.http.send(this.request(method, path, context, parts));
		const date = Date.parse(answer.header('date') ?? '');
		if (!Number.isNaN(date) && answer.redirectedTo === undefined) this.clockSkewMs = date - Date.now();
		return await readData(answer, context.action);
	}

	private request(
		method: HttpRequest['method'],
		path: string,
		{ action, signal, timeoutMs, userId }: CallContext,
		{ query = {}, body }: { query?: Query; body?: RequestBody },
	): HttpRequest {
		const search = new URLSearchParams();
		for (const [name, value] of Object.entries(query)) {
			if (value !== undefined && value !== '') search.set(name, String(value));
		}
		const tail = search.size > 0 ? `?${search.toString()}` : '';
		return {
			method,
			url: `${this.baseUrl}${path}${tail}`,
			headers: { ...this.headers, 'X-User-Id': userId },
			action,
			signal,
			timeoutMs,
			...(body && { body }),
		};
	}

	private id(data: unknown, context: CallContext): FileId {
		try {
			return parseId(data, 'file id');
		} catch (cause) {
			throw notUnderstood(context, 'file id', cause);
		}
	}
}

/** A form and how it is sent. */
export type FormBody = Extract<RequestBody, { type: 'form' }> & { data: FormData };

const json = (value: unknown): RequestBody => ({ type: 'application/json', data: stringifyJson(value) });

const searchQuery = ({
	name,
	sortBy,
}: {
	name?: string | undefined;
	sortBy?: string | undefined;
}): Query => ({
	name,
	sort_by: sortBy,
});

const numbered = ({ limit, number }: PageRequest): Query => ({ page_size: limit, page_number: number });

/** The service said yes, but not what was asked for. */
function notUnderstood({ action }: CallContext, what: string, cause?: unknown): ServiceError {
	return new ServiceError(`${action} failed: the service's answer is not a ${what}`, {
		status: 200,
		serviceMessage: `not a ${what}`,
		description: 'Check that the base URL of the credential is that of a BDD file service.',
		cause,
	});
}
