import type FormData from 'form-data';

import { readData } from './envelope';
import { ServiceError } from './errors';
import { HttpClient, type HttpRequest, type RequestBody } from './http';
import type { HttpAnswer } from './http-answer';
import { parseId, type FileId } from './ids';
import { stringifyJson } from './json';
import type { HttpOptions } from './network';
import { withRetries, type RetryContext } from './retry';
import type { Biz, DirectoryInfo, DirectorySort, FileInfo, FileSort, MultipartStatus, Page } from './wire';

/** What every request needs besides its own parameters. */
export interface CallContext extends RetryContext {
	/** A string of digits; the only authentication there is. */
	userId: string;
	/** Milliseconds without progress. */
	timeoutMs: number;
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

/** What the service says when it does not know an id, or no longer does. */
export const isNotFound = (error: unknown): boolean =>
	error instanceof ServiceError &&
	(error.status === 404 || (error.status === 200 && /not found|不存在/i.test(error.serviceMessage)));

/**
 * One method per endpoint of the service. Methods that are safe to repeat retry by themselves; those that are not
 * (`uploadSimpleFile`, `initMultipartUpload`, `completeMultipartUpload`, `downloadFile`) make one attempt, and the
 * transfer layer decides.
 */
export class BddFileApi {
	private readonly http: HttpClient;
	/** The service's clock minus ours, in milliseconds, from the last `Date` header. */
	clockSkewMs = 0;

	constructor(
		private readonly baseUrl: string,
		options: HttpOptions,
	) {
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
		return (await this.get('/getMultipartUploadFileStatus', { file_id: fileId }, context)) as MultipartStatus;
	}

	/** GET /downloadFile. One attempt; the answer may be the bytes or an error, the caller tells them apart. */
	async downloadFile(fileId: FileId, context: CallContext): Promise<HttpAnswer> {
		return await this.http.send(
			this.request('GET', '/downloadFile', context, { query: { file_id: fileId } }),
		);
	}

	/**
	 * GET of a signed link, from byte `start` on where the storage serves ranges. One attempt, without our headers.
	 *
	 * @param etag makes the storage send everything instead of a range of something else (`If-Range`)
	 */
	async openSignedUrl(
		url: string,
		start: number,
		etag: string | undefined,
		context: CallContext,
	): Promise<HttpAnswer> {
		const headers: Record<string, string> = {};
		if (start > 0) headers['Range'] = `bytes=${start}-`;
		if (start > 0 && etag !== undefined) headers['If-Range'] = etag;
		const { action, signal, timeoutMs } = context;
		return await this.http.send({ method: 'GET', url, headers, action, signal, timeoutMs });
	}

	/** GET /getFileDownloadUrl. */
	async getFileDownloadUrl(fileId: FileId, expiresInSeconds: number, context: CallContext): Promise<string> {
		const query = { file_id: fileId, expires_in: expiresInSeconds };
		const data = await this.get('/getFileDownloadUrl', query, context);
		if (typeof data === 'string' && /^https?:\/\//i.test(data)) return data;
		throw new ServiceError(`${context.action} failed: the service's answer is not a link`, {
			status: 200,
			serviceMessage: 'not a link',
			description: 'Check that the base URL of the credential is that of a BDD file service.',
		});
	}

	/**
	 * DELETE /deleteFile. Deleting twice fails at the service; here it succeeds when the first answer was lost, because
	 * "not found" on the repeat then says that the first one worked.
	 */
	async deleteFile(fileId: FileId, context: CallContext): Promise<void> {
		await withRetries(context, async (failures) => {
			try {
				await this.call('DELETE', '/deleteFile', context, { query: { file_id: fileId } });
			} catch (error) {
				if (failures === 0 || !isNotFound(error)) throw error;
			}
		});
	}

	/** GET /listChatFiles: one page. Both pairs of paging parameters go out, since servers differ in which they honour. */
	async listChatFiles(chatId: string, page: PageRequest, context: CallContext): Promise<Page<FileInfo>> {
		const { offset, limit } = page;
		return await this.page(
			'/listChatFiles',
			{ chat_id: chatId, offset, limit, ...pageNumber(page) },
			context,
		);
	}

	/** GET /listDirectories: one page. */
	async listDirectories(
		filter: { name?: string | undefined; sortBy?: DirectorySort | undefined },
		page: PageRequest,
		context: CallContext,
	): Promise<Page<DirectoryInfo>> {
		const query = { name: filter.name, sort_by: filter.sortBy, ...pageNumber(page) };
		return await this.page('/listDirectories', query, context);
	}

	/** GET /listFilesInDirectory: one page. */
	async listFilesInDirectory(
		directoryId: FileId,
		filter: { name?: string | undefined; sortBy?: FileSort | undefined },
		page: PageRequest,
		context: CallContext,
	): Promise<Page<FileInfo>> {
		const query = {
			directory_id: directoryId,
			name: filter.name,
			sort_by: filter.sortBy,
			...pageNumber(page),
		};
		return await this.page('/listFilesInDirectory', query, context);
	}

	private async page<T>(path: string, query: Query, context: CallContext): Promise<Page<T>> {
		const data = (await this.get(path, query, context)) as Partial<Page<T>>;
		if (Array.isArray(data.items) && typeof data.total === 'number')
			return { total: data.total, items: data.items };
		throw new ServiceError(`${context.action} failed: the service's answer is not a list`, {
			status: 200,
			serviceMessage: 'not a list',
			description: 'Check that the base URL of the credential is that of a BDD file service.',
		});
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
		if (!Number.isNaN(date)) this.clockSkewMs = date - Date.now();
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
			headers: { 'X-User-Id': userId },
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
			throw new ServiceError(`${context.action} failed: the service's answer is not a file id`, {
				status: 200,
				serviceMessage: 'not a file id',
				description: 'Check that the base URL of the credential is that of a BDD file service.',
				cause,
			});
		}
	}
}

/** A part of a listing. `offset` is a whole multiple of `limit`. */
export interface PageRequest {
	offset: number;
	limit: number;
}

/** A form and how it is sent. */
export type FormBody = Extract<RequestBody, { type: 'form' }> & { data: FormData };

const json = (value: unknown): RequestBody => ({ type: 'application/json', data: stringifyJson(value) });

const pageNumber = ({ offset, limit }: PageRequest): Query => ({
	page_size: limit,
	page_number: Math.floor(offset / limit) + 1,
});
