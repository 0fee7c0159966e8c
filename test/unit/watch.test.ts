import { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';

import { Watch } from '../../client/api/watch';

const TIMEOUT = 1000;
const watched = (timeoutMs = TIMEOUT, signal?: AbortSignal) =>
	new Watch({ action: 'Reading "a.txt"', timeoutMs, signal });

describe('when a watch gives up', () => {
	beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
	afterEach(() => {
		expect(jest.getTimerCount()).toBe(0);
		jest.useRealTimers();
	});

	/** Milliseconds from now on until it gives up. */
	function givesUpAfter({ controller }: Watch): number {
		for (let ms = 1; ms < 100 * TIMEOUT; ms++) {
			jest.advanceTimersByTime(1);
			if (controller.signal.aborted) return ms;
		}
		throw new Error('It never gives up.');
	}

	/** As much of a request and its connection as a watch looks at. */
	function request() {
		const socket = { bytesRead: 0, bytesWritten: 0, writableLength: 0, _handle: { writeQueueSize: 0 } };
		const emitter = Object.assign(new EventEmitter(), { socket: undefined as typeof socket | undefined });
		return {
			socket,
			sent: emitter as unknown as ClientRequest,
			connect: () => emitter.emit('socket', (emitter.socket = socket)),
			finish: () => emitter.emit('finish'),
		};
	}

	it('the time was up, and up once more after a turn of the loop: says for how long nothing moved', () => {
		const watch = watched(1500);
		expect(watch.reason()).toBeUndefined();
		watch.start();
		expect(givesUpAfter(watch)).toBe(1501);
		expect(watch.reason()).toMatchObject({
			name: 'StalledError',
			message: 'Reading "a.txt" failed: nothing moved for 1.5 seconds',
			description:
				'The service or the network hangs. Try again later, or raise the option "Timeout (Seconds)".',
		});
	});

	it('what moves begins the time anew, also right after it was up', () => {
		const watch = watched();
		watch.start();
		jest.advanceTimersByTime(TIMEOUT);
		watch.touch();
		expect(givesUpAfter(watch)).toBe(TIMEOUT + 1);
	});

	it('never while the clock stands, and then after the whole time', () => {
		const watch = watched();
		watch.start();
		jest.advanceTimersByTime(TIMEOUT - 1);
		watch.pause();
		jest.advanceTimersByTime(10 * TIMEOUT);
		watch.start();
		expect(givesUpAfter(watch)).toBe(TIMEOUT + 1);
	});

	it('never after it was stopped, however often the clock was started', () => {
		const watch = watched();
		watch.start();
		watch.pause();
		watch.start();
		watch.stop();
		expect(jest.getTimerCount()).toBe(0);
		expect(watch.reason()).toBeUndefined();
	});

	it.each([
		['what is read', { bytesRead: 6 }, TIMEOUT / 4],
		['not by what is sent', { bytesWritten: 100 }, 0],
	])('a request without a body moves by %s', (_, change, later) => {
		const watch = watched();
		const { sent, socket, connect, finish } = request();
		watch.follow(sent, undefined);
		watch.start();
		socket.bytesRead = 5;
		connect();
		finish();
		jest.advanceTimersByTime(1);
		Object.assign(socket, change);
		// It is looked at four times within the time.
		expect(givesUpAfter(watch)).toBe(later + TIMEOUT);
	});

	it.each<[string, Partial<ReturnType<typeof request>['socket']>, isProgress: boolean]>([
		['what the system took', { bytesWritten: 10 }, true],
		['what it took of what waited for it', { writableLength: -10 }, true],
		['what it took of a large write', { _handle: { writeQueueSize: 10 } }, true],
		['what is read', { bytesRead: 10 }, true],
		['what waits for the system', { bytesWritten: 10, writableLength: 10 }, false],
	])('a request with a body moves by %s (%j): %p', (_, change, isProgress) => {
		const watch = watched();
		const { sent, socket, connect } = request();
		connect();
		watch.follow(sent, 0);
		connect();
		watch.start();
		// After the first look.
		jest.advanceTimersByTime(TIMEOUT / 4 + 1);
		Object.assign(socket, change);
		expect(givesUpAfter(watch)).toBe((isProgress ? TIMEOUT / 4 : -TIMEOUT / 4) + TIMEOUT);
	});

	it('a connection that is gone does not move any more', () => {
		const watch = watched();
		const { sent, socket, connect } = request();
		watch.follow(sent, 0);
		connect();
		Object.assign(socket, { _handle: null });
		watch.start();
		expect(givesUpAfter(watch)).toBe(TIMEOUT + 1);
	});

	it.each([
		['at least the floor', 5 * TIMEOUT, 5 * TIMEOUT],
		['the timeout where that is longer', 10, TIMEOUT],
	])('a body that is sent begins the time anew, for %s', (_, floor, expected) => {
		const watch = watched();
		const { sent, socket, connect, finish } = request();
		watch.follow(sent, floor);
		connect();
		watch.start();
		jest.advanceTimersByTime(100);
		socket.bytesWritten = 10;
		finish();
		expect(givesUpAfter(watch)).toBe(expected + 1);
	});

	it('a body that is sent without a connection of its own is no error', () => {
		const watch = watched();
		const { sent, finish } = request();
		watch.follow(sent, 0);
		watch.start();
		finish();
		expect(givesUpAfter(watch)).toBe(TIMEOUT + 1);
	});

	it('once the answer is there the floor counts no more, also when the body is sent later', () => {
		const watch = watched();
		const { sent, finish, connect } = request();
		watch.follow(sent, 5 * TIMEOUT);
		connect();
		watch.start();
		watch.pause();
		finish();
		watch.start();
		expect(givesUpAfter(watch)).toBe(TIMEOUT + 1);
	});

	it('somebody cancels: at once, and with his reason', () => {
		const caller = new AbortController();
		const watch = watched(TIMEOUT, caller.signal);
		watch.start();
		caller.abort();
		expect(watch.controller.signal.aborted).toBe(true);
		expect(watch.reason()?.name).toBe('CancelledError');
	});

	it('somebody has cancelled before', () => {
		expect(watched(TIMEOUT, AbortSignal.abort()).controller.signal.aborted).toBe(true);
	});

	it('somebody cancels what has ended', () => {
		const caller = new AbortController();
		const watch = watched(TIMEOUT, caller.signal);
		watch.start();
		watch.stop();
		caller.abort();
		expect(watch.controller.signal.aborted).toBe(false);
	});

	it('what is waited for ends with the watch', async () => {
		const watch = watched();
		await expect(watch.until(Promise.resolve('done'))).resolves.toBe('done');
		watch.start();
		const waiting = expect(watch.until(new Promise(() => undefined))).rejects.toThrow();
		givesUpAfter(watch);
		await waiting;
	});
});

describe('a process that was busy for longer than the timeout', () => {
	const busy = (ms: number) => {
		for (const until = performance.now() + ms; performance.now() < until;);
	};

	it.each([
		['at the first look', 0],
		['after a pause', 1],
	])('%s has a turn to see what has come meanwhile', async (_, pauses) => {
		const watch = watched(20);
		await turn();
		for (let nth = 0; nth < pauses; nth++) {
			watch.start();
			watch.pause();
		}
		watch.start();
		busy(40);
		// Timers come first, and then what has come.
		await turn();
		watch.touch();
		await turn();
		expect(watch.controller.signal.aborted).toBe(false);
		watch.stop();
	});
});
