import { type Dirent, lstat, type Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { DISK_CONCURRENCY, mapBounded } from './bounded';
import { folderError, throwIfCancelled } from './failures';
import { pathIn } from './names';
import { isOwnFile, isOwnTemporary } from './own-files';
import type { LocalEntry, LocalObstacle, LocalTree } from './trees';

export interface ScanOptions {
	/** Subfolders too; otherwise they only take up their names. */
	recursive: boolean;
	/** Asked for every path before it is looked at. */
	isPathAllowed: (path: string) => boolean;
	signal: AbortSignal | undefined;
}

export interface ScannedFolder {
	tree: LocalTree;
	/** Names of our own temporary files in the folder itself, of this and of earlier runs. */
	temporaries: readonly string[];
}

/** A folder on the way: its path, and the same relative, with a `/` at the end unless it is empty. */
interface Folder {
	path: string;
	prefix: string;
	name: string;
}

/**
 * Reads what is in a folder: one reading of each folder and one look at each file. Symbolic links are entries and not
 * followed, so the walk ends and never leaves the folder; the folder itself is what the caller named and may be one.
 *
 * @throws LocalFileError when something is there that cannot be read as a folder; for a subfolder that is an entry
 */
export async function scanLocal(directory: string, options: ScanOptions): Promise<ScannedFolder> {
	const entries: LocalEntry[] = [];
	const temporaries: string[] = [];
	let exists = true;
	let level: Folder[] = [{ path: directory, prefix: '', name: '' }];
	while (level.length > 0) {
		const read = await mapBounded(
			level,
			{ concurrency: DISK_CONCURRENCY, signal: options.signal },
			(folder) => readFolder(folder, options),
		);
		const below: Folder[] = [];
		for (const [index, found] of read.entries()) {
			const folder = level[index];
			if (folder === undefined) continue;
			if (found === undefined) exists = false;
			else if ('kind' in found) entries.push(found);
			else {
				const others: Dirent[] = [];
				for (const entry of found) {
					if (!isOwnFile(entry.name)) others.push(entry);
					else if (folder.prefix === '' && entry.isFile() && isOwnTemporary(entry.name))
						temporaries.push(entry.name);
				}
				await look(folder, others, options, entries, below);
			}
		}
		level = below;
	}
	entries.sort((a, b) => (a.path < b.path ? -1 : 1));
	return { tree: { exists, entries }, temporaries };
}

/** What is in a folder; undefined when the folder itself is not there, an entry when a subfolder cannot be read. */
async function readFolder(
	{ path, prefix, name }: Folder,
	{ isPathAllowed }: ScanOptions,
): Promise<Dirent[] | LocalObstacle | undefined> {
	const isRoot = prefix === '';
	const unseen = { path: prefix.slice(0, -1), name, hidesAll: true };
	if (!isRoot && !isPathAllowed(path)) return { kind: 'notAllowed', ...unseen };
	try {
		return await readdir(path, { withFileTypes: true });
	} catch (cause) {
		if (!isRoot) return { kind: 'unreadable', ...unseen, cause };
		if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw folderError('Reading', path, cause);
	}
}

/** Sorts out what is in a folder: subfolders to read, files with their size and time, and what cannot be synced. */
async function look(
	{ path: folder, prefix }: Folder,
	found: readonly Dirent[],
	{ recursive, isPathAllowed, signal }: ScanOptions,
	entries: LocalEntry[],
	subfolders: Folder[],
): Promise<void> {
	const files: string[] = [];
	for (const entry of found) {
		const { name } = entry;
		const path = prefix + name;
		if (entry.isDirectory()) {
			if (recursive) subfolders.push({ path: pathIn(folder, name), prefix: `${path}/`, name });
			else entries.push({ kind: 'folder', path, name });
		} else if (entry.isFile()) files.push(name);
		else entries.push({ kind: entry.isSymbolicLink() ? 'link' : 'special', path, name });
	}
	await lookAtEach(folder, files, { isPathAllowed, signal }, (name, stats, cause) => {
		const path = prefix + name;
		if (stats === 'notAllowed') entries.push({ kind: 'notAllowed', path, name });
		else if (stats?.isFile()) {
			const { size, mtimeMs, ctimeMs, ino } = stats;
			const isTimeSet = Math.abs(ctimeMs - mtimeMs) >= SET_APART_MS;
			entries.push({ kind: 'file', path, name, size, mtimeMs, isTimeSet, ino });
		} else entries.push({ kind: 'unreadable', path, name, cause });
	});
}

/** Writing sets both times of a file to the same instant. A coarse disk may round them differently. */
const SET_APART_MS = 1_000;

/** Looks at files in flight. */
const LOOKS = 64;

/** Plain callbacks: for each file a promise would cost as much as the look itself. */
async function lookAtEach(
	folder: string,
	names: readonly string[],
	{ isPathAllowed, signal }: Pick<ScanOptions, 'isPathAllowed' | 'signal'>,
	found: (name: string, stats: Stats | 'notAllowed' | undefined, cause: unknown) => void,
): Promise<void> {
	const failure = await new Promise<{ cause: unknown } | undefined>((resolve) => {
		let running = 0;
		let next = 0;
		let failed: { cause: unknown } | undefined;
		const start = () => {
			try {
				while (running < LOOKS && next < names.length && !failed && signal?.aborted !== true) {
					const name = names[next++] ?? '';
					const path = pathIn(folder, name);
					if (!isPathAllowed(path)) {
						found(name, 'notAllowed', undefined);
						continue;
					}
					running += 1;
					lstat(path, (error, stats) => {
						running -= 1;
						found(name, error === null ? stats : undefined, error);
						start();
					});
				}
			} catch (cause) {
				// Thrown from a callback of the disk it would end the process.
				failed ??= { cause };
			}
			if (running === 0) resolve(failed);
		};
		start();
	});
	throwIfCancelled(signal);
	if (failure !== undefined) throw failure.cause;
}
