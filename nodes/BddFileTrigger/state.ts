import { Digest } from './digest';

/**
 * What is known of a file.
 * - `done`: it came out, or was there before the trigger was, or is filtered out.
 * - `failed`: its upload failed; it would come out if it became `ok` all the same.
 * - `waiting`: it is on its way, or `ok` and did not fit into what came out.
 * - `owed`: it is `ok`, and its content could not be had yet.
 * - `missing`: it was not done, and the list does not have it any more.
 * - `gone`: it was done, and the list does not have it any more.
 */
export const PHASES = ['done', 'failed', 'waiting', 'owed', 'missing', 'gone'] as const;
export type Phase = (typeof PHASES)[number];

/** Whether the file is there and still to come out. */
export const isOpen = (phase: Phase): boolean => phase === 'waiting' || phase === 'owed';

/** Whether the file is not to come out any more. */
export const isDone = (phase: Phase): boolean => phase === 'done' || phase === 'gone';

export interface Entry {
	phase: Phase;
	/** How often its content was asked for in vain. */
	tries: number;
	/** Its place in the list, counted from the end at which files have been longest: 0 is the oldest. */
	place: number;
	/**
	 * Of a done one: when it was uploaded, by the service's clock. Of one that is not in the list: since when. Milliseconds
	 * since the epoch, up to the next second.
	 */
	time?: number;
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
	/** Since when that does not tell everything about the files of `far`; 0 when it does. */
	unsoundAt: number;
	/** The next look has to be a whole one: files are left that are due, or `near` has too much for `far`. */
	isUnsettled: boolean;
	/** By the number of the id; the ones that were looked at last are at the end. */
	near: Map<number, Entry>;
	/** The numbers of the ids of all other files; each of them is done. */
	far: Digest;
	/** No file of `far` was uploaded later, by the service's time. */
	farNewest: number;
	/** Files of `far` that were missing in the list at `missingAt`, the lower 32 bits of each. */
	missing: Set<number>;
	missingAt: number;
}

/** How much is kept; with a full `far` and 1,000 unfinished files it makes less than 64 KB. */
export interface Sizes {
	/** Done files in `near` after a look that tells everything; with twice as many the next one is due. */
	near: number;
	/** Records at the end of the list where new ones come, which are kept in `near` for the next short look. */
	edge: number;
	/** Files of `far` that may be noted as missing. */
	missing: number;
	/** Cells in each third of `far`. */
	cells: number;
}

export const SIZES: Sizes = { near: 250, edge: 200, missing: 512, cells: 512 };

export const emptyState = (scope: string, sizes: Sizes = SIZES): State => ({
	scope,
	round: 0,
	highest: '',
	total: 0,
	newest: 'last',
	wholeAt: 0,
	unsoundAt: 0,
	isUnsettled: false,
	near: new Map(),
	far: new Digest(sizes.cells),
	farNewest: 0,
	missing: new Set(),
	missingAt: 0,
});
