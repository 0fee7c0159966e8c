import fc from 'fast-check';

import { CHAT } from '../../engine/world';

/**
 * What people type and expressions give instead of what a field wants; some of it is what one or the other field takes.
 */
const TYPED: unknown[] = [
	...[undefined, null, '', ' ', '\n', '0', '1', 'true', 'FALSE', ' True ', 'yes', 'null', 'undefined', 'NaN'],
	...[
		true,
		false,
		0,
		-0,
		1,
		-1,
		2,
		5,
		5.1,
		600,
		1e15,
		2 ** 53,
		1e308,
		Number.MIN_VALUE,
		NaN,
		Infinity,
		-Infinity,
	],
	...['5', '5.1', '5,1', '1e3', '0x10', '9'.repeat(40), '9007199254740993', 10n, new Date(0)],
	...[CHAT, 'chat', 'Chat', 'custom', 'custom ', 'Production', 'auto', 'skip', 'default', '*', '*,', 'a,b'],
	...[
		'data',
		['data'],
		['a', ['b']],
		[null],
		[],
		{},
		{ mode: 'id', value: 1 },
		{ mode: 'list', value: null },
	],
	...['constructor', '__proto__', 'toString', '{"a":1}', '{"a":', '[1]', '{'.repeat(500), '['.repeat(20_000)],
	...[
		'../x',
		'..',
		'/',
		'//',
		'~',
		'~/x',
		'C:\\x',
		'a\0b',
		'/a\0b',
		'/x'.repeat(3000),
		'/dev/null/x',
		'\ud800',
	],
	...['**/*', '{a,b', '!(a|b)', '[', '(((('.repeat(50), 'x'.repeat(100_000), { toString: null }, { then: 1 }],
	...[
		'http://127.0.0.1:9',
		'http://',
		'ftp://u:p@h',
		'http://u:p@127.0.0.1:9?x#y',
		'https://127.0.0.1:9',
		'http://h:99999',
	],
	...[
		{ id: 7, data: '', mimeType: '' },
		{ data: 7, mimeType: 5 },
		{ id: 'x:y', mimeType: null, bytes: -1 },
	],
	...[
		{ data: 'QUJD', mimeType: 5, fileName: 5 },
		{ data: 'QUJD', mimeType: '', fileName: {} },
	],
];

/** Any JSON value, but for expressions: those are n8n's own business, and give any value. */
const json = fc
	.jsonValue({ maxDepth: 3 })
	.map((value) => JSON.parse(JSON.stringify(value).replaceAll('"=', '"_')) as unknown);

export const anything = fc.oneof(
	{ weight: 3, arbitrary: fc.constantFrom(...TYPED) },
	{ weight: 1, arbitrary: json },
);

/** Anything in some of these names; the others stay what they are. */
export const someOf = (names: readonly string[]): fc.Arbitrary<Record<string, unknown>> =>
	fc
		.subarray([...names], { minLength: 0, maxLength: 3 })
		.chain((chosen) => fc.tuple(...chosen.map((name) => fc.tuple(fc.constant(name), anything))))
		.map((entries) => Object.fromEntries(entries));
