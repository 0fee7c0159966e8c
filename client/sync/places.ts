import { compareIds } from '../api/ids';
import type { WireId } from '../api/wire';
import type { Rules } from './modes';
import { nameProblem, numberedName } from './names';
import { sameContent } from './same';
import type { LocalEntry, RemoteFile, Trees } from './trees';

/** Why a file of the chat has no place in the folder. */
export type NoPlace =
	| { why: 'notComplete' | 'badName' | 'noFreeName' }
	| { why: 'namesakes'; count: number }
	| { why: 'newerNamesake'; id: WireId }
	/** An upload that arrived was to replace it, and its deletion is still to come. */
	| { why: 'superseded'; by: WireId };

type Places = Map<RemoteFile, string | NoPlace>;

/**
 * Gives every file of a chat its place in the folder. Which of them are wanted plays no part, so that a filter never changes
 * a name. Files on their way hold their name for the moment they are complete; failed uploads hold none.
 *
 * @param locals what is in the folder, by the key of its name
 */
export function placeFiles(
	{ remote, synced }: Trees,
	rules: Rules,
	locals: ReadonlyMap<string, LocalEntry>,
): Places {
	const places: Places = new Map();
	const holders: RemoteFile[] = [];
	for (const file of remote.files) {
		const by = synced.superseded.get(file.id);
		const isNameless = nameProblem(file.name) !== undefined;
		if (by !== undefined) places.set(file, { why: 'superseded', by });
		else if (file.status !== 'ok') places.set(file, { why: 'notComplete' });
		else if (isNameless) places.set(file, { why: 'badName' });
		if (by === undefined && file.status !== 'error' && !isNameless) holders.push(file);
	}
	holders.sort((a, b) => compareIds(a.id, b.id));
	const give = (file: RemoteFile, place: string | NoPlace) => {
		if (file.status === 'ok') places.set(file, place);
	};
	if (rules.duplicateNames === 'renameById') new Naming(holders, synced.files, rules, locals).run(give);
	else onePerName(holders, rules, give);
	return places;
}

/** Only the newest of a name has a place, or only a file whose name no other has. */
function onePerName(
	holders: readonly RemoteFile[],
	{ keyOf, duplicateNames }: Rules,
	give: (file: RemoteFile, place: string | NoPlace) => void,
): void {
	const complete = holders.filter(({ status }) => status === 'ok');
	const newest = new Map<string, RemoteFile>();
	const counts = new Map<string, number>();
	for (const file of complete) {
		const key = keyOf(file.name);
		newest.set(key, file);
		counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	for (const file of complete) {
		const winner = newest.get(keyOf(file.name)) ?? file;
		const count = counts.get(keyOf(file.name)) ?? 1;
		if (count === 1 || (duplicateNames === 'newest' && winner === file)) give(file, file.name);
		else if (duplicateNames === 'newest') give(file, { why: 'newerNamesake', id: winner.id });
		else give(file, { why: 'namesakes', count });
	}
}

/**
 * Every file gets a place that no other has. What the memory knows keeps its place. Then, both ways, a file takes the place
 * where its content already is. Then, in ascending order of ids, each takes its own name or, where that is taken, the name
 * with its id: so a name depends only on files with lower ids, and neither the order of the list nor a newer file ever
 * changes it.
 */
class Naming {
	private readonly taken = new Set<string>();
	private readonly waiting: Set<RemoteFile>;

	constructor(
		holders: readonly RemoteFile[],
		private readonly remembered: Trees['synced']['files'],
		private readonly rules: Rules,
		private readonly locals: ReadonlyMap<string, LocalEntry>,
	) {
		this.waiting = new Set(holders);
	}

	run(give: (file: RemoteFile, place: string | NoPlace) => void): void {
		const take = (file: RemoteFile, name: string): boolean => {
			const key = this.rules.keyOf(name);
			if (this.taken.has(key)) return false;
			this.taken.add(key);
			this.waiting.delete(file);
			give(file, name);
			return true;
		};
		this.asRemembered(take);
		for (const round of this.rules.mode.rounds) {
			if (round === 'content') this.whereTheContentIs(take);
		}
		for (const file of this.waiting) {
			for (let times = 0; this.waiting.has(file); times++) {
				const name = numberedName(file.name, file.id, times);
				if (name === undefined) break;
				take(file, name);
			}
		}
	}

	private asRemembered(take: (file: RemoteFile, name: string) => boolean): void {
		if (this.remembered.size === 0) return;
		const byId = new Map<WireId, RemoteFile>();
		for (const file of this.waiting) byId.set(file.id, file);
		for (const { id, path } of this.remembered.values()) {
			const file = byId.get(id);
			if (file !== undefined && this.waiting.has(file) && !path.includes('/')) take(file, path);
		}
	}

	private whereTheContentIs(take: (file: RemoteFile, name: string) => boolean): void {
		for (const file of this.waiting) {
			if (file.status !== 'ok') continue;
			const local = this.locals.get(this.rules.keyOf(file.name));
			if (local?.kind === 'file' && sameContent(local, file) !== undefined) take(file, local.path);
		}
	}
}
