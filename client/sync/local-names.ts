import { compareIds } from '../api/ids';
import type { FileInfo, FileStatus } from '../api/wire';
import type { DuplicateNames } from '../types';
import { assignNames, nameKeyFor, nameProblem, showName } from './names';

/** What a remote file is called locally, or why it is not written at all. */
export type LocalName = { name: string } | { skipped: string } | { failed: string };

function statusReason(status: Exclude<FileStatus, 'ok'>): string {
	switch (status) {
		case 'uploading':
			return 'The upload of this file is not finished (status uploading)';
		case 'merging':
			return 'The service is still putting this file together (status merging)';
		case 'error':
			return 'The upload of this file failed (status error)';
		// A status that a newer service may have.
		default:
			return `This file is not complete (status ${String(status)})`;
	}
}

/**
 * Names every file of a chat, in the order of the list. Which of them are wanted plays no part, so that a filter never
 * changes a name. Files on their way hold their name for the moment they are complete; failed uploads hold none.
 */
export function localNames(
	files: readonly FileInfo[],
	duplicates: DuplicateNames,
	platform: NodeJS.Platform = process.platform,
): LocalName[] {
	const safe = files.filter(
		(file) => file.status !== 'error' && nameProblem(file.filename, platform) === undefined,
	);
	const nameOf = naming[duplicates](safe, platform);
	return files.map((file) => {
		if (file.status !== 'ok') return { skipped: statusReason(file.status) };
		const problem = nameProblem(file.filename, platform);
		return problem === undefined ? nameOf(file) : { failed: problem };
	});
}

type Naming = (safe: readonly FileInfo[], platform: NodeJS.Platform) => (file: FileInfo) => LocalName;

const naming: Readonly<Record<DuplicateNames, Naming>> = {
	renameById: (safe, platform) => {
		const names = assignNames(safe, nameKeyFor(platform));
		return (file) => {
			const name = names.get(file);
			return name === undefined
				? { failed: `No local name is free for the remote name ${showName(file.filename)}` }
				: { name };
		};
	},

	newest: (safe, platform) => {
		const keyOf = nameKeyFor(platform);
		const newest = new Map<string, FileInfo>();
		for (const file of complete(safe)) {
			const key = keyOf(file.filename);
			const other = newest.get(key);
			if (other === undefined || compareIds(other.id, file.id) < 0) newest.set(key, file);
		}
		return (file) => {
			const winner = newest.get(keyOf(file.filename));
			return winner === undefined || winner === file
				? { name: file.filename }
				: { skipped: `A newer file has this name (id ${winner.id})` };
		};
	},

	fail: (safe, platform) => {
		const keyOf = nameKeyFor(platform);
		const counts = new Map<string, number>();
		for (const file of complete(safe)) {
			const key = keyOf(file.filename);
			counts.set(key, (counts.get(key) ?? 0) + 1);
		}
		return (file) => {
			const count = counts.get(keyOf(file.filename)) ?? 1;
			return count === 1
				? { name: file.filename }
				: { failed: `${count} files of the chat have the name ${showName(file.filename)}` };
		};
	},
};

function complete(files: readonly FileInfo[]): readonly FileInfo[] {
	return files.filter((file) => file.status === 'ok');
}
