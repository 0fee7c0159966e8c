import { knownFile } from '../../nodes/shared/known-file';

/** What a list gives of file 7. */
const LISTED = { id: 7, filename: 'a.txt', size: 3, hashcode: 'ab', status: 'ok' };
/** What an upload of file 7 gives. */
const UPLOADED = { status: 'success', fileId: 7, fileName: 'a.txt', size: 3, md5: 'ab' };
const EXPECTED = { filename: 'a.txt', size: 3, hashcode: 'ab' };

it.each([
	["a list's record of it", LISTED],
	["a list's record with the id as text", { ...LISTED, id: '7' }],
	['its upload', UPLOADED],
	['its upload with the id as text', { ...UPLOADED, fileId: '7' }],
])('name, size and hash come from %s', (_, json) => {
	expect(knownFile(json, '7')).toEqual({ fileName: 'a.txt', expected: EXPECTED });
});

it.each([
	['the record of another file', { ...LISTED, id: 8 }],
	['the upload of another file', { ...UPLOADED, fileId: 8 }],
	['a record without an id', { ...LISTED, id: undefined }],
	['an upload without an id', { ...UPLOADED, fileId: undefined }],
	['an id that is a list', { ...LISTED, id: [7] }],
	['a list of ids', { ...UPLOADED, fileId: ['7'] }],
	['a record whose name is a number', { ...LISTED, filename: 5 }],
	['a record whose size is text', { ...LISTED, size: '3' }],
	['a record whose hash is a number', { ...LISTED, hashcode: 5 }],
	['an item of something else', { fileId: 7, filename: 'a.txt' }],
	['nothing', {}],
])('%s says nothing', (_, json) => {
	expect(knownFile(json, '7')).toEqual({ fileName: '' });
});

it.each(['merging', 'uploading', 'error', 'OK', '', undefined, null])(
	'a record with the status %p gives the name, and nothing to check against',
	(status) => {
		expect(knownFile({ ...LISTED, status }, '7')).toEqual({ fileName: 'a.txt' });
	},
);

it.each([
	['no size', { ...UPLOADED, size: undefined }],
	['a size that is text', { ...UPLOADED, size: '3' }],
	['no MD5', { ...UPLOADED, md5: undefined }],
])('an item with %s gives the name, and nothing to check against', (_, json) => {
	expect(knownFile(json, '7')).toEqual({ fileName: 'a.txt' });
});

it.each([
	['2024-01-02T03:04:05Z', new Date('2024-01-02T03:04:05Z')],
	['yesterday', undefined],
	[['2024-01-02T03:04:05Z'], undefined],
	[undefined, undefined],
])('a record that was uploaded at %p', (uploadAt, uploadedAt) => {
	expect(knownFile({ ...LISTED, upload_at: uploadAt }, '7').uploadedAt).toEqual(uploadedAt);
});

it('an item that is both a record of another file and a result about this one counts as the latter', () => {
	const json = { ...LISTED, id: 8, filename: 'other.txt', ...UPLOADED };
	expect(knownFile(json, '7')).toEqual({ fileName: 'a.txt', expected: EXPECTED });
});
