import { join } from 'node:path';
import { compareIds } from '../api/ids';
import { isRecord } from '../api/json';
import type { WireId } from '../api/wire';
import { addTo } from './add-to';
import { type ChatKey, isId, isSize, keyOfChat } from './memory';
import { lastPart } from './names';
import { pendingFile } from './own-files';
import { sameContent } from './same';
import { readState, removeState, type StateHeader, writeState } from './state-file';
import type { LocalFile, LocalTree, RemoteFile, RemoteTree, SyncedFile, SyncedTree } from './trees';

const VERSION = 1;

/**
 * An upload that was begun and whose end nobody wrote down yet. It is written before the upload begins: a run that is killed
 * in between, or a deletion that is refused, would otherwise leave two files of one name that nobody can tell from two
 * that were meant.
 */
export interface PendingUpload {
	/** Of the local file, relative. */
	path: string;
	/** As the local file was when the upload was planned. Bytes, milliseconds since 1970. */
	size: number;
	mtimeMs: number;
	/** Of the content then, lower-case hex, where it was read. */
	md5?: string;
	/** The chat's file that the upload is to replace. */
	replaces?: WireId;
	/** The highest id that was in the chat then: what the upload makes has a higher one. */
	above?: WireId;
	/** The upload arrived as this file, and only the deletion of the one it replaces is still to come. */
	arrivedAs?: WireId;
}

/** The uploads that may be half done, of earlier runs and of this one, in a file beside the memory. */
export class PendingUploads {
	/** Of this run, by path. */
	private readonly current = new Map<string, PendingUpload>();
	private hasChanged = false;
	/** Paths of which this run has begun an upload, whatever became of it. */
	private readonly tried = new Set<string>();
	/** Files that nothing has to replace any more: what was to replace one of them is written down no more. */
	private readonly replaced = new Set<WireId>();
	/** Of those, the ones that another file took the place of, and that file. */
	private readonly successors = new Map<WireId, WireId>();

	private constructor(
		private readonly directory: string,
		/** Of the file, in the folder. */
		readonly name: string,
		private readonly header: StateHeader,
		private earlier: readonly PendingUpload[],
	) {}

	/** @throws LocalFileError when they cannot be read */
	static async load(directory: string, chat: ChatKey): Promise<PendingUploads> {
		const name = pendingFile(keyOfChat(chat));
		const header: StateHeader = { kind: 'pending uploads', version: VERSION, ...chat };
		const uploads: PendingUpload[] = [];
		await readState(join(directory, name), header, pendingUpload, (upload) => uploads.push(upload));
		return new PendingUploads(directory, name, header, uploads);
	}

	/** Those of earlier runs. */
	get uploads(): readonly PendingUpload[] {
		return this.earlier;
	}

	/** There is something to write. */
	get isChanged(): boolean {
		return this.hasChanged;
	}

	/** Writes uploads down before they begin. @throws LocalFileError */
	async announce(uploads: readonly PendingUpload[]): Promise<void> {
		for (const upload of uploads) {
			this.current.set(upload.path, upload);
			this.tried.add(upload.path);
		}
		this.hasChanged = true;
		await this.save();
	}

	/** The upload is complete; what it replaces, if anything, is still there. */
	arrived(path: string, as: WireId): void {
		const entry = this.current.get(path);
		if (entry === undefined) return;
		if (entry.replaces === undefined) this.current.delete(path);
		else this.current.set(path, { ...entry, arrivedAs: as });
		this.hasChanged = true;
	}

	/** Nothing came of the upload, for certain. */
	failed(path: string): void {
		if (this.current.delete(path)) this.hasChanged = true;
	}

	/**
	 * The chat's file is gone, so that nothing has to replace it any more.
	 *
	 * @param by what took its place
	 */
	gone(replaced: WireId, by: WireId): void {
		if (replaced !== by) this.successors.set(replaced, by);
		this.replaced.add(replaced);
		this.hasChanged = true;
	}

	/** Of what earlier runs have left, keeps only what may still matter. */
	settle({ superseded }: SyncedTree, { entries }: LocalTree, { files }: RemoteTree): void {
		if (this.earlier.length === 0) return;
		const paths = new Set(entries.map(({ path }) => path));
		const ids = new Set(files.map(({ id }) => id));
		this.hasChanged = true;
		this.earlier = this.earlier.flatMap((entry) => {
			const { path, replaces } = entry;
			if (replaces === undefined || !ids.has(replaces)) return [];
			const arrivedAs = lastOf(this.successors, superseded.get(replaces));
			if (arrivedAs !== undefined) return [{ ...entry, arrivedAs }];
			return paths.has(path) && !this.tried.has(path) ? [entry] : [];
		});
	}

	/** Writes what has changed. @throws LocalFileError */
	async save(): Promise<void> {
		if (!this.hasChanged) return;
		const isOpen = ({ replaces }: PendingUpload) => replaces === undefined || !this.replaced.has(replaces);
		const uploads = [...this.earlier, ...this.current.values()].filter(isOpen);
		const path = join(this.directory, this.name);
		if (uploads.length === 0) await removeState(path);
		else await writeState(path, this.header, uploads);
		this.hasChanged = false;
	}
}

/**
 * What became of pending uploads, as far as the other trees tell. One that arrived was the same on both sides at that moment, so
 * it belongs into the memory, and the file that it was to replace is superseded.
 */
export function settlePending(
	uploads: readonly PendingUpload[],
	{ entries }: LocalTree,
	{ files }: RemoteTree,
	synced: ReadonlyMap<string, SyncedFile>,
): SyncedTree {
	const superseded = new Map<WireId, WireId>();
	if (uploads.length === 0) return { files: synced, superseded };
	const settled = new Map(synced);
	const locals = new Map(entries.map((entry) => [entry.path, entry]));
	const chat = new NewFiles(files, synced);
	const successors = new Map<WireId, WireId>();
	for (const upload of uploads) {
		const { path, size, mtimeMs, replaces } = upload;
		const entry = locals.get(path);
		const local = entry?.kind === 'file' ? entry : undefined;
		const before = synced.get(path);
		const arrived = chat.find(upload, local, before);
		if (arrived === undefined) continue;
		if (
			before?.id !== arrived.id &&
			(before === undefined || before.id === replaces || !chat.has(before.id))
		) {
			const { id, hash } = arrived;
			const state = isSame(local, arrived) ? local : { size, mtimeMs };
			if (state.size === arrived.size) {
				settled.set(path, { path, id, size: state.size, hash, mtimeMs: state.mtimeMs });
			}
		}
		if (replaces !== undefined) successors.set(replaces, arrived.id);
	}
	for (const { replaces, arrivedAs } of uploads) {
		if (replaces === undefined || !chat.has(replaces)) continue;
		// What arrived may be gone: it was replaced itself since.
		const by = successors.get(replaces) ?? lastOf(successors, arrivedAs);
		// What supersedes a file is a reason to delete it, so it is never the file itself.
		if (by !== undefined && by !== replaces && chat.complete(by) !== undefined) superseded.set(replaces, by);
	}
	return { files: settled, superseded };
}

/** What has taken the place of a file in the end. */
function lastOf(successors: ReadonlyMap<WireId, WireId>, id: WireId | undefined): WireId | undefined {
	let last = id;
	// As many steps as there are successors: what a damaged file says may go round in a circle.
	for (let left = successors.size; left > 0 && last !== undefined; left--) {
		const next = successors.get(last);
		if (next === undefined) break;
		last = next;
	}
	return last;
}

/** The chat's files as a pending upload looks for its own among them. */
class NewFiles {
	private readonly byId: Map<WireId, RemoteFile>;
	/** Complete, and not remembered as anything else. */
	private readonly byName = new Map<string, RemoteFile[]>();

	constructor(files: readonly RemoteFile[], synced: ReadonlyMap<string, SyncedFile>) {
		const known = new Set([...synced.values()].map(({ id }) => id));
		this.byId = new Map(files.map((file) => [file.id, file]));
		for (const file of files) {
			if (file.status === 'ok' && !known.has(file.id)) addTo(this.byName, file.name, file);
		}
	}

	has(id: WireId): boolean {
		return this.byId.has(id);
	}

	/** Undefined while it is not, too. */
	complete(id: WireId): RemoteFile | undefined {
		const file = this.byId.get(id);
		return file?.status === 'ok' ? file : undefined;
	}

	/** What came of the upload; undefined when nothing did, or nothing that is known to be it. */
	find(
		upload: PendingUpload,
		local: LocalFile | undefined,
		before: SyncedFile | undefined,
	): RemoteFile | undefined {
		const { path, replaces, above, arrivedAs } = upload;
		// The memory may have been written after the upload, and this not any more.
		const isInMemory = before !== undefined && above !== undefined && compareIds(before.id, above) > 0;
		const id = arrivedAs ?? (isInMemory ? before.id : undefined);
		if (id !== undefined) return this.complete(id);
		const namesakes = this.byName.get(lastPart(path)) ?? [];
		// Without a hash it may be anybody's of this name and size.
		return namesakes.find(
			(file) => file.id !== replaces && (file.hash === upload.md5 || isSame(local, file)),
		);
	}
}

const isSame = (local: LocalFile | undefined, file: RemoteFile): local is LocalFile =>
	local !== undefined && sameContent(local, file) === 'content';

function pendingUpload(line: unknown): PendingUpload | undefined {
	if (!isRecord(line)) return undefined;
	const { path, size, mtimeMs, md5, replaces, above, arrivedAs } = line as Partial<
		Record<keyof PendingUpload, unknown>
	>;
	if (typeof path !== 'string' || path === '' || !isSize(size) || typeof mtimeMs !== 'number')
		return undefined;
	const ids = { replaces, above, arrivedAs };
	const upload: PendingUpload = { path, size, mtimeMs };
	if (typeof md5 === 'string') upload.md5 = md5;
	for (const key of ['replaces', 'above', 'arrivedAs'] as const) {
		const id = ids[key];
		if (id === undefined) continue;
		if (!isId(id)) return undefined;
		upload[key] = id;
	}
	return upload;
}
