import { UnreadableRecord } from '../../../client/api/records';
import { MODES } from '../../../client/sync/modes';
import type { NoPlace } from '../../../client/sync/places';
import { Report } from '../../../client/sync/report';
import { settingsFor } from '../../../client/sync/settings';
import {
	download,
	leave,
	notDeleted,
	type Outcome,
	type Step,
	touch,
	upload,
} from '../../../client/sync/steps';
import type { SyncOutput } from '../../../client/sync-types';
import { localFile, pairOf, remoteFile, syncedFile } from './trees';

const reportOf = (mode: keyof typeof MODES = 'both', output: SyncOutput = 'all') =>
	new Report(settingsFor(MODES[mode], { chatId: 'c', localDirectory: '/folder', output }));

const local = localFile({ path: 'sub/here.txt', size: 3 });
const remote = remoteFile({ id: 7, name: 'there.txt', size: 4 });
const synced = syncedFile({ path: 'sub/here.txt', id: 6, size: 5, remoteName: 'then.txt' });
const onBoth = pairOf({ path: 'sub/here.txt', local, remote, synced });
const onlyHere = pairOf({ path: 'sub/here.txt', local });
const onlyThere = pairOf({ path: 'new.txt', remote });
const gone = pairOf({ path: 'sub/here.txt', synced });

const here = { fileName: 'here.txt', localPath: '/folder/sub/here.txt' };
const sent = { ...here, fileId: 8, size: 3 };
const there = { fileId: 7, fileName: 'there.txt', size: 4 };
const both = { ...there, localPath: here.localPath };

interface Case {
	is: string;
	mode?: keyof typeof MODES;
	step: Step;
	outcome?: Outcome;
	item: object;
}

const conflict = <T extends Step>(step: T): T => ({ ...step, conflict: true });
const kept = {
	...conflict(download(onBoth, remote, undefined)),
	path: 'here (conflict 7).txt',
	beside: local,
};
const old = remoteFile({ id: 5 });

const CASES: Case[] = [
	{
		is: 'a download, whose size is what came down',
		step: download(onlyThere, remote, undefined),
		outcome: { kind: 'done', bytes: 9 },
		item: {
			status: 'success',
			action: 'downloaded',
			...there,
			localPath: '/folder/new.txt',
			size: 9,
		},
	},
	{
		is: 'one of nothing',
		step: download(onlyThere, remote, undefined),
		outcome: { kind: 'done', bytes: 0 },
		item: { status: 'success', action: 'downloaded', ...there, localPath: '/folder/new.txt', size: 0 },
	},
	{
		is: 'an upload, which has the id of what came of it and no other',
		step: upload(onBoth, local, remote),
		outcome: { kind: 'done', id: 8, bytes: 3 },
		item: { status: 'success', action: 'uploaded', ...sent },
	},
	{
		is: 'an upload that failed has no id',
		step: upload(onBoth, local, remote),
		outcome: { kind: 'failed', cause: new Error('no room') },
		item: { status: 'failed', action: 'none', ...here, size: 3, error: 'no room' },
	},
	{
		is: 'an upload beside what it could not delete',
		step: upload(onBoth, local, old),
		outcome: { kind: 'notReplaced', id: 8, bytes: 3, cause: new Error('busy') },
		item: {
			status: 'failed',
			action: 'none',
			...sent,
			error: 'Uploaded as file 8, but the older file 5 could not be deleted: busy',
		},
	},
	{
		is: 'the same where the list does not show it yet',
		step: upload(onBoth, local, undefined),
		outcome: { kind: 'notReplaced', id: 8, bytes: 3, cause: undefined },
		item: {
			status: 'failed',
			action: 'none',
			...sent,
			error: `Uploaded as file 8, but the older file  could not be deleted: the chat's list does not show the new file yet. The next sync deletes the older one`,
		},
	},
	{
		is: 'a conflict that the chat wins',
		step: conflict(download(onBoth, remote, local)),
		outcome: { kind: 'done', bytes: 4 },
		item: {
			status: 'success',
			action: 'conflict',
			...both,
			reason: 'Edited on both sides: the version of the chat has replaced the local one',
		},
	},
	{
		is: 'a conflict that the folder wins',
		step: conflict(upload(onBoth, local, remote)),
		outcome: { kind: 'done', id: 8, bytes: 3 },
		item: {
			status: 'success',
			action: 'conflict',
			...sent,
			reason: 'Edited on both sides: the local version has the name now',
		},
	},
	{
		is: 'a conflict that keeps both',
		step: { ...conflict(upload(onBoth, local, remote)), after: kept },
		outcome: { kind: 'done', id: 8, bytes: 3 },
		item: {
			status: 'success',
			action: 'conflict',
			...sent,
			reason: 'Edited on both sides: the version of the chat is kept as "here (conflict 7).txt"',
		},
	},
	{
		is: 'what looked like a conflict',
		step: conflict(upload(onBoth, local, remote)),
		outcome: { kind: 'same' },
		item: {
			status: 'skipped',
			action: 'unchanged',
			...here,
			fileId: 7,
			size: 3,
			reason: 'Both sides have the same file (same size and content)',
		},
	},
	{
		is: 'what a conflict did not begin',
		step: upload(onBoth, local, remote),
		outcome: { kind: 'notBegun' },
		item: {
			status: 'failed',
			action: 'none',
			...here,
			size: 3,
			error: 'This was not done, because what had to be done before it failed',
		},
	},
	{
		is: 'what appeared meanwhile',
		step: download(onlyThere, remote, undefined),
		outcome: { kind: 'appeared' },
		item: {
			status: 'skipped',
			action: 'none',
			...there,
			localPath: '/folder/new.txt',
			reason: 'A local file with this name appeared while the sync ran, and was left as it is',
		},
	},
	{
		is: 'a deletion in the folder',
		step: { kind: 'removeLocal', pair: pairOf({ path: 'sub/here.txt', local, synced }), local },
		item: { status: 'success', action: 'deletedLocal', fileId: 6, size: 3, ...here, fileName: 'then.txt' },
	},
	{
		is: 'a deletion in the chat',
		step: { kind: 'removeRemote', pair: onBoth, remote, supersededBy: undefined },
		outcome: { kind: 'done', id: 7 },
		item: { status: 'success', action: 'deletedRemote', ...both },
	},
	{
		is: 'a deletion that did not come about',
		step: { kind: 'removeRemote', pair: onBoth, remote, supersededBy: undefined },
		outcome: { kind: 'notDeleted', because: 'changedMeanwhile' },
		item: {
			status: 'skipped',
			action: 'none',
			...both,
			notDeleted: 'changedMeanwhile',
			reason:
				'Not deleted, although it is gone on the other side: it was changed, or came back, while the sync ran',
		},
	},
	{
		is: 'one that was not planned',
		mode: 'toRemote',
		step: notDeleted(gone, 'unreadableFolder'),
		item: {
			status: 'skipped',
			action: 'none',
			fileId: 6,
			fileName: 'then.txt',
			localPath: here.localPath,
			size: 5,
			notDeleted: 'unreadableFolder',
			reason:
				'Not deleted, although it is gone on the other side: something in the folder cannot be read or is not allowed, and is not excluded',
		},
	},
	{
		is: 'what is in the folder and unchanged, by its name there in a sync to remote',
		mode: 'toRemote',
		step: leave(onBoth, { code: 'unchanged', by: 'memory' }),
		item: {
			status: 'skipped',
			action: 'unchanged',
			...here,
			fileId: 7,
			size: 3,
			reason: 'The chat already has this file unchanged (id 7)',
		},
	},
	{
		is: 'the same by its name in the chat in a sync to local',
		mode: 'toLocal',
		step: touch(onBoth, local, remote),
		item: {
			status: 'skipped',
			action: 'unchanged',
			...both,
			reason: 'The local file is unchanged (same size and content)',
		},
	},
	{
		is: 'and both ways',
		step: leave(onBoth, { code: 'unchanged', by: 'time' }),
		item: {
			status: 'skipped',
			action: 'unchanged',
			...both,
			reason: 'Both sides have the same file (same size and time)',
		},
	},
	{
		is: 'what only the folder has, by its name there whatever the mode',
		mode: 'toLocal',
		step: leave(onlyHere, { code: 'link' }),
		item: {
			status: 'skipped',
			action: 'none',
			...here,
			size: 3,
			reason: 'This is a symbolic link, which sync does not follow',
		},
	},
	{
		is: 'what has no size, as it is no file',
		mode: 'toRemote',
		step: leave(pairOf({ path: 'fifo', local: { kind: 'special', path: 'fifo', name: 'fifo' } }), {
			code: 'special',
		}),
		item: {
			status: 'skipped',
			action: 'none',
			fileName: 'fifo',
			localPath: '/folder/fifo',
			reason: 'This is not a regular file',
		},
	},
	{
		is: 'what has no place',
		step: leave(pairOf({ remote }), { code: 'noPlace', place: { why: 'noFreeName' } }),
		item: {
			status: 'failed',
			action: 'none',
			...there,
			error: 'No local name is free for the remote name "there.txt"',
		},
	},
	{
		is: 'what has neither path, nor file',
		step: leave(pairOf({}), { code: 'exists' }),
		item: {
			status: 'skipped',
			action: 'none',
			fileName: '',
			reason: 'A local file with this name already exists',
		},
	},
	{
		is: 'what exists',
		mode: 'toRemote',
		step: leave(onBoth, { code: 'exists' }),
		item: {
			status: 'skipped',
			action: 'none',
			...here,
			fileId: 7,
			size: 3,
			reason: 'A file with this name already exists in the chat (id 7)',
		},
	},
];

const owner = { host: 'elsewhere', process: 17, since: '2025-01-02T03:04:05.678Z', what: 'A sync' };

describe('the item of', () => {
	it.each(CASES)('$is', ({ mode, step, outcome = { kind: 'done' }, item }) => {
		const report = reportOf(mode);
		report.settle(step, 0, outcome);
		expect(report.all([])).toStrictEqual([item]);
	});

	it('what a conflict keeps beside, by the name of the local file', () => {
		const report = reportOf();
		report.settle(kept, 0, { kind: 'failed', cause: new Error('gone') });
		expect(report.all([])).toStrictEqual([
			{ status: 'failed', action: 'none', ...both, fileName: 'here.txt', error: 'gone' },
		]);
	});

	it('a record that cannot be read, after all others, with what is known of it', () => {
		const report = reportOf();
		const records = [
			new UnreadableRecord('its size is no number', 9, 'odd'),
			new UnreadableRecord('its id is missing'),
		];
		expect(report.previewAll([leave(onBoth, { code: 'exists' })], records)).toStrictEqual([
			expect.objectContaining({ fileId: 7 }),
			{ status: 'failed', action: 'none', fileId: 9, fileName: 'odd', error: records[0]?.reason },
			{ status: 'failed', action: 'none', fileName: '', error: records[1]?.reason },
		]);
	});

	it('what could not be written down, which is about the folder', () => {
		const report = reportOf();
		report.notRemembered(Object.assign(new Error('no'), { code: 'ENOSPC' }));
		expect(report.all([])).toStrictEqual([
			{
				status: 'failed',
				action: 'none',
				fileName: '',
				localPath: '/folder',
				error:
					'What this sync did could not be written down, so that the next one deletes nothing because of it. no',
			},
		]);
	});

	it('a sync that did not run', () =>
		expect(reportOf('both', 'summary').notRun(owner)).toStrictEqual([
			{
				status: 'skipped',
				action: 'none',
				localDirectory: '/folder',
				reason:
					'A sync of this folder is already running: A sync, since 2025-01-02T03:04:05.678Z, in process 17 on "elsewhere"',
			},
		]));
});

describe('a dry run', () => {
	it.each<[reason: string, action: string, step: Step]>([
		['would be downloaded', 'downloaded', download(onlyThere, remote, undefined)],
		['would be downloaded, replacing the local file', 'downloaded', download(onBoth, remote, local)],
		['would be downloaded, beside the local file that was edited too', 'conflict', kept],
		[
			'was edited on both sides; the local file would be replaced',
			'conflict',
			conflict(download(onBoth, remote, local)),
		],
		['would be uploaded', 'uploaded', upload(onlyHere, local, undefined)],
		['would be uploaded, replacing file 5', 'uploaded', upload(onBoth, local, old)],
		[
			'was edited on both sides; would be uploaded under its name',
			'conflict',
			conflict(upload(onBoth, local, remote)),
		],
		[
			'would be removed from the folder, as it is gone in the chat',
			'deletedLocal',
			{ kind: 'removeLocal', pair: onlyHere, local },
		],
		[
			'would be deleted in the chat, as it is gone in the folder',
			'deletedRemote',
			{ kind: 'removeRemote', pair: onlyThere, remote, supersededBy: undefined },
		],
		[
			'would be deleted in the chat, as file 8 has replaced it',
			'deletedRemote',
			{ kind: 'removeRemote', pair: onlyThere, remote, supersededBy: 8 },
		],
	])('says: %s', (reason, action, step) =>
		expect(reportOf().previewAll([step], [])).toMatchObject([
			{ status: 'skipped', action, reason: `Dry run: ${reason}` },
		]),
	);

	it('says what is as it is meant to be, and nothing of what the memory forgets', () => {
		const steps: Step[] = [touch(onBoth, local, remote), { kind: 'forget', pair: gone }];
		expect(reportOf().previewAll(steps, [])).toMatchObject([
			{
				status: 'skipped',
				action: 'unchanged',
				reason: 'Both sides have the same file (same size and content)',
			},
		]);
	});
});

describe('a summary', () => {
	it('counts each of what was done, and the bytes of what was kept beside twice, as it came down and went up', () => {
		const now = jest.spyOn(Date, 'now').mockReturnValueOnce(1000).mockReturnValue(3500);
		const report = reportOf('both', 'summary');
		const done: Array<[Step, Outcome]> = [
			[download(onlyThere, remote, undefined), { kind: 'done', bytes: 1 }],
			[kept, { kind: 'done', bytes: 10 }],
			[upload(onBoth, local, old), { kind: 'notReplaced', id: 8, bytes: 100, cause: undefined }],
			[upload(onlyHere, local, undefined), { kind: 'done', id: 9, bytes: 1000 }],
			[{ kind: 'removeLocal', pair: onlyHere, local }, { kind: 'done' }],
			[
				{ kind: 'removeRemote', pair: onBoth, remote, supersededBy: undefined },
				{ kind: 'done', id: 7 },
			],
			[leave(onBoth, { code: 'unchanged', by: 'memory' }), { kind: 'done' }],
			[leave(onBoth, { code: 'exists' }), { kind: 'done' }],
			[notDeleted(gone, 'earlierFailure'), { kind: 'done' }],
			[notDeleted(gone, 'earlierFailure'), { kind: 'done' }],
			[notDeleted(gone, 'changedLocally'), { kind: 'done' }],
		];
		for (const [position, [step, outcome]] of done.entries()) report.settle(step, position, outcome);
		expect(report.all([])[0]).toStrictEqual({
			status: 'failed',
			chatId: 'c',
			localDirectory: '/folder',
			total: 11,
			uploaded: 1,
			downloaded: 1,
			deleted: 2,
			conflicts: 1,
			unchanged: 1,
			skipped: 4,
			failed: 1,
			bytes: 1121,
			seconds: 2.5,
			notDeleted: { earlierFailure: 2, changedLocally: 1 },
			failures: [expect.objectContaining({ fileId: 8 }) as object],
		});
		now.mockRestore();
	});

	it('shows the first twenty failures of the plan, whichever came first, before what has no place in it', () => {
		const report = reportOf('both', 'summary');
		report.notRemembered(new Error('full'));
		const positions = Array.from({ length: 50 }, (_, index) => (index * 7) % 50);
		for (const position of positions)
			report.settle(download(onlyThere, remote, undefined), position, {
				kind: 'failed',
				cause: new Error(`failure ${position}`),
			});
		expect(report.all([])).toMatchObject([
			{
				failed: 51,
				failures: Array.from({ length: 20 }, (_, position) => ({ error: `failure ${position}` })),
			},
		]);
	});

	it('shows also what has no place in the plan, last', () => {
		const report = reportOf('both', 'summary');
		report.notRemembered(new Error('full'));
		report.settle(download(onlyThere, remote, undefined), 0, { kind: 'failed', cause: new Error('first') });
		expect(report.all([])).toMatchObject([
			{
				failures: [
					{ error: 'first' },
					{ error: expect.stringContaining('could not be written down') as string },
				],
			},
		]);
	});
});

describe('changes', () => {
	const withoutPlace = (place: NoPlace) => leave(pairOf({ remote }), { code: 'noPlace', place });

	it.each<[is: string, shown: number, step: Step, outcome: Outcome]>([
		['what is unchanged', 0, leave(onBoth, { code: 'unchanged', by: 'memory' }), { kind: 'done' }],
		['what exists', 0, leave(onBoth, { code: 'exists' }), { kind: 'done' }],
		['an older namesake', 0, withoutPlace({ why: 'newerNamesake', id: 9 }), { kind: 'done' }],
		['what has no place', 1, withoutPlace({ why: 'noFreeName' }), { kind: 'done' }],
		['a link', 1, leave(onlyHere, { code: 'link' }), { kind: 'done' }],
		['a download', 1, download(onlyThere, remote, undefined), { kind: 'done' }],
		['what appeared meanwhile', 1, download(onlyThere, remote, undefined), { kind: 'appeared' }],
	])('of %s: %d', (_is, shown, step, outcome) => {
		const report = reportOf('both', 'changes');
		report.settle(step, 0, outcome);
		expect(report.all([])).toHaveLength(shown);
	});
});
