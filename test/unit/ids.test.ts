import fc from 'fast-check';

import { InvalidInputError } from '../../client/api/errors';
import { compareIds, parseId, toWireId } from '../../client/api/ids';
import { parseExactJson, parseJson, stringifyJson } from '../../client/api/json';

const id = fc.bigInt({ min: 0n, max: 10n ** 25n });

describe('ids', () => {
	it('go through text, JSON output and back without loss', () => {
		fc.assert(
			fc.property(id, (value) => {
				const wire = toWireId(parseId(String(value), 'File id'));
				expect(typeof wire === 'number').toBe(value <= BigInt(Number.MAX_SAFE_INTEGER));
				expect(BigInt(parseId(wire, 'File id'))).toBe(value);
			}),
		);
	});

	it('order by value', () => {
		fc.assert(
			fc.property(id, id, (a, b) => {
				const order = compareIds(toWireId(String(a)), toWireId(String(b)));
				expect(Math.sign(order)).toBe(a < b ? -1 : a > b ? 1 : 0);
			}),
		);
	});

	it('order by value when one is a number, and the same are equal', () => {
		expect(compareIds(9, '10')).toBeLessThan(0);
		expect(compareIds('10', 9)).toBeGreaterThan(0);
		expect(compareIds('9007199254740993', '9007199254740993')).toBe(0);
		expect(compareIds('7', 7)).toBe(0);
	});

	it.each([
		[' 7\n', '7'],
		['0', '0'],
		[42, '42'],
		[1955228426376908801n, '1955228426376908801'],
		[Number.MAX_SAFE_INTEGER, '9007199254740991'],
	])('%p is read as %p', (value, digits) => {
		expect(parseId(value, 'File id')).toBe(digits);
	});

	it.each([
		['abc', 'is not an id: "abc"'],
		['007', 'is not an id: "007"'],
		['', 'is empty'],
		[undefined, 'is empty'],
		[null, 'is empty'],
		[-1, 'is not an id: "-1"'],
		[1.5, 'is not an id: "1.5"'],
		['1e3', 'is not an id: "1e3"'],
		['9'.repeat(100_000), `is not an id: "${'9'.repeat(299)}…`],
		[{}, 'is not an id: {}'],
		[2 ** 53, 'has lost digits'],
		[Infinity, 'is not an id: "Infinity"'],
		[-(2 ** 60), 'is not an id: "-1152921504606847000"'],
		['9'.repeat(81), `is not an id: "${'9'.repeat(81)}"`],
		['7 7', 'is not an id: "7 7"'],
		['x7', 'is not an id: "x7"'],
	])('%p is refused: %s', (value, words) => {
		expect(() => parseId(value, 'File id')).toThrow(
			`File id ${words === 'has lost digits' ? '9007199254740992 ' : ''}${words}`,
		);
	});
});

describe('an id that is none', () => {
	const advice = (value: unknown) => {
		try {
			return parseId(value, 'File id');
		} catch (error) {
			return error instanceof InvalidInputError ? error.description : undefined;
		}
	};

	it('comes with what to do', () => {
		expect(advice(2 ** 53)).toBe(
			"Pass an id beyond 9007199254740991 as text, as this node's own outputs do.",
		);
		expect(advice('abc')).toBe(
			'File id must be a whole number, such as 42. Uploads and lists give it as "fileId" or "id".',
		);
	});

	it('is one by its length, not by its digits', () => expect(parseId('9'.repeat(80), 'x')).toHaveLength(80));
});

describe('JSON', () => {
	it.each([
		['{"id":9007199254740993}', { id: '9007199254740993' }],
		['{"id": 9007199254740991}', { id: 9007199254740991 }],
		['[ 1955228426376908801, 5 ]', ['1955228426376908801', 5]],
		['-9007199254740993', '-9007199254740993'],
		[
			'{"a":"x:9007199254740993","b":0.12345678901234567890}',
			{ a: 'x:9007199254740993', b: 0.12345678901234568 },
		],
		['{"hash":"1234567890123456789"}', { hash: '1234567890123456789' }],
	])('%s keeps every digit of an integer', (text, value) => {
		expect(parseJson(text)).toEqual(value);
	});

	it("a user's JSON is sent on with the same integers", () => {
		const text = '{"kb_id":1955228426376908801,"tags":["1955228426376908801",7],"deep":{"x":null}}';
		expect(stringifyJson(parseExactJson(text))).toBe(text);
	});
});
