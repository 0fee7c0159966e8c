import { NodeOperationError, type IPollFunctions } from 'n8n-workflow';

import { CancelledError } from '../../../client';
import { Budget } from '../../../nodes/BddFileTrigger/budget';
import { bareNode, TRIGGER_TYPE } from '../../engine/bare-node';

const NODE = bareNode({ name: 'New File', type: TRIGGER_TYPE });

/** What a poll's time is taken from: n8n, which says how long it may take or, as an old one, does not. */
const budgetOf = (ms?: number) =>
	new Budget({
		getNode: () => NODE,
		...(ms !== undefined && { getPollBudgetMs: () => ms }),
	} as Partial<IPollFunctions> as IPollFunctions);

const isUp = (signal: AbortSignal) =>
	new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));

const CANCELLED = new CancelledError('Listing chat "c" was given up', { description: 'Run it again.' });

afterEach(() => jest.restoreAllMocks());

it.each([
	['what n8n says', 60_000, [60_000, 54_000]],
	['five minutes where it does not', undefined, [300_000, 270_000]],
])('a poll has %s, and contents nine tenths of it', (_, ms, times) => {
	const timeout = jest.spyOn(AbortSignal, 'timeout');
	budgetOf(ms);
	expect(timeout.mock.calls.flat()).toEqual(times);
});

it('contents are given up first; what was given up says then that the time was up', async () => {
	const budget = budgetOf(30);
	expect(budget.explain(CANCELLED)).toBe(CANCELLED);
	await isUp(budget.contentSignal);
	expect(budget.signal.aborted).toBe(false);
	const other = new Error('Listing chat "c" failed');
	expect(budget.explain(other)).toBe(other);

	const error = budget.explain(CANCELLED);
	expect(error).toBeInstanceOf(NodeOperationError);
	expect(error).toMatchObject({
		message: 'The poll took longer than the 1 s that it has',
		description: expect.stringMatching(/^Listing chat "c" was given up\. Nothing is lost: /) as string,
	});
	await isUp(budget.signal);
});
