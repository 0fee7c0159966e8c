import { runInNewContext } from 'node:vm';

import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { byStatus, OUTPUTS, splitsByStatus } from '../../nodes/BddFile/outputs';

/** A node of which the switch says this, run by an agent or not. Newer agents have the engine run it, which says "no tool". */
const node = (value: unknown, isTool: boolean) =>
	({
		getNodeParameter: (name: string, _item: number, fallback: unknown) =>
			name === 'splitByStatus' ? value : fallback,
		getNode: () => ({ type: `n8n-nodes-bdd-file.bddFile${isTool ? 'Tool' : ''}` }),
		isToolExecution: () => false,
	}) as unknown as IExecuteFunctions;

it.each<[value: unknown, isTool: boolean, expected: boolean]>([
	[true, false, true],
	['true', false, true],
	['yes', false, true],
	[false, false, false],
	// An agent reads the first output only: failures in the third would be lost to it.
	[true, true, false],
	[false, true, false],
])('the switch is %p, run as a tool: %p', (value, isTool, expected) => {
	expect(splitsByStatus(node(value, isTool))).toBe(expected);
});

it('a switch that is none is an error', () => {
	expect(() => splitsByStatus(node('perhaps', false))).toThrow('must be true or false');
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

it.each([
	[true, 3],
	[' Yes', 3],
	[1, 3],
	[false, 1],
	['no', 1],
])('the editor sees as many outputs as an execution gives: %p', (value, count) => {
	const outputs: unknown = runInNewContext(OUTPUTS.slice(3, -2), { $parameter: { splitByStatus: value } });

	expect(outputs).toHaveLength(count);
});
