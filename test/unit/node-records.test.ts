import type { NodeExecutionHint } from 'n8n-workflow';

import { recordItems } from '../../nodes/BddFile/actions/records';

/** Lists these records and reports as many unreadable ones. */
async function listed(records: object[], unreadable: number) {
	const hints: NodeExecutionHint[] = [];
	const n8n = { addExecutionHints: (...more: NodeExecutionHint[]) => void hints.push(...more) };
	const outcomes = await recordItems(n8n, ({ onUnreadable }) => {
		for (let i = 1; i <= unreadable; i++) onUnreadable({ reason: `record ${i} has no name` });
		return Promise.resolve(records);
	});
	return { outcomes, hints };
}

it('gives each record as it is, and says nothing when all could be read', async () => {
	expect(await listed([{ id: 1 }, { id: '2', x: null }], 0)).toEqual({
		outcomes: [
			{ ok: true, json: { id: 1 } },
			{ ok: true, json: { id: '2', x: null } },
		],
		hints: [],
	});
});

it.each([
	[1, '1 record of the list could not be read. record 1 has no name'],
	[
		5,
		'5 records of the list could not be read. record 1 has no name; record 2 has no name; record 3 has no name',
	],
])('says how many records it could not read: %i', async (unreadable, message) => {
	const { outcomes, hints } = await listed([{ id: 1 }], unreadable);

	expect(outcomes).toHaveLength(1);
	expect(hints).toEqual([{ message, type: 'warning', location: 'outputPane' }]);
});
