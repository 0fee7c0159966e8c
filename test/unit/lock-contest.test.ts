import { contend, type ContestOptions } from '../../client/sync/lock-contest';
import type { Clock, LockTiming, NumberedFiles } from '../../client/sync/lock-generations';
import { Ownership } from '../../client/sync/lock-ownership';
import { recordText } from '../../client/sync/lock-record';

const TIMING: LockTiming = { heartbeatMs: 10, safeMs: 100, deadMs: 150, gapMs: 50, pollMs: 50 };
const OWNER = { host: 'here', process: 1, since: '2024-05-06T07:08:09.000Z', what: 'A test' };
const OTHER = { ...OWNER, what: 'Another' };
/** More looks than any contest here takes. */
const MANY = 20;

/** A disk in memory, which writes down what it was asked. */
class Files implements NumberedFiles {
	readonly texts = new Map<number, string>();
	readonly asked: string[] = [];

	list(): Promise<number[]> {
		this.asked.push('list');
		return Promise.resolve([...this.texts.keys()]);
	}

	read(number: number): Promise<string | undefined> {
		this.asked.push(`read ${number}`);
		return Promise.resolve(this.texts.get(number));
	}

	create(number: number, text: string): Promise<boolean> {
		this.asked.push(`create ${number}`);
		if (this.texts.has(number)) return Promise.resolve(false);
		this.texts.set(number, text);
		return Promise.resolve(true);
	}

	write(number: number, text: string): Promise<void> {
		this.asked.push(`write ${number}`);
		this.texts.set(number, text);
		return Promise.resolve();
	}

	remove(number: number): Promise<void> {
		this.asked.push(`remove ${number}`);
		this.texts.delete(number);
		return Promise.resolve();
	}
}

let now: number;
let files: Files;
let pauses: number[];
let said: string[];

beforeEach(() => {
	now = 0;
	files = new Files();
	pauses = [];
	said = [];
	jest.spyOn(Math, 'random').mockReturnValue(0.5);
});

afterEach(() => jest.restoreAllMocks());

/** Gives up as soon as who has the lock is alive, unless told otherwise. */
function compete(options: Partial<ContestOptions> = {}): Promise<Ownership | undefined> {
	const clock: Clock = {
		steady: () => now,
		timeOfDay: () => now,
		pause: (ms) => {
			now += ms;
			pauses.push(ms);
			return pauses.length < MANY ? Promise.resolve() : Promise.reject(new Error('It waits for ever'));
		},
	};
	return contend(
		{ directory: '/folder', files, clock, timing: TIMING, owner: OWNER },
		{
			signal: undefined,
			onTaken: (owner, isAlive) => {
				said.push(`${owner?.what ?? 'somebody'} ${isAlive ? 'is alive' : 'has it'}`);
				return isAlive;
			},
			onDead: (owner) => void said.push(`${owner?.what ?? 'somebody'} is dead`),
			...options,
		},
	);
}

it('who was faster in a new folder is alive', async () => {
	files.create = (number) => {
		files.texts.set(number, recordText(OTHER, false));
		return Promise.resolve(false);
	};
	expect(await compete()).toBeUndefined();
	expect(said).toEqual(['Another is alive']);
	expect(files.asked).toEqual(['list', 'list', 'read 1']);
});

it('a number that is listed and is not there is created again, and nobody has died', async () => {
	files.list = () => Promise.resolve([7]);
	expect(await compete()).toBeInstanceOf(Ownership);
	expect(files.asked).toEqual(['read 7', 'create 7']);
	expect(said).toEqual([]);
});

it('a number that is there and is never found when it is read is dead as soon as any other', async () => {
	files.texts.set(7, '');
	files.read = () => Promise.resolve(undefined);
	expect(await compete()).toBeInstanceOf(Ownership);
	expect(files.asked.filter((what) => what !== 'list')).toEqual([
		'create 7',
		'create 7',
		'create 7',
		'create 8',
	]);
	expect(now).toBe(TIMING.deadMs);
	expect(said).toEqual(['somebody is dead']);
});

it('looks again after half of the time, or up to one and a half, so that not all look at once', async () => {
	jest.mocked(Math.random).mockReturnValueOnce(0).mockReturnValueOnce(0.5).mockReturnValueOnce(1);
	files.texts.set(7, recordText(OTHER, false));
	await compete({ onTaken: () => pauses.length === 3 });
	expect(pauses).toEqual([25, 50, 75]);
});

describe('a number that was created', () => {
	const left = { files: ['1'] };
	const free = recordText(OWNER, true, left);

	/** What was given back before; something happens as the number after it is created. */
	function onCreation(meanwhile: () => void): void {
		files.texts.set(7, recordText(OTHER, true, left));
		const create = files.create.bind(files);
		files.create = (number, text) => {
			if (number === 8) meanwhile();
			return create(number, text);
		};
	}

	it('in just the time for which an owner is safe is won', async () => {
		onCreation(() => (now += TIMING.safeMs));
		expect(await compete()).toMatchObject({ left });
		expect([...files.texts]).toEqual([
			[7, expect.any(String)],
			[8, recordText(OWNER, false)],
		]);
	});

	it('later than that is given back, with what was left, for whoever looks next', async () => {
		onCreation(() => (now += TIMING.safeMs + 1));
		expect(await compete()).toMatchObject({ left });
		expect([...files.texts].slice(1)).toEqual([
			[8, free],
			[9, recordText(OWNER, false)],
		]);
		expect(pauses).toHaveLength(1);
	});

	it('and cannot be proven is given back as well', async () => {
		onCreation(() => (files.list = () => Promise.reject(new Error('The disk is gone'))));
		await expect(compete()).rejects.toThrow('The disk is gone');
		expect(files.texts.get(8)).toBe(free);
	});
});
