/**
 * Properties of an honest world with lossy transport: what the client says is what the service's store and our disk say.
 * Judged when all late work is done.
 */
import { join } from 'node:path';

import type { DirectoryInfo, FileInfo, SyncItem } from '../../../../client';
import { DIRECTORIES } from '../liar/lists';
import { statusOf, type StoredFile } from '../liar/store';
import { CHATS, type Call, type Scenario, type Violation } from '../scenario';
import { idOf, targetOf, type Downloaded, type Ending } from './call';
import { md5OfFile, type Disk } from './disk';
import { judgeUploads } from './truth-uploads';
import type { Liar } from '../liar/liar';

export async function judgeTruth(
	scenario: Scenario,
	liar: Liar,
	disk: Disk,
	endings: readonly Ending[],
): Promise<Violation[]> {
	const uploads = judgeUploads(scenario, liar, endings);
	const [ending] = endings;
	if (!ending || !('value' in ending)) return uploads;
	return [...uploads, ...(await judgeValue(scenario.call, liar, disk, ending.value))];
}

async function judgeValue(call: Call, liar: Liar, disk: Disk, value: unknown): Promise<Violation[]> {
	switch (call.method) {
		case 'upload':
		case 'syncToRemote':
		case 'testConnection':
			return [];
		case 'download': {
			const { content, leftEarly } = value as Downloaded;
			return leftEarly ? [] : judgeBytes(liar, idOf(liar, call.file), content.md5);
		}
		case 'downloadToFile':
			return judgeBytes(liar, idOf(liar, call.file), await md5OfFile(targetOf(disk)));
		case 'getDownloadUrl': {
			const { url } = value as { url: string };
			const fine = url.includes(`/bucket/${idOf(liar, call.file)}?`);
			return fine ? [] : [{ rule: 'truth: a link to something else', detail: url }];
		}
		case 'delete':
			return judgeDelete(liar, idOf(liar, call.file));
		case 'listChatFiles':
			return judgeFiles(value as FileInfo[], stayed(liar, inChat), call.limit);
		case 'listFilesInDirectory': {
			const name = DIRECTORIES[call.directory - 1]?.name;
			const wanted = stayed(
				liar,
				({ place, name: filename }) => place.biz === name && filename.includes(call.name),
			);
			// A service whose search is exact, or has none, decides itself what belongs to the list.
			return liar.store.settings.search === 'part' ? judgeFiles(value as FileInfo[], wanted, call.limit) : [];
		}
		case 'listDirectories': {
			const wanted = DIRECTORIES.filter(({ name }) => name.includes(call.name));
			const got = new Set((value as DirectoryInfo[]).map(({ name }) => name));
			const missing = wanted.filter(({ name }) => !got.has(name));
			const complete = missing.length === 0 || (call.limit ?? Infinity) < wanted.length;
			return complete ? [] : [{ rule: 'truth: a list is not complete', detail: JSON.stringify(missing) }];
		}
		case 'syncToLocal':
			return await judgeSyncToLocal(call, liar, value as SyncItem[]);
	}
}

const inChat = ({ place }: StoredFile) => place.biz === 'chat' && place.key === CHATS[0];

/** What was there the whole time. */
const stayed = ({ store }: Liar, belongs: (file: StoredFile) => boolean) =>
	[...store.files.values()].filter((file) => file.from === 'before' && belongs(file));

function judgeBytes({ store }: Liar, id: string, md5: string | undefined): Violation[] {
	const file = store.ever.get(id);
	if (file && statusOf(file) === 'ok' && file.digest?.md5 === md5) return [];
	const detail = `file ${id} is ${file ? statusOf(file) : 'unknown'}, its MD5 ${file?.digest?.md5 ?? 'none'}, got ${md5 ?? 'none'}`;
	return [{ rule: 'truth: a download of other bytes', detail }];
}

function judgeDelete({ store, seen }: Liar, id: string): Violation[] {
	if (store.files.has(id)) return [{ rule: 'truth: deleted, but it is still there', detail: id }];
	if (store.ever.has(id) || seen.deletionsInDoubt.has(id)) return [];
	return [{ rule: 'truth: deleted what never was', detail: id }];
}

function judgeFiles(
	got: readonly FileInfo[],
	wanted: readonly StoredFile[],
	limit: number | null,
): Violation[] {
	const names = new Map(got.map(({ id, filename }) => [String(id), filename]));
	const wrong = wanted.filter(({ id, name }) => names.has(id) && names.get(id) !== name);
	const missing = wanted.filter(({ id }) => !names.has(id));
	const violations: Violation[] = [];
	if (wrong.length > 0)
		violations.push({ rule: 'truth: a list says something else', detail: JSON.stringify(wrong[0]) });
	if (limit !== null && got.length > limit)
		violations.push({ rule: 'truth: a list beyond its limit', detail: `${got.length}` });
	if (missing.length > 0 && got.length < (limit ?? Infinity)) {
		const detail = `${missing.length} of ${wanted.length} are missing: ${missing[0]?.id ?? ''} "${missing[0]?.name ?? ''}"`;
		violations.push({ rule: 'truth: a list is not complete', detail });
	}
	return violations;
}

async function judgeSyncToLocal(
	{ dryRun }: Call & { method: 'syncToLocal' },
	liar: Liar,
	items: readonly SyncItem[],
): Promise<Violation[]> {
	const told = new Set(items.map(({ fileId }) => String(fileId)));
	const missing = stayed(liar, inChat).filter(({ id }) => !told.has(id));
	const violations: Violation[] = [];
	if (missing.length > 0) {
		const detail = `${missing.length} files have no item: ${missing[0]?.id ?? ''} "${missing[0]?.name ?? ''}"`;
		violations.push({ rule: 'truth: a list is not complete', detail });
	}
	const paths = new Set<string>();
	for (const { status, fileId, localPath = '' } of items) {
		if (status !== 'success') continue;
		if (dryRun) violations.push({ rule: 'truth: a dry run that does something', detail: localPath });
		if (paths.has(localPath)) violations.push({ rule: 'truth: two files at one path', detail: localPath });
		paths.add(localPath);
		violations.push(...judgeBytes(liar, String(fileId), await md5OfFile(localPath)));
	}
	return violations;
}

/** In either world: what a call did not report as done is as it was on the disk, and nothing else is touched. */
export function judgeDisk(
	{ call }: Scenario,
	disk: Disk,
	endings: readonly Ending[],
	now: ReadonlyMap<string, string>,
): Violation[] {
	const violations: Violation[] = [];
	const add = (rule: string, details: readonly string[]) =>
		violations.push(...details.slice(0, 3).map((detail) => ({ rule, detail })));
	add('something outside the folder', disk.changedOutside(now));
	add('a temporary file is left', disk.temporaries(now));
	add('a file changed that was not reported', changedUnsaid(call, disk, endings[0], now));
	return violations;
}

function changedUnsaid(
	call: Call,
	disk: Disk,
	ending: Ending | undefined,
	now: ReadonlyMap<string, string>,
): string[] {
	const done = new Set<string>();
	if (ending && 'value' in ending) {
		if (call.method === 'downloadToFile') done.add(targetOf(disk));
		if (call.method === 'syncToLocal')
			for (const { status, localPath } of ending.value as SyncItem[])
				if (status === 'success' && localPath !== undefined) done.add(localPath);
	} else if (call.method === 'syncToLocal') {
		// A sync that was cancelled does not say how far it came.
		return [];
	}
	const paths = new Set([...now.keys(), ...disk.before.keys()]);
	return [...paths].filter(
		(path) =>
			path.startsWith(join(disk.folder, '/')) &&
			!/\/\.bdd-file-/.test(path) &&
			now.get(path) !== disk.before.get(path) &&
			!done.has(path),
	);
}
