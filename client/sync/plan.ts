import { settleConflict } from './conflict';
import { lazily } from './lazily';
import type { Rules } from './modes';
import { type Pair, pairTrees } from './pair';
import type { NoPlace } from './places';
import { remoteSameAsRemembered, sameAsRemembered, sameContent } from './same';
import { type Situation, TakenNames } from './situation';
import { download, leave, notDeleted, type Step, touch, upload } from './steps';
import type { LocalEntry, LocalFile, LocalObstacle, RemoteFile, SyncedFile, Trees } from './trees';
import type { NotDeletedReason } from '../sync-types';

export interface Plan {
	/** In the order in which they are reported; deletions are carried out last, wherever they stand. */
	steps: readonly Step[];
	/** More would be deleted on a side than the rules allow: then nothing of the plan may be done. */
	tooMany: TooManyDeletions | undefined;
}

export interface TooManyDeletions {
	side: 'local' | 'remote';
	deletions: number;
	remembered: number;
}

/** Up to here no share of what is remembered is too much. */
const ALWAYS_ALLOWED_DELETIONS = 10;

/** Three trees and the rules to steps. Pure: the same trees give the same steps, and nothing is asked or changed. */
export function planSync(trees: Trees, rules: Rules): Plan {
	const pairs = pairTrees(trees, rules);
	const situation: Situation = {
		rules,
		takenNames: new TakenNames(pairs, rules.keyOf),
		merging: trees.remote.files.filter(({ status }) => status === 'merging'),
		inChat: lazily(() => new Set(trees.remote.files.map(({ id }) => id))),
		waiting: new Set(pairs.filter(({ noPlace }) => noPlace).flatMap(({ remote }) => remote?.id ?? [])),
		noDeletions: noDeletions(trees, rules),
	};
	const steps: Step[] = [];
	for (const pair of pairs) {
		if (!isWanted(pair, rules)) continue;
		for (const step of decide(pair, situation)) steps.push(unlessMerging(step, situation));
	}
	return { steps, tooMany: tooManyDeletions(steps, trees, rules) };
}

/** What cannot be seen could be what seems to be gone: it may have been moved there. What is excluded is nobody's concern. */
function noDeletions({ local, remote }: Trees, { filter }: Rules): NotDeletedReason | undefined {
	if (remote.unreadable.length > 0) return 'unreadableRecords';
	const isUnseen = ({ kind, path }: LocalEntry) =>
		(kind === 'unreadable' || kind === 'notAllowed') && !filter.excludes(path);
	return local.entries.some(isUnseen) ? 'unreadableFolder' : undefined;
}

/** By the name in the chat, also when the file is gone there; to remote by the path. */
function isWanted({ path, local, remote, synced }: Pair, { filter, mode }: Rules): boolean {
	// Any file could be in a folder that cannot be read, so only an exclusion makes it irrelevant.
	if (mode.up && local !== undefined && local.kind !== 'file' && local.hidesAll === true)
		return !filter.excludes(local.path);
	const inChat = remote?.name ?? synced?.remoteName;
	return filter.accepts((mode.down ? (inChat ?? path) : (path ?? inChat)) ?? '');
}

function decide(pair: Pair, situation: Situation): Step[] {
	const { local, remote, synced, noPlace } = pair;
	if (remote !== undefined && noPlace !== undefined) return withoutPlace(pair, remote, noPlace, situation);
	if (local !== undefined && local.kind !== 'file') return obstacle(pair, local, situation);
	if (local !== undefined && remote !== undefined) return onBothSides(pair, local, remote, situation);
	if (remote !== undefined) return onlyInChat(pair, remote, situation);
	if (local !== undefined) return onlyLocal(pair, local, situation);
	// The chat's file may only have no place for now.
	return synced === undefined || situation.waiting.has(synced.id) ? [] : [{ kind: 'forget', pair }];
}

/** An upload of this very file may be what the service is putting together: it is waited for, or there would be two. */
function unlessMerging(step: Step, { merging, rules }: Situation): Step {
	if (step.kind !== 'upload') return step;
	const { local, replaces } = step;
	const isIt = (file: RemoteFile) =>
		rules.keyOf(file.name) === rules.keyOf(local.name) &&
		file.size === local.size &&
		(file.hash === '' || local.checksums === undefined || sameContent(local, file) !== undefined);
	const isAnother = merging.some((file) => file !== replaces && isIt(file));
	return isAnother ? leave(step.pair, { code: 'merging' }) : step;
}

function withoutPlace(pair: Pair, remote: RemoteFile, noPlace: NoPlace, { rules }: Situation): Step[] {
	if (noPlace.why === 'superseded' && rules.mode.up)
		return [{ kind: 'removeRemote', pair, remote, supersededBy: noPlace.by }];
	return [leave(pair, { code: 'noPlace', place: noPlace })];
}

function obstacle(pair: Pair, local: LocalObstacle, { rules }: Situation): Step[] {
	const isItem = rules.mode.up
		? local.kind !== 'folder' || pair.remote !== undefined
		: pair.remote !== undefined;
	return isItem ? [leave(pair, { code: local.kind })] : [];
}

/** Most steps of most plans, so one object stands for all. */
const UNCHANGED = {
	memory: { code: 'unchanged', by: 'memory' },
	time: { code: 'unchanged', by: 'time' },
	content: { code: 'unchanged', by: 'content' },
} as const;

function onBothSides(pair: Pair, local: LocalFile, remote: RemoteFile, situation: Situation): Step[] {
	const { rules } = situation;
	const { ifExists, mode } = rules;
	const equality = compare(pair, local, remote);
	const isSame = equality !== undefined && remote.status === 'ok';
	const same = () => syncedFile(pair, local, remote);
	if (ifExists === 'skip') return [leave(pair, { code: 'exists' }, isSame ? same() : undefined)];
	if (ifExists === 'skipUnchanged' && equality !== undefined) {
		if (rules.remembers) return [leave(pair, UNCHANGED[equality], isSame ? same() : undefined)];
		const isTouched = equality === 'content' && isSame && !mode.up;
		return [isTouched ? touch(pair, local, remote) : leave(pair, UNCHANGED[equality])];
	}
	if (!mode.up) return [download(pair, remote, local)];
	if (!mode.down) return [upload(pair, local, remote)];
	const { synced } = pair;
	if (synced !== undefined && sameAsRemembered(local, synced)) return [download(pair, remote, local)];
	if (synced !== undefined && remoteSameAsRemembered(remote, synced)) return [upload(pair, local, remote)];
	return settleConflict(pair, local, remote, situation);
}

/** Equal by the memory, which costs nothing, or by what is known of both. */
function compare(
	{ synced }: Pair,
	local: LocalFile,
	remote: RemoteFile,
): 'memory' | 'time' | 'content' | undefined {
	if (synced !== undefined && sameAsRemembered(local, synced) && remoteSameAsRemembered(remote, synced))
		return 'memory';
	return sameContent(local, remote);
}

function onlyInChat(pair: Pair, remote: RemoteFile, { rules, noDeletions }: Situation): Step[] {
	const { synced } = pair;
	const { mode, propagateDeletes } = rules;
	const isGone = synced !== undefined && propagateDeletes && mode.up;
	if (isGone && remote.status === 'ok') {
		if (remoteSameAsRemembered(remote, synced)) {
			if (noDeletions !== undefined) return [notDeleted(pair, noDeletions)];
			return [{ kind: 'removeRemote', pair, remote, supersededBy: undefined }];
		}
		if (!mode.down) return [notDeleted(pair, 'changedRemotely')];
	}
	if (!mode.down) return [];
	const down = download(pair, remote, undefined);
	return [rules.isAllowed(down.path) ? down : leave(pair, { code: 'notAllowed' })];
}

function onlyLocal(pair: Pair, local: LocalFile, { rules, inChat, noDeletions }: Situation): Step[] {
	const { synced } = pair;
	const { mode, propagateDeletes } = rules;
	const isGone = synced !== undefined && propagateDeletes && mode.down && !inChat().has(synced.id);
	if (isGone) {
		if (sameAsRemembered(local, synced)) {
			if (noDeletions !== undefined) return [notDeleted(pair, noDeletions)];
			return [{ kind: 'removeLocal', pair, local }];
		}
		if (!mode.up) return [notDeleted(pair, 'changedLocally')];
	}
	return mode.up ? [upload(pair, local, undefined)] : [];
}

function tooManyDeletions(
	steps: readonly Step[],
	{ synced }: Trees,
	{ maxDelete, recursive }: Rules,
): TooManyDeletions | undefined {
	let [local, remote] = [0, 0];
	steps.forEach((step) => {
		if (step.kind === 'removeLocal') local += 1;
		if (step.kind === 'removeRemote' && step.supersededBy === undefined) remote += 1;
	});
	let remembered = 0;
	synced.files.forEach((_, path) => (remembered += recursive || !path.includes('/') ? 1 : 0));
	const isTooMany = (deletions: number) =>
		deletions > ALWAYS_ALLOWED_DELETIONS && deletions * 100 > remembered * maxDelete;
	if (isTooMany(local)) return { side: 'local', deletions: local, remembered };
	return isTooMany(remote) ? { side: 'remote', deletions: remote, remembered } : undefined;
}

/** What the memory writes down of a file that is the same on both sides; the same object where nothing is new. */
function syncedFile({ synced }: Pair, local: LocalFile, remote: RemoteFile): SyncedFile {
	const { path, size, mtimeMs, name } = local;
	const { id } = remote;
	// An old service forgets the hash that our own upload has told.
	const hash = remote.hash === '' && synced?.id === id ? synced.hash : remote.hash;
	if (synced?.id === id && synced.path === path && synced.size === size && synced.mtimeMs === mtimeMs)
		return synced;
	return { path, id, size, hash, mtimeMs, ...(remote.name !== name && { remoteName: remote.name }) };
}
