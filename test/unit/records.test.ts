import { inspect } from 'node:util';

import {
	parseDirectory,
	parseFile,
	parseMultipartStatus,
	parsePage,
	UnreadableRecord,
} from '../../client/api/records';

const FILE = {
	id: 7,
	filename: 'a.txt',
	size: 3,
	hashcode: 'ab',
	upload_at: '2026-03-01T12:00:00Z',
	user_id: '1',
	status: 'ok',
	biz: 'chat',
	biz_params: { chat_id: '42' },
};
const DIRECTORY = { id: 7, name: 'chat', created_at: '2026-03-01T12:00:00Z' };
const long = (length: number) => 'x'.repeat(length);
/** Rows with a short name in front. */
const named = <Row extends [object, ...unknown[]]>(rows: Row[]) =>
	rows.map((row): [string, ...Row] => [
		inspect(row[0], { maxStringLength: 20, maxArrayLength: 3, breakLength: Infinity }),
		...row,
	]);

describe('a page', () => {
	const same = (record: unknown) => record as number;

	it('is its total and its records', () => {
		expect(parsePage({ total: 9, items: [1, 2] }, same)).toEqual({ total: 9, records: [1, 2] });
		expect(parsePage({ total: 0, items: [] }, same)).toEqual({ total: 0, records: [] });
	});

	it.each([
		[{ total: -1, items: [] }],
		[{ total: 1.5, items: [] }],
		[{ total: '1', items: [] }],
		[{ total: null, items: [] }],
		[{ items: [] }],
		[{ total: 1, items: null }],
		[{ total: 1, items: { length: 1 } }],
		[{ total: 1 }],
		[[]],
		[null],
		['x'],
	])('%p is none', (data) => expect(parsePage(data, same)).toBeUndefined());
});

describe("a file's record", () => {
	it('in order is passed on as it is', () => {
		expect(parseFile(FILE)).toBe(FILE);
	});

	it.each(
		named<[change: object, read: object]>([
			[{ id: '7' }, { id: 7 }],
			[{ id: '1955228426376908801' }, { id: '1955228426376908801' }],
			[{ hashcode: null }, { hashcode: '' }],
			[{ hashcode: 5 }, { hashcode: '' }],
			[{ upload_at: null }, { upload_at: '' }],
			[{ upload_at: 1767225600 }, { upload_at: '' }],
			[{ user_id: 12 }, { user_id: '12' }],
			[{ user_id: null }, { user_id: '' }],
			[{ status: null }, { status: 'error' }],
			[{ status: undefined }, { status: 'error' }],
			[{ status: 1 }, { status: 'error' }],
			[{ status: 'archived' }, { status: 'archived' }],
			[{ filename: long(10_000) }, { filename: long(10_000) }],
			[{ size: 0 }, { size: 0 }],
		]),
	)('with %s says the least', (_, change, read) => {
		expect(parseFile({ ...FILE, ...change })).toEqual({ ...FILE, ...read });
	});

	it.each(
		named<[change: object, reason: string]>([
			[{ id: undefined }, 'it has no usable id (missing)'],
			[{ id: null }, 'it has no usable id (null)'],
			[{ id: 2 ** 53 }, 'it has no usable id (9007199254740992)'],
			[{ id: -1 }, 'it has no usable id (-1)'],
			[{ id: '007' }, 'it has no usable id ("007")'],
			[{ id: [7] }, 'it has no usable id (a list)'],
			[{ id: {} }, 'it has no usable id (an object)'],
			[{ id: 'http://s/b?X-Amz-Signature=secret' }, 'it has no usable id ("http://s/b…")'],
			[{ id: long(1000) }, `it has no usable id ("${long(99)}…)`],
			[{ filename: null }, 'file 7 has no usable name (null)'],
			[{ filename: 5 }, 'file 7 has no usable name (5)'],
			[{ filename: long(10_001) }, `file 7 has no usable name ("${long(99)}…)`],
			[{ size: -1 }, 'file 7 has no usable size (-1)'],
			[{ size: 1.5 }, 'file 7 has no usable size (1.5)'],
			[{ size: 2 ** 53 }, 'file 7 has no usable size (9007199254740992)'],
			[{ size: '3' }, 'file 7 has no usable size ("3")'],
		]),
	)('with %s is none', (_, change, reason) => {
		const record = parseFile({ ...FILE, ...change });
		expect(record).toBeInstanceOf(UnreadableRecord);
		expect(record).toMatchObject({ reason: `The service's record of this file cannot be read: ${reason}` });
	});

	it('that is none says as much as it can of which file it is', () => {
		expect(parseFile({ ...FILE, size: null })).toMatchObject({ fileId: 7, fileName: 'a.txt' });
		expect(parseFile({ ...FILE, id: null })).toMatchObject({ fileId: undefined, fileName: 'a.txt' });
		expect(parseFile({ ...FILE, filename: long(20_000), id: null })).toMatchObject({
			fileName: long(10_000),
		});
		for (const nothing of [null, 'x', 5, [FILE], undefined])
			expect(parseFile(nothing)).toMatchObject({
				reason: "The service's record of this file cannot be read: it is no object",
				fileId: undefined,
				fileName: undefined,
			});
	});
});

describe("a directory's record", () => {
	it('in order is passed on as it is; what is not needed may be missing', () => {
		expect(parseDirectory(DIRECTORY)).toBe(DIRECTORY);
		expect(parseDirectory({ ...DIRECTORY, id: '7' })).toEqual(DIRECTORY);
		expect(parseDirectory({ ...DIRECTORY, created_at: null })).toEqual({ ...DIRECTORY, created_at: '' });
	});

	it('may have a name of 10,000 characters', () => {
		const record = { ...DIRECTORY, name: long(10_000) };
		expect(parseDirectory(record)).toBe(record);
	});

	it.each([
		[{ id: null }, undefined, 'it has no usable id (null)'],
		[{ name: null }, 7, 'directory 7 has no usable name (null)'],
		[{ name: long(10_001) }, 7, `directory 7 has no usable name ("${long(99)}…)`],
	])('that cannot be read is none (%#)', (change, fileId, reason) => {
		const record = parseDirectory({ ...DIRECTORY, ...change });
		expect(record).toBeInstanceOf(UnreadableRecord);
		expect(record).toMatchObject({
			fileId,
			reason: `The service's record of this file cannot be read: ${reason}`,
		});
	});

	it.each([null, 'x', 5, [DIRECTORY], undefined])('that is %p is none', (nothing) =>
		expect(parseDirectory(nothing)).toMatchObject({
			reason: "The service's record of this file cannot be read: it is no object",
		}),
	);
});

describe('the state of a multipart upload', () => {
	const STATE = { status: 'uploading', part_size: 5, uploaded_parts: [1], remaining_parts: [2, 3] };
	const many = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

	it('is read as it is', () => {
		expect(parseMultipartStatus({ file_id: 7, ...STATE })).toEqual(STATE);
		expect(parseMultipartStatus({ ...STATE, remaining_parts: many(10_000) })?.remaining_parts).toHaveLength(
			10_000,
		);
	});

	it.each(
		named<[change: object, read: object]>([
			[{ part_size: null }, { part_size: 0 }],
			[{ part_size: -5 }, { part_size: 0 }],
			[{ part_size: '5' }, { part_size: 0 }],
			[{ uploaded_parts: null }, { uploaded_parts: null }],
			[{ uploaded_parts: ['1'] }, { uploaded_parts: null }],
			[{ uploaded_parts: [1, null] }, { uploaded_parts: null }],
			[{ remaining_parts: [-1] }, { remaining_parts: null }],
			[{ remaining_parts: { 0: 1 } }, { remaining_parts: null }],
			[{ remaining_parts: many(10_001) }, { remaining_parts: null }],
		]),
	)('with %s says the least', (_, change, read) => {
		expect(parseMultipartStatus({ ...STATE, ...change })).toEqual({ ...STATE, ...read });
	});

	it.each([null, 'uploading', [], {}, { ...STATE, status: null }])('%p is none', (data) => {
		expect(parseMultipartStatus(data)).toBeUndefined();
	});
});
