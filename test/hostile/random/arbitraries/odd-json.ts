/** JSON that is near to the service's shapes and none of them, and bodies that are no JSON at all. */
import fc from 'fast-check';

import { SECRET, type Body, type Edit, type Endpoint } from '../scenario';

/** A signed link where none belongs. */
const LINK = `{storage}/bucket/1?X-Amz-Signature=${SECRET}-misplaced`;

/** What a field may be instead of what it should be. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
	fc.constantFrom<unknown[]>(
		null,
		true,
		'',
		'x',
		'true',
		0,
		1,
		-1,
		0.5,
		1e9,
		1e12,
		1e300,
		[],
		{},
		[null],
		[5, 'x', [], null],
		[1, 2, 3],
		{ id: 1 },
		'../x',
		'a\u0000b',
		'9007199254740993123',
		'ok',
		'uploading',
		'merging',
		'error',
		'deleted',
		'2024-01-01T00:00:00Z',
		'http://',
		'file:///etc/passwd',
		LINK,
		'x'.repeat(5_000),
	),
	fc.jsonValue({ maxDepth: 2 }),
);

/** What each field may be that something is computed from, or that is repeated to the user. */
const TELLING = {
	total: [1e9, 1e12, 1e6, -1, 0, 0.5, 1e300, null, '3'],
	items: [[], null, [null], [5], {}, [[]]],
	part_size: [0.5, 1, 5, 1e12, 1e300, -1, 0, null, '5242880'],
	uploaded_parts: [null, [], [1], [1, 2], [0], [1e12], 'x', [null]],
	remaining_parts: [null, [], [1], [2], [0], [1e12], 'x', [null]],
	size: [-1, 0.5, 1e12, 1e300, null, '10', 10],
	id: [null, -1, 0.5, 'x', 1e300, '', [], 7],
	filename: [null, 5, '', '../x', [], 'x'.repeat(5_000)],
	hashcode: [null, 5, [], 'x', '0'.repeat(32), '0'.repeat(64)],
	upload_at: [null, 5, '', '9999-99-99T00:00:00Z', '2999-01-01T00:00:00Z'],
	status: ['ok', 'uploading', 'merging', 'error', 'deleted', null, 5],
	name: [null, 5, '', 'chat'],
	code: [1, -1, null, '0', 1e300],
	data: [null, -1, 0.5, '', 'x', [], {}, 7, true, 'http://', 'file:///etc/passwd', LINK],
} as const satisfies Record<string, readonly unknown[]>;
type Field = keyof typeof TELLING;

const LIST: readonly Field[] = ['total', 'total', 'items', 'id', 'code', 'data'];
const FILES: readonly Field[] = [...LIST, 'filename', 'size', 'hashcode', 'upload_at', 'status'];

/** The fields that an endpoint's answer has. */
const FIELDS: Partial<Record<Endpoint, readonly Field[]>> = {
	listChatFiles: FILES,
	listFilesInDirectory: FILES,
	listDirectories: [...LIST, 'name'],
	getMultipartUploadFileStatus: [
		'part_size',
		'part_size',
		'uploaded_parts',
		'remaining_parts',
		'status',
		'data',
	],
};

/** A change of a truthful answer. */
export const editOf = (endpoint: Endpoint): fc.Arbitrary<Edit> =>
	fc.oneof(
		{
			weight: 2,
			arbitrary: fc.oneof(
				...(FIELDS[endpoint] ?? (['code', 'data', 'data'] as const)).map((at) =>
					fc.record({
						at: fc.constant(at),
						change: fc.constant('replace' as const),
						value: fc.constantFrom<unknown[]>(...TELLING[at]),
					}),
				),
			),
		},
		fc.record({ at: fc.nat(60), change: fc.constantFrom('replace', 'remove', 'double'), value: odd }),
	);

const record: fc.Arbitrary<unknown> = fc.record(
	{
		id: fc.oneof(fc.nat(2_000), odd),
		filename: fc.oneof(fc.constantFrom('a.txt', '../x', 'b.bin'), odd),
		size: fc.oneof(fc.constantFrom<number[]>(0, 10, 1000), odd),
		hashcode: fc.oneof(fc.constant(''), odd),
		upload_at: fc.oneof(fc.constant('2024-01-01T00:00:00Z'), odd),
		user_id: odd,
		status: fc.oneof(fc.constantFrom('ok', 'uploading', 'merging'), odd),
		biz: fc.oneof(fc.constant('chat'), odd),
		biz_params: fc.oneof(fc.constant({ chat_id: 'chat-1' }), odd),
		name: fc.oneof(fc.constant('chat'), odd),
		created_at: odd,
	},
	{ requiredKeys: ['id'] },
);

/** Pages whose totals promise what does not come, and records that are none. */
const page: fc.Arbitrary<unknown> = fc.record({
	total: fc.oneof(fc.nat(300), fc.constantFrom<unknown[]>(-1, 1e6, 1e9, 1e12, 0.5, null, '5')),
	items: fc.oneof(fc.array(fc.oneof({ weight: 3, arbitrary: record }, odd), { maxLength: 6 }), odd),
});

const status: fc.Arbitrary<unknown> = fc.record({
	file_id: fc.oneof(fc.nat(2_000), odd),
	status: fc.oneof(fc.constantFrom('ok', 'uploading', 'merging', 'error'), odd),
	part_size: fc.constantFrom<unknown[]>(0.5, 1, 5, 5242880, 1e12, -1, 0, null, '5242880', 1e300),
	uploaded_parts: fc.oneof(fc.constantFrom<unknown[]>(null, [], [1], [1, 2]), odd),
	remaining_parts: fc.oneof(fc.constantFrom<unknown[]>(null, [], [1], [2], [1, 2]), odd),
});

const envelope: fc.Arbitrary<unknown> = fc.record(
	{
		code: fc.oneof(
			{ weight: 4, arbitrary: fc.constant(0) },
			fc.constantFrom<unknown[]>(1, 404, -1, '0', null, 1e300),
		),
		data: fc.oneof(page, status, fc.nat(2_000), fc.webUrl(), odd),
		message: fc.oneof(
			fc.constantFrom<unknown[]>(
				null,
				'file not found',
				'part already uploaded',
				'file is not uploading',
				'some parts not uploaded',
				`see ${LINK}`,
				'x '.repeat(5_000),
			),
			odd,
		),
		detail: odd,
	},
	{ requiredKeys: ['code', 'data'] },
);

/** A body that tells no truth. */
export const body: fc.Arbitrary<Body> = fc.oneof(
	{ weight: 12, arbitrary: envelope.map((value): Body => ({ kind: 'json', value })) },
	{ weight: 3, arbitrary: fc.jsonValue().map((value): Body => ({ kind: 'json', value })) },
	{
		weight: 5,
		arbitrary: fc.record({
			kind: fc.constant('text'),
			text: fc.constantFrom(
				'',
				'<h1',
				'<title>Bad Gateway</title>',
				'<h1 <title ',
				'not JSON ',
				'{"code": 0, "data": ',
				'{"code":0,"data":123456789012345678901234567890,"message":null}',
				'[1234567890123456789,',
				'\u0000',
				' \n\t',
				'"',
			),
			times: fc.constantFrom(1, 1, 1, 3, 1_000, 130_000),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant('deep'),
			depth: fc.constantFrom(50, 5_000, 12_000, 200_000),
			unit: fc.constantFrom('array', 'object'),
			around: fc.constantFrom<[string, string][]>(
				['', ''],
				['{"code":0,"data":', ',"message":null}'],
				['{"code":1,"data":null,"message":', '}'],
				['{"detail":[', ']}'],
				['{"detail":[{"msg":', '}]}'],
				['{"code":0,"data":{"total":1,"items":[', ']},"message":null}'],
				[
					'{"code":0,"data":{"total":1,"items":[{"id":9007199254740993,"filename":"a.txt","size":1,"biz_params":',
					'}]}}',
				],
			),
		}),
	},
	{ weight: 2, arbitrary: fc.constant<Body>({ kind: 'xml' }) },
);
