import { createReadStream } from 'node:fs';
import { basename, relative } from 'node:path';
import {
	BddFileClient,
	diskSource,
	isBddFileError,
	PROFILE_URLS,
	type Biz,
	type DirectorySort,
	type FileSort,
	type UploadMode,
	type UploadSource,
} from '../../../client';
import { USER_ID } from './fixtures';
import { PublishedClientError, type PublishedClient, type PublishedDefaults } from './published-client';

/** What a client is made with. */
export interface Defaults {
	userId?: string;
	biz?: string;
	mode?: string;
}

export interface Upload extends Defaults {
	path?: string;
	/** The path of a file that is handed over as a stream of `size` bytes. */
	stream?: string;
	filename?: string;
	size?: number;
	hashcode?: string;
	/** Makes the biz `chat`. */
	chat?: string;
	bizParams?: unknown;
}

export interface Entry {
	id: string;
	filename: string;
	hashcode: string;
	userId: string;
	status: string;
	biz: string;
	bizParams: unknown;
}

/** A name, and what became of its file: `success`, `skipped` or `failed`. By name. */
export type Results = (readonly [name: string, status: string])[];

/** One of the two clients, in one vocabulary. Ids are digits. */
export interface Peer {
	with(defaults: Defaults): Peer;
	addresses(): Promise<Readonly<Record<string, string>>>;
	/** What the client itself gives back. */
	upload(what: Upload): Promise<unknown>;
	download(id: string, path: string, userId?: string): Promise<unknown>;
	/** Into a stream. */
	read(id: string, userId?: string): Promise<Buffer>;
	link(id: string, seconds?: number, userId?: string): Promise<string>;
	delete(id: string, userId?: string): Promise<unknown>;
	list(chat: string, userId?: string): Promise<Entry[]>;
	toLocal(chat: string, folder: string, userId?: string): Promise<Results>;
	/** Names are paths in the folder. */
	toRemote(chat: string, folder: string, userId?: string): Promise<Results>;
	/** Names, as many as the client gives who is told nothing of pages. */
	directories(options: { name?: string; sortBy?: DirectorySort; userId?: string }): Promise<string[]>;
	filesIn(
		directory: string,
		options: { name?: string; sortBy?: FileSort; userId?: string },
	): Promise<string[]>;
	/** `BddFileError` where the error is one, else its class; and what it says was being done. */
	describe(error: unknown): { kind: string; doing: string };
}

const ordered = (results: Results): Results => results.sort(([a], [b]) => (a < b ? -1 : 1));

/** Without what is undefined: Python would take it for an argument. */
const given = <T extends object>(args: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
	JSON.parse(JSON.stringify(args)) as { [K in keyof T]: Exclude<T[K], undefined> };

export function theirs(process: PublishedClient, defaults: Defaults = { userId: USER_ID }): Peer {
	const { userId, biz, mode } = defaults;
	const made: PublishedDefaults = given({ default_user_id: userId, default_biz: biz, default_mode: mode });
	const client = process.with(made);
	return {
		with: (other) => theirs(process, other),
		addresses: () => client.addresses(),
		upload: ({ chat, userId: user_id, bizParams: biz_params, ...rest }) =>
			client.upload(given({ ...rest, chat_id: chat, user_id, biz_params })),
		download: (file_id, path, user_id) => client.download(given({ file_id, path, user_id })),
		read: (file_id, user_id) => client.read(given({ file_id, user_id })),
		link: (file_id, expires_seconds, user_id) =>
			client.getDownloadUrl(given({ file_id, expires_seconds, user_id })),
		delete: (file_id, user_id) => client.delete(given({ file_id, user_id })),
		list: async (chat_id, user_id) =>
			(await client.listChatFiles(given({ chat_id, user_id }))).map(
				({ id, user_id: by, biz_params, ...file }) => ({
					...file,
					id: String(id),
					userId: by,
					bizParams: biz_params,
				}),
			),
		toLocal: async (chat_id, local_dir, user_id) =>
			ordered(
				(await client.syncToLocal(given({ chat_id, local_dir, user_id }))).map(
					([, { is_success, file_info }]) => [file_info.filename, is_success ? 'success' : 'failed'],
				),
			),
		toRemote: async (chat_id, local_dir, user_id) =>
			ordered(
				(await client.syncToRemote(given({ chat_id, local_dir, user_id }))).map(([path, { status }]) => [
					relative(local_dir, path),
					status,
				]),
			),
		directories: async ({ name, sortBy, userId: user_id }) =>
			(await client.listDirectories(given({ name, sort_by: sortBy, user_id }))).items.map(
				(each) => each.name,
			),
		filesIn: async (directory_id, { name, sortBy, userId: user_id }) =>
			(await client.listFilesInDirectory(given({ directory_id, name, sort_by: sortBy, user_id }))).items.map(
				({ filename }) => filename,
			),
		describe: (error) => {
			if (!(error instanceof PublishedClientError)) throw error;
			return { kind: error.name, doing: error.message.replace(/失败.*/s, '') };
		},
	};
}

export function ours(baseUrl: string, defaults: Defaults = { userId: USER_ID }): Peer {
	const open = async <T>(work: (client: BddFileClient) => Promise<T>): Promise<T> => {
		const { userId, biz, mode } = defaults;
		const client = new BddFileClient({
			baseUrl,
			userId,
			biz: biz as Biz | undefined,
			mode: mode as UploadMode | undefined,
			patience: { settle: 0.1, retry: 0.01 },
		});
		try {
			return await work(client);
		} finally {
			client.close();
		}
	};
	return {
		with: (other) => ours(baseUrl, other),
		addresses: () => Promise.resolve(PROFILE_URLS),
		upload: ({ path, stream = '', filename, size = 0, chat, biz, bizParams, mode, userId: by }) =>
			open(async (client) => {
				const opened: UploadSource = {
					fileName: filename ?? '',
					size,
					open: (start = 0) => Promise.resolve(createReadStream(stream, { start })),
				};
				const source = path === undefined ? opened : await diskSource(path, filename ?? basename(path));
				return await client.upload(source, {
					userId: by,
					chatId: chat ?? (bizParams as { chat_id?: string } | null | undefined)?.chat_id,
					biz: biz as Biz | undefined,
					bizParams,
					mode: mode as UploadMode | undefined,
					// As theirs: nothing twice, one part after the other.
					maxTries: 1,
					concurrency: 1,
				});
			}),
		download: (id, path, userId) => open((client) => client.downloadToFile(id, path, { userId })),
		read: (id, userId) =>
			open(async (client) => Buffer.concat(await (await client.download(id, { userId })).stream.toArray())),
		link: (id, expiresIn, userId) =>
			open(async (client) => (await client.getDownloadUrl(id, { expiresIn, userId })).url),
		delete: (id, userId) => open((client) => client.delete(id, { userId })),
		list: (chat, userId) =>
			open(async (client) =>
				(await client.listChatFiles(chat, { userId })).map(({ id, user_id, biz_params, ...file }) => ({
					...file,
					id: String(id),
					userId: user_id,
					bizParams: biz_params,
				})),
			),
		toLocal: (chatId, localDirectory, userId) =>
			open(async (client) =>
				ordered(
					(await client.syncChatFilesToLocal({ chatId, localDirectory, userId })).map(
						({ fileName = '', status }) => [fileName, status],
					),
				),
			),
		toRemote: (chatId, localDirectory, userId) =>
			open(async (client) =>
				ordered(
					(await client.syncChatFilesToRemote({ chatId, localDirectory, userId })).map(
						({ localPath = '', status }) => [relative(localDirectory, localPath), status],
					),
				),
			),
		directories: (options) =>
			open(async (client) => (await client.listDirectories(options)).map(({ name }) => name)),
		filesIn: (directory, options) =>
			open(async (client) =>
				(await client.listFilesInDirectory(directory, options)).map(({ filename }) => filename),
			),
		describe: (error) => {
			if (!isBddFileError(error)) throw error;
			return { kind: 'BddFileError', doing: error.message.replace(/ failed:.*/s, '') };
		},
	};
}
