import { getEventListeners } from 'node:events';

import { untilAborted } from '../../client/api/until-aborted';

const never = () => new Promise<string>(() => undefined);

it('gives what the work gives, and leaves nothing on the signal', async () => {
	const { signal } = new AbortController();
	expect(await untilAborted(Promise.resolve('done'), signal)).toBe('done');
	await expect(untilAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
	expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('ends with the signal, before or while the work is done, and leaves nothing on it', async () => {
	const stop = new AbortController();
	const waiting = untilAborted(never(), stop.signal);
	stop.abort();
	await expect(waiting).rejects.toThrow('aborted');
	expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
	await expect(untilAborted(never(), stop.signal)).rejects.toThrow('aborted');
});
