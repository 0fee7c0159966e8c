import fc from 'fast-check';

import { Digest, numberOf } from '../../../nodes/BddFileTrigger/digest';
import { readKept, writeKept } from '../../../nodes/BddFileTrigger/kept';
import { emptyState, type Entry, type State } from '../../../nodes/BddFileTrigger/state';
import { advising } from '../advising';
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

/** A state as its parts are, each with something in it. */
function plainState(): State {
	const far = new Digest(sizes.cells);
	for (const id of ['1', '2', '9007199254740993']) far.add(numberOf(id));
	const entries: Array<[id: string, entry: Entry]> = [
		['3', { phase: 'done', tries: 0, place: 0, time: 1_767_225_600_000 }],
		['4', { phase: 'failed', tries: 0, place: 3 }],
		['5', { phase: 'waiting', tries: 0, place: 100_000 }],
		['6', { phase: 'owed', tries: 4, place: 5 }],
		['7', { phase: 'missing', tries: 0, place: 0, time: 1_767_225_601_000 }],
		['8', { phase: 'gone', tries: 0, place: 0, time: 1_767_225_602_000 }],
	];
	return {
		...emptyState('a', sizes),
		round: 12,
		highest: '9007199254740993',
		total: 9,
		newest: 'first',
		wholeAt: 1_767_225_603_004,
		unsoundAt: 1_767_225_603_005,
		isUnsettled: true,
		near: new Map(entries.map(([id, entry]) => [numberOf(id), entry])),
		far,
		farNewest: 1_767_225_603_006,
		missing: new Set([1, 2 ** 32 - 1]),
		missingAt: 1_767_225_603_007,
	};
}

/** The same as text. Installed triggers have such texts, so whatever changes here needs another version of the format. */
const WRITTEN =
	'{"version":2,"scope":"a","round":12,"highest":"9007199254740993","total":9,"newest":"first","wholeAt":1767225603004,"unsoundAt":1767225603005,"isUnsettled":true,"farNewest":1767225603006,"missingAt":1767225603007,"near":"Yr7biwCoEAAAuVVp1N0fxuTuDgEDAAAA43uUK0WiDwKghgEAd26Ntx44AhsFAAAA5CyKjiBtEwQBuVVpzdIhd0xIBgUCuVVp","far":"AAAAAAAAAAAAAAAAAAACAJ49CQDZauoPkYO9ZQEA+EwYAJFYNX7TPcM+AQDOSwcAJl4W7p8cHsEAAAAAAAAAAAAAAAAAAAIAqDoWAG5syZ/domCaAAAAAAAAAAAAAAAAAAABAFB2DgD/NPzhDp+jpAIANgcfALcGI5BMId3/","missing":"AQAAAP////8=","check":"g69maTwqKpH-Cc8r"}';

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

	it('is written in the format that installed triggers have, and read from it', () => {
		expect(writeKept(plainState())).toBe(WRITTEN);
		expect(readKept(WRITTEN, 'a', sizes)).toEqual({ state: plainState(), earlier: undefined, round: 12 });
	});

	it('has times that are up to the next second', () => {
		const near = new Map<number, Entry>([[1, { phase: 'done', tries: 0, place: 7, time: 1001 }]]);
		const later = read(writeKept({ ...plainState(), near })).state;
		expect(later?.near).toEqual(new Map([[1, { phase: 'done', tries: 0, place: 0, time: 2000 }]]));
	});

	it.each([
		['is cut off', (kept: string) => kept.slice(0, -20)],
		['is empty', () => ''],
		['is no JSON', () => 'files'],
		['is a list', () => '[]'],
		['is null', () => 'null'],
		['has only a version', () => '{"version":2}'],
		['has only a version that is another', () => '{"version":99}'],
		['has a version that is none', () => '{"version":"2","scope":"a"}'],
		['is of a list that is none', () => '{"version":99,"scope":7}'],
		['is of a list without a name', () => '{"version":99,"scope":""}'],
		['has null before it', (kept: string) => kept.replace(/"earlier":.*/, '"earlier":null}')],
		['has no check', (kept: string) => kept.replace(/"check":"[^"]+",?/g, '')],
		['lacks bytes of a part', (kept: string) => kept.replace(/"near":"[^"]{8}/, '"near":"')],
		['has a part of another kind', (kept: string) => kept.replace(/"total":\d+/, '"total":null')],
		['has something else before it', (kept: string) => kept.replace(/"earlier":.*/, '"earlier":7}')],
	])('and %s is damaged, which the error says', (_, damage) => {
		expect(() => read(damage(text))).toThrow('What the trigger remembers cannot be read: it is damaged');
	});

	it('is damaged as well when its fingerprint has another size', () => {
		expect(() => readKept(text, 'a', { ...sizes, cells: 4 })).toThrow('it is damaged');
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
		expect(() => read(newer)).toThrow(
			advising(/^Nothing has come out.* Install the version that wrote it again\. Or delete this node/),
		);
		expect(read(newer, 'c')).toMatchObject({ state: undefined, round: 5 });
		expect(read('{"version":99,"scope":"a"}', 'c')).toMatchObject({ state: undefined, round: 0 });
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
