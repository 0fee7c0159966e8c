import { isAbsolute, resolve } from 'node:path';
import { InvalidInputError } from '../api/errors';
import { concurrency, days, DEFAULTS, oneOf, partBytes, percent } from '../arguments';
import { type CallOptions, UPLOAD_MODES, type UploadMode } from '../types';
import {
	CONFLICT_CHOICES,
	DUPLICATE_NAMES,
	IF_EXISTS,
	IF_RUNNING,
	type IfRunning,
	SYNC_OUTPUTS,
	type SyncBothWaysOptions,
	type SyncOutput,
	type SyncToLocalOptions,
	type SyncToRemoteOptions,
} from '../sync-types';
import { pathFilter } from './filter';
import type { Mode, Rules } from './modes';
import { showName } from './names';

/** The options of all three operations; each has only some of them. */
export type AnySyncOptions = SyncToLocalOptions<SyncOutput> &
	SyncToRemoteOptions<SyncOutput> &
	SyncBothWaysOptions<SyncOutput>;

/** The options as a sync uses them: checked, with every default. */
export interface Settings {
	/** What the planner needs to know, but for what the folder tells: how its disk compares names, and whether it has a memory. */
	rules: Omit<Rules, 'keyOf' | 'isAllowed' | 'remembers'>;
	chatId: string;
	/** Absolute. */
	directory: string;
	/** Files in flight. */
	concurrency: number;
	dryRun: boolean;
	isPathAllowed: (path: string) => boolean;
	trashDays: number;
	ifRunning: IfRunning;
	output: SyncOutput;
	verify: boolean | undefined;
	uploadMode: UploadMode | undefined;
	/** MiB. */
	partSize: number | undefined;
	/** Goes with every request. */
	call: CallOptions;
}

/** @throws InvalidInputError */
export function settingsFor(mode: Mode, options: AnySyncOptions): Settings {
	const { userId, signal, timeout, maxTries, mode: uploadMode, partSize } = options;
	// Each upload would say it of itself, when everything before is done.
	if (partSize !== undefined) partBytes(partSize);
	return {
		rules: {
			mode,
			ifExists: oneOf(IF_EXISTS, options.ifExists ?? mode.ifExists, 'If File Exists'),
			duplicateNames: oneOf(DUPLICATE_NAMES, options.duplicateNames ?? 'renameById', 'Duplicate Names'),
			conflict: oneOf(CONFLICT_CHOICES, options.conflict ?? 'keepBoth', 'On Conflict'),
			propagateDeletes: options.propagateDeletes ?? false,
			maxDelete: percent(options.maxDelete ?? DEFAULTS.maxDelete, 'Max Delete'),
			recursive: mode.name === 'toRemote' && (options.recursive ?? true),
			filter: pathFilter(options.include, options.exclude),
		},
		chatId: options.chatId,
		directory: absoluteFolder(options.localDirectory),
		concurrency: concurrency(options.concurrency ?? DEFAULTS.fileConcurrency),
		dryRun: options.dryRun ?? false,
		isPathAllowed: options.isPathAllowed ?? (() => true),
		trashDays: days(options.trashDays ?? DEFAULTS.trashDays, 'Days in Trash'),
		ifRunning: oneOf(IF_RUNNING, options.ifRunning ?? 'wait', 'If Already Running'),
		output: oneOf(SYNC_OUTPUTS, options.output ?? 'all', 'Output'),
		verify: options.verify,
		uploadMode: uploadMode === undefined ? undefined : oneOf(UPLOAD_MODES, uploadMode, 'Mode'),
		partSize,
		call: { userId, signal, timeout, maxTries },
	};
}

/** @throws InvalidInputError for a path that would depend on where the process was started */
function absoluteFolder(path: string): string {
	if (isAbsolute(path)) return resolve(path);
	throw new InvalidInputError(
		path === ''
			? 'The local folder is missing'
			: `The local folder ${showName(path)} is not an absolute path`,
		{ description: 'Give the whole path of the folder, such as /data/files.' },
	);
}
