import fc from 'fast-check';

import { readKept, writeKept } from '../../../nodes/BddFileTrigger/kept';
import { emptyState, type State } from '../../../nodes/BddFileTrigger/state';
import { Chat } from './chat';
import { Watcher } from './watcher';

const sizes = { near: 3, edge: 2, missing: 4, cells: 3 };

/** A state that has something in all of its parts. */
async function stateOf(scope: string): Promise<State> {
	const chat = new Chat();
	for (let id = 1; id <= 12; id++) chat.add(String(id), id % 4 === 0 ? 'uploading' : 'ok');
	const watcher = new Watcher(sizes);
	await watcher.activate(chat.list({ pageSize: 4 }));
	chat.remove('1', '4');
	chat.change('8', 'error');
	watcher.now += 3_600_000;
	await watcher.poll(chat.list({ pageSize: 4 }), (due) => ({ out: [], owed: due }));
	const { state } = watcher;
	if (!state) throw new Error('The watcher remembers nothing');
	return { ...state, scope };
}

const read = (text: string, scope = 'a') => readKept(text, scope, sizes);

function isRefused(text: string, scope?: string): boolean {
	try {
		read(text, scope);
		return false;
	} catch (error) {
		expect(error).toMatchObject({
			message: expect.stringMatching(/^What the trigger remembers cannot be read: /) as string,
		});
		return true;
	}
}

describe('what n8n keeps', () => {
	let state: State;
	let text: string;
	beforeAll(async () => {
		state = await stateOf('a');
		const before = JSON.parse(writeKept({ ...state, scope: 'b', total: 77 })) as never;
		text = writeKept(state, before);
	});

	it('is read as it was written', () => {
		expect(state.missing.size).toBeGreaterThan(0);
		expect(new Set([...state.near.values()].map(({ phase }) => phase)).size).toBeGreaterThan(2);
		expect(read(text).state).toEqual(state);
		expect(read(text).round).toBe(state.round);
	});

	it.each([
		['is cut off', (kept: string) => kept.slice(0, -20)],
		['is empty', () => ''],
		['is no JSON', () => 'files'],
		['is a list', () => '[]'],
		['is null', () => 'null'],
		['has only a version', () => '{"version":2}'],
		['has no check', (kept: string) => kept.replace(/"check":"[^"]+",?/g, '')],
		['lacks bytes of a part', (kept: string) => kept.replace(/"near":"[^"]{8}/, '"near":"')],
		['has a part of another kind', (kept: string) => kept.replace(/"total":\d+/, '"total":null')],
		['has something else before it', (kept: string) => kept.replace(/"earlier":.*/, '"earlier":7}')],
	])('and %s is damaged, which the error says', (_, damage) => {
		expect(() => read(damage(text))).toThrow('What the trigger remembers cannot be read: it is damaged');
	});

	it('is never taken for something else, whichever character of it is damaged', () => {
		const anyState = fc.record({
			at: fc.nat(text.length - 1),
			by: fc.constantFrom('A', '0', '9', '"', 'z', '}'),
		});
		fc.assert(
			fc.property(anyState, ({ at, by }) => {
				fc.pre(text[at] !== by);
				const other = `${text.slice(0, at)}${by}${text.slice(at + 1)}`;
				// What is not looked at is damaged when it is.
				if (!isRefused(other)) expect([read(other).state, isRefused(other, 'b')]).toEqual([state, true]);
			}),
			{ numRuns: 3000, seed: 3 },
		);
	});

	it('is refused in words when another version has written it, but only for the list that it is about', () => {
		const newer = JSON.stringify({ version: 99, scope: 'a', round: 5, near: [] });
		expect(() => read(newer)).toThrow(
			'What the trigger remembers cannot be read: another version of this package wrote it',
		);
		expect(read(newer, 'c')).toMatchObject({ state: undefined, round: 5 });
		// It is passed on, so that it is there when the chat is changed back.
		const later = writeKept(emptyState('c', sizes), read(newer, 'c').earlier);
		expect(() => read(later)).toThrow('another version');
		expect(read(later, 'c').state).toEqual(emptyState('c', sizes));
	});

	it('goes on where it was when a list is changed for another and back, also twice', () => {
		expect(read(text, 'b').state).toEqual({ ...state, scope: 'b', total: 77 });
		const back = writeKept({ ...state, scope: 'b' }, read(text, 'b').earlier);
		expect(read(back).state).toEqual(state);
		// Of a third one the one before the last is forgotten.
		const third = writeKept(emptyState('c', sizes), read(back, 'c').earlier);
		expect(read(third).state).toBeUndefined();
		expect(read(third, 'b').state).toBeDefined();
	});
});
