import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { byStatus, splitsByStatus } from '../../nodes/BddFile/outputs';

/** A node of which the switch says this, run by an agent or not; n8n 2.0 does not say which. */
const node = (value: unknown, isToolExecution?: boolean) =>
	({
		getNodeParameter: (name: string, _item: number, fallback: unknown) =>
			name === 'splitByStatus' ? value : fallback,
		...(isToolExecution !== undefined && { isToolExecution: () => isToolExecution }),
	}) as unknown as IExecuteFunctions;

it.each<[value: unknown, isTool: boolean | undefined, expected: boolean]>([
	[true, undefined, true],
	[true, false, true],
	['true', false, true],
	[false, undefined, false],
	[false, false, false],
	// An agent reads the first output only: failures in the third would be lost to it.
	[true, true, false],
	[false, true, false],
])('the switch is %p, run as a tool: %p', (value, isTool, expected) => {
	expect(splitsByStatus(node(value, isTool))).toBe(expected);
});

it('a switch that is none is an error', () => {
	expect(() => splitsByStatus(node('perhaps'))).toThrow('must be true or false');
});

it('each item goes to the output of its status, in order; one without a status has failed', () => {
	const item = (status: string | undefined, fileName: string): INodeExecutionData => ({
		json: { ...(status !== undefined && { status }), fileName },
	});
	const items = [
		item('failed', 'a'),
		item('success', 'b'),
		item('skipped', 'c'),
		item(undefined, 'd'),
		item('success', 'e'),
	];
	const names = byStatus(items).map((output) => output.map(({ json }) => json.fileName));
	expect(names).toEqual([['b', 'e'], ['c'], ['a', 'd']]);
});
