import type { ConflictChoice, DuplicateNames, IfExists } from '../sync-types';
import type { NameKey } from './disk-names';
import type { PathFilter } from './filter';

/**
 * What tells the three operations apart, as data. There is one planner: a sync one way is the sync both ways with one
 * direction switched off.
 */
export interface Mode {
	name: 'toLocal' | 'toRemote' | 'both';
	/** What people call it. */
	title: string;
	/** May write to the folder. Then every file of the chat gets a place in it. */
	down: boolean;
	/** May write to the chat. Then every file of the folder is an item. */
	up: boolean;
	/** What `ifExists` is when nobody says. Both ways has no such option: what is equal is left, what differs is decided. */
	ifExists: IfExists;
	/** How files of one name find each other that no memory puts together, the best way first. */
	rounds: readonly Round[];
}

/**
 * `content`: they are the same. `size`: the content is not known to be the same, the size is. `any`: one of the chat's files
 * of this name for each local one, the lowest id first.
 */
export type Round = 'content' | 'size' | 'any';

export const MODES = {
	// The name alone decides, so that no run ever renames what an earlier one has written.
	toLocal: {
		name: 'toLocal',
		title: 'Sync Chat to Folder',
		down: true,
		up: false,
		ifExists: 'skipUnchanged',
		rounds: ['any'],
	},
	// Subfolders may hold many files of one name; the chat knows them by that name only.
	toRemote: {
		name: 'toRemote',
		title: 'Sync Folder to Chat',
		down: false,
		up: true,
		ifExists: 'skip',
		rounds: ['content', 'size', 'any'],
	},
	both: {
		name: 'both',
		title: 'Sync Both Ways',
		down: true,
		up: true,
		ifExists: 'skipUnchanged',
		rounds: ['content', 'any'],
	},
} as const satisfies Record<string, Mode>;

/** A mode with what the caller chose: all that the planner knows besides the trees. */
export interface Rules {
	mode: Mode;
	ifExists: IfExists;
	duplicateNames: DuplicateNames;
	conflict: ConflictChoice;
	propagateDeletes: boolean;
	/** Percent. */
	maxDelete: number;
	/** There is a memory that writes down what is the same. */
	remembers: boolean;
	/** Subfolders take part. */
	recursive: boolean;
	filter: PathFilter;
	/** How the folder's disk compares names. */
	keyOf: NameKey;
	/** Whether a path in the folder may be written to. */
	isAllowed: (path: string) => boolean;
}
