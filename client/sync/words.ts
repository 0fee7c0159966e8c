import { errorSentence, TooManyDeletionsError } from '../api/errors';
import type { FileStatus, WireId } from '../api/wire';
import { localFileError } from '../transfer/local-error';
import type { NotDeletedReason, SyncAction } from '../sync-types';
import { describeOwner, type LockOwner } from './lock-record';
import type { Mode } from './modes';
import { nameProblem, showName } from './names';
import type { Pair } from './pair';
import type { NoPlace } from './places';
import type { TooManyDeletions } from './plan';
import type { Settings } from './settings';
import type { Download, Leave, LeaveReason, RemoveLocal, RemoveRemote, Step, Touch, Upload } from './steps';

/** What a code says in words: skipped for a reason, or failed with an error. */
export type Verdict = { reason: string } | { error: string };

export function actionOf(step: Step): SyncAction {
	switch (step.kind) {
		case 'leave':
			return step.why.code === 'unchanged' || (step.why.code === 'exists' && step.same !== undefined)
				? 'unchanged'
				: 'none';
		case 'touch':
			return 'unchanged';
		case 'download':
			return step.conflict ? 'conflict' : 'downloaded';
		case 'upload':
			return step.conflict ? 'conflict' : 'uploaded';
		case 'removeLocal':
			return 'deletedLocal';
		case 'removeRemote':
			return 'deletedRemote';
		case 'forget':
			return 'none';
	}
}

export function whyLeft({ pair, why }: Leave | Touch, { rules: { mode }, directory }: Settings): Verdict {
	switch (why.code) {
		case 'unchanged':
			return { reason: unchanged(why.by, pair, mode) };
		case 'exists':
			return { reason: exists(pair, mode) };
		case 'noPlace':
			return noPlace(why.place, pair);
		case 'merging':
			return { reason: 'The service is still putting together a file of this name and size' };
		case 'notDeleted':
			return { reason: notDeletedReason(why.because) };
		case 'notAllowed':
		case 'link':
		case 'folder':
		case 'special':
		case 'unreadable':
			return obstacle(why.code, pair, directory);
	}
}

function unchanged(by: keyof typeof BOTH_SAME, { remote }: Pair, mode: Mode): string {
	if (!mode.down) return `The chat already has this file unchanged (id ${remote?.id ?? ''})`;
	return (mode.up ? BOTH_SAME : LOCAL_UNCHANGED)[by];
}

// Whole texts: one put together for each of 100,000 files takes memory for each.
const BOTH_SAME = {
	memory: 'Both sides have the same file (since the last sync)',
	time: 'Both sides have the same file (same size and time)',
	content: 'Both sides have the same file (same size and content)',
};
const LOCAL_UNCHANGED: typeof BOTH_SAME = {
	memory: 'The local file is unchanged (since the last sync)',
	time: 'The local file is unchanged (same size and time)',
	content: 'The local file is unchanged (same size and content)',
};

function exists({ remote }: Pair, mode: Mode): string {
	return mode.down
		? 'A local file with this name already exists'
		: `A file with this name already exists in the chat (id ${remote?.id ?? ''})`;
}

function noPlace(place: NoPlace, { remote }: Pair): Verdict {
	const name = remote?.name ?? '';
	switch (place.why) {
		case 'notComplete':
			return { reason: notComplete(remote?.status ?? 'error') };
		case 'badName':
			return { error: nameProblem(name) ?? `The remote name ${showName(name)} cannot be a local one` };
		case 'noFreeName':
			return { error: `No local name is free for the remote name ${showName(name)}` };
		case 'namesakes':
			return { error: `${place.count} files of the chat have the name ${showName(name)}` };
		case 'newerNamesake':
			return { reason: `A newer file has this name (id ${place.id})` };
		case 'superseded':
			return { reason: `File ${place.by} has replaced this one, which is still to be deleted` };
	}
}

function notComplete(status: string): string {
	return NOT_COMPLETE.get(status) ?? `This file is not complete (status ${status})`;
}

/** A newer service may have others. */
const NOT_COMPLETE: ReadonlyMap<string, string> = new Map<FileStatus, string>([
	['uploading', 'The upload of this file is not finished (status uploading)'],
	['merging', 'The service is still putting this file together (status merging)'],
	['error', 'The upload of this file failed (status error)'],
]);

const NOT_ALLOWED = 'This is not allowed as a local path';

function obstacle(code: ObstacleCode, { path = '', local, remote }: Pair, directory: string): Verdict {
	switch (code) {
		case 'notAllowed':
			return { error: NOT_ALLOWED };
		case 'unreadable':
			return { error: unreadable(`${directory}/${path}`, local) };
		case 'link':
			return remote === undefined
				? { reason: 'This is a symbolic link, which sync does not follow' }
				: { error: 'The local path is a symbolic link, which sync does not follow' };
		case 'folder':
		case 'special':
			return remote === undefined
				? { reason: 'This is not a regular file' }
				: { error: 'Something that is not a file is at the local path' };
	}
}

type ObstacleCode = Extract<LeaveReason['code'], 'notAllowed' | 'link' | 'folder' | 'special' | 'unreadable'>;

/** Node reads a name that is not UTF-8 with replacement characters, and then does not find the file by it. */
function unreadable(path: string, local: Pair['local']): string {
	const action = `Reading ${showName(path)}`;
	if (local?.name.includes('\ufffd') === true)
		return `${action} failed: its name is not valid UTF-8. Rename it.`;
	const cause = local !== undefined && 'cause' in local ? local.cause : undefined;
	return errorSentence(localFileError(action, cause ?? new Error('it is no file any more')));
}

export function notDeletedReason(because: NotDeletedReason): string {
	return `Not deleted, although it is gone on the other side: ${NOT_DELETED[because]}`;
}

const NOT_DELETED: Readonly<Record<NotDeletedReason, string>> = {
	changedLocally: 'it was changed here since the last sync',
	changedRemotely: 'the chat has another file of this name since the last sync',
	unreadableRecords: "the chat's list holds records that cannot be read",
	unreadableFolder: 'something in the folder cannot be read or is not allowed, and is not excluded',
	earlierFailure: 'something else failed for this name before',
	changedMeanwhile: 'it was changed, or came back, while the sync ran',
};

/** What a step would do, in a dry run. */
export function wouldBe(step: Download | Upload | RemoveLocal | RemoveRemote): string {
	switch (step.kind) {
		case 'download':
			if (step.beside) return 'Dry run: would be downloaded, beside the local file that was edited too';
			if (step.conflict) return 'Dry run: was edited on both sides; the local file would be replaced';
			return `Dry run: would be downloaded${step.replaces ? ', replacing the local file' : ''}`;
		case 'upload':
			if (step.conflict) return 'Dry run: was edited on both sides; would be uploaded under its name';
			return `Dry run: would be uploaded${step.replaces ? `, replacing file ${step.replaces.id}` : ''}`;
		case 'removeLocal':
			return 'Dry run: would be removed from the folder, as it is gone in the chat';
		case 'removeRemote':
			return step.supersededBy === undefined
				? 'Dry run: would be deleted in the chat, as it is gone in the folder'
				: `Dry run: would be deleted in the chat, as file ${step.supersededBy} has replaced it`;
	}
}

/** How a conflict was settled; undefined of a step that settles none. */
export function settled(step: Step): string | undefined {
	if (step.kind === 'upload' && step.conflict) {
		return step.after?.kind === 'download'
			? `Edited on both sides: the version of the chat is kept as ${showName(step.after.path)}`
			: 'Edited on both sides: the local version has the name now';
	}
	if (step.kind !== 'download' || !step.conflict) return undefined;
	return 'Edited on both sides: the version of the chat has replaced the local one';
}

export function notReplaced(id: WireId, old: WireId | undefined, cause: unknown): string {
	const why =
		cause === undefined
			? "the chat's list does not show the new file yet. The next sync deletes the older one"
			: errorSentence(cause);
	return `Uploaded as file ${id}, but the older file ${old ?? ''} could not be deleted: ${why}`;
}

export const alreadyRunning = (owner: LockOwner) =>
	`A sync of this folder is already running: ${describeOwner(owner)}`;

export const notBegun = 'This was not done, because what had to be done before it failed';

export const same = BOTH_SAME.content;

export const appeared = 'A local file with this name appeared while the sync ran, and was left as it is';

export function notRemembered(cause: unknown): string {
	return `What this sync did could not be written down, so that the next one deletes nothing because of it. ${errorSentence(cause)}`;
}

/** Nothing was done, with both numbers and the way to allow it. */
export function tooManyDeletions(
	{ side, deletions, remembered }: TooManyDeletions,
	{ directory, chatId, rules: { maxDelete } }: Settings,
): TooManyDeletionsError {
	const share = Math.ceil((deletions * 100) / remembered);
	const [where, elsewhere] = side === 'local' ? ['the folder', 'the chat'] : ['the chat', 'the folder'];
	return new TooManyDeletionsError(
		`Syncing the folder ${showName(directory)} with chat ${showName(chatId)} was not begun: ` +
			`${deletions} of the ${remembered} files that it remembers would be deleted in ${where}, and at most ${maxDelete} % may be`,
		{
			description:
				`Nothing was changed. Check why these files are gone in ${elsewhere}. ` +
				`If they are meant to go, set the option "Max Delete (%)" to ${share} or more, for this run at least.`,
			deletions,
			remembered,
		},
	);
}
