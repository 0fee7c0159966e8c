import { setImmediate as settled } from 'node:timers/promises';

import { LockLostError } from '../../client/sync/lock-errors';
import type { Clock, LockTiming, NumberedFiles } from '../../client/sync/lock-generations';
import { Ownership } from '../../client/sync/lock-ownership';

const TIMING: LockTiming = { heartbeatMs: 10, safeMs: 100, deadMs: 150, gapMs: 50, pollMs: 5 };
const OWNER = { host: 'here', process: 1, since: '2024-05-06T07:08:09.000Z', what: 'A test' };

/** A disk on which each creation takes until it is told to end. */
class SlowFiles implements NumberedFiles {
	readonly numbers = new Set([1]);
	readonly creations: number[] = [];
	private end: () => void = () => undefined;

	list = () => Promise.resolve([...this.numbers]);
	read = () => Promise.resolve('');
	/** Numbers whose records were written anew. */
	readonly written: number[] = [];
	write = (number: number) => {
		this.written.push(number);
		return Promise.resolve();
	};

	create(number: number): Promise<boolean> {
		this.creations.push(number);
		return new Promise((resolve) => {
			this.end = () => {
				this.numbers.add(number);
				resolve(true);
			};
		});
	}

	remove(number: number): Promise<void> {
		this.numbers.delete(number);
		return Promise.resolve();
	}

	/** Lets the creation under way end, and what follows from it begin. */
	async endCreation(): Promise<void> {
		this.end();
		await settled();
	}
}

let now: number;
let files: SlowFiles;
let ownership: Ownership;

beforeEach(() => {
	now = 0;
	files = new SlowFiles();
	const clock: Clock = { steady: () => now, timeOfDay: () => now, pause: () => Promise.resolve() };
	const party = { directory: '/folder', files, clock, timing: TIMING, owner: OWNER };
	ownership = new Ownership(party, 1, { steady: 0, timeOfDay: 0 }, [1]);
});

it('proves nothing by a proof that began before it was asked for', async () => {
	const first = ownership.prove();
	await settled();
	const later = [ownership.prove(), ownership.prove()];
	let proven = 0;
	for (const proof of later) void proof.then(() => (proven += 1));
	await files.endCreation();
	await first;
	expect([proven, files.creations]).toEqual([0, [2, 3]]);
	await files.endCreation();
	expect([proven, files.creations]).toEqual([2, [2, 3]]);
});

it('has lost when a proof does not end in time, and says so while it still has not ended', async () => {
	ownership.beat();
	await settled();
	now = TIMING.safeMs;
	ownership.beat();
	expect(ownership.lost.aborted).toBe(false);
	now += 1;
	ownership.beat();
	expect(ownership.lost.reason).toBeInstanceOf(LockLostError);
});

it('has lost when a proof ends too late', async () => {
	const proof = ownership.prove();
	await settled();
	now = TIMING.safeMs + 1;
	void files.endCreation();
	await expect(proof).rejects.toMatchObject({ reason: 'late' });
});

it('is given back after the proof under way, and is not proven after that', async () => {
	const proof = ownership.prove();
	await settled();
	const released = ownership.release();
	const after = expect(ownership.prove()).rejects.toMatchObject({ reason: 'released' });
	await files.endCreation();
	await Promise.all([proof, released, after]);
	expect([...files.numbers]).toEqual([2]);
});

it('lost is lost: it gives nothing back, and what it says stays', async () => {
	now = TIMING.safeMs + 1;
	const late = { reason: 'late' };
	await expect(ownership.prove()).rejects.toMatchObject(late);
	now = 0;
	files.numbers.add(2);
	await ownership.release();
	expect(files.written).toEqual([]);
	await expect(ownership.prove()).rejects.toMatchObject(late);
	expect(ownership.lost.reason).toMatchObject(late);
});

it('gives back what it has, once', async () => {
	await ownership.release();
	expect(files.written).toEqual([1]);
	await ownership.release();
	expect(files.written).toEqual([1]);
});
