import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import { UnknownOutcomeError } from '../api/errors';
import type { FileId } from '../api/ids';
import type { WireId } from '../api/wire';
import { foldedName } from './name-key';
import { type Caller, KeyedLock } from './upload/keyed-lock';

/** A file of one service. */
interface Owner {
	/** The base URL. */
	service: string;
	id: FileId;
}

/**
 * Transfers that belong together, such as those of one run of a workflow: none undoes what another one did, or has found to be in
 * order. Those of one name, or to one path, take turns.
 */
export class Siblings {
	private readonly turns = new KeyedLock();
	private readonly uploaded = new Set<string>();
	/** The names of which an upload may have arrived or not. */
	private readonly doubtful = new Set<string>();
	/** What each path has got, by the path's key: a disk may know no case. */
	private readonly paths = new Map<string, Array<Owner & { path: string }>>();

	/** Runs the upload of a file of this name. @throws CancelledError as `KeyedLock.run`, when it was cancelled while it waited */
	async uploading<T>(fileName: string, work: () => Promise<T>, caller?: Caller): Promise<T> {
		const upload = async () => {
			try {
				return await work();
			} catch (error) {
				if (error instanceof UnknownOutcomeError) this.doubtful.add(fileName);
				throw error;
			}
		};
		return await this.turns.run(`up ${fileName}`, upload, caller);
	}

	/** Runs the download to this path. @throws CancelledError as `uploading` */
	async downloading<T>(path: string, work: () => Promise<T>, caller?: Caller): Promise<T> {
		return await this.turns.run(`down ${foldedName(path)}`, work, caller);
	}

	/** One of them has uploaded this file, or left it in its stead. */
	keepFile(service: string, id: WireId): void {
		this.uploaded.add(`${service} ${id}`);
	}

	keepsFile(service: string, id: WireId): boolean {
		return this.uploaded.has(`${service} ${id}`);
	}

	/** Whether one of them may have uploaded a file of this name that nobody knows. */
	isDoubtful(fileName: string): boolean {
		return this.doubtful.has(fileName);
	}

	/** The file is at this path: written there, or found to be the same. */
	keepPath(path: string, owner: Owner): void {
		const key = foldedName(path);
		const kept = this.paths.get(key) ?? [];
		this.paths.set(key, [...kept.filter((other) => other.path !== path), { ...owner, path }]);
	}

	/** The other file that one of them has put at this path, whichever way its name is written there. */
	async otherAt(path: string, { service, id }: Owner): Promise<FileId | undefined> {
		for (const kept of this.paths.get(foldedName(path)) ?? []) {
			if (kept.service === service && kept.id === id) continue;
			if (kept.path === path || (await isSameFile(kept.path, path))) return kept.id;
		}
		return undefined;
	}
}

/** Both paths lead to a file, and to one only. Numbers of files do not tell: some disks give one to each name. */
async function isSameFile(one: string, other: string): Promise<boolean> {
	try {
		await Promise.all([lstat(one), lstat(other)]);
		return await isOneEntry(one, other);
	} catch {
		return false;
	}
}

/** Of two paths that are there, with one key: their folders are one, which lists only one of two names. */
async function isOneEntry(one: string, other: string): Promise<boolean> {
	if (one === other) return true;
	const folder = dirname(one);
	if (folder !== one && !(await isOneEntry(folder, dirname(other)))) return false;
	const [name, otherName] = [basename(one), basename(other)];
	if (name === otherName) return true;
	const names = new Set(await readdir(folder));
	return !(names.has(name) && names.has(otherName));
}
