import type { IncomingHttpHeaders } from 'node:http';
import { resolve } from 'node:path';
import type { Biz, FileStatus } from '../client/api/wire';
import { buildApp } from './app';
import type { Paging } from './context';
import { Answers } from './http/answers';
import { LinkSigner } from './http/links';
import { toJson } from './json';
import { Store } from './store/store';

const MIB = 1024 * 1024;

/** One request, as `onRequest` sees it. */
export interface RequestInfo {
	method: string;
	/** Without base path and query: `/listChatFiles`. */
	path: string;
	query: Readonly<Record<string, string>>;
	/** Names in lower case. */
	headers: IncomingHttpHeaders;
}

export interface ServiceOptions {
	/** Where everything is kept; created when missing. One service per folder. */
	dataDir: string;
	/** Default `127.0.0.1`: nothing outside this machine reaches the service. */
	host?: string;
	/** Default 0: any free port. */
	port?: number;
	/** Path in front of every endpoint, such as `/api/file`. Default: none. */
	basePath?: string;
	/** The first id, as decimal digits; default `1`. A folder that has given higher ids goes on from there. */
	firstId?: string;
	/** Which parameters `listChatFiles` honours. Default `both`: `offset` and `limit` when one is there, else pages. */
	paging?: Paging;
	/** Records per page at most, whatever a request asks for. Default 1000. */
	maxPageSize?: number;
	/** Bytes that every part but the last must have. Default 5 MiB, as S3 has it. */
	minPartSize?: number;
	/** Adds a `trace_id` to the envelope, as older servers do. */
	traceId?: boolean;
	/** Called once per request, before it is handled. */
	onRequest?: (info: RequestInfo) => void;
}

/** A file that a test puts into the service; only the name is needed. */
export interface AddFileOptions {
	/** Decimal digits, of no file that is there. Default: the next one. */
	id?: string;
	/** Any string at all: hostile ones are what this is for. */
	filename: string;
	/** Default: no bytes. */
	content?: Uint8Array | string;
	/** Makes the biz `chat`. */
	chatId?: string;
	/** Default `1`. */
	userId?: string;
	/** Default `ok`. */
	status?: FileStatus;
	/** Default: empty. */
	hashcode?: string;
	/** Listed as it is given. Default: now, ISO 8601. */
	uploadAt?: string;
	/** Default `chat` with a chat id, else `zero2x`. */
	biz?: Biz;
	/** Default: the chat id in an object, else null. */
	bizParams?: unknown;
	/** Default: the directory of the biz. */
	directoryId?: string;
	/** What the lists say, in bytes. Default: the length of the content; more makes a download break off. */
	size?: number;
	/** For `uploading` and `merging`: makes it a multipart upload without parts; the content is not kept. */
	partSize?: number;
}

/** A file as the service keeps it. */
export interface StoredFile {
	/** Decimal digits. */
	id: string;
	filename: string;
	size: number;
	hashcode: string;
	uploadAt: string;
	userId: string;
	status: FileStatus;
	biz: Biz;
	chatId: string | null;
	directoryId: string;
}

export interface RunningService {
	/** The base URL for clients, with the base path, without a slash at the end. */
	readonly url: string;
	readonly port: number;
	/** Absolute. */
	readonly dataDir: string;
	/** Puts a file into the service, with no rule applied. Resolves to its id. */
	addFile(file: AddFileOptions): Promise<string>;
	/** Changes the status that lists show, with no rule applied. */
	setStatus(id: string, status: FileStatus): void;
	/** Removes a file. */
	removeFile(id: string): Promise<void>;
	/** Makes a directory, or finds the one of that name. Returns its id. */
	addDirectory(name: string): string;
	/** All files, ascending by id. */
	files(): StoredFile[];
	/** The stored bytes of a complete file. Rejects when there is no such file. */
	readFile(id: string): Promise<Buffer>;
	/** Closes every connection, drops unfinished uploads and gives the folder free. May be called again. */
	close(): Promise<void>;
}

/**
 * Starts a BDD file service on this machine: for demos, development, tests and benchmarks.
 * @throws when the folder is used by another service or the port is taken.
 */
export const startService = async (options: ServiceOptions): Promise<RunningService> => {
	const { host = '127.0.0.1', port = 0, basePath = '', onRequest } = options;
	const { firstId = '1', minPartSize = 5 * MIB, maxPageSize = 1000, paging = 'both' } = options;
	const dataDir = resolve(options.dataDir);
	const prefix = basePath.replace(/^\/*(?=.)/, '/').replace(/\/+$/, '');
	const store = await Store.open(dataDir, { firstId: BigInt(firstId), minPartSize });
	try {
		const links = LinkSigner.open(dataDir);
		const answers = new Answers(options.traceId ?? false);
		const app = buildApp({ store, links, answers, basePath: prefix, paging, maxPageSize });
		if (onRequest !== undefined)
			app.addHook('onRequest', (request, _reply, done) => {
				const { pathname, searchParams } = new URL(request.url, 'http://localhost');
				const path = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : pathname;
				const { method, headers } = request;
				onRequest({ method, path, query: Object.fromEntries(searchParams), headers });
				done();
			});
		await app.listen({ host, port });
		const address = app.server.address();
		if (address === null || typeof address === 'string') throw new Error('The service does not listen');
		const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
		let closing: Promise<void> | undefined;
		return {
			url: `http://${name}:${address.port}${prefix}`,
			port: address.port,
			dataDir,
			addFile: (file) => addFile(store, file),
			setStatus: (id, status) => store.setStatus(id, status),
			removeFile: (id) => store.delete(id),
			addDirectory: (directory) => store.ensureDirectory(directory).id,
			files: () => [...store.catalog.files.values()].map(storedFile),
			readFile: (id) => readFile(store, id),
			close: () => (closing ??= app.close().then(() => store.close())),
		};
	} catch (error) {
		await store.close();
		throw error;
	}
};

const addFile = async (store: Store, file: AddFileOptions): Promise<string> => {
	const { filename, chatId = null, userId = '1', status = 'ok', hashcode = '', partSize = null } = file;
	const { biz = chatId === null ? 'zero2x' : 'chat' } = file;
	const { bizParams = chatId === null ? null : { chat_id: chatId } } = file;
	const content = Buffer.from(file.content ?? '');
	const bytes = store.stage();
	try {
		await bytes.write(content);
		await bytes.finish();
		return store.addAnyFile(
			{
				filename,
				hashcode,
				userId,
				biz,
				bizParams: toJson(bizParams),
				chatId,
				directoryId: file.directoryId ?? null,
				uploadAt: file.uploadAt ?? null,
			},
			{ size: file.size ?? content.length, status, partSize },
			bytes,
			file.id,
		);
	} finally {
		await bytes.discard();
	}
};

const readFile = async (store: Store, id: string): Promise<Buffer> => {
	const file = store.readableFile(id);
	const chunks: Buffer[] = [];
	for await (const chunk of store.content.read(file, 0, file.size)) chunks.push(chunk);
	return Buffer.concat(chunks);
};

const storedFile = (file: StoredFile): StoredFile => {
	const { id, filename, size, hashcode, uploadAt, userId, status, biz, chatId, directoryId } = file;
	return { id, filename, size, hashcode, uploadAt, userId, status, biz, chatId, directoryId };
};
