import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { toolAnswer } from '../../nodes/BddFile/tool-answer';

const items = (list: IDataObject[]): INodeExecutionData[] =>
	list.map((json) => ({ json, pairedItem: { item: 0 } }));
const files = (count: number, status?: string) =>
	items(
		Array.from({ length: count }, (_, id) => ({
			...(status !== undefined && { status }),
			id,
			filename: `${'x'.repeat(150)}-${id}.txt`,
		})),
	);
const jsonOf = (answer: INodeExecutionData[]) => answer.map(({ json }) => json);

it('gives IDs as text, also those in lists and summaries, and nothing else', () => {
	const answer = toolAnswer(
		items([
			{ id: 7, size: 3, biz_params: { id: 4 } },
			{ fileId: 42, replaced: [1, '9007199254740993'] },
			{ failed: 1, failures: [{ fileId: 5, error: 'no' }] },
		]),
		[],
	);

	expect(jsonOf(answer)).toEqual([
		{ id: '7', size: 3, biz_params: { id: 4 } },
		{ fileId: '42', replaced: ['1', '9007199254740993'] },
		{ failed: 1, failures: [{ fileId: '5', error: 'no' }] },
	]);
});

it('leaves out binary data and keeps the pairing', () => {
	const binary = { data: { data: 'QUJD', mimeType: 'text/plain' } };
	expect(toolAnswer([{ json: { a: 1 }, binary, pairedItem: { item: 0 } }], [])).toEqual([
		{ json: { a: 1 }, pairedItem: { item: 0 } },
	]);
});

it('shows of 3,000 files as many as have room, and says how many more there are and how to narrow', () => {
	const answer = toolAnswer(files(3000), [], 'Ask for fewer.');
	const { notShown, note } = answer.at(-1)?.json ?? {};

	expect(JSON.stringify(jsonOf(answer)).length).toBeLessThan(25_000);
	expect(answer.length).toBeGreaterThan(100);
	expect(Number(notShown) + answer.length - 1).toBe(3000);
	expect(note).toBe(
		`${Number(notShown)} more are not shown: there are too many for one answer. Ask for fewer.`,
	);
});

it('shows failures first where not all have room, else keeps the order', () => {
	const many = [...files(500, 'success'), ...items([{ status: 'failed', fileId: 1, error: 'no' }])];
	expect(jsonOf(toolAnswer(many, []))[0]).toEqual({ status: 'failed', fileId: '1', error: 'no' });
	expect(jsonOf(toolAnswer(many.slice(495), [])).at(-1)).toMatchObject({ status: 'failed' });
});

it.each([
	['a name without end', { id: 1, filename: 'x'.repeat(600_000), status: 'ok' }],
	['thousands of replaced files', { id: 1, replaced: Array.from({ length: 9_000 }, (_, id) => id) }],
	['parameters without end', { id: 1, biz_params: { note: ['y'.repeat(600_000)] } }],
	['many long texts', { id: 1, list: Array<string>(500).fill('z'.repeat(900)) }],
])('an item with %s is cut to what an answer has room for', (_, json) => {
	const [shown, more] = toolAnswer([{ json }], []);
	expect(JSON.stringify(shown).length).toBeLessThan(25_000);
	expect(shown?.json.id).toBe('1');
	expect(more).toBeUndefined();
});

it('an item that has room is as it is, links included', () => {
	const json = { status: 'success', fileId: '1', url: `http://127.0.0.1/${'u'.repeat(4_000)}` };
	expect(toolAnswer([{ json }], [])[0]?.json).toEqual(json);
});

it('says what the operation says, once, and that a list is empty', () => {
	const notes = ['The list has more than 500 entries.', 'Ask for fewer.'];
	const said = toolAnswer(files(500), notes, 'Ask for fewer.').at(-1)?.json.note;
	expect(said).toMatch(
		/^The list has more than 500 entries\. Ask for fewer\. \d+ more are not shown: [^.]*\.$/,
	);
	expect(jsonOf(toolAnswer([], []))).toEqual([{ note: 'There is nothing: the answer is an empty list.' }]);
});
