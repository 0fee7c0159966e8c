import type { NotDeletedReason, SyncItem, SyncSummary } from '../../client';
import { failedFiles } from '../../nodes/BddFile/actions/chat/sync-failure';
import { hintsFor, type SyncResults } from '../../nodes/BddFile/actions/chat/sync-hints';

const SYNC = { chatId: '7', localDirectory: '/data/in' };
const DONE: SyncItem = { status: 'success', action: 'downloaded', fileId: 1, fileName: 'done.txt' };
const failed = (fileName: string, error = 'no'): SyncItem => ({
	status: 'failed',
	action: 'none',
	fileName,
	error,
});
const kept = (notDeleted: NotDeletedReason): SyncItem => ({
	status: 'skipped',
	action: 'none',
	fileName: 'kept.txt',
	notDeleted,
});
const SUMMARY: SyncSummary = {
	...SYNC,
	status: 'success',
	total: 9,
	uploaded: 0,
	downloaded: 9,
	deleted: 0,
	conflicts: 0,
	unchanged: 0,
	skipped: 0,
	failed: 0,
	bytes: 9,
	seconds: 1,
	failures: [],
};

describe('what the output panel says of a sync', () => {
	const PANE = { location: 'outputPane' };

	it.each([
		['all', '2 of 3 files failed. The field "error" of each failed item says why.'],
		['changes', '2 files failed. The field "error" of each failed item says why.'],
	] as const)('failed files, where the output is %s', (output, message) => {
		const results = [failed('a'), DONE, failed('b')];
		expect(hintsFor(results, output)).toEqual([{ ...PANE, type: 'warning', message }]);
	});

	it('failed files of a summary', () => {
		const results = [{ ...SUMMARY, failed: 1, total: 1, failures: [failed('a')] }];
		const message = '1 of 1 file failed. The field "failures" holds the first ones with their reasons.';
		expect(hintsFor(results, 'summary')).toEqual([{ ...PANE, type: 'warning', message }]);
	});

	const WORDS =
		"1 (changed in the folder since the last sync), 2 (the chat has another file of that name since the last sync), 1 (the chat's list holds records that cannot be read, so nothing is deleted), 1 (something in the folder cannot be read or is not allowed, and is not excluded, so nothing is deleted), 1 (something else failed for the same name before), 1 (changed, or came back, while the sync ran)";
	const COUNTS: Record<NotDeletedReason, number> = {
		changedLocally: 1,
		changedRemotely: 2,
		unreadableRecords: 1,
		unreadableFolder: 1,
		earlierFailure: 1,
		changedMeanwhile: 1,
	};
	const ITEMS = (Object.entries(COUNTS) as Array<[NotDeletedReason, number]>).flatMap(([reason, count]) =>
		Array.from({ length: count }, () => kept(reason)),
	);
	it.each([
		['items', [...ITEMS, DONE], 'field "reason" of each item says it'],
		['a summary', [{ ...SUMMARY, notDeleted: COUNTS }], 'field "notDeleted" has the counts'],
	])('files that are not deleted, of %s', (_, results, where) => {
		const message = `Not deleted, although gone on the other side: 7 files. ${WORDS}. The ${where} too.`;
		expect(hintsFor(results, 'all')).toEqual([{ ...PANE, type: 'warning', message }]);
	});

	it.each([
		['all', 'There is no file to sync'],
		['changes', 'Nothing has changed'],
	] as const)('that no item comes out, where the output is %s', (output, why) => {
		const message = `${why}, so no item comes out and the nodes behind this one do not run. With the option "Output" set to "Summary" there is always one.`;
		expect(hintsFor([], output)).toEqual([{ ...PANE, type: 'info', message }]);
	});

	it('nothing where all went well', () => {
		expect(hintsFor([DONE], 'all')).toEqual([]);
		expect(hintsFor([SUMMARY], 'summary')).toEqual([]);
	});
});

describe('the error of a sync in which files failed', () => {
	const END =
		'Everything else was done. To go on in spite of it, switch the option "Fail If Any File Failed" off.';
	const reasonsOf = (...results: SyncResults) =>
		failedFiles(results, SYNC)?.description.replace(` ${END}`, '');

	it('has the count, and the first three reasons of those that failed', () => {
		expect(failedFiles([DONE, failed('a'), DONE], SYNC)).toMatchObject({
			message: '1 of 3 files failed in the sync of chat "7" with the folder "/data/in"',
			description: `a: no. ${END}`,
		});
		const three = ['a', 'b', 'c'].map((name) => failed(name));
		expect(reasonsOf(DONE, ...three)).toBe('a: no. b: no. c: no.');
		expect(reasonsOf(...three, DONE, failed('d'), failed('e'))).toBe('a: no. b: no. c: no. And 2 more.');
		expect(failedFiles([DONE], SYNC)).toBeUndefined();
	});

	it.each([
		['a reason without an end', failed('a', 'v. 1 is broken'), 'a: v. 1 is broken.'],
		['one that ends', failed('a', 'Gone!'), 'a: Gone!'],
		['one of another language', failed('a', '没有权限。'), 'a: 没有权限。'],
		['one of 300 characters', failed('a', 'x'.repeat(300)), `a: ${'x'.repeat(300)}.`],
		['a longer one', failed('a', 'x'.repeat(301)), `a: ${'x'.repeat(300)}...`],
		['no name', { ...failed(''), localPath: '/data/in/b' }, '/data/in/b: no.'],
		['neither name nor path', { status: 'failed', action: 'none', error: 'no' }, 'A file: no.'],
	] as Array<[string, SyncItem, string]>)('%s', (_, item, line) => {
		expect(reasonsOf(item)).toBe(line);
	});
});
