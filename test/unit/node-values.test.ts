import { InvalidInputError } from '../../client';
import { asChoice, asFlag, asId, asNumber, asPatterns, asText, asTime } from '../../nodes/shared/values';
import { advising } from './advising';

const WHOLE = { min: 1, max: 100, whole: true };

describe('asFlag', () => {
	it.each([true, 'true', 'TRUE', ' True\n', 1, '1', 'yes', 'Yes', 'on'])('takes %p for on', (value) => {
		expect(asFlag(value, 'Dry Run')).toBe(true);
	});

	it.each([false, 'false', 'False ', 0, '0', 'no', 'NO', 'off'])('takes %p for off', (value) => {
		expect(asFlag(value, 'Dry Run')).toBe(false);
	});

	it.each([undefined, null, '', 'perhaps', 'y', 2, -1, NaN, [], [true], {}])('refuses %p', (value) => {
		expect(() => asFlag(value, 'Dry Run')).toThrow(InvalidInputError);
		expect(() => asFlag(value, 'Dry Run')).toThrow('Dry Run must be true or false');
	});

	it.each([
		[null, /^It is empty\. .*check what the expression gives/],
		['perhaps', /^It is "perhaps"\. .*check what the expression gives/],
	])('says what %p is', (value, advice) => {
		expect(() => asFlag(value, 'Dry Run')).toThrow(advising(advice));
	});
});

describe('asNumber', () => {
	it.each([
		[1, 1],
		[100, 100],
		['7', 7],
		[' 7 ', 7],
	])('reads %p', (value, number) => {
		expect(asNumber(value, 'Max Tries', WHOLE)).toBe(number);
	});

	it.each([undefined, null, '', '  '])('reads nothing in %p', (value) => {
		expect(asNumber(value, 'Max Tries', WHOLE)).toBeUndefined();
	});

	it.each([0, 101, 1.5, 1e15, NaN, Infinity, 'many', '1,5', true, [5], {}])('refuses %p', (value) => {
		expect(() => asNumber(value, 'Max Tries', WHOLE)).toThrow(
			'Max Tries must be a whole number from 1 to 100',
		);
	});

	it('takes a fraction where the field does', () => {
		expect(asNumber(1.5, 'Timeout', { ...WHOLE, whole: false })).toBe(1.5);
		expect(() => asNumber(0.5, 'Timeout', { ...WHOLE, whole: false })).toThrow(
			'Timeout must be a number from 1 to 100',
		);
	});

	it.each([true, [5], new Date(5)])('takes %p for no number where the field takes any', (value) => {
		expect(() => asNumber(value, 'Timeout', { ...WHOLE, whole: false })).toThrow(
			'Timeout must be a number from 1 to 100',
		);
	});
});

describe('asTime', () => {
	const at = (value: unknown) => asTime(value, 'Uploaded After', 'Asia/Shanghai')?.toISOString();

	it.each([
		['2026-03-31', '2026-03-30T16:00:00.000Z'],
		['2026-03-31T18:00:00', '2026-03-31T10:00:00.000Z'],
		[' 2026-03-31 18:00 ', '2026-03-31T10:00:00.000Z'],
		['2026-03-31T18:00:00Z', '2026-03-31T18:00:00.000Z'],
		['2026-03-31T18:00:00.5+0200', '2026-03-31T16:00:00.500Z'],
		['2026-03-31T18:00:00.123Z', '2026-03-31T18:00:00.123Z'],
		['2026-03-31T18:00:00+08', '2026-03-31T10:00:00.000Z'],
		['2026-03-31T18:00:00+14:00', '2026-03-31T04:00:00.000Z'],
		[new Date(0), '1970-01-01T00:00:00.000Z'],
	])("reads %p, in the workflow's zone where it names none", (value, time) => {
		expect(at(value)).toBe(time);
	});

	it.each([undefined, null, '', '  '])('reads nothing in %p', (value) => {
		expect(at(value)).toBeUndefined();
	});

	it.each([
		'yesterday',
		'report 2026',
		'2026-02-30',
		'2026-03-31 ::::',
		'2026-03-31 (2026-04-01',
		'2026-03-31T10:00:00+15:00',
		'2026-03-31T10:00:00+25:00',
		'2026-13-01T10:00:00Z',
		'12',
		'2026',
		'2026-13-45',
		'2026-03-31 x',
		0,
		1e12,
		true,
		{},
		['2026-03-31'],
		new Date(NaN),
	])('refuses %p', (value) => {
		expect(() => at(value)).toThrow(InvalidInputError);
		expect(() => at(value)).toThrow('Uploaded After is no date or time: ');
		expect(() => at(value)).toThrow(advising(/Write it like 2026-03-31 .*check what the expression gives/));
	});
});

describe('asText', () => {
	it('reads text and whole numbers', () => {
		expect(['  a b ', 42, '', ' ', null, undefined].map((value) => asText(value, 'Chat ID'))).toEqual([
			'a b',
			'42',
			undefined,
			undefined,
			undefined,
			undefined,
		]);
	});

	it.each([
		[2 ** 53, 'Chat ID 9007199254740992 has lost digits'],
		[1.5, 'Chat ID is not text: 1.5'],
		[true, 'Chat ID is not text: true'],
		[{ a: 1 }, 'Chat ID is not text: {"a":1}'],
		[['a', 'b'], 'Chat ID is a list, but must be text: ["a","b"]'],
		[10n, 'Chat ID is not text: 10'],
	])('refuses %p', (value, message) => {
		expect(() => asText(value, 'Chat ID')).toThrow(message);
	});

	it('says how to pass a number that is too long', () => {
		expect(() => asText(2 ** 53, 'Chat ID')).toThrow(advising(/beyond 9007199254740991 .* as text/));
	});

	it('quotes only the beginning of something long', () => {
		const long = { text: 'x'.repeat(100_000) };
		expect(() => asText(long, 'Chat ID')).toThrow(/^Chat ID is not text: \{"text":"x{100,200}\.\.\.$/);
		const [whole, cut] = [196, 197].map((length) => ['x'.repeat(length)]);
		expect(() => asText(whole, 'Chat ID')).toThrow(/: \["x{196}"\]$/);
		expect(() => asText(cut, 'Chat ID')).toThrow(/: \["x{197}"\.\.\.$/);
	});
});

describe('asId', () => {
	it.each([
		[42, '42'],
		[' 9007199254740993 ', '9007199254740993'],
	])('reads %p', (value, id) => {
		expect(asId(value, 'File ID')).toBe(id);
	});

	it.each([undefined, null, ''])('says that %p is empty', (value) => {
		expect(() => asId(value, 'File ID')).toThrow('File ID is empty');
	});

	it.each([
		['an object', { a: 1 }, /: \{"a":1\}$/],
		['what JSON has no word for', { a: 10n }, /: \{"a":10\}$/],
		['a list', [42], /: \[42\]$/],
		['a text that is too long to be quoted', 'x'.repeat(201), /: "x{199}\.\.\.$/],
	])('says that %s is none, and to check the expression', (_, value, message) => {
		expect(() => asId(value, 'File ID')).toThrow(message);
		expect(() => asId(value, 'File ID')).toThrow(/^File ID is not an id/);
		expect(() => asId(value, 'File ID')).toThrow(advising(/check what the expression gives/));
	});

	it('says what an id is, where a text of usual length is none', () => {
		expect(() => asId('x'.repeat(200), 'File ID')).toThrow(/^File ID is not an id: "x{200}"$/);
		expect(() => asId('abc', 'File ID')).toThrow(advising(/must be a whole number/));
	});
});

describe('asChoice', () => {
	it.each(['Production', 'prod ', 'PROD', 1, {}, ['prod']])('takes %p for nothing it knows', (value) => {
		expect(() => asChoice(value, 'Profile', ['dev', 'prod'])).toThrow(
			`Profile is unknown: ${JSON.stringify(value)}`,
		);
	});

	it.each([undefined, null, ''])('says that %p is empty, and what there is', (value) => {
		expect(() => asChoice(value, 'Profile', ['dev', 'prod'])).toThrow('Profile is empty');
		expect(() => asChoice(value, 'Profile', ['dev', 'prod'])).toThrow(advising('Use one of: dev, prod.'));
	});
});

it('asPatterns reads texts and lists of them, and leaves commas in braces alone', () => {
	expect(asPatterns('*.{pdf,txt}, a*\nb', 'Include')).toEqual(['*.{pdf,txt}', 'a*', 'b']);
	expect(asPatterns(['*.pdf', 'a,b'], 'Include')).toEqual(['*.pdf', 'a', 'b']);
	expect(asPatterns(null, 'Include')).toEqual([]);
	expect(() => asPatterns([{}], 'Include')).toThrow('Include is not text: {}');
});
