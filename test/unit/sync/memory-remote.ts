import { createHash, randomUUID } from 'node:crypto';
import { lstat, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CancelledError, ServiceError } from '../../../client/api/errors';
import type { UnreadableRecord } from '../../../client/api/records';
import type { FileInfo, WireId } from '../../../client/api/wire';
import type { BddFileClient } from '../../../client';
import type { RemoteFiles } from '../../../client/sync';
import { placeFile } from '../../../client/transfer/download/place';

export function md5(content: string | Buffer): string {
	return createHash('md5').update(content).digest('hex');
}

export function fileInfo(info: Partial<FileInfo> & Pick<FileInfo, 'id'>): FileInfo {
	return {
		filename: 'a.txt',
		size: 1,
		hashcode: '',
		upload_at: '2024-05-06T07:08:09.123456',
		user_id: '1',
		status: 'ok',
		biz: 'chat',
		biz_params: { chat_id: 'c' },
		...info,
	};
}

type Call = ['list'] | ['download' | 'delete' | 'exists', WireId] | ['upload', string];

/** A chat in memory: the part of the service that sync needs, with what was asked of it. */
export class MemoryRemote implements RemoteFiles {
	readonly baseUrl = 'http://memory';
	settleMs = 10;
	readonly files: FileInfo[] = [];
	readonly calls: Call[] = [];
	readonly contents = new Map<WireId, Buffer>();
	running = 0;
	mostRunning = 0;
	/** Runs in the middle of every transfer; what it throws, the transfer throws. */
	during: (name: string, signal: AbortSignal | undefined) => Promise<void> | void = () => undefined;
	failDelete = false;
	/** An old service does not keep the hash of an upload. */
	knowsHashes = true;
	nextId = 1000;

	/** The content defaults to the id and the name, so that every file differs. */
	add(info: Partial<FileInfo> & Pick<FileInfo, 'id'>, content?: string): FileInfo {
		const bytes = Buffer.from(content ?? `${info.id} ${info.filename ?? 'a.txt'}`);
		const file = fileInfo({
			hashcode: this.knowsHashes ? md5(bytes) : '',
			...info,
			size: info.size ?? bytes.length,
		});
		this.files.push(file);
		this.contents.set(file.id, bytes);
		return file;
	}

	count(kind: Call[0]): number {
		return this.calls.filter(([called]) => called === kind).length;
	}

	/** Records of the list that are no file. */
	unreadable: UnreadableRecord[] = [];

	listChatFilesAs: RemoteFiles['listChatFilesAs'] = async (keep, ...args) =>
		(await this.listChatFiles(...args)).map(keep);

	/** What tests replace. */
	listChatFiles: BddFileClient['listChatFiles'] = (_chatId, options) => {
		this.calls.push(['list']);
		for (const record of this.unreadable) options?.onUnreadable?.(record);
		return Promise.resolve([...this.files]);
	};

	downloadToFile: RemoteFiles['downloadToFile'] = async (fileId, path, options) => {
		this.calls.push(['download', fileId]);
		return await this.transfer(async () => {
			const bytes = this.contents.get(fileId);
			if (bytes === undefined) throw notFound(fileId);
			const temporary = join(dirname(path), `.bdd-file-${randomUUID()}.part`);
			try {
				await options?.check?.(undefined, false);
				await writeFile(temporary, bytes, { flag: 'wx' });
				if (options?.modifiedAt) await utimes(temporary, options.modifiedAt, options.modifiedAt);
				const { mtimeMs } = await lstat(temporary);
				await this.during(options?.expected?.filename ?? '', options?.signal);
				await options?.check?.(undefined, true);
				await placeFile(temporary, path, options?.onto);
				return { size: bytes.length, mtimeMs: options?.tellTime === true ? mtimeMs : undefined };
			} finally {
				await rm(temporary, { force: true });
			}
		});
	};

	upload: RemoteFiles['upload'] = async (source, options) => {
		this.calls.push(['upload', source.fileName]);
		return await this.transfer(async () => {
			const chunks: Buffer[] = [];
			for await (const chunk of await source.open()) chunks.push(chunk as Buffer);
			const bytes = Buffer.concat(chunks);
			await this.during(source.fileName, options?.signal);
			const hashcode = md5(bytes);
			const unfinished = this.files.find(
				(file) =>
					options?.resume === true &&
					file.filename === source.fileName &&
					file.hashcode === hashcode &&
					file.status === 'uploading',
			);
			const file =
				unfinished ??
				this.add(
					{ id: this.nextId++, filename: source.fileName, upload_at: new Date().toISOString() },
					bytes.toString(),
				);
			file.status = 'ok';
			return {
				fileId: file.id,
				fileName: source.fileName,
				size: bytes.length,
				mode: 'simple',
				md5: hashcode,
			};
		});
	};

	delete: RemoteFiles['delete'] = (fileId) => {
		this.calls.push(['delete', fileId]);
		if (this.failDelete) return Promise.reject(notFound(fileId));
		this.drop(fileId);
		return Promise.resolve();
	};

	exists: RemoteFiles['exists'] = (fileId) => {
		this.calls.push(['exists', fileId]);
		return Promise.resolve(this.files.some(({ id }) => id === fileId));
	};

	drop(fileId: WireId): void {
		this.files.splice(
			this.files.findIndex(({ id }) => id === fileId),
			1,
		);
	}

	private async transfer<T>(work: () => Promise<T>): Promise<T> {
		this.running += 1;
		this.mostRunning = Math.max(this.mostRunning, this.running);
		try {
			return await work();
		} finally {
			this.running -= 1;
		}
	}
}

function notFound(fileId: WireId): ServiceError {
	return new ServiceError(`Handling file ${fileId} failed: file not found`, {
		status: 200,
		serviceMessage: 'file not found',
		description: 'List the chat again.',
	});
}

/** A transfer that goes on until it is cancelled. */
export async function untilCancelled(signal: AbortSignal | undefined): Promise<void> {
	if (signal?.aborted !== true) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
	throw new CancelledError('The transfer was cancelled', { description: 'Run it again.' });
}
