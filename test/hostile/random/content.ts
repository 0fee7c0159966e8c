/**
 * The contents of files in scenarios: a fixed table, so that a scenario names them by number, equal contents meet under
 * one name, and neither side keeps them in memory: they are made again when they are needed.
 */
import { createHash } from 'node:crypto';

import type { ContentIndex } from './scenario';

const MIB = 1024 * 1024;

/** A pattern is repeated; its length is a prime, so that a shifted or torn copy differs. */
const PATTERN_BYTES = 4099;

const pattern = (seed: number, size: number) => (): Buffer => {
	const unit = Buffer.alloc(PATTERN_BYTES);
	let state = seed * 2654435761 + 1;
	for (let at = 0; at < unit.length; at += 1) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		unit[at] = state >>> 24;
	}
	return size === 0 ? Buffer.alloc(0) : Buffer.alloc(size, unit);
};

const text = (content: string) => (): Buffer => Buffer.from(content);

const MAKERS: readonly (() => Buffer)[] = [
	pattern(1, 1),
	pattern(2, 0),
	pattern(3, 1000),
	pattern(4, 1000),
	// Files that read like a failure of the service.
	text('{"code": 500, "data": null, "message": "this is a file, not a failure"}'),
	text('{"code":404,"data":null,"message":"file not found, says this file"}'),
	pattern(5, 70_000),
	// Beyond what the client handles as one buffer.
	pattern(6, 600_000),
	// Two parts.
	pattern(7, 5 * MIB + 7),
	pattern(8, 5 * MIB + 7),
];

/** How many contents there are. */
export const CONTENTS = MAKERS.length;
/** Those of two parts: expensive, so that scenarios use them seldom. */
export const LARGE_CONTENTS: readonly ContentIndex[] = [8, 9];

/** Contents of one size, by each other. */
export const SAME_SIZE: ReadonlyMap<ContentIndex, ContentIndex> = new Map([
	[2, 3],
	[3, 2],
	[8, 9],
	[9, 8],
]);

export function bytesOf(content: ContentIndex): Buffer {
	const make = MAKERS[content];
	if (make === undefined) throw new Error(`There is no content ${content}`);
	return make();
}

export interface Digest {
	size: number;
	md5: string;
	sha256: string;
}

export function digestOfBytes(bytes: Buffer): Digest {
	const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
	return { size: bytes.length, md5: hash('md5'), sha256: hash('sha256') };
}

const digests = new Map<ContentIndex, Digest>();

export function digestOf(content: ContentIndex): Digest {
	const known = digests.get(content) ?? digestOfBytes(bytesOf(content));
	digests.set(content, known);
	return known;
}

/** The content of that MD5, if it is one of the table's. */
export function contentByMd5(md5: string): ContentIndex | undefined {
	const index = MAKERS.findIndex((_, content) => digestOf(content).md5 === md5);
	return index < 0 ? undefined : index;
}
