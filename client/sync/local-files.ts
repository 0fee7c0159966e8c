import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { localFileError } from '../transfer/local-error';
import { DISK_CONCURRENCY, mapBounded } from './bounded';
import { errorSentence, folderError } from './failures';
import { isOwnTemporary, showName } from './names';
import { NOT_ALLOWED } from './settings';

/** Something found under the folder, not yet looked at closely. */
export interface FoundEntry {
	/** `problem` stands for a folder that could not be read. */
	kind: 'file' | 'link' | 'special' | 'problem';
	/** Absolute. */
	path: string;
	/** Relative to the folder, with `/` on every platform. */
	relativePath: string;
	/** The last part of the path. */
	name: string;
	/** A sentence, for `problem`. */
	error?: string;
}

interface Folder {
	path: string;
	/** Empty for the folder itself, otherwise with a `/` at the end. */
	prefix: string;
	name: string;
}

export interface WalkOptions {
	recursive: boolean;
	isPathAllowed: (path: string) => boolean;
	signal: AbortSignal | undefined;
}

/**
 * Everything under a folder but folders and our own temporary files, sorted by relative path. Symbolic links are
 * reported and not followed, so the walk ends and never leaves the folder.
 *
 * @throws LocalFileError when the folder itself cannot be read; for a subfolder that is an entry
 */
export async function walk(directory: string, options: WalkOptions): Promise<FoundEntry[]> {
	const found: FoundEntry[] = [];
	let level: Folder[] = [{ path: directory, prefix: '', name: '' }];
	while (level.length > 0) {
		const read = await mapBounded(
			level,
			{ concurrency: DISK_CONCURRENCY, signal: options.signal },
			async (folder) => ({ folder, entries: await readFolder(folder, options) }),
		);
		level = [];
		for (const { folder, entries } of read) {
			if (typeof entries === 'string') found.push(unreadable(folder, entries));
			else sortOut(folder, entries, options.recursive, found, level);
		}
	}
	return found.sort((a, b) => (a.relativePath < b.relativePath ? -1 : 1));
}

/** The folder's entries, or a sentence that says why a subfolder has none. */
async function readFolder(folder: Folder, { isPathAllowed }: WalkOptions): Promise<Dirent[] | string> {
	const isRoot = folder.prefix === '';
	if (!isRoot && !isPathAllowed(folder.path)) return NOT_ALLOWED;
	try {
		return await readdir(folder.path, { withFileTypes: true });
	} catch (error) {
		if (!isRoot) return unreadableSentence(folder, error);
		throw folderError('Reading', folder.path, error);
	}
}

function unreadable({ path, prefix, name }: Folder, error: string): FoundEntry {
	return { kind: 'problem', path, relativePath: prefix.slice(0, -1), name, error };
}

function sortOut(
	{ path: folder, prefix }: Folder,
	entries: readonly Dirent[],
	recursive: boolean,
	found: FoundEntry[],
	subfolders: Folder[],
): void {
	for (const entry of entries) {
		const { name } = entry;
		const path = join(folder, name);
		const relativePath = prefix + name;
		if (entry.isDirectory()) {
			if (recursive) subfolders.push({ path, prefix: `${relativePath}/`, name });
		} else if (!isOwnTemporary(name)) {
			found.push({ kind: kindOf(entry), path, relativePath, name });
		}
	}
}

function kindOf(entry: Dirent): 'file' | 'link' | 'special' {
	if (entry.isFile()) return 'file';
	return entry.isSymbolicLink() ? 'link' : 'special';
}

/** Size and time of a file. */
export interface Measure {
	/** Bytes. */
	size: number;
	/** Milliseconds since 1970. */
	mtimeMs: number;
}

/** @returns a sentence instead when the file cannot be looked at */
export async function measure(entry: FoundEntry): Promise<Measure | string> {
	try {
		const { size, mtimeMs } = await lstat(entry.path);
		return { size, mtimeMs };
	} catch (error) {
		return unreadableSentence(entry, error);
	}
}

/** Node reads a name that is not UTF-8 with replacement characters, and then does not find the file by it. */
function unreadableSentence({ path, name }: { path: string; name: string }, error: unknown): string {
	const action = `Reading ${showName(path)}`;
	if (name.includes('\ufffd')) return `${action} failed: its name is not valid UTF-8. Rename it.`;
	return errorSentence(localFileError(action, error));
}
