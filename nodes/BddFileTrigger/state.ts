import type { IDataObject } from 'n8n-workflow';

import { InvalidInputError } from '../../client';
import { Digest, numberOf } from './digest';

/**
 * What is known of a file.
 * - `done`: it came out, or was there before the trigger was, or is filtered out.
 * - `failed`: its upload failed; it would come out if it became `ok` all the same.
 * - `waiting`: it is on its way.
 * - `owed`: it is `ok`, and its content could not be had yet.
 */
export const PHASES = ['done', 'failed', 'waiting', 'owed'] as const;
export type Phase = (typeof PHASES)[number];

/** Whether the file is still to come out. */
export const isOpen = (phase: Phase): boolean => phase === 'waiting' || phase === 'owed';

export interface Entry {
	phase: Phase;
	/** How often its content was asked for in vain. */
	tries: number;
	/** Its place in the list, counted from the end at which files have been longest: 0 is the oldest. */
	place: number;
}

/** What is remembered of a list from one poll to the next. `changes.ts` tells what each part is good for. */
export interface State {
	/** Which list of which service this is about. */
	scope: string;
	/** Polls so far. */
	round: number;
	/** The highest id that anything is remembered of; empty while there is none. */
	highest: string;
	/** How many records the list had, without those that nothing is remembered of. */
	total: number;
	/** Where new files come in the list. */
	newest: 'first' | 'last';
	/** When the whole list was last read. Milliseconds since the epoch. */
	wholeAt: number;
	/** When that last told everything about the files of `far`. */
	soundAt: number;
	/** By the number of the id; the ones that were looked at last are at the end. */
	near: Map<number, Entry>;
	/** A fact (`factOf`) for each other file. */
	far: Digest;
	/** Facts of `far` whose files were missing in the list at `missingAt`, as 32 bits each. */
	missing: Set<number>;
	missingAt: number;
}

/** How much is kept exactly; with a full `far` it makes about 60 KB. */
export interface Sizes {
	/** Files that came out or failed. */
	near: number;
	/** Files that are waiting or owed. */
	open: number;
	/** Records at the end of the list where new ones come, which are kept in `near` for the next short look. */
	edge: number;
	/** Facts that may be noted as missing. */
	missing: number;
	/** Cells in each third of `far`. */
	cells: number;
}

export const SIZES: Sizes = { near: 1024, open: 1000, edge: 200, missing: 512, cells: 512 };

export const emptyState = (scope: string, sizes: Sizes = SIZES): State => ({
	scope,
	round: 0,
	highest: '',
	total: 0,
	newest: 'last',
	wholeAt: 0,
	soundAt: 0,
	near: new Map(),
	far: new Digest(sizes.cells),
	missing: new Set(),
	missingAt: 0,
});

/** A file and what is known of it, as an element of `far`. An owed one counts as waiting there. */
export const factOf = (key: number, phase: Phase): number =>
	phase === 'done' ? key : numberOf(`${phase === 'owed' ? 'waiting' : phase} ${key}`);

const VERSION = 1;
const ENTRY_BYTES = 8;
const PLACE_BYTES = 4;

/** As n8n keeps it: JSON of less than 64 KB. */
export function writeState({ near, far, missing, ...rest }: State): IDataObject {
	const words = Buffer.from(Uint32Array.from(missing).buffer);
	return {
		version: VERSION,
		...rest,
		near: writeEntries(near),
		far: far.toText(),
		missing: words.toString('base64'),
	};
}

/**
 * @returns undefined where nothing was written yet
 * @throws InvalidInputError for what `writeState` has not written
 */
export function readState(data: unknown, sizes: Sizes = SIZES): State | undefined {
	if (data === undefined || data === null) return undefined;
	const { version, scope, round, highest, total, newest, wholeAt, soundAt, missingAt, near, far, missing } =
		data as Record<string, unknown>;
	const isOurs =
		version === VERSION &&
		[scope, highest, near, far, missing].every((value) => typeof value === 'string') &&
		[round, total, wholeAt, soundAt, missingAt].every((value) => typeof value === 'number') &&
		(newest === 'first' || newest === 'last');
	const digest = typeof far === 'string' ? Digest.fromText(far, sizes.cells) : undefined;
	if (!isOurs || !digest) {
		throw new InvalidInputError('What the trigger remembers cannot be read', {
			description:
				'It was written by another version of this node, or changed. Replace the node by a new one: it begins with the files that are there then.',
		});
	}
	const words = Buffer.from(missing as string, 'base64');
	const at = Array.from({ length: Math.floor(words.length / 4) }, (_, index) =>
		words.readUInt32LE(index * 4),
	);
	const rest = { scope, round, highest, total, newest, wholeAt, soundAt, missingAt } as Omit<
		State,
		'near' | 'far' | 'missing'
	>;
	return { ...rest, near: readEntries(near as string), far: digest, missing: new Set(at) };
}

/** Each entry has its number (7 bytes), its phase and tries (1 byte), and its place where that is of use (4 bytes). */
function writeEntries(near: ReadonlyMap<number, Entry>): string {
	const bytes = Buffer.alloc(near.size * (ENTRY_BYTES + PLACE_BYTES));
	let at = 0;
	for (const [key, { phase, tries, place }] of near) {
		at = bytes.writeUIntLE(key % 2 ** 32, at, 4);
		at = bytes.writeUIntLE(Math.floor(key / 2 ** 32), at, 3);
		at = bytes.writeUInt8(PHASES.indexOf(phase) + PHASES.length * tries, at);
		if (isOpen(phase)) at = bytes.writeUInt32LE(place, at);
	}
	return bytes.toString('base64', 0, at);
}

function readEntries(text: string): Map<number, Entry> {
	const near = new Map<number, Entry>();
	const bytes = Buffer.from(text, 'base64');
	for (let at = 0; at + ENTRY_BYTES <= bytes.length;) {
		const key = bytes.readUIntLE(at, 4) + bytes.readUIntLE(at + 4, 3) * 2 ** 32;
		const code = bytes.readUInt8(at + 7);
		const phase = PHASES[code % PHASES.length] ?? 'done';
		at += ENTRY_BYTES;
		const place = isOpen(phase) && at + PLACE_BYTES <= bytes.length ? bytes.readUInt32LE(at) : 0;
		if (isOpen(phase)) at += PLACE_BYTES;
		near.set(key, { phase, tries: Math.floor(code / PHASES.length), place });
	}
	return near;
}
