import { buffer } from 'node:stream/consumers';

import { inLargeChunks, streamOf } from '../../client/transfer/bytes';

const MIB = 1024 * 1024;

/** Chunks of these sizes, no two of the same bytes. */
async function* chunksOf(sizes: number[]): AsyncGenerator<Buffer, void, undefined> {
	for (const [index, size] of sizes.entries()) yield await Promise.resolve(Buffer.alloc(size, index + 1));
}

it.each<[what: string, sizes: number[], large: number[]]>([
	['nothing', [], []],
	['empty ones', [0, 0], []],
	['a few small ones', [10, 20, 30], [60]],
	['just a mebibyte, and more', [MIB - 5, 5, 7], [MIB, 7]],
	['more than a mebibyte', [MIB - 5, 6, MIB - 1, 1], [MIB + 1, MIB]],
	['large ones', [3 * MIB, 2 * MIB], [3 * MIB, 2 * MIB]],
])('chunks are gathered into large ones: %s', async (_, sizes, large) => {
	const got: Buffer[] = [];
	for await (const chunk of inLargeChunks(chunksOf(sizes))) got.push(chunk);
	expect(got.map(({ length }) => length)).toEqual(large);
	expect(Buffer.concat(got).equals(await buffer(chunksOf(sizes)))).toBe(true);
});

it('a stream of chunks fails as they do, and closes them once', async () => {
	const failure = new Error('the line is cut');
	async function* failing(): AsyncGenerator<Buffer, void, undefined> {
		yield Buffer.from('a');
		await Promise.reject(failure);
	}
	let closed = 0;
	const stream = streamOf(failing(), () => (closed += 1));
	const [seen, errors]: [string[], unknown[]] = [[], []];
	stream
		.on('data', (chunk: Buffer) => seen.push(chunk.toString()))
		.on('error', (error) => errors.push(error));
	for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate);
	expect({ seen, errors, closed }).toEqual({ seen: ['a'], errors: [failure], closed: 1 });
});
