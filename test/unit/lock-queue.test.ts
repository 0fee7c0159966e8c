import { getEventListeners } from 'node:events';

import { CancelledError } from '../../client/api/errors';
import { knownOwner, takeTurn } from '../../client/sync/lock-queue';

const ownerOf = (what: string) => ({ host: 'here', process: 1, since: '2024-05-06T07:08:09.000Z', what });

/** A place of its own for each test: lines are the process's. */
const PLACE = '/a folder';

afterEach(() => expect(knownOwner(PLACE)).toBeUndefined());

it('first come, first served; who has it is known, and who waits is not', async () => {
	const order: string[] = [];
	const first = await takeTurn(PLACE, ownerOf('first'), undefined);
	const others = ['second', 'third'].map(async (what) => {
		const turn = await takeTurn(PLACE, ownerOf(what), undefined);
		order.push(`${what}: ${knownOwner(PLACE)?.what ?? ''}`);
		turn.leave();
	});
	expect(knownOwner(PLACE)?.what).toBe('first');
	expect(order).toEqual([]);
	first.leave();
	await Promise.all(others);
	expect(order).toEqual(['second: second', 'third: third']);
});

it('other places do not wait', async () => {
	const turns = [await takeTurn(PLACE, ownerOf('here'), undefined)];
	turns.push(await takeTurn('/another', ownerOf('there'), undefined));
	for (const turn of turns) turn.leave();
	expect(knownOwner('/another')).toBeUndefined();
});

it('waiting can be cancelled, with what it was for, and the next one has the turn all the same', async () => {
	const controller = new AbortController();
	const first = await takeTurn(PLACE, ownerOf('first'), undefined);
	const second = takeTurn(PLACE, ownerOf('second'), controller.signal);
	const third = takeTurn(PLACE, ownerOf('third'), undefined);
	controller.abort();
	await expect(second).rejects.toBeInstanceOf(CancelledError);
	await expect(second).rejects.toThrow('Waiting for the folder was cancelled');
	first.leave();
	(await third).leave();
});

it('a signal that fired before takes no place', async () => {
	await expect(takeTurn(PLACE, ownerOf('late'), AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
});

it('who has waited leaves nothing on the signal', async () => {
	const { signal } = new AbortController();
	const first = await takeTurn(PLACE, ownerOf('first'), undefined);
	const second = takeTurn(PLACE, ownerOf('second'), signal);
	first.leave();
	(await second).leave();
	expect(getEventListeners(signal, 'abort')).toEqual([]);
});
