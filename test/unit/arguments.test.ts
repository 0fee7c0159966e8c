import * as given from '../../client/arguments';
import { InvalidInputError } from '../../client/api/errors';

const WRONG: unknown[] = [NaN, -Infinity, '5', {}, [5], true, 10n];
const LONGEST_TIMER = 2_147_483;

describe.each<[what: string, read: (value: number) => unknown, accepted: number[], refused: number[]]>([
	['Max tries', given.tries, [1, 4, 100], [0, -1, 101, 1.5, 2 ** 53, Infinity]],
	['Expires in', given.expirySeconds, [1, 315_360_000], [0, 0.5, 315_360_001, Infinity]],
	['Concurrency', given.concurrency, [1, 1000], [0, 1001, 2.5, Infinity]],
	['Page', given.page, [1, Number.MAX_SAFE_INTEGER], [0, -1, 1.5, Infinity]],
	['Limit', given.limit, [1, Number.MAX_SAFE_INTEGER], [0, -1, 1.5, 2 ** 53]],
	['Max Delete', (value) => given.percent(value, 'Max Delete'), [0, 0.5, 100], [-0.1, 100.1, Infinity]],
	['Days in Trash', (value) => given.days(value, 'Days in Trash'), [0, 0.5, 36_500], [-1, 36_501, Infinity]],
	['Timeout', given.timeoutSeconds, [0.001, 1, LONGEST_TIMER], [0, -1, Infinity]],
	[
		'Patience (settle)',
		(value) => given.patienceMs({ settle: value }, 'settle') / 1000,
		[0.001, LONGEST_TIMER],
		[0, -1, LONGEST_TIMER + 1, Infinity],
	],
])('%s', (what, read, accepted, refused) => {
	it('takes what is within its bounds', () => {
		expect(accepted.map(read)).toEqual(accepted);
	});

	it.each([...refused, ...WRONG])('refuses %p', (value) => {
		expect(() => read(value as number)).toThrow(InvalidInputError);
		expect(() => read(value as number)).toThrow(
			new RegExp(`^${what.replace(/[()]/g, '\\$&')} must be .*, but is `),
		);
	});
});

it('what is not given has its default', () => {
	expect([given.tries(), given.timeoutSeconds(), given.expirySeconds()]).toEqual([4, 60, 600]);
	expect([given.limit(undefined), given.limit(Infinity)]).toEqual([undefined, undefined]);
	const patience = (['settle', 'answer', 'retry'] as const).map((what) => given.patienceMs({}, what));
	expect(patience).toEqual([10_000, 30_000, 1_000]);
});

it('a timeout that no timer can wait for is the longest that one can', () => {
	expect(given.timeoutSeconds(LONGEST_TIMER + 1)).toBe(LONGEST_TIMER);
	expect(given.timeoutSeconds(1e300)).toBe(LONGEST_TIMER);
});

it('text that is required is trimmed, and must be there', () => {
	expect(given.requiredText(' 42\n', 'Chat ID')).toBe('42');
	for (const nothing of [undefined, '', ' \t\n'])
		expect(() => given.requiredText(nothing, 'Chat ID')).toThrow('Chat ID is empty');
});

it('a user id is 1 to 100 digits', () => {
	expect(given.userIdDigits(' 1955228426376908801 ')).toBe('1955228426376908801');
	expect(given.userIdDigits('9'.repeat(100))).toBe('9'.repeat(100));
	for (const nothing of [undefined, '', ' ']) expect(() => given.userIdDigits(nothing)).toThrow('is empty');
	for (const wrong of ['me', '-1', '1.5', '1 2', '1\r\nX-Admin: 1', '9'.repeat(101)])
		expect(() => given.userIdDigits(wrong)).toThrow('User ID is not a number');
});

it('a choice is one of those there are, to the letter', () => {
	const modes = ['auto', 'simple'] as const;
	expect(given.oneOf(modes, 'simple', 'Mode')).toBe('simple');
	for (const wrong of ['Simple', '', 'toString', 5, undefined, null, 5n])
		expect(() => given.oneOf(modes, wrong as 'auto', 'Mode')).toThrow('Mode is unknown: ');
});

it('a message quotes only the beginning of something long', () => {
	const long = 'x'.repeat(100_000) as unknown as number;
	for (const read of [given.tries, given.timeoutSeconds]) expect(() => read(long)).toThrow(/but is "x{99}…$/);
	expect(() => given.userIdDigits('y'.repeat(100_000))).toThrow(/: "y{99}…$/);
});

it.each<[message: string, description: string, read: () => unknown]>([
	[
		'Chat ID is empty',
		'Fill in "Chat ID", or use an expression that gives it.',
		() => given.withChat({ chatId: ' ' }),
	],
	[
		'Connections must be a whole number from 1 to 16, but is 0',
		'Give "Connections" a whole number in these bounds.',
		() => given.connections(0),
	],
	[
		'Concurrency must be a whole number from 1 to 1000, but is undefined',
		'Give "Concurrency" a whole number in these bounds.',
		() => given.concurrency(undefined as unknown as number),
	],
	[
		'Timeout must be above 0 and at most 1.7976931348623157e+308, but is 0',
		'Give "Timeout" a number in these bounds.',
		() => given.timeoutSeconds(0),
	],
	[
		'Timeout must be above 0 and at most 1.7976931348623157e+308, but is NaN',
		'Give "Timeout" a number in these bounds.',
		() => given.timeoutSeconds(NaN),
	],
	[
		'Max Delete must be from 0 and at most 100 %, but is -1',
		'Give "Max Delete" a number in these bounds.',
		() => given.percent(-1, 'Max Delete'),
	],
	[
		'Part size must be from 5 and at most 5120 MiB, but is 4',
		'Give "Part size" a number in these bounds.',
		() => given.partBytes(4),
	],
	['User ID is empty', 'Give the client a user id, or give one with the call.', () => given.userIdDigits('')],
	[
		'User ID is not a number: "me"',
		'The service knows users by digits only.',
		() => given.userIdDigits('me'),
	],
	[
		'Mode is unknown: 5',
		'Known are: auto, simple.',
		() => given.oneOf(['auto', 'simple'], 5 as never, 'Mode'),
	],
	[
		`User ID is not a number: "${'y'.repeat(98)}"`,
		'The service knows users by digits only.',
		() => given.userIdDigits('y'.repeat(98)),
	],
])('%s', (message, description, read) => {
	expect(read).toThrow(expect.objectContaining({ message, description }) as Error);
});
