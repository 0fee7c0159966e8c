import { gave, inTurn, isOverdue, learn, learnedFrom, NOTHING } from '../../../nodes/BddFileTrigger/turns';

const KEEPING_MS = 30_000;

/** Each test has a node of its own, that has had a turn. */
let node = '';
let nodes = 0;
beforeEach(async () => {
	nodes += 1;
	node = `node ${nodes}`;
	await inTurn(node, () => Promise.resolve());
});

afterEach(() => jest.restoreAllMocks());

it('a node polls one at a time, and others meanwhile', async () => {
	let end: (value: string) => void = () => undefined;
	const first = inTurn(node, () => new Promise<string>((resolve) => (end = resolve)));
	expect(await inTurn(node, () => Promise.resolve('second'))).toBeNull();
	expect(await inTurn(`${node}, another`, () => Promise.resolve('another'))).toBe('another');
	end('first');
	expect(await first).toBe('first');
	await expect(inTurn(node, () => Promise.reject(new Error('it failed')))).rejects.toThrow('it failed');
	expect(await inTurn(node, () => Promise.resolve('third'))).toBe('third');
});

it('what quiet polls learn is learned from what n8n has kept, also in several steps', () => {
	expect(learnedFrom(node, NOTHING)).toBe(NOTHING);
	learn(node, NOTHING, 'a');
	learn(node, 'a', 'b');
	learn(node, 'b', 'c');
	expect([learnedFrom(node, NOTHING), learnedFrom(node, 'b')]).toEqual(['c', 'b']);
	// n8n has kept another one since.
	learn(node, 'kept', 'd');
	expect([learnedFrom(node, NOTHING), learnedFrom(node, 'kept')]).toEqual([NOTHING, 'd']);
});

it.each([
	['an older state at once', 6, 0, true],
	['an older state a moment before the time is up', 6, KEEPING_MS - 1, true],
	['an older state when the time is up', 6, KEEPING_MS, false],
	['the state that was left', 7, 0, false],
	['a newer state', 8, 0, false],
])('after a poll that gave files, %s: %j', (_, round, after, overdue) => {
	const now = jest.spyOn(Date, 'now').mockReturnValue(1_000_000);
	gave(node, 7);
	now.mockReturnValue(1_000_000 + after);
	expect(isOverdue(node, round)).toBe(overdue);
});

it('nothing is known of a node that has had no turn', () => {
	const stranger = `${node}, a stranger`;
	gave(stranger, 7);
	learn(stranger, 'a', 'b');
	expect([isOverdue(stranger, 0), learnedFrom(stranger, 'a')]).toEqual([false, 'a']);
});
