import type { DirectoryRecord, Entry, FileRecord } from './records';

/** Orders decimal ids by value. */
export const byId = (a: { id: string }, b: { id: string }): number =>
	a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Files in ascending id order. Ids are given in ascending order, so an insertion is a push but for tests' own ids. */
class FileList {
	private readonly records: FileRecord[] = [];

	get all(): readonly FileRecord[] {
		return this.records;
	}

	add(record: FileRecord): void {
		const last = this.records.at(-1);
		if (last === undefined || byId(last, record) < 0) this.records.push(record);
		else this.records.splice(this.indexOf(record), 0, record);
	}

	remove(record: FileRecord): void {
		const index = this.indexOf(record);
		if (this.records[index] === record) this.records.splice(index, 1);
	}

	/** Where the record is, or would be. */
	private indexOf(record: FileRecord): number {
		let low = 0;
		let high = this.records.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			const candidate = this.records[middle];
			if (candidate !== undefined && byId(candidate, record) < 0) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}

/**
 * What the service knows, in memory: the journal's entries applied one after the other. Every change is an entry, so
 * that a replay at start gives the same catalog.
 */
export class Catalog {
	readonly files = new Map<string, FileRecord>();
	readonly directories = new Map<string, DirectoryRecord>();
	private readonly directoryNames = new Map<string, DirectoryRecord>();
	private readonly chats = new Map<string, FileList>();
	private readonly directoryFiles = new Map<string, FileList>();
	private readonly parts = new Map<string, Set<number>>();
	private nextFile: bigint;
	private nextDirectory: bigint;

	/** @param firstId the first id of files and of directories. */
	constructor(firstId: bigint) {
		this.nextFile = firstId;
		this.nextDirectory = firstId;
	}

	get nextFileId(): string {
		return this.nextFile.toString();
	}

	get nextDirectoryId(): string {
		return this.nextDirectory.toString();
	}

	/** Files of a chat in ascending id order. */
	chatFiles(chatId: string): readonly FileRecord[] {
		return this.chats.get(chatId)?.all ?? [];
	}

	/** Files of a directory in ascending id order. */
	filesInDirectory(directoryId: string): readonly FileRecord[] {
		return this.directoryFiles.get(directoryId)?.all ?? [];
	}

	directoryNamed(name: string): DirectoryRecord | undefined {
		return this.directoryNames.get(name);
	}

	/** Numbers of the parts that a multipart upload holds. */
	uploadedParts(id: string): ReadonlySet<number> {
		return this.parts.get(id) ?? new Set();
	}

	/** Makes one change. */
	apply(entry: Entry): void {
		switch (entry.op) {
			case 'counters':
				this.raiseNextFile(BigInt(entry.nextFile));
				this.raiseNextDirectory(BigInt(entry.nextDirectory));
				break;
			case 'directory':
				this.directories.set(entry.directory.id, entry.directory);
				this.directoryNames.set(entry.directory.name, entry.directory);
				this.raiseNextDirectory(BigInt(entry.directory.id) + 1n);
				break;
			case 'file':
				this.addFile(entry.file);
				break;
			case 'parts': {
				const parts = this.parts.get(entry.id) ?? new Set();
				for (const part of entry.parts) parts.add(part);
				this.parts.set(entry.id, parts);
				break;
			}
			case 'status': {
				const file = this.files.get(entry.id);
				if (file !== undefined) file.status = entry.status;
				this.parts.delete(entry.id);
				break;
			}
			case 'delete':
				this.removeFile(entry.id);
				break;
		}
	}

	/** The fewest entries that give this catalog again. */
	*entries(): Generator<Entry> {
		yield { op: 'counters', nextFile: this.nextFileId, nextDirectory: this.nextDirectoryId };
		for (const directory of this.directories.values()) yield { op: 'directory', directory };
		for (const file of this.files.values()) {
			yield { op: 'file', file };
			const parts = this.uploadedParts(file.id);
			if (parts.size > 0) yield { op: 'parts', id: file.id, parts: [...parts] };
		}
	}

	private addFile(file: FileRecord): void {
		this.files.set(file.id, file);
		if (file.chatId !== null) listOf(this.chats, file.chatId).add(file);
		listOf(this.directoryFiles, file.directoryId).add(file);
		this.raiseNextFile(BigInt(file.id) + 1n);
	}

	private removeFile(id: string): void {
		const file = this.files.get(id);
		if (file === undefined) return;
		this.files.delete(id);
		this.parts.delete(id);
		if (file.chatId !== null) this.chats.get(file.chatId)?.remove(file);
		this.directoryFiles.get(file.directoryId)?.remove(file);
	}

	private raiseNextFile(id: bigint): void {
		if (id > this.nextFile) this.nextFile = id;
	}

	private raiseNextDirectory(id: bigint): void {
		if (id > this.nextDirectory) this.nextDirectory = id;
	}
}

const listOf = (lists: Map<string, FileList>, key: string): FileList => {
	let list = lists.get(key);
	if (list === undefined) {
		list = new FileList();
		lists.set(key, list);
	}
	return list;
};
