import { createHash, randomBytes } from 'node:crypto';

import { CHAT, download, list, startWorld, step, text, upload, USER, type World } from './world';

const MIB = 1024 * 1024;
/** 85 Chinese characters of 3 bytes each. */
const LONGEST_NAME = '档'.repeat(85);

const FILES: Array<[name: string, size: number]> = [
	['报告 终稿.pdf', 4321],
	['a"b;c.txt', 17],
	['🎉🚀.png', 1000],
	[LONGEST_NAME, 99],
	['empty.bin', 0],
	['one.bin', 1],
];

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

describe('row "upload, list, download, compare"', () => {
	let world: World;
	beforeAll(async () => (world = await startWorld()));
	afterAll(() => world.close());

	it.each(['default', 'filesystem'] as const)(
		'gives back the same bytes and names in binary mode "%s"',
		async (binaryMode) => {
			const chatId = `${CHAT}-${binaryMode}`;
			const contents = new Map(FILES.map(([name, size]) => [name, randomBytes(size)]));
			const run = await world.run(
				[
					step('Upload', upload({ chatId })),
					step('List', list({ chatId, returnAll: true }), { executeOnce: true }),
					step('Download', download()),
				],
				{
					binaryMode,
					input: [...contents].map(([fileName, content]) => ({ files: { data: { fileName, content } } })),
				},
			);

			expect(run.error).toBeUndefined();
			expect(run.items('Upload').map(({ json }) => json)).toEqual(
				FILES.map(([fileName, size]) => ({
					status: 'success',
					fileId: expect.any(Number) as number,
					fileName,
					size,
					mode: 'simple',
					md5: md5(contents.get(fileName) ?? Buffer.of(1)),
				})),
			);
			expect(run.items('List')).toHaveLength(FILES.length);
			for (const { json } of run.items('List')) {
				const content = contents.get(text(json, 'filename'));
				expect(json).toMatchObject({
					status: 'ok',
					user_id: USER,
					biz: 'chat',
					biz_params: { chat_id: chatId },
					size: content?.length,
					hashcode: content && md5(content),
				});
			}
			const downloads = run.items('Download');
			expect(downloads.map(({ json }) => json.fileName).sort()).toEqual([...contents.keys()].sort());
			for (const { json, binary } of downloads) {
				expect(binary?.data?.fileName).toBe(json.fileName);
				expect(
					(await world.engine.bytes(binary?.data)).equals(
						contents.get(text(json, 'fileName')) ?? Buffer.of(1),
					),
				).toBe(true);
			}
			expect(downloads.map(({ pairedItem }) => pairedItem)).toEqual(FILES.map((_, item) => ({ item })));
		},
	);

	it("moves 64 MiB through n8n's binary storage unchanged", async () => {
		const content = randomBytes(64 * MIB);
		const run = await world.run([step('Upload', upload()), step('Download', download())], {
			input: [{ files: { data: { fileName: 'big.bin', content } } }],
		});

		expect(run.error).toBeUndefined();
		expect(run.items('Download')[0]?.json).toMatchObject({ fileName: 'big.bin', size: content.length });
		expect(md5(await world.engine.bytes(run.items('Download')[0]?.binary?.data))).toBe(md5(content));
	});

	it('uploads in parts when asked to, from either binary mode', async () => {
		const content = randomBytes(11 * MIB);
		for (const binaryMode of ['default', 'filesystem'] as const) {
			const run = await world.run(
				[
					step('Upload', upload({ mode: 'multipart', options: { partSize: 5 } })),
					step('Download', download()),
				],
				{ binaryMode, input: [{ files: { data: { fileName: `parts-${binaryMode}.bin`, content } } }] },
			);

			expect(run.error).toBeUndefined();
			expect(run.items('Upload')[0]?.json).toMatchObject({ mode: 'multipart', size: content.length });
			expect(md5(await world.engine.bytes(run.items('Download')[0]?.binary?.data))).toBe(md5(content));
		}
	});

	it('declares the MIME type by the name, and of a name that looks like a path keeps the base name', async () => {
		await world.service.addFile({ filename: 'a/b\\c.pdf', content: 'x', chatId: 'paths' });
		const run = await world.run([
			step('List', list({ chatId: 'paths' })),
			step('Download', download({ binaryPropertyName: 'file' })),
		]);

		expect(run.items('Download')[0]?.binary?.file).toMatchObject({
			fileName: 'c.pdf',
			mimeType: 'application/pdf',
			fileExtension: 'pdf',
		});
		expect(run.items('Download')[0]?.binary?.file?.directory).toBeUndefined();
		expect(run.items('Download')[0]?.json.fileName).toBe('a/b\\c.pdf');
	});

	it('row "a JSON file is downloaded": gives its bytes, whatever they look like', async () => {
		const texts = [
			'{"code":7,"data":null,"message":"not an error"}',
			'{"code":0,"data":1,"message":null}',
			'[1]',
		];
		for (const content of texts) {
			const fileId = await world.service.addFile({ filename: 'answer.json', content, chatId: CHAT });
			const run = await world.run([step('Download', download({ fileId }))]);

			expect(run.error).toBeUndefined();
			expect((await world.engine.bytes(run.items('Download')[0]?.binary?.data)).toString()).toBe(content);
		}
	});
});
