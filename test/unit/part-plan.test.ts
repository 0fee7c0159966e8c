import fc from 'fast-check';
import { Readable } from 'node:stream';

import { MAX_PARTS, PART_BYTES, partBytes } from '../../client/arguments';
import { partSizeFor, planParts } from '../../client/transfer/upload/part-plan';
import { MIB } from '../../client/transfer/bytes';
import { readParts } from '../../client/transfer/upload/read-parts';
import type { UploadSource } from '../../client/transfer/source';

const TIB = 1024 * 1024 * MIB;
const ASKED = { action: 'Uploading', timeoutMs: 60_000 };

describe('part plan', () => {
	it('covers the file without gap or overlap, in at most 10,000 parts of at least 5 MiB', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: 5 * TIB }),
				fc.integer({ min: 5, max: 512 }),
				(size, wantedMiB) => {
					const partSize = partSizeFor(size, wantedMiB * MIB);
					const parts = planParts(size, partSize);
					expect(partSize).toBeGreaterThanOrEqual(PART_BYTES.min);
					expect(parts.length).toBeLessThanOrEqual(MAX_PARTS);
					let position = 0;
					// Plain comparisons: thousands of parts in each of many runs.
					const inOrder = parts.every(({ number, start, end }, index) => {
						const fits = number === index + 1 && start === position;
						position = end;
						return fits && (end - start === partSize || index === parts.length - 1);
					});
					expect(inOrder).toBe(true);
					expect(position).toBe(size);
				},
			),
			{ numRuns: 30 },
		);
	});

	it("12,000 parts' worth of size: the part size grows, at most 10,000 parts", () => {
		const size = 12_000 * PART_BYTES.min;
		const partSize = partSizeFor(size);
		expect(partSize).toBe(6 * MIB);
		expect(planParts(size, partSize)).toHaveLength(10_000);
	});

	it('refuses parts that the storage would refuse', () => {
		for (const size of [4, 4.99, 5121, 100_000, NaN, Infinity, -1])
			expect(() => partBytes(size)).toThrow('Part size must be from 5 and at most 5120 MiB');
		expect(partBytes(5.1)).toBe(Math.round(5.1 * MIB));
	});
});

describe('reading parts', () => {
	const sourceOf = (bytes: Buffer, chunkSizes: number[], announced = bytes.length) => {
		const opened: Readable[] = [];
		const source: UploadSource = {
			fileName: 'x',
			size: announced,
			open: (start = 0) => {
				const chunks: Buffer[] = [];
				for (let at = start, turn = 0; at < bytes.length; turn += 1) {
					const size = chunkSizes[turn % chunkSizes.length] ?? 1;
					chunks.push(bytes.subarray(at, at + size));
					at += size;
				}
				const stream = Readable.from(chunks, { objectMode: false });
				opened.push(stream);
				return Promise.resolve(stream);
			},
		};
		return { source, opened };
	};

	it('re-chunks to exactly the parts asked for, whatever the chunks and the gaps', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.uint8Array({ minLength: 0, maxLength: 300 }),
				fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 5 }),
				fc.integer({ min: 1, max: 90 }),
				fc.infiniteStream(fc.boolean()),
				async (content, chunkSizes, partSize, wanted) => {
					const bytes = Buffer.from(content);
					const parts = planParts(bytes.length, partSize).filter(() => wanted.next().value);
					const { source, opened } = sourceOf(bytes, chunkSizes);
					const read = [];
					for await (const { part, bytes: got } of readParts(source, parts, ASKED)) {
						expect(got.equals(bytes.subarray(part.start, part.end))).toBe(true);
						read.push(part.number);
					}
					expect(read).toEqual(parts.map(({ number }) => number));
					expect(opened.every((stream) => stream.destroyed)).toBe(true);
				},
			),
		);
	});

	it('reads past whole chunks that lie in a gap', async () => {
		const bytes = Buffer.from(Array.from({ length: 60 }, (_, index) => index));
		const { source } = sourceOf(bytes, [3]);
		const parts = planParts(60, 20).filter(({ number }) => number !== 2);
		const read = [];
		for await (const { bytes: got } of readParts(source, parts, ASKED)) read.push([...got]);
		expect(read).toEqual([[...bytes.subarray(0, 20)], [...bytes.subarray(40)]]);
	});

	it('fails when the source ends before its announced size', async () => {
		const { source } = sourceOf(Buffer.alloc(10), [3], 12);
		const read = async () => {
			for await (const { part } of readParts(source, planParts(12, 5), ASKED))
				expect(part.number).toBeLessThan(3);
		};
		await expect(read()).rejects.toThrow('"x" ended after 10 of 12 bytes');
	});
});
