import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Biz, FileStatus } from '../../client/api/wire';
import { Refusal } from '../errors';
import { Catalog } from './catalog';
import { Content } from './content';
import { Journal } from './journal';
import { lockFolder } from './lock';
import { partCount, partLength, type DirectoryRecord, type Entry, type FileRecord } from './records';
import { StagedFile } from './staged';

const MAX_PARTS = 10_000;

/** What an uploader says about a file. */
export interface NewFile {
	filename: string;
	hashcode: string;
	userId: string;
	biz: Biz;
	/** JSON text */
	bizParams: string;
	chatId: string | null;
	/** Where the file is filed; null: in the directory named after its biz. */
	directoryId: string | null;
	/** ISO 8601; null: now. */
	uploadAt: string | null;
}

export interface MultipartState {
	partSize: number;
	uploaded: number[];
	remaining: number[];
}

/**
 * Files and what is known of them, in one folder. Bytes are stored first, then the journal tells of them, so whatever
 * moment the process is killed at, every file that the service knows is complete. A rule that is broken throws a
 * `Refusal` whose message is the service's own.
 */
export class Store {
	private readonly staged = new Set<StagedFile>();
	private stagedCount = 0;
	private closed = false;

	private constructor(
		private readonly folder: string,
		private readonly minPartSize: number,
		readonly catalog: Catalog,
		readonly content: Content,
		private readonly journal: Journal,
		private readonly unlock: () => void,
	) {}

	/**
	 * Opens the store in `folder`, which is created when missing, and cleans up after a killed process.
	 * @param options.firstId the lowest id to give.
	 * @param options.minPartSize bytes that every part but the last must have.
	 */
	static async open(folder: string, options: { firstId: bigint; minPartSize: number }): Promise<Store> {
		const unlock = lockFolder(folder);
		try {
			rmSync(join(folder, 'staged'), { recursive: true, force: true });
			mkdirSync(join(folder, 'staged'));
			const catalog = new Catalog(options.firstId);
			const journal = Journal.open(
				join(folder, 'journal.jsonl'),
				(entry) => catalog.apply(entry),
				() => catalog.entries(),
			);
			const content = new Content(join(folder, 'files'));
			await content.removeOrphans((id) => catalog.files.has(id));
			return new Store(folder, options.minPartSize, catalog, content, journal, unlock);
		} catch (error) {
			unlock();
			throw error;
		}
	}

	/** A place for bytes that come in. Keep or discard it. */
	stage(): StagedFile {
		this.assertOpen();
		const path = join(this.folder, 'staged', String(++this.stagedCount));
		const file = new StagedFile(path, (settled) => this.staged.delete(settled));
		this.staged.add(file);
		return file;
	}

	/** The file with this id, whatever its status. */
	file(id: string): FileRecord {
		const file = this.catalog.files.get(id);
		if (file === undefined) throw new Refusal('file not found');
		return file;
	}

	/** The file with this id, whose bytes are complete. */
	readableFile(id: string): FileRecord {
		const file = this.file(id);
		if (file.status !== 'ok') throw new Refusal('file is not ok');
		return file;
	}

	/** Records a file whose bytes have all come in. */
	addFile(meta: NewFile, bytes: StagedFile): string {
		return this.addRecord(meta, { size: bytes.size, status: 'ok', partSize: null }, (id) =>
			bytes.keep(this.content.path(id)),
		);
	}

	/** Begins a multipart upload. */
	beginMultipart(meta: NewFile, size: number, partSize: number): string {
		const count = partCount(size, partSize);
		if (count > 1 && partSize < this.minPartSize)
			throw new Refusal(`part size must be at least ${this.minPartSize} bytes`);
		if (count > MAX_PARTS) throw new Refusal(`too many parts: at most ${MAX_PARTS}`);
		return this.addRecord(meta, { size, status: 'uploading', partSize }, (id) =>
			this.content.prepareParts(id),
		);
	}

	/** Records a part whose bytes have all come in. */
	addPart(id: string, part: number, bytes: StagedFile): void {
		const { size, partSize } = this.uploadingFile(id);
		if (part < 1 || part > partCount(size, partSize)) throw new Refusal('part number out of range');
		if (this.catalog.uploadedParts(id).has(part)) throw new Refusal('part already uploaded');
		if (bytes.size !== partLength(size, partSize, part)) throw new Refusal('part size mismatch');
		bytes.keep(this.content.partPath(id, part));
		this.commit({ op: 'parts', id, parts: [part] });
	}

	/** Ends a multipart upload whose parts are all there: each has its exact size, so the file has the declared one. */
	completeMultipart(id: string): void {
		const { size, partSize } = this.uploadingFile(id);
		if (this.catalog.uploadedParts(id).size < partCount(size, partSize))
			throw new Refusal('some parts not uploaded');
		this.commit({ op: 'status', id, status: 'ok' });
	}

	/** Gives a multipart upload up: the file stays listed as `error`, its bytes go. */
	async abortMultipart(id: string): Promise<void> {
		this.uploadingFile(id);
		this.commit({ op: 'status', id, status: 'error' });
		await this.content.remove(id);
	}

	/** What a multipart upload holds; null while it is merging. */
	multipartState(id: string): MultipartState | { partSize: number; uploaded: null; remaining: null } {
		const { status, size, partSize } = this.file(id);
		if (partSize === null || (status !== 'uploading' && status !== 'merging'))
			throw new Refusal('file not found');
		if (status === 'merging') return { partSize, uploaded: null, remaining: null };
		const held = this.catalog.uploadedParts(id);
		const remaining: number[] = [];
		for (let part = 1; part <= partCount(size, partSize); part++) if (!held.has(part)) remaining.push(part);
		return { partSize, uploaded: [...held].sort((a, b) => a - b), remaining };
	}

	/** Removes a file and its bytes. */
	async delete(id: string): Promise<void> {
		this.file(id);
		this.commit({ op: 'delete', id });
		await this.content.remove(id);
	}

	/** Records a file as it is told, by no rule: for tests that need an unusual one. With a part size it has no bytes. */
	addAnyFile(
		meta: NewFile,
		state: Pick<FileRecord, 'size' | 'status' | 'partSize'>,
		bytes: StagedFile,
		id?: string,
	): string {
		if (id !== undefined && this.catalog.files.has(id)) throw new Error(`There is a file ${id}`);
		const storeBytes = (given: string) => {
			if (state.partSize === null) bytes.keep(this.content.path(given));
			else this.content.prepareParts(given);
		};
		return this.addRecord(meta, state, storeBytes, id);
	}

	/** Changes a file's status, by no rule. */
	setStatus(id: string, status: FileStatus): void {
		this.file(id);
		this.commit({ op: 'status', id, status });
	}

	/** Makes a directory, or finds the one of that name. */
	ensureDirectory(name: string): DirectoryRecord {
		const found = this.catalog.directoryNamed(name);
		if (found !== undefined) return found;
		const id = this.catalog.nextDirectoryId;
		const directory = { id, createdAt: new Date().toISOString(), name };
		this.commit({ op: 'directory', directory });
		return directory;
	}

	/** Ends everything: bytes that are still coming in are dropped. */
	async close(): Promise<void> {
		if (this.closed) return;
		this.closed = true;
		for (const file of this.staged) await file.discard();
		this.journal.close();
		this.unlock();
	}

	private addRecord(
		meta: NewFile,
		state: { size: number; status: FileStatus; partSize: number | null },
		storeBytes: (id: string) => void,
		id = this.catalog.nextFileId,
	): string {
		this.assertOpen();
		if (meta.directoryId !== null && !this.catalog.directories.has(meta.directoryId))
			throw new Refusal('directory not found');
		const directoryId = meta.directoryId ?? this.ensureDirectory(meta.biz).id;
		storeBytes(id);
		const uploadAt = meta.uploadAt ?? new Date().toISOString();
		this.commit({ op: 'file', file: { ...meta, ...state, id, directoryId, uploadAt } });
		return id;
	}

	private uploadingFile(id: string): FileRecord & { partSize: number } {
		const file = this.file(id);
		const { partSize } = file;
		if (file.status !== 'uploading' || partSize === null) throw new Refusal('file is not uploading');
		return { ...file, partSize };
	}

	private commit(entry: Entry): void {
		this.assertOpen();
		this.journal.append(entry);
		this.catalog.apply(entry);
	}

	private assertOpen(): void {
		if (this.closed) throw new Error('The service is closed');
	}
}
