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
			{ id: null },
		]),
		[],
	);

	expect(jsonOf(answer)).toEqual([
		{ id: '7', size: 3, biz_params: { id: 4 } },
		{ fileId: '42', replaced: ['1', '9007199254740993'] },
		{ failed: 1, failures: [{ fileId: '5', error: 'no' }] },
		{ id: null },
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

	const early = [...files(2, 'success'), ...items([{ status: 'failed', id: 2 }]), ...files(500, 'success')];
	const shown = jsonOf(toolAnswer(early, [])).slice(0, -1);
	expect(shown.slice(0, 4).map(({ id }) => id)).toEqual(['2', '0', '1', '0']);
	expect(shown.filter(({ status }) => status === 'failed')).toHaveLength(1);
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

/** JSON of so many characters, in one text. */
const textOf = (characters: number) => ({ text: 'x'.repeat(characters - '{"text":""}'.length) });

it('has room for 24,000 characters to the last one', () => {
	const two = [textOf(12_000), textOf(12_000)];
	expect(jsonOf(toolAnswer(items(two), []))).toEqual(two);
	expect(jsonOf(toolAnswer(items([textOf(12_000), textOf(12_001)]), []))[1]).toMatchObject({ notShown: 1 });
	expect(jsonOf(toolAnswer(items([textOf(24_000)]), []))).toEqual([textOf(24_000)]);
	expect(jsonOf(toolAnswer(items([textOf(24_001)]), []))).toEqual([{ text: `${'x'.repeat(1_000)}…` }]);
});

it('of an item that is too long texts are cut first, then lists, and nested data goes where that is not enough', () => {
	const cut = (nested: number) => {
		const json = {
			id: 1,
			parent: null,
			short: 's'.repeat(1_000),
			long: 'l'.repeat(1_001),
			replaced: Array.from({ length: 5_000 }, (_, id) => id),
			nested: textOf(nested),
		};
		return toolAnswer(items([json]), [])[0]?.json ?? {};
	};
	const shortened = {
		id: '1',
		parent: null,
		short: 's'.repeat(1_000),
		long: `${'l'.repeat(1_000)}…`,
		replaced: Array.from({ length: 100 }, (_, id) => String(id)),
	};
	const room = 24_000 - JSON.stringify({ ...shortened, nested: 0 }).length + 1;

	expect(cut(room)).toEqual({ ...shortened, nested: textOf(room) });
	expect(cut(room + 1)).toEqual({ id: '1', short: shortened.short, long: shortened.long });
});

it('shows an item of very many texts, however long it is', () => {
	const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`field${n}`, 't'.repeat(1_000)]));
	expect(jsonOf(toolAnswer(items([many]), []))).toEqual([many]);
});

it('what it says belongs to the last input item, or to the first where there is no item', () => {
	const list = [1, 2, 3].map((item) => ({ json: {}, pairedItem: { item } }));
	expect(toolAnswer(list, ['Said.']).at(-1)).toEqual({ json: { note: 'Said.' }, pairedItem: { item: 3 } });
	expect(toolAnswer([], ['Said.'])[0]?.pairedItem).toEqual({ item: 0 });
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
	const unsaid = toolAnswer(files(500), []).at(-1)?.json.note;
	expect(unsaid).toMatch(/^\d+ more are not shown: there are too many for one answer\.$/);
	expect(jsonOf(toolAnswer([], []))).toEqual([{ note: 'There is nothing: the answer is an empty list.' }]);
});
