import fc from 'fast-check';

import { Digest, numberOf } from '../../../nodes/BddFileTrigger/digest';

const digestOf = (elements: Iterable<number>, cells?: number) => {
	const digest = new Digest(cells);
	for (const element of elements) digest.add(element);
	return digest;
};
const numbers = (count: number, prefix: string) =>
	Array.from({ length: count }, (_, index) => numberOf(`${prefix}${index}`));

describe('the fingerprint of a set', () => {
	it('shows what differs, exactly', () => {
		fc.assert(
			fc.property(
				fc.uniqueArray(fc.maxSafeNat(), { maxLength: 50 }),
				fc.uniqueArray(fc.maxSafeNat(), { maxLength: 50 }),
				fc.uniqueArray(fc.maxSafeNat(), { maxLength: 200 }),
				(left, right, both) => {
					const mine = new Set([...left, ...both]);
					const theirs = new Set([...right, ...both]);
					expect(digestOf(mine).difference(digestOf(theirs))).toEqual({
						mine: new Set([...mine].filter((each) => !theirs.has(each))),
						theirs: new Set([...theirs].filter((each) => !mine.has(each))),
						isComplete: true,
					});
				},
			),
			{ seed: 7 },
		);
	});

	it('of 50,000 elements, 1,000 of which differ', () => {
		const [same, mine, theirs] = [numbers(50_000, 'same'), numbers(400, 'mine'), numbers(600, 'theirs')];
		const difference = digestOf([...same, ...mine]).difference(digestOf([...theirs, ...same]));
		expect(difference).toEqual({ mine: new Set(mine), theirs: new Set(theirs), isComplete: true });
	});

	it('says so when too much differs, and what it does say is right', () => {
		const [mine, theirs] = [numbers(700, 'mine'), numbers(700, 'theirs')];
		const { isComplete, ...read } = digestOf(mine).difference(digestOf(theirs));
		expect(isComplete).toBe(false);
		expect([...read.mine].every((each) => mine.includes(each))).toBe(true);
		expect([...read.theirs].every((each) => theirs.includes(each))).toBe(true);
	});

	it('goes through text and back, and an empty one is no text', () => {
		const elements = numbers(100, 'a');
		const text = digestOf(elements, 32).toText();
		expect(Digest.fromText(text, 32)?.difference(digestOf(elements, 32)).isComplete).toBe(true);
		expect(Digest.fromText(text, 33)).toBeUndefined();
		const digest = digestOf(elements);
		for (const element of elements) digest.remove(element);
		expect(digest.toText()).toBe('');
	});

	it.each([0, 5, 2 ** 32, Number.MAX_SAFE_INTEGER])('of %d alone is not the empty one', (element) => {
		const digest = digestOf([element], 4);
		expect(digest.isEmpty()).toBe(false);
		const read = Digest.fromText(digest.toText(), 4)?.difference(new Digest(4));
		expect(read).toEqual({ mine: new Set([element]), theirs: new Set(), isComplete: true });
	});

	it('has another number for each of 300,000 ids or so, whatever they are like', () => {
		const ids = Array.from({ length: 100_000 }, (_, index) => [
			String(index),
			String(1955228426376908801n + BigInt(index)),
			String(1955228426376908801n + (BigInt(index) << 22n)),
		]).flat();
		expect(new Set(ids.map(numberOf)).size).toBe(new Set(ids).size);
	});
});
