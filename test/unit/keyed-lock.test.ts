import { setImmediate as turn } from 'node:timers/promises';

import { CancelledError } from '../../client/api/errors';
import { KeyedLock } from '../../client/transfer/upload/keyed-lock';

/** Work that each test ends by hand. */
function byHand() {
	const started: string[] = [];
	const ends = new Map<string, { resolve: (value: string) => void; reject: (error: Error) => void }>();
	const work = (name: string) => () =>
		new Promise<string>((resolve, reject) => {
			started.push(name);
			ends.set(name, { resolve, reject });
		});
	return { started, ends, work };
}

it('runs work of one key one after the other, in the order in which it came', async () => {
	const { started, ends, work } = byHand();
	const lock = new KeyedLock();
	const all = ['1', '2', '3'].map((name) => lock.run('a', work(name)));
	for (const [index, name] of ['1', '2', '3'].entries()) {
		await turn();
		expect(started).toHaveLength(index + 1);
		ends.get(name)?.resolve(`result ${name}`);
	}

	expect(await Promise.all(all)).toEqual(['result 1', 'result 2', 'result 3']);
});

it('runs work of different keys at once', async () => {
	const { started, ends, work } = byHand();
	const lock = new KeyedLock();
	const all = ['a', 'b'].map((key) => lock.run(key, work(key)));
	expect(started).toEqual(['a', 'b']);
	for (const end of ends.values()) end.resolve('');

	await Promise.all(all);
});

it('goes on after a failure, which is told to the one whose work it was', async () => {
	const { started, ends, work } = byHand();
	const lock = new KeyedLock();
	const failing = lock.run('a', work('1'));
	const next = lock.run('a', work('2'));
	ends.get('1')?.reject(new Error('the first'));
	await expect(failing).rejects.toThrow('the first');
	await turn();
	expect(started).toEqual(['1', '2']);
	ends.get('2')?.resolve('fine');

	expect(await next).toBe('fine');
});

it('keeps the order for who comes when the work before has just begun', async () => {
	const { started, ends, work } = byHand();
	const lock = new KeyedLock();
	const first = lock.run('a', work('1'));
	const second = lock.run('a', work('2'));
	ends.get('1')?.resolve('');
	await first;
	await turn();
	const third = lock.run('a', work('3'));
	await turn();
	expect(started).toEqual(['1', '2']);
	ends.get('2')?.resolve('');
	await second;
	await turn();
	ends.get('3')?.resolve('');

	await third;
	expect(started).toEqual(['1', '2', '3']);
});

describe('who is cancelled while it waits', () => {
	const waiting = (signal: AbortSignal) => ({ action: 'Working', signal });

	it('rejects at once and never does its work; the others keep their turns', async () => {
		const { started, ends, work } = byHand();
		const lock = new KeyedLock();
		const cancel = new AbortController();
		const first = lock.run('a', work('1'));
		const second = lock.run('a', work('2'), waiting(cancel.signal));
		const third = lock.run('a', work('3'));
		cancel.abort();
		await expect(second).rejects.toMatchObject({
			name: 'CancelledError',
			message: 'Working was cancelled',
		});
		const fourth = lock.run('a', work('4'));
		await turn();
		expect(started).toEqual(['1']);
		for (const name of ['1', '3', '4']) {
			ends.get(name)?.resolve('');
			await turn();
		}

		await Promise.all([first, third, fourth]);
		expect(started).toEqual(['1', '3', '4']);
	});

	it('and is the last one does not let in who comes next', async () => {
		const { started, ends, work } = byHand();
		const lock = new KeyedLock();
		const first = lock.run('a', work('1'));
		await expect(lock.run('a', work('2'), waiting(AbortSignal.abort()))).rejects.toThrow(CancelledError);
		await turn();
		const third = lock.run('a', work('3'));
		await turn();
		expect(started).toEqual(['1']);
		ends.get('1')?.resolve('');
		await first;
		await turn();
		ends.get('3')?.resolve('');

		await third;
	});

	it('and is cancelled after its turn has come goes on: its work has the signal itself', async () => {
		const { ends, work } = byHand();
		const lock = new KeyedLock();
		const cancel = new AbortController();
		const first = lock.run('a', work('1'));
		const second = lock.run('a', work('2'), waiting(cancel.signal));
		ends.get('1')?.resolve('');
		await first;
		await turn();
		cancel.abort();
		ends.get('2')?.resolve('fine');

		expect(await second).toBe('fine');
	});
});
