import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { InvalidInputError, type Download } from '../../client';
import { openSource } from '../../client/transfer/open-source';
import { binaryFields, binarySource, fileNameOf } from '../../nodes/BddFile/binary-input';
import { baseName, storeDownload } from '../../nodes/shared/binary-output';

const CONTENT = Buffer.from('0123456789');
const ASKED = { action: 'Uploading "a.bin"', timeoutMs: 60_000 };

/** n8n with a storage that gives its content in chunks of three bytes. */
function storage(fail?: Error) {
	const opened: Readable[] = [];
	const helpers = {
		getBinaryMetadata: () => (fail ? Promise.reject(fail) : Promise.resolve({ fileSize: CONTENT.length })),
		getBinaryStream: () => {
			if (fail) return Promise.reject(fail);
			const chunks = [0, 3, 6, 9].map((start) => CONTENT.subarray(start, start + 3));
			const stream = Readable.from(chunks, { objectMode: false });
			opened.push(stream);
			return Promise.resolve(stream);
		},
	};
	return { n8n: { helpers } as unknown as IExecuteFunctions, opened };
}
const field = (binary: Partial<IBinaryData>) => ({
	name: 'data',
	binary: { data: '', mimeType: 'x/y', ...binary },
});

describe('binarySource', () => {
	it.each([0, 1, 3, 7, 9, 10])('opens stored content again from byte %i', async (start) => {
		const { n8n } = storage();
		const source = await binarySource(n8n, field({ id: 'filesystem:1' }), 'a.bin');

		expect(source).toMatchObject({ fileName: 'a.bin', size: 10 });
		const { chunks, close } = await openSource(source, start, ASKED);
		expect((await buffer(chunks)).toString()).toBe(CONTENT.subarray(start).toString());
		close();
	});

	it.each([1, 0])('closes the stored content when its reader stops after %i chunks', async (read) => {
		const { n8n, opened } = storage();
		const source = await binarySource(n8n, field({ id: 'filesystem:1' }), 'a.bin');
		const { chunks, close } = await openSource(source, 4, ASKED);
		for (let count = 0; count < read; count++) await chunks.next();
		close();

		expect(opened.map(({ destroyed }) => destroyed)).toEqual([true]);
	});

	it('takes the bytes themselves in memory mode', async () => {
		const { n8n, opened } = storage();
		const source = await binarySource(n8n, field({ data: CONTENT.toString('base64') }), 'a.bin');

		expect(source.size).toBe(10);
		expect(await buffer(await source.open(8))).toEqual(Buffer.from('89'));
		expect(opened).toEqual([]);
	});

	it('says that n8n no longer has the content', async () => {
		const { n8n } = storage(new Error('File not found'));

		const gone = {
			message: 'The content of binary field "data" cannot be read: File not found',
			description: expect.stringContaining('old execution') as string,
		};
		await expect(binarySource(n8n, field({ id: 'filesystem:1' }), 'a.bin')).rejects.toMatchObject(gone);
		const known = await binarySource(n8n, field({ id: 'filesystem:1', bytes: 10 }), 'a.bin');
		await expect(known.open()).rejects.toMatchObject(gone);
	});

	it.each([
		['neither', {}],
		['an id that is a number', { id: 5, data: 'filesystem-v2' }],
		['content that is a number', { data: 5 }],
	])('says that %s is no binary data', async (_, binary) => {
		const { n8n } = storage();

		await expect(binarySource(n8n, { name: 'data', binary }, 'a.bin')).rejects.toMatchObject({
			name: 'InvalidInputError',
			message: 'Binary field "data" holds no binary data',
		});
	});

	it.each([-1, NaN, 1.5, '10', null])('asks the storage for a size that is %p', async (bytes) => {
		const { n8n } = storage();
		const binary = { id: 'filesystem:1', bytes };

		expect((await binarySource(n8n, { name: 'data', binary }, 'a.bin')).size).toBe(10);
	});

	it.each([0, 7])('does not ask the storage for the size where the field tells it: %p', async (bytes) => {
		const { n8n } = storage(new Error('File not found'));

		expect((await binarySource(n8n, field({ id: 'filesystem:1', bytes }), 'a.bin')).size).toBe(bytes);
	});
});

describe('binaryFields', () => {
	/** n8n with one item; what it says of a field is what its own helper says. */
	const item = (binary: Record<string, unknown>, json = {}) =>
		({
			getInputData: () => [{ json, binary }],
			helpers: {
				assertBinaryData: (_: number, name: string) => {
					if (binary[name] === undefined) throw new Error('no such field');
					return binary[name];
				},
			},
		}) as unknown as IExecuteFunctions;
	const FILE = { data: '', mimeType: 'x/y' };
	const names = (binary: Record<string, unknown>, parameter: unknown) =>
		binaryFields(item(binary), 0, parameter).map(({ name }) => name);

	it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
		'does not take what every object has for a field: %s',
		(name) => {
			expect(() => names({ data: FILE }, name)).toThrow(
				`Input Data Field Name names "${name}", but the item has no such binary field`,
			);
			expect(
				names(JSON.parse(`{"${name}": {"data": "", "mimeType": "x/y"}}`) as object as never, name),
			).toEqual([name]);
		},
	);

	it.each([
		[['data'], 'Input Data Field Name is a list, but must be text: ["data"]'],
		[{ data: 'text' }, 'Input Data Field Name is not text'],
		[{}, 'Input Data Field Name is not text: {}'],
		[{ mimeType: 'x/y' }, 'Input Data Field Name is not text'],
		[true, 'Input Data Field Name is not text: true'],
		[null, 'Input Data Field Name is empty'],
		[' ', 'Input Data Field Name is empty'],
		['data,,more', 'Input Data Field Name "data,,more" holds an empty name'],
	])('says what is wrong with %p', (parameter, message) => {
		expect(() => names({ data: FILE }, parameter)).toThrow(InvalidInputError);
		expect(() => names({ data: FILE }, parameter)).toThrow(message);
	});

	it.each([
		['*', {}, 'is "*", but the item has no binary data', /^Put a node before this one that outputs a file/],
		['', { data: FILE }, 'is empty', /^Name one binary field, several separated by commas, or \* for all/],
		['a,', { a: FILE }, '"a," holds an empty name', /^Name one binary field/],
		['c', {}, 'names "c"', /^The item has no binary data at all\. Put a node before this one/],
		['c', { a: FILE, b: FILE }, 'names "c"', /^The item's binary fields are "a", "b"\. Name one/],
		['a', { a: null }, 'Binary field "a" holds no', /^Check the node that made it/],
	])('says what to do where the field is %p and the item has %p', (parameter, binary, message, advice) => {
		expect(() => names(binary, parameter)).toThrow(
			expect.objectContaining({
				message: expect.stringContaining(message) as string,
				description: expect.stringMatching(advice) as string,
			}) as Error,
		);
	});

	it("takes of an item's JSON in combined mode what is binary data", () => {
		const json = {
			_files: { data: { ...FILE }, stored: { id: 'filesystem:1', mimeType: 'x/y' }, note: 'text' },
		};

		expect(binaryFields(item({}, json), 0, '*').map(({ name }) => name)).toEqual(['data', 'stored']);
	});

	it("takes all binary data of another node's item, as an expression gives it", () => {
		expect(names({}, { data0: FILE, data1: FILE })).toEqual(['data0', 'data1']);
		expect(names({ data: FILE }, FILE)).toEqual(['data']);
	});

	it.each([null, 5, 'text'])('says that a field with %p holds no binary data', (value) => {
		for (const parameter of ['data', '*', 'more, data']) {
			expect(() => names({ more: FILE, data: value }, parameter)).toThrow(
				'Binary field "data" holds no binary data',
			);
		}
	});

	it('needs no MIME type', () => {
		expect(names({ data: { data: '' } }, 'data')).toEqual(['data']);
	});

	it('takes a number for the name of a field', () => {
		expect(names({ 0: FILE }, 0)).toEqual(['0']);
	});
});

it('a file is named after its own name, its field and type, or its field', () => {
	expect(fileNameOf(field({ fileName: '报告.pdf', fileExtension: 'pdf' }))).toBe('报告.pdf');
	expect(fileNameOf(field({ fileExtension: 'pdf' }))).toBe('data.pdf');
	expect(fileNameOf(field({}))).toBe('data');
	expect(fileNameOf(field({ fileName: '', fileExtension: '' }))).toBe('data');
	expect(fileNameOf({ name: 'data', binary: { fileName: 2024 } })).toBe('2024');
	expect(fileNameOf({ name: 'data', binary: { fileName: null, fileExtension: 7 } })).toBe('data');
	expect(() => fileNameOf({ name: 'data', binary: { fileName: ['a'] } })).toThrow(
		expect.objectContaining({
			message: 'The file name of binary field "data" is not text: ["a"]',
			description: 'Name the file with the option "File Name".',
		}) as Error,
	);
});

it.each([
	['what the storage says of it', { bytes: 7, id: 'filesystem:1', data: 'filesystem-v2' }, 7],
	['nothing at all', { bytes: 0, data: 'QUJD' }, 0],
	['what the storage says when asked', { id: 'filesystem:1', data: 'filesystem-v2' }, 10],
	['its Base64 in memory', { data: 'QUJDRA==' }, 4],
])('the size of a download that is stored is %s', async (_, stored, size) => {
	const { n8n } = storage();
	const prepareBinaryData = () => Promise.resolve({ mimeType: 'x/y', ...stored });
	const stream = Readable.from([CONTENT]);
	const download = { fileId: 1, stream } as unknown as Download;

	const { binary, ...known } = await storeDownload({ ...n8n.helpers, prepareBinaryData }, download, 'a.bin');
	expect(known).toEqual({ size });
	expect(binary).toMatchObject(stored);
	expect(stream.destroyed).toBe(true);
});

it.each([
	['报告 终稿.pdf', '报告 终稿.pdf'],
	['../keep.txt', 'keep.txt'],
	['..\\keep.txt', 'keep.txt'],
	['/etc/passwd', 'passwd'],
	['C:\\a\\b.txt', 'b.txt'],
	['a/b\\c/d.txt', 'd.txt'],
	['a\n/b\0c\u0085.txt', 'b_c_.txt'],
	['.bashrc', '.bashrc'],
	['', 'file-42'],
	['.', 'file-42'],
	['..', 'file-42'],
	['.. ', 'file-42'],
	[' ... ', 'file-42'],
	['a/..', 'file-42'],
	['folder/', 'file-42'],
])('binary data of a file named %p is named %p', (remote, name) => {
	expect(baseName(remote, 42)).toBe(name);
});
