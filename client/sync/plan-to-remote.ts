import type { FileInfo } from '../api/wire';
import type { IfExists, SyncItem } from '../types';
import { type HashAlgorithm, knownChecksum } from '../transfer/hash';
import { checksumKey } from './checksum';
import { type LocalFile, pairNamesakes } from './namesakes';
import { uploadTime } from '../api/upload-time';

/** What becomes of one local file. */
export type RemoteStep = { kind: 'report'; item: SyncItem } | UploadStep;

export interface UploadStep {
	kind: 'upload';
	file: LocalFile;
	/** The chat's file to delete once the new one is complete. */
	replaces: FileInfo | undefined;
}

/** For each local file the hashes by which its namesakes in the chat could be told from it; those without are missing. */
export function hashesToCompare(
	locals: readonly LocalFile[],
	remotes: readonly FileInfo[],
): Map<LocalFile, HashAlgorithm[]> {
	const algorithms = new Map<string, Set<HashAlgorithm>>();
	for (const file of remotes) {
		const known = file.status === 'error' ? undefined : knownChecksum(file.hashcode);
		if (known === undefined) continue;
		const key = nameAndSize(file.filename, file.size);
		algorithms.set(key, (algorithms.get(key) ?? new Set()).add(known.algorithm));
	}
	const wanted = new Map<LocalFile, HashAlgorithm[]>();
	for (const file of locals) {
		const found = algorithms.get(nameAndSize(file.name, file.size));
		if (found !== undefined) wanted.set(file, [...found]);
	}
	return wanted;
}

/**
 * Decides what becomes of every local file.
 *
 * @param locals every local file whose name matters, wanted or not: a filter must not change which remote file is whose
 */
export function planToRemote(
	locals: readonly LocalFile[],
	remotes: readonly FileInfo[],
	ifExists: IfExists,
): Map<LocalFile, RemoteStep> {
	const pairs = pairNamesakes(locals, remotes);
	return new Map(locals.map((file) => [file, decide(file, pairs.get(file), ifExists)]));
}

function decide(file: LocalFile, namesake: FileInfo | undefined, ifExists: IfExists): RemoteStep {
	if (namesake === undefined) return { kind: 'upload', file, replaces: undefined };
	if (ifExists === 'skip') {
		return skipped(file, namesake, `A file with this name already exists in the chat (id ${namesake.id})`);
	}
	if (ifExists === 'skipUnchanged' && isUnchanged(file, namesake)) {
		return skipped(file, namesake, `The chat already has this file unchanged (id ${namesake.id})`);
	}
	return { kind: 'upload', file, replaces: namesake };
}

/** Equal size and content; where the service knows no hash, uploaded after the last change. */
function isUnchanged(file: LocalFile, namesake: FileInfo): boolean {
	if (file.size !== namesake.size) return false;
	const known = knownChecksum(namesake.hashcode);
	if (known !== undefined) {
		return (file.checksums ?? []).some((checksum) => checksumKey(checksum) === checksumKey(known));
	}
	const uploaded = uploadTime(namesake.upload_at);
	return uploaded !== undefined && uploaded.getTime() >= file.mtimeMs;
}

function skipped(file: LocalFile, namesake: FileInfo, reason: string): RemoteStep {
	return { kind: 'report', item: { status: 'skipped', fileId: namesake.id, ...about(file), reason } };
}

/** The part of an item that does not depend on what became of the file. */
export function about({ name, path, size }: LocalFile): {
	fileName: string;
	localPath: string;
	size: number;
} {
	return { fileName: name, localPath: path, size };
}

/** An upload and its position in the plan. */
export interface PlannedUpload {
	step: UploadStep;
	position: number;
}

/**
 * The plan's uploads as lists whose members must not run at the same time. Two files of one name and size may have the
 * same content; while one is on its way, the other would find it in the chat and take it for its own unfinished upload.
 */
export function uploadChains(plan: readonly RemoteStep[]): PlannedUpload[][] {
	const chains = new Map<string, PlannedUpload[]>();
	plan.forEach((step, position) => {
		if (step.kind !== 'upload') return;
		const key = nameAndSize(step.file.name, step.file.size);
		const chain = chains.get(key);
		if (chain === undefined) chains.set(key, [{ step, position }]);
		else chain.push({ step, position });
	});
	return [...chains.values()];
}

function nameAndSize(name: string, size: number): string {
	return `${size} ${name}`;
}
