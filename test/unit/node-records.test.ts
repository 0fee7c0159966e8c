import type { NodeExecutionHint } from 'n8n-workflow';

import { recordItems } from '../../nodes/BddFile/actions/records';
import { ParameterReader } from '../../nodes/shared/parameters';

/** Lists these records and reports as many unreadable ones. */
async function listed(records: object[], unreadable = 0, { limit = 50, isTool = false } = {}) {
	const hints: NodeExecutionHint[] = [];
	const notes: string[] = [];
	const values: Record<string, unknown> = { returnAll: false, limit };
	const run = {
		n8n: {
			addExecutionHints: (...more: NodeExecutionHint[]) => void hints.push(...more),
		},
		parameters: new ParameterReader((name) => values[name]),
		isTool,
		notes,
	};
	const outcomes = await recordItems(run, ({ limit: asked, onUnreadable }) => {
		for (let i = 1; i <= unreadable; i++) onUnreadable({ reason: `record ${i} has no name` });
		return Promise.resolve(records.slice(0, asked));
	});
	return { outcomes, hints, notes };
}

it('gives each record as it is, and says nothing when all could be read', async () => {
	expect(await listed([{ id: 1 }, { id: '2', x: null }])).toEqual({
		outcomes: [
			{ ok: true, json: { id: 1 } },
			{ ok: true, json: { id: '2', x: null } },
		],
		hints: [],
		notes: [],
	});
});

it.each([
	[1, '1 record of the list could not be read. record 1 has no name'],
	[
		5,
		'5 records of the list could not be read. record 1 has no name; record 2 has no name; record 3 has no name',
	],
])('says how many records it could not read, to a model too: %i', async (unreadable, message) => {
	const { outcomes, hints, notes } = await listed([{ id: 1 }], unreadable);

	expect(outcomes).toHaveLength(1);
	expect(hints).toEqual([{ message, type: 'warning', location: 'outputPane' }]);
	expect(notes).toEqual([`${message}.`]);
});

it.each([
	[true, 2, ['The list has more than 2 entries.', expect.stringMatching(/^Narrow the list/)]],
	[true, 3, []],
	[false, 2, []],
])(
	'tells a model that the list goes on behind the limit; a tool: %p, limit %i',
	async (isTool, limit, said) => {
		const { outcomes, notes } = await listed([{ id: 1 }, { id: 2 }, { id: 3 }], 0, { limit, isTool });

		expect(outcomes).toHaveLength(limit);
		expect(notes).toEqual(said);
	},
);
