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

/** By the position of the file in the list; undefined where no name is left for it. */
type Places = ReadonlyArray<string | NoPlace | undefined>;

/** @param position of the file in the list */
type Give = (position: number, place: string | NoPlace) => void;

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
	const places = new Array<string | NoPlace | undefined>(remote.files.length);
	/** Positions. */
	const holders: number[] = [];
	for (const [position, file] of remote.files.entries()) {
		const by = synced.superseded.get(file.id);
		const isNameless = nameProblem(file.name) !== undefined;
		if (by !== undefined) places[position] = { why: 'superseded', by };
		else if (file.status !== 'ok') places[position] = { why: 'notComplete' };
		else if (isNameless) places[position] = { why: 'badName' };
		if (by === undefined && file.status !== 'error' && !isNameless) holders.push(position);
	}
	const { files } = remote;
	const idAt = (position: number) => files[position]?.id ?? 0;
	holders.sort((a, b) => compareIds(idAt(a), idAt(b)));
	const give: Give = (position, place) => {
		if (files[position]?.status === 'ok') places[position] = place;
	};
	if (rules.duplicateNames === 'renameById')
		new Naming(files, holders, synced.files, rules, locals).run(give);
	else onePerName(files, holders, rules, give);
	return places;
}

/** Only the newest of a name has a place, or only a file whose name no other has. */
function onePerName(
	files: readonly RemoteFile[],
	holders: readonly number[],
	{ keyOf, duplicateNames }: Rules,
	give: Give,
): void {
	const complete = holders.flatMap((position) => {
		const file = files[position];
		return file?.status === 'ok' ? [{ file, position }] : [];
	});
	const newest = new Map<string, RemoteFile>();
	const counts = new Map<string, number>();
	for (const { file } of complete) {
		const key = keyOf(file.name);
		newest.set(key, file);
		counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	for (const { file, position } of complete) {
		const winner = newest.get(keyOf(file.name)) ?? file;
		const count = counts.get(keyOf(file.name)) ?? 1;
		if (count === 1 || (duplicateNames === 'newest' && winner === file)) give(position, file.name);
		else if (duplicateNames === 'newest') give(position, { why: 'newerNamesake', id: winner.id });
		else give(position, { why: 'namesakes', count });
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
	/** By the index of the holder: 1 when it has a place. */
	private readonly isPlaced: Uint8Array;

	/** @param holders positions of files, in ascending order of their ids */
	constructor(
		private readonly files: readonly RemoteFile[],
		private readonly holders: readonly number[],
		private readonly remembered: Trees['synced']['files'],
		private readonly rules: Rules,
		private readonly locals: ReadonlyMap<string, LocalEntry>,
	) {
		this.isPlaced = new Uint8Array(holders.length);
	}

	run(give: Give): void {
		const take = (index: number, name: string): boolean => {
			const position = this.holders[index];
			const key = this.rules.keyOf(name);
			if (position === undefined || this.taken.has(key)) return false;
			this.taken.add(key);
			this.isPlaced[index] = 1;
			give(position, name);
			return true;
		};
		this.asRemembered(take);
		for (const round of this.rules.mode.rounds) {
			if (round === 'content') this.whereTheContentIs(take);
		}
		this.forEachWaiting((file, index) => {
			for (let times = 0; ; times++) {
				const name = numberedName(file.name, file.id, times);
				if (name === undefined || take(index, name)) break;
			}
		});
	}

	private asRemembered(take: (index: number, name: string) => boolean): void {
		for (const { id, path } of this.remembered.values()) {
			if (path.includes('/')) continue;
			const index = this.indexOf(id);
			if (index !== undefined && this.isPlaced[index] === 0) take(index, path);
		}
	}

	private whereTheContentIs(take: (index: number, name: string) => boolean): void {
		this.forEachWaiting((file, index) => {
			if (file.status !== 'ok') return;
			const local = this.locals.get(this.rules.keyOf(file.name));
			if (local?.kind === 'file' && sameContent(local, file) !== undefined) take(index, local.path);
		});
	}

	private forEachWaiting(work: (file: RemoteFile, index: number) => void): void {
		for (let index = 0; index < this.holders.length; index++) {
			const file = this.fileAt(index);
			if (file !== undefined && this.isPlaced[index] === 0) work(file, index);
		}
	}

	private fileAt(index: number): RemoteFile | undefined {
		return this.files[this.holders[index] ?? -1];
	}

	/** By halves: a map would take more memory than all that is in it. */
	private indexOf(id: WireId): number | undefined {
		let [low, high] = [0, this.holders.length - 1];
		while (low <= high) {
			const middle = (low + high) >>> 1;
			const order = compareIds(this.fileAt(middle)?.id ?? id, id);
			if (order === 0) return middle;
			if (order < 0) low = middle + 1;
			else high = middle - 1;
		}
		return undefined;
	}
}
