import { createHash } from 'node:crypto';

import type { FileInfo } from '../../../client';

/** One file as the service has it. */
export interface StoredFile {
	id: number;
	filename: string;
	size: number;
	hashcode: string;
	uploadAt: string;
	userId: string;
	status: FileInfo['status'];
	biz: string;
	bizParams: unknown;
	/** Empty until a multipart upload is complete. */
	bytes: Buffer;
	/** Until it is completed or aborted: bytes per part, and the parts that arrived. */
	parts: { size: number; arrived: Map<number, Buffer> } | undefined;
	/** When it came into being, by this process's clock: milliseconds since the epoch. */
	bornAt: number;
}

export type NewFile = Partial<StoredFile> & { filename: string };

export const CHAT = '42';
export const USER = '1955228426376908801';

export const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

/** The files and directories of the service, in memory. */
export class Store {
	readonly files = new Map<number, StoredFile>();
	private lastId = 0;

	/** A file of the chat 42, complete unless it says otherwise. */
	add(file: NewFile): StoredFile {
		const bytes = file.bytes ?? Buffer.alloc(0);
		const stored: StoredFile = {
			id: (this.lastId += 1),
			size: bytes.length,
			hashcode: md5(bytes),
			uploadAt: new Date().toISOString(),
			userId: USER,
			status: 'ok',
			biz: 'chat',
			bizParams: { chat_id: CHAT },
			bytes,
			parts: undefined,
			bornAt: Date.now(),
			...file,
		};
		this.files.set(stored.id, stored);
		return stored;
	}

	/** The complete files that have exactly these bytes, whatever the lists say of them. */
	goodCopies(bytes: Buffer): number[] {
		return [...this.files.values()]
			.filter((file) => file.status === 'ok' && file.bytes.equals(bytes))
			.map(({ id }) => id);
	}

	named(filename: string): StoredFile[] {
		return [...this.files.values()].filter((file) => file.filename === filename);
	}
}

export const recordOf = (file: StoredFile): FileInfo => ({
	id: file.id,
	filename: file.filename,
	size: file.size,
	hashcode: file.hashcode,
	upload_at: file.uploadAt,
	user_id: file.userId,
	status: file.status,
	biz: file.biz as FileInfo['biz'],
	biz_params: file.bizParams,
});
