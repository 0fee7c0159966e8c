import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { binarySource, fileNameOf } from '../../nodes/BddFile/binary-input';

const CONTENT = Buffer.from('0123456789');

/** n8n with a storage that gives its content in chunks of three bytes. */
function storage(fail?: Error) {
	const opened: Readable[] = [];
	const helpers = {
		getBinaryMetadata: () => (fail ? Promise.reject(fail) : Promise.resolve({ fileSize: CONTENT.length })),
		getBinaryStream: () => {
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
		expect((await buffer(await source.open(start))).toString()).toBe(CONTENT.subarray(start).toString());
	});

	it('closes the stored content when its reader stops early', async () => {
		const { n8n, opened } = storage();
		const source = await binarySource(n8n, field({ id: 'filesystem:1' }), 'a.bin');
		const stream = await source.open(4);
		await stream[Symbol.asyncIterator]().next();
		stream.destroy();
		await once(stream, 'close');

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

		await expect(binarySource(n8n, field({ id: 'filesystem:1' }), 'a.bin')).rejects.toMatchObject({
			message: 'The content of binary field "data" cannot be read: File not found',
			description: expect.stringContaining('old execution') as string,
		});
	});
});

it('a file is named after its own name, its field and type, or its field', () => {
	expect(fileNameOf(field({ fileName: '报告.pdf', fileExtension: 'pdf' }))).toBe('报告.pdf');
	expect(fileNameOf(field({ fileExtension: 'pdf' }))).toBe('data.pdf');
	expect(fileNameOf(field({}))).toBe('data');
});
