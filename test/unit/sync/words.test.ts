import { folderError, throwIfCancelled } from '../../../client/sync/failures';
import { MODES } from '../../../client/sync/modes';
import type { Pair } from '../../../client/sync/pair';
import type { NoPlace } from '../../../client/sync/places';
import { settingsFor } from '../../../client/sync/settings';
import { leave, type LeaveReason } from '../../../client/sync/steps';
import type { LocalObstacle } from '../../../client/sync/trees';
import { notDeletedReason, tooManyDeletions, whyLeft } from '../../../client/sync/words';
import type { NotDeletedReason } from '../../../client/sync-types';
import { localFile, pairOf, remoteFile } from './trees';

const settings = (mode: keyof typeof MODES = 'both') =>
	settingsFor(MODES[mode], { chatId: '42', localDirectory: '/folder', maxDelete: 10 });

const remote = remoteFile({ id: 7, name: 'there.txt' });
const pair = (parts: Partial<Pair>) => pairOf({ path: 'sub/here.txt', ...parts });
const obstacle = (kind: LocalObstacle['kind'], more: Partial<LocalObstacle> = {}): LocalObstacle => ({
	kind,
	path: 'sub/here.txt',
	name: 'here.txt',
	...more,
});

describe('why a file is left: the sentence says', () => {
	const left = (why: LeaveReason, parts: Partial<Pair>, mode?: keyof typeof MODES) =>
		whyLeft(leave(pair(parts), why), settings(mode));

	it.each<[text: string, by: 'memory' | 'time' | 'content', mode: keyof typeof MODES]>([
		['Both sides have the same file (since the last sync)', 'memory', 'both'],
		['Both sides have the same file (same size and time)', 'time', 'both'],
		['Both sides have the same file (same size and content)', 'content', 'both'],
		['The local file is unchanged (since the last sync)', 'memory', 'toLocal'],
		['The local file is unchanged (same size and time)', 'time', 'toLocal'],
		['The local file is unchanged (same size and content)', 'content', 'toLocal'],
		['The chat already has this file unchanged (id 7)', 'content', 'toRemote'],
	])('%s', (reason, by, mode) =>
		expect(left({ code: 'unchanged', by }, { remote, local: localFile() }, mode)).toEqual({ reason }),
	);

	it.each<[text: string, place: NoPlace]>([
		['No local name is free for the remote name "there.txt"', { why: 'noFreeName' }],
		['3 files of the chat have the name "there.txt"', { why: 'namesakes', count: 3 }],
		['The remote name "there.txt" cannot be a local one', { why: 'badName' }],
	])('%s', (error, place) => expect(left({ code: 'noPlace', place }, { remote })).toEqual({ error }));

	it('what is wrong with a name', () =>
		expect(
			left({ code: 'noPlace', place: { why: 'badName' } }, { remote: remoteFile({ id: 7, name: '..' }) }),
		).toEqual({ error: 'The remote name ".." means a folder, not a file' }));

	it.each<[text: string, place: NoPlace]>([
		['A newer file has this name (id 9)', { why: 'newerNamesake', id: 9 }],
		['File 9 has replaced this one, which is still to be deleted', { why: 'superseded', by: 9 }],
	])('%s', (reason, place) => expect(left({ code: 'noPlace', place }, { remote })).toEqual({ reason }));

	it.each([
		['The upload of this file is not finished (status uploading)', 'uploading'],
		['The service is still putting this file together (status merging)', 'merging'],
		['The upload of this file failed (status error)', 'error'],
		['This file is not complete (status checking)', 'checking'],
	])('%s', (reason, status) =>
		expect(
			left(
				{ code: 'noPlace', place: { why: 'notComplete' } },
				{ remote: { ...remote, status: status as 'error' } },
			),
		).toEqual({ reason }),
	);

	it.each<[text: string, code: 'link' | 'folder' | 'special']>([
		['This is a symbolic link, which sync does not follow', 'link'],
		['This is not a regular file', 'folder'],
		['This is not a regular file', 'special'],
	])('%s, of a %s that the chat does not have', (reason, code) =>
		expect(left({ code }, { local: obstacle(code) })).toEqual({ reason }),
	);

	it.each<[text: string, code: 'link' | 'folder' | 'special' | 'notAllowed']>([
		['The local path is a symbolic link, which sync does not follow', 'link'],
		['Something that is not a file is at the local path', 'folder'],
		['Something that is not a file is at the local path', 'special'],
		['This is not allowed as a local path', 'notAllowed'],
	])('%s, of a %s that the chat has', (error, code) =>
		expect(left({ code }, { local: obstacle(code), remote })).toEqual({ error }),
	);

	it.each<[text: string, more: Partial<LocalObstacle>]>([
		['its name is not valid UTF-8. Rename it.', { name: 'h\ufffdre.txt' }],
		[
			'permission denied (EACCES). Give the user that runs n8n access to it.',
			{ cause: Object.assign(new Error('no'), { code: 'EACCES' }) },
		],
		['it is no file any more. Check the path and the disk.', {}],
	])('Reading "/folder/sub/here.txt" failed: %s', (why, more) =>
		expect(left({ code: 'unreadable' }, { local: obstacle('unreadable', more) })).toEqual({
			error: `Reading "/folder/sub/here.txt" failed: ${why}`,
		}),
	);

	it('that the service is at it', () =>
		expect(left({ code: 'merging' }, { local: localFile() })).toEqual({
			reason: 'The service is still putting together a file of this name and size',
		}));
});

it.each<[because: NotDeletedReason, text: string]>([
	['changedLocally', 'it was changed here since the last sync'],
	['changedRemotely', 'the chat has another file of this name since the last sync'],
	['unreadableRecords', "the chat's list holds records that cannot be read"],
	['unreadableFolder', 'something in the folder cannot be read or is not allowed, and is not excluded'],
	['earlierFailure', 'something else failed for this name before'],
	['changedMeanwhile', 'it was changed, or came back, while the sync ran'],
])('what is not deleted because of %s: the reason says that %s', (because, text) =>
	expect(notDeletedReason(because)).toBe(`Not deleted, although it is gone on the other side: ${text}`),
);

it.each([
	['local', 'the folder', 'the chat'],
	['remote', 'the chat', 'the folder'],
] as const)('too many deletions (%s): both numbers, and the way to allow it', (side, where, elsewhere) =>
	expect(tooManyDeletions({ side, deletions: 20, remembered: 30 }, settings())).toMatchObject({
		message: `Syncing the folder "/folder" with chat "42" was not begun: 20 of the 30 files that it remembers would be deleted in ${where}, and at most 10 % may be`,
		description:
			`Nothing was changed. Check why these files are gone in ${elsewhere}. ` +
			'If they are meant to go, set the option "Max Delete (%)" to 67 or more, for this run at least.',
		deletions: 20,
		remembered: 30,
	}),
);

it.each([
	['ENOTDIR', 'it is not a folder', 'Name a folder, or remove what is in its place.'],
	['EEXIST', 'it is not a folder', 'Name a folder, or remove what is in its place.'],
	['ENOENT', 'it does not exist (ENOENT)', 'Check the path.'],
])('a folder that cannot be used (%s): %s', (code, why, description) =>
	expect(folderError('Reading', '/folder', Object.assign(new Error('no'), { code }))).toMatchObject({
		message: `Reading the folder "/folder" failed: ${why}`,
		description,
	}),
);

it('a sync that is cancelled says so, with the reason of its own where there is one', () => {
	expect(() => throwIfCancelled(AbortSignal.abort(new Error('enough')))).toThrow('The sync was cancelled');
	const own = folderError('Reading', '/folder', new Error('no'));
	expect(() => throwIfCancelled(AbortSignal.abort(own))).toThrow(own);
	expect(() => throwIfCancelled(new AbortController().signal)).not.toThrow();
	expect(() => throwIfCancelled(undefined)).not.toThrow();
});
