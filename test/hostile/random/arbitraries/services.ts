/** The service of a scenario: what it holds, and how it is made. In an honest world nothing here makes it lie. */
import fc from 'fast-check';

import { CONTENTS, LARGE_CONTENTS } from '../content';
import type { InitialFile, Scenario, ServiceSettings } from '../scenario';
import { LATEST_MS } from './losses';

/** Names that any disk takes. Few, so that namesakes meet. */
const PLAIN_NAMES = ['a.txt', 'b.json', 'c-1.bin', 'ä b (2).txt'] as const;

/** Names that are no places in the folder, or not on every disk. */
const UNSAFE_NAMES = [
	'../up.txt',
	'../../keep.txt',
	'/tmp/absolute.txt',
	'{outside}/keep.txt',
	'sub/file.txt',
	'nested',
	'..\\back.txt',
	'.',
	'..',
	'',
	' ',
	'a\u0000b.txt',
	'line\nbreak.txt',
	'.bdd-file-x.part',
	'CON',
	'A.TXT',
	'a\u0308 b (2).txt',
	'x'.repeat(300),
] as const;

/** A content that is cheap to send and to keep; more often the two of one size, and those of several chunks. */
export const smallContent = fc.oneof(
	{ weight: 2, arbitrary: fc.constantFrom(2, 2, 3) },
	fc.constantFrom(6, 7),
	fc.constantFrom(
		...Array.from({ length: CONTENTS }, (_, index) => index).filter(
			(index) => !LARGE_CONTENTS.includes(index),
		),
	),
);

const initialFile = (names: fc.Arbitrary<string>): fc.Arbitrary<InitialFile> =>
	fc.record({
		name: names,
		biz: fc.constantFrom('chat', 'chat', 'chat', 'chat', 'knowledgeBase'),
		chat: fc.constantFrom(0, 0, 0, 1),
		content: smallContent,
		hash: fc.constantFrom('md5', 'md5', 'sha256', 'none', 'other'),
		status: fc.constantFrom('ok', 'ok', 'ok', 'uploading', 'merging', 'error'),
		begun: fc.boolean(),
		ageSeconds: fc.constantFrom(100, 10, 7_000, 40_000),
	});

/** The first name much more often than the others, so that it has namesakes. */
export const plainName = fc.oneof(
	{ weight: 2, arbitrary: fc.constant(PLAIN_NAMES[0]) },
	fc.constantFrom(...PLAIN_NAMES),
);
const any = fc.oneof({ weight: 4, arbitrary: plainName }, fc.constantFrom(...UNSAFE_NAMES));

/** Mostly the first value, which is the plain one. */
const mostly = <const T extends string | number>(plain: T, ...others: T[]): fc.Arbitrary<T> =>
	fc.oneof(
		{ weight: others.length + 2, arbitrary: fc.constant(plain) },
		...others.map((other) => fc.constant(other)),
	);

const upTo = (ms: number) => fc.oneof(fc.constant(0), fc.nat(ms));

const BROKEN: readonly unknown[] = [
	5,
	null,
	'x',
	[],
	{},
	{ id: null, filename: 'no-id.txt', size: 1, hashcode: '', status: 'ok' },
	{ id: 7001, filename: null, size: 1, hashcode: '', status: 'ok' },
	{ id: 7002, filename: 5, size: 1, hashcode: '', status: 'ok' },
	{ id: 7003, filename: 'no-size.txt', hashcode: '', status: 'ok' },
	{ id: 7004, filename: 'half.txt', size: 0.5, hashcode: '', status: 'ok' },
	{ id: 7005, filename: 'less.txt', size: -1, hashcode: '', status: 'ok' },
];

/** What tells a new file from an old one. Half of the services can be trusted in all of it, or nothing could be told. */
type Telling = Pick<ServiceSettings, 'clockMs' | 'dateHeader' | 'uploadAt' | 'hashes'>;

const telling: fc.Arbitrary<Telling> = fc.oneof(
	fc.record({
		clockMs: fc.constantFrom(0, 0, 0, 10_800_000, -10_800_000),
		dateHeader: fc.constant('true'),
		uploadAt: fc.constant('utc'),
		hashes: fc.constant('asSent'),
	}),
	fc.record({
		clockMs: mostly(0, 10_800_000, -10_800_000, 20_000, -20_000),
		dateHeader: mostly('true', 'none', 'garbage'),
		uploadAt: mostly('utc', 'noZone', 'local', 'behind', 'garbage'),
		hashes: mostly('asSent', 'none', 'sha256', 'upper'),
	}),
);

export function serviceOf(world: Scenario['world']): fc.Arbitrary<ServiceSettings> {
	const refusal = mostly<200 | 400 | 404 | 500>(200, 400, 404, 500);
	const other = fc.record({
		files: fc.array(initialFile(any), { maxLength: 5 }),
		crowd: mostly(0, 3, 110, 130),
		moves: fc.oneof(
			{ weight: 5, arbitrary: fc.constant<number[]>([]) },
			fc.constantFrom<number[][]>([2], [1, 2], [2, 3], [2, 4]),
		),
		rival: fc.constant(null),
		broken: fc.oneof(
			{ weight: 5, arbitrary: fc.constant<unknown[]>([]) },
			fc.subarray<unknown>([...BROKEN], { maxLength: 3 }),
		),
		paging: mostly('both', 'offset', 'page', 'ignored'),
		maxPage: mostly(100, 20, 500),
		lagMs: upTo(LATEST_MS),
		mergeMs: upTo(LATEST_MS),
		afterMerge: mostly('ok', 'ok', 'error'),
		search: mostly<ServiceSettings['search']>('part', 'exact', 'caseless', 404, 405, 422),
		refusalStatus:
			world === 'honest' ? refusal : fc.constantFrom<(200 | 400 | 404 | 500)[]>(200, 400, 404, 500),
		disposition: fc.constantFrom('plain', 'none', 'utf8'),
		ranges: fc.boolean(),
		bigIds: fc.boolean(),
	});
	return fc.tuple(other, telling).map(([settings, trust]) => ({ ...settings, ...trust }));
}
