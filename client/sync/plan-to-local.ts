import { join } from 'node:path';
import type { FileInfo } from '../api/wire';
import type { IfExists, SyncItem } from '../types';
import type { PathFilter } from './globs';
import type { LocalName } from './local-names';
import type { NameKey } from './names';
import { NOT_ALLOWED } from './settings';
import type { EntryKind } from './target-folder';

/** Nothing is to be done about this file; the item says why. */
export interface Report {
	kind: 'report';
	item: SyncItem;
}

/** A remote file and the place it has on the disk. */
export interface Target {
	kind: 'target';
	file: FileInfo;
	/** Absolute. */
	path: string;
	/** A regular file is there already. */
	exists: boolean;
}

/** What becomes of one remote file. */
export type LocalStep =
	| Report
	/** Equal content under another modification time: setting the time saves the next run the reading. */
	| { kind: 'touch'; item: SyncItem; file: FileInfo; path: string }
	| { kind: 'download'; file: FileInfo; path: string; replaces: boolean };

export interface TargetInput {
	files: readonly FileInfo[];
	/** One for each file. */
	names: readonly LocalName[];
	filter: PathFilter;
	/** Absolute. */
	directory: string;
	keyOf: NameKey;
	/** What stands in the folder, by the key of the name. */
	entries: ReadonlyMap<string, EntryKind>;
	isPathAllowed: (path: string) => boolean;
}

/** Finds the place of every wanted file, in the order of the list. */
export function chooseTargets(input: TargetInput): (Report | Target)[] {
	const targets: (Report | Target)[] = [];
	input.files.forEach((file, index) => {
		const name = input.names[index];
		if (name !== undefined && input.filter.accepts(file.filename)) targets.push(target(file, name, input));
	});
	return targets;
}

function target(file: FileInfo, local: LocalName, input: TargetInput): Report | Target {
	if ('skipped' in local) return skipped(file, local.skipped);
	if ('failed' in local) return failed(file, local.failed);
	const path = join(input.directory, local.name);
	if (!input.isPathAllowed(path)) return failed(file, NOT_ALLOWED, path);
	const entry = input.entries.get(input.keyOf(local.name));
	if (entry === 'link') {
		return failed(file, 'The local path is a symbolic link, which sync does not follow', path);
	}
	if (entry === 'other') return failed(file, 'Something that is not a file is at the local path', path);
	return { kind: 'target', file, path, exists: entry === 'file' };
}

/** How an existing local file was found to be the remote one. */
export type Unchanged = 'time' | 'content';

/**
 * Decides what becomes of every target, in the same order.
 *
 * @param unchanged the existing files that were compared and are the remote ones; only `skipUnchanged` looks at it
 */
export function planToLocal(
	targets: readonly (Report | Target)[],
	ifExists: IfExists,
	unchanged: ReadonlyMap<Target, Unchanged>,
): LocalStep[] {
	return targets.map((target) => {
		if (target.kind === 'report') return target;
		const { file, path, exists } = target;
		if (exists && ifExists === 'skip')
			return skipped(file, 'A local file with this name already exists', path);
		const equal = ifExists === 'skipUnchanged' ? unchanged.get(target) : undefined;
		if (equal === undefined) return { kind: 'download', file, path, replaces: exists };
		const report = skipped(file, `The local file is unchanged (same size and ${equal})`, path);
		return equal === 'time' ? report : { kind: 'touch', item: report.item, file, path };
	});
}

function skipped(file: FileInfo, reason: string, path?: string): Report {
	return { kind: 'report', item: { status: 'skipped', ...about(file, path), reason } };
}

function failed(file: FileInfo, error: string, path?: string): Report {
	return { kind: 'report', item: { status: 'failed', ...about(file, path), error } };
}

/** The part of an item that does not depend on what became of the file. */
export function about(file: FileInfo, path?: string): Omit<SyncItem, 'status'> {
	return {
		fileId: file.id,
		fileName: file.filename,
		...(path !== undefined && { localPath: path }),
		size: file.size,
	};
}
