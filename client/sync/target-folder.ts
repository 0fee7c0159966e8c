import type { Dirent } from 'node:fs';
import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { folderError } from './failures';
import { isOwnTemporary, type NameKey } from './names';

export type EntryKind = 'file' | 'link' | 'other';

/** What stands in the folder that files are to be written to. */
export interface TargetFolder {
	/** False when the folder is still to be created. */
	exists: boolean;
	/** By the key of the name. */
	entries: ReadonlyMap<string, EntryKind>;
	/** Names of our own temporary files, of this and of earlier runs. */
	temporaries: readonly string[];
}

/**
 * One reading of the folder instead of one look per file. Links in the folder are not followed; the folder itself is
 * what the caller named and may be one.
 *
 * @throws LocalFileError when something is there that cannot be read as a folder
 */
export async function readTargetFolder(directory: string, keyOf: NameKey): Promise<TargetFolder> {
	const found = await readEntries(directory);
	const entries = new Map<string, EntryKind>();
	const temporaries: string[] = [];
	for (const entry of found ?? []) {
		entries.set(keyOf(entry.name), kindOf(entry));
		if (entry.isFile() && isOwnTemporary(entry.name)) temporaries.push(entry.name);
	}
	return { exists: found !== undefined, entries, temporaries };
}

async function readEntries(directory: string): Promise<Dirent[] | undefined> {
	try {
		return await readdir(directory, { withFileTypes: true });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw folderError('Reading', directory, error);
	}
}

function kindOf(entry: Dirent): EntryKind {
	if (entry.isFile()) return 'file';
	return entry.isSymbolicLink() ? 'link' : 'other';
}

/** A temporary file that nothing has touched for this long belongs to no run in progress. Milliseconds. */
const LEFTOVER_AGE = 24 * 60 * 60 * 1000;

/**
 * Removes temporary files that a killed run has left behind. Their age is the time of the last change of any kind: the
 * modification time is set to the upload time while a file is still temporary. A temporary file that cannot be removed
 * does no harm and stays.
 */
export async function removeLeftovers(
	directory: string,
	temporaries: readonly string[],
	isPathAllowed: (path: string) => boolean,
): Promise<void> {
	for (const name of temporaries) {
		const path = join(directory, name);
		if (!isPathAllowed(path)) continue;
		try {
			const { ctimeMs } = await lstat(path);
			if (Date.now() - ctimeMs > LEFTOVER_AGE) await unlink(path);
		} catch {
			// Gone already, or not ours to remove.
		}
	}
}
