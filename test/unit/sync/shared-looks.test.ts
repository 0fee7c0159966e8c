import { setImmediate as turn } from 'node:timers/promises';

import { SharedLooks } from '../../../client/sync/shared-looks';

/** Looks that end when they are told to. */
function scripted() {
	const ends: Array<(seen: string) => void> = [];
	const looks = new SharedLooks((place) => {
		return new Promise<string>((resolve) => ends.push((seen) => resolve(`${place}: ${seen}`)));
	});
	return { looks, ends };
}

it('all who ask before a look begins share it', async () => {
	const { looks, ends } = scripted();
	const asked = [looks.at('a'), looks.at('a'), looks.at('b')];
	await turn();
	expect(ends).toHaveLength(2);
	ends.forEach((end) => end('there'));
	expect(await Promise.all(asked)).toEqual(['a: there', 'a: there', 'b: there']);
});

it('who asks while a look is under way gets the next one, since that one says nothing of now', async () => {
	const { looks, ends } = scripted();
	const first = looks.at('a');
	await turn();
	const later = [looks.at('a'), looks.at('a')];
	await turn();
	expect(ends).toHaveLength(1);
	ends[0]?.('before');
	expect(await first).toBe('a: before');
	await turn();
	ends[1]?.('after');
	expect(await Promise.all(later)).toEqual(['a: after', 'a: after']);
	expect(ends).toHaveLength(2);
});

it('a look that fails is the failure of those who asked for it, and of nobody later', async () => {
	let failures = 0;
	const looks = new SharedLooks(async () => {
		failures += 1;
		if (failures === 1) throw new Error('gone');
		return await Promise.resolve('there');
	});
	const first = looks.at('a');
	await expect(first).rejects.toThrow('gone');
	expect(await looks.at('a')).toBe('there');
});
