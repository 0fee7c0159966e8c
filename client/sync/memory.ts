import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { WireId } from '../api/wire';
import { memoryFile } from './own-files';
import { reliableTime } from './same';
import { readState, type StateHeader, writeState } from './state-file';
import type { SyncedFile } from './trees';

/** The memory's format. Another meaning of the same lines needs another number. */
const VERSION = 1;

/** The chat of a service, as what lies in a folder about it is named. */
export interface ChatKey {
	service: string;
	chatId: string;
}

export function keyOfChat({ service, chatId }: ChatKey): string {
	return createHash('sha256')
		.update(JSON.stringify([service, chatId]))
		.digest('hex')
		.slice(0, 16);
}

/**
 * The third tree: what was the same on both sides when it was last seen to be. It lies in the folder, so that a folder that is
 * not mounted has none. It may be older than the truth (a run was killed), and is never newer: an entry is changed when
 * both sides are known to be the same, or the file is known to be gone from both.
 */
export class Memory {
	private hasChanged = false;

	private constructor(
		private readonly path: string,
		private readonly header: StateHeader,
		/** By local path. */
		private readonly entries: Map<string, SyncedFile>,
		/** False when there was none. */
		readonly existed: boolean,
	) {}

	/** @throws LocalFileError when there is one that cannot be read: an empty one instead would forget */
	static async load(directory: string, chat: ChatKey): Promise<Memory> {
		const path = join(directory, memoryFile(keyOfChat(chat)));
		const header: StateHeader = { kind: 'memory', version: VERSION, ...chat };
		const entries = new Map<string, SyncedFile>();
		const existed = await readState(path, header, syncedFile, (entry) => entries.set(entry.path, entry));
		return new Memory(path, header, entries, existed);
	}

	get files(): ReadonlyMap<string, SyncedFile> {
		return this.entries;
	}

	/** Both sides are the same. */
	remember(file: SyncedFile): void {
		if (this.entries.get(file.path) === file) return;
		this.entries.set(file.path, { ...file, mtimeMs: reliableTime(file.mtimeMs, Date.now()) });
		this.hasChanged = true;
	}

	/** The file is on neither side any more, or is called otherwise. */
	forget(path: string): void {
		this.hasChanged = this.entries.delete(path) || this.hasChanged;
	}

	/** There is something to write. */
	get isChanged(): boolean {
		return this.hasChanged;
	}

	/** Writes what has changed; where nothing has, the disk is left alone. @throws LocalFileError */
	async save(): Promise<void> {
		if (!this.hasChanged) return;
		await writeState(this.path, this.header, lines(this.entries.values()));
		this.hasChanged = false;
	}
}

function* lines(files: Iterable<SyncedFile>): Generator<unknown, void, undefined> {
	for (const { path, id, size, hash, mtimeMs, remoteName } of files) {
		yield remoteName === undefined
			? [path, id, size, hash, mtimeMs]
			: [path, id, size, hash, mtimeMs, remoteName];
	}
}

function syncedFile(line: unknown): SyncedFile | undefined {
	if (!Array.isArray(line)) return undefined;
	const [path, id, size, hash, mtimeMs, remoteName] = line as unknown[];
	if (typeof path !== 'string' || path === '' || !isId(id) || !isSize(size)) return undefined;
	if (typeof hash !== 'string' || typeof mtimeMs !== 'number') return undefined;
	if (remoteName !== undefined && typeof remoteName !== 'string') return undefined;
	return { path, id, size, hash, mtimeMs, ...(remoteName !== undefined && { remoteName }) };
}

export const isId = (value: unknown): value is WireId =>
	Number.isSafeInteger(value) || (typeof value === 'string' && /^\d+$/.test(value));

export const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
