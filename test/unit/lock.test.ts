import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import disk, {
	chmod,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	realpath,
	rename,
	rm,
	stat,
	symlink,
	truncate,
	writeFile,
} from 'node:fs/promises';
import os, { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CancelledError, LocalFileError } from '../../client/api/errors';
import {
	type FolderLock,
	LockedError,
	lockFolder,
	LockLostError,
	type LockOptions,
} from '../../client/sync/lock';
import type { LockTiming } from '../../client/sync/lock-generations';
import { recordText, UNKNOWN_OWNER } from '../../client/sync/lock-record';
import { IF_RUNNING } from '../../client/sync-types';

const TIMING: LockTiming = { heartbeatMs: 50, safeMs: 1000, deadMs: 1500, gapMs: 400, pollMs: 5 };
const OWNER = { host: 'elsewhere', process: 17, since: '2024-05-06T07:08:09.000Z', what: 'Sync of chat 42' };
const SELF = { host: hostname(), process: process.pid, since: expect.any(String) as string };

let root: string;
let folder: string;
let held: FolderLock[];
let log: string[];

beforeEach(async () => {
	root = await realpath(await mkdtemp(join(tmpdir(), 'lock-')));
	folder = join(root, 'folder');
	await mkdir(folder);
	held = [];
	log = [];
});

afterEach(async () => {
	jest.restoreAllMocks();
	await Promise.all(held.map((lock) => lock.release()));
	await rm(root, { recursive: true });
});

/** The disk refuses everything about the lock files, root included, until it comes back. */
async function refuse(): Promise<() => Promise<void>> {
	const [place, aside] = [lockFile('.'), join(root, 'aside')];
	await rename(place, aside);
	await writeFile(place.replace(/\/\.?$/, ''), '');
	return async () => {
		await rm(place.replace(/\/\.?$/, ''));
		await rename(aside, place);
	};
}

type Lock = typeof lockFolder;

/** The lock as another process has it: it shares the disk and nothing else. */
function elsewhere(): Lock {
	let lock: Lock = lockFolder;
	jest.isolateModules(() => {
		({ lockFolder: lock } = jest.requireActual<{ lockFolder: Lock }>('../../client/sync/lock'));
	});
	return lock;
}

async function ask(options: Partial<LockOptions> = {}, by = lockFolder, path = folder) {
	const note = (level: string) => (message: string) => void log.push(`${level}: ${message}`);
	const logger = { debug: note('debug'), info: note('info'), warn: note('warn') };
	const answer = await by(path, { ifRunning: 'wait', what: 'A test', timing: TIMING, logger, ...options });
	if (!('busy' in answer)) held.push(answer);
	return answer;
}

async function take(options: Partial<LockOptions> = {}, by?: Lock, path?: string): Promise<FolderLock> {
	const answer = await ask(options, by, path);
	if ('busy' in answer) throw new Error(`${answer.busy.what} has the lock`);
	return answer;
}

const lockFile = (name: number | string) => join(folder, '.bdd-file-lock', String(name));
const numbers = async () => (await readdir(lockFile('.'))).map(Number).sort((a, b) => a - b);

/** Waits until this process has seen that a sync of this name has the folder. */
async function isSeen(what: string): Promise<void> {
	for (;;) {
		const answer = await ask({ ifRunning: 'skip' });
		if ('busy' in answer && answer.busy.what === what) return;
		await delay(1);
	}
}

/** What somebody else has left. */
async function leave(number: number | string, text: string): Promise<void> {
	await mkdir(lockFile('.'), { recursive: true });
	await writeFile(lockFile(number), text);
}

describe('taking and giving back', () => {
	it('leaves one small file of one folder, however often it was proven', async () => {
		const lock = await take();
		for (let count = 0; count < 20; count++) await lock.assertOwned();
		expect((await numbers()).length).toBeLessThanOrEqual(2);
		await lock.release();
		await lock.release();
		expect(await readdir(folder)).toEqual(['.bdd-file-lock']);
		expect(await numbers()).toHaveLength(1);
		const [number = 0] = await numbers();
		expect(number).toBeGreaterThan(20);
		expect(JSON.parse(await readFile(lockFile(number), 'utf8'))).toEqual({
			owner: { ...SELF, what: 'A test' },
			released: true,
		});
		expect(lock.lost.aborted).toBe(false);
		await expect(lock.assertOwned()).rejects.toMatchObject({ name: 'LockLostError', reason: 'released' });
	});

	it('shows life without being asked, until it is given back', async () => {
		const starts = jest.spyOn(globalThis, 'setInterval');
		const stops = jest.spyOn(globalThis, 'clearInterval');
		const lock = await take();
		const begin = Math.max(...(await numbers()));
		while (Math.max(...(await numbers())) < begin + 3) await delay(10);
		await lock.release();
		const end = await numbers();
		await delay(4 * TIMING.heartbeatMs);
		expect(await numbers()).toEqual(end);
		expect(starts).toHaveBeenCalledTimes(1);
		expect(stops).toHaveBeenCalledWith(starts.mock.results[0]?.value);
	});

	it('lets proofs that are asked for at once share one', async () => {
		const lock = await take({ timing: { ...TIMING, heartbeatMs: 60_000 } });
		const [before = 0] = await numbers();
		await Promise.all(Array.from({ length: 50 }, () => lock.assertOwned()));
		expect(Math.max(...(await numbers()))).toBe(before + 1);
	});

	it('goes from one to the next of a process at once and in order', async () => {
		const order: number[] = [];
		const begin = Date.now();
		const slow = { ...TIMING, pollMs: 60_000 };
		await Promise.all(
			Array.from({ length: 20 }, async (_, index) => {
				const lock = await take({ timing: slow });
				order.push(index);
				await lock.assertOwned();
				expect(order.at(-1)).toBe(index);
				await lock.release();
			}),
		);
		expect(order.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
		expect(Date.now() - begin).toBeLessThan(20_000);
	});

	it('goes to another process soon after', async () => {
		const first = await take();
		const other = take({}, elsewhere());
		await delay(5 * TIMING.heartbeatMs);
		await first.assertOwned();
		await first.release();
		const second = await other;
		await second.assertOwned();
	});
});

describe('who finds it taken', () => {
	const places: [string, () => Lock][] = [
		['this process', () => lockFolder],
		['another process', elsewhere],
	];

	describe.each(places)('by %s', (_, other) => {
		beforeEach(async () => {
			await take({ what: 'Sync Both Ways of chat 42' }, other());
		});

		it('skips, and is told by whom', async () => {
			expect(await ask({ ifRunning: 'skip' })).toEqual({
				busy: { ...SELF, what: 'Sync Both Ways of chat 42' },
			});
		});

		it('fails, and says by whom, since when, and what to do', async () => {
			const error: unknown = await ask({ ifRunning: 'fail' }).catch((reason: unknown) => reason);
			expect(error).toBeInstanceOf(LockedError);
			const { message, description, owner } = error as LockedError;
			expect(message).toBe(
				`Locking the folder ${JSON.stringify(folder)} failed: a sync of it is already running: ` +
					`Sync Both Ways of chat 42, since ${owner.since}, in process ${process.pid} on "${hostname()}"`,
			);
			expect(description).toContain('If Already Running');
			expect(Date.now() - Date.parse(owner.since)).toBeLessThan(60_000);
		});

		it('waits, says so once, and can be cancelled', async () => {
			const cancel = new AbortController();
			const waiting = ask({ signal: cancel.signal });
			while (log.length === 0) await delay(1);
			const next = ask();
			while (log.length === 1) await delay(1);
			await delay(3 * TIMING.heartbeatMs);
			cancel.abort();
			await expect(waiting).rejects.toBeInstanceOf(CancelledError);
			await expect(waiting).rejects.toThrow('Waiting for the folder was cancelled');
			await isSeen('Sync Both Ways of chat 42');
			await held[0]?.release();
			expect(await next).toHaveProperty('release');
			const said = `info: Waiting for the folder ${JSON.stringify(folder)}, which another sync has: Sync Both Ways of chat 42, since `;
			expect(log).toEqual([expect.stringContaining(said), expect.stringContaining(said)]);
		});

		it('waits without a word when nobody listens', async () => {
			const waiting = ask({ logger: undefined });
			await isSeen('Sync Both Ways of chat 42');
			await held[0]?.release();
			expect(await waiting).toHaveProperty('release');
		});
	});

	it('asks nothing of the disk once cancelled', async () => {
		await expect(ask({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(CancelledError);
		expect(await readdir(folder)).toEqual([]);
	});

	it('does not wait when it was cancelled on the way', async () => {
		await take();
		const cancel = new AbortController();
		const waiting = ask({ signal: cancel.signal });
		cancel.abort();
		await expect(waiting).rejects.toBeInstanceOf(CancelledError);
	});

	it('meets the same lock by another path to the folder', async () => {
		const link = join(root, 'link');
		await symlink(folder, link);
		await take({}, elsewhere(), link);
		for (const path of [link, join(root, 'x', '..', 'folder'), `${folder}/.`, folder]) {
			expect(await ask({ ifRunning: 'skip' }, lockFolder, path)).toHaveProperty('busy');
		}
	});
});

describe('a lock whose owner is dead', () => {
	/** Each in a folder of its own, all at once, since each takes as long as a dead owner does. */
	async function takeEach(texts: string[], options: (index: number) => Partial<LockOptions>): Promise<void> {
		await Promise.all(
			texts.map(async (text, index) => {
				const path = join(folder, String(index));
				await mkdir(join(path, '.bdd-file-lock'), { recursive: true });
				await writeFile(join(path, '.bdd-file-lock', '5'), text);
				const begin = performance.now();
				await take(options(index), lockFolder, path);
				expect(performance.now() - begin).toBeGreaterThanOrEqual(TIMING.deadMs);
			}),
		);
	}

	it('is taken over, whether asked to wait, to skip or to fail, and whether anybody listens', async () => {
		const text = recordText(OWNER, false);
		await takeEach([text, text, text, text], (index) => {
			const ifRunning = IF_RUNNING[index];
			return ifRunning === undefined ? { logger: undefined } : { ifRunning };
		});
		await Promise.all(held.map((lock) => lock.assertOwned()));
		const said =
			/^warn: .* is taken over\. Who had it has shown no sign of life: Sync of chat 42, since .*, in process 17 on "elsewhere"$/;
		expect(log.filter((line) => said.test(line))).toHaveLength(3);
	});

	it('is not free because its file holds nothing, half a record, none, a value or much', async () => {
		const half = recordText(OWNER, true).slice(0, -1);
		await takeEach(
			['', half, '{"owner":{"host":1},"released":true}', 'null', ' '.repeat(1_000_000)],
			() => ({}),
		);
	});

	it('is told from one whose record cannot be read', async () => {
		const lock = await take({}, elsewhere());
		const tear = setInterval(() => {
			void numbers().then(async (all) => {
				for (const number of all) await truncate(lockFile(number), 0).catch(() => undefined);
			});
		}, 1);
		try {
			const answer = await ask({ ifRunning: 'skip', timing: { ...TIMING, pollMs: 1 } });
			expect(answer).toHaveProperty('busy');
		} finally {
			clearInterval(tear);
		}
		await lock.assertOwned();
	});
});

describe('an owner that is alive', () => {
	const record = recordText(OWNER, false);
	const looks = (count: number, text?: string) => Array.from({ length: count }, () => text);

	/** Each look finds a new number with the next of these texts, or nothing new. */
	function eachFinds(texts: (string | undefined)[]): void {
		const { readdir: list } = disk;
		let number = 0;
		jest.spyOn(disk, 'readdir').mockImplementation((async (path: string) => {
			const text = texts.shift();
			if (text !== undefined) await leave((number += 1), text);
			return await list(path);
		}) as typeof list);
	}

	it.each([
		['is named, although nine looks could not read who it is', [...looks(9, ''), record], OWNER],
		['is unknown, when ten could not', [...looks(10, ''), record], UNKNOWN_OWNER],
		['is named, as looks that could read it do not count', [record, ...looks(20), '', record], OWNER],
	])('%s', async (_, texts, busy) => {
		eachFinds(texts);
		expect(await ask({ ifRunning: 'skip', timing: { ...TIMING, deadMs: Infinity } })).toEqual({ busy });
	});
});

it('takes at once what was given back, whatever else lies there', async () => {
	await leave(5, recordText(OWNER, true));
	await leave(4, recordText(OWNER, false));
	const foreign = ['0', '06', '7.5', '-8', '9e1', 'a', '.nfs0001', '99999999999999999999'];
	for (const name of foreign) await leave(name, recordText(OWNER, false));
	const lock = await take({ timing: { ...TIMING, deadMs: Infinity, heartbeatMs: 60_000 } });
	expect((await readdir(lockFile('.'))).sort()).toEqual([...foreign, '4', '5', '6'].sort());
	await lock.release();
	expect((await readdir(lockFile('.'))).sort()).toEqual([...foreign, '6'].sort());
});

it('tells the next owner what the last one has left, which is left again unless something else is said', async () => {
	const first = await take();
	expect(first.left).toBeUndefined();
	first.left = { files: ['1', 2] };
	await first.assertOwned();
	await first.release();
	const second = await take({}, elsewhere());
	expect(second.left).toEqual({ files: ['1', 2] });
	await second.assertOwned();
	await second.release();
	const third = await take();
	expect(third.left).toEqual({ files: ['1', 2] });
	third.left = 'other';
	await third.release();
	expect((await take()).left).toBe('other');
});

it('says what to do about a number that cannot be followed', async () => {
	await leave(Number.MAX_SAFE_INTEGER, recordText(OWNER, true));
	await expect(ask()).rejects.toMatchObject({
		name: 'LocalFileError',
		message: `Locking with ${JSON.stringify(join(folder, '.bdd-file-lock'))} failed: a file in it has the highest possible number`,
		description: 'Remove this folder while no sync is running.',
	});
});

describe('an owner that cannot be sure', () => {
	const lost = (reason: string) => ({ name: 'LockLostError', reason });

	it('has lost when somebody has a higher number', async () => {
		const lock = await take();
		await leave(1000, recordText(OWNER, false));
		await expect(lock.assertOwned()).rejects.toMatchObject(lost('overtaken'));
		await lock.release();
		expect(await numbers()).toContain(1000);
		expect(JSON.parse(await readFile(lockFile(1000), 'utf8'))).toMatchObject({ released: false });
	});

	it('has lost when somebody has the next number', async () => {
		const lock = await take({ timing: { ...TIMING, heartbeatMs: 60_000 } });
		const [number = 0] = await numbers();
		await leave(number + 1, recordText(OWNER, false));
		await expect(lock.assertOwned()).rejects.toMatchObject(lost('overtaken'));
		await expect(lock.assertOwned()).rejects.toBeInstanceOf(LockLostError);
		expect(lock.lost.reason).toBeInstanceOf(LockLostError);
	});

	it('hears of it without asking', async () => {
		const lock = await take();
		const heard = new Promise((resolve) => lock.lost.addEventListener('abort', resolve));
		await leave(1000, recordText(OWNER, false));
		await heard;
		expect(lock.lost.reason).toMatchObject(lost('overtaken'));
	});

	it('has lost when its files were removed', async () => {
		const lock = await take();
		await rm(lockFile('.'), { recursive: true });
		await mkdir(lockFile('.'));
		await expect(lock.assertOwned()).rejects.toMatchObject(lost('removed'));
	});

	it('has lost when the folder of its files was removed, and says so in words', async () => {
		const lock = await take();
		await rm(lockFile('.'), { recursive: true });
		await expect(lock.assertOwned()).rejects.toMatchObject(lost('removed'));
		await expect(lock.assertOwned()).rejects.toThrow(/is lost: its lock files were removed$/);
		expect(lock.lost.reason).toMatchObject(lost('removed'));
		await lock.release();
		expect(existsSync(lockFile('.'))).toBe(false);
		expect(log).toEqual([]);
	});

	it('has lost when it was asleep for too long, although nobody came', async () => {
		const lock = await take();
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TIMING.safeMs + 50);
		await expect(lock.assertOwned()).rejects.toMatchObject(lost('late'));
		expect(lock.lost.reason).toMatchObject(lost('late'));
	});

	it('has lost when the time of day says that it was asleep', async () => {
		const lock = await take({ timing: { ...TIMING, heartbeatMs: 60_000 } });
		const { now } = Date;
		jest.spyOn(Date, 'now').mockImplementation(() => now() + TIMING.safeMs + 1000);
		await expect(lock.assertOwned()).rejects.toMatchObject(lost('late'));
	});

	it('has lost when it was asleep for too long, although the time of day was set back', async () => {
		const lock = await take({ timing: { ...TIMING, heartbeatMs: 60_000 } });
		const { now } = Date;
		jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TIMING.safeMs + 50);
		await expect(lock.assertOwned()).rejects.toMatchObject(lost('late'));
	});

	it('has not lost when the time of day was set back', async () => {
		const lock = await take();
		const { now } = Date;
		jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
		await lock.assertOwned();
	});

	it('must do nothing while the disk refuses, and has the lock when that ends soon', async () => {
		const lock = await take();
		const comesBack = await refuse();
		await expect(lock.assertOwned()).rejects.toMatchObject({
			name: 'LocalFileError',
			message: expect.stringContaining(`Locking the folder ${JSON.stringify(folder)} failed`) as string,
		});
		await comesBack();
		await lock.assertOwned();
	});

	it('has lost when the disk refuses for long', async () => {
		const lock = await take();
		const comesBack = await refuse();
		while (!lock.lost.aborted) await delay(20);
		expect(lock.lost.reason).toMatchObject(lost('late'));
		await comesBack();
		await expect(lock.assertOwned()).rejects.toMatchObject(lost('late'));
	});

	it('does not make anew what was removed, when it gives it back', async () => {
		const lock = await take({ timing: { ...TIMING, heartbeatMs: 60_000 } });
		for (const number of await numbers()) await rm(lockFile(number));
		await lock.release();
		expect(await numbers()).toEqual([]);
		expect(log).toEqual([]);
	});

	it('gives back without failing what it cannot give back, whether anybody listens', async () => {
		const timing = { ...TIMING, heartbeatMs: 60_000 };
		const unheard = await take({ timing, logger: undefined }, lockFolder, root);
		const lock = await take({ timing });
		for (const place of [join(root, '.bdd-file-lock'), join(folder, '.bdd-file-lock')]) {
			await rm(place, { recursive: true });
			await writeFile(place, '');
		}
		await Promise.all([unheard.release(), lock.release()]);
		expect(log).toEqual([
			`warn: Giving back the lock on the folder ${JSON.stringify(folder)} failed: it is not a folder. ` +
				'The next sync of it waits for half a minute',
		]);
	});
});

describe('where the lock lies', () => {
	it('nowhere, for a folder in which nobody can create anything, root included', async () => {
		await expect(ask({}, lockFolder, '/sys/kernel')).rejects.toMatchObject({
			name: 'LocalFileError',
			message: 'Locking the folder "/sys/kernel" failed: permission denied (EPERM)',
		});
	});

	describe.each(['EROFS', 'EACCES', 'EPERM'])('for a folder that can only be read (%s)', (code) => {
		beforeEach(() => {
			jest.spyOn(disk, 'access').mockRejectedValue(Object.assign(new Error(code), { code }));
			jest.spyOn(os, 'tmpdir').mockReturnValue(root);
		});

		it('nowhere, unless it may lie elsewhere', async () => {
			await expect(ask()).rejects.toThrow(`Locking the folder ${JSON.stringify(folder)} failed: `);
			expect(await readdir(root)).toEqual(['folder']);
		});

		it('in the temporary folder, by the real path of the folder', async () => {
			const [link, other] = [join(root, 'link'), join(root, 'other')];
			await symlink(folder, link);
			await mkdir(other);
			await take({ allowElsewhere: true }, elsewhere(), link);
			await take({ allowElsewhere: true }, lockFolder, other);
			expect(await ask({ allowElsewhere: true, ifRunning: 'skip' })).toHaveProperty('busy');
			const hash = createHash('sha256').update(folder).digest('hex');
			const places = (await readdir(root)).filter((name) => name.startsWith('.'));
			expect(places).toHaveLength(2);
			expect(places).toContain(`.bdd-file-lock-${hash}`);
		});

		it('nowhere, when nothing can be written to the temporary folder either', async () => {
			const missing = join(root, 'missing');
			jest.mocked(os.tmpdir).mockReturnValue(missing);
			await expect(ask({ allowElsewhere: true })).rejects.toMatchObject({
				name: 'LocalFileError',
				message:
					`Locking ${JSON.stringify(folder)}, which can only be read, with the folder ` +
					`${JSON.stringify(missing)} failed: it does not exist (ENOENT)`,
			});
		});
	});

	it('in the folder, whenever that can be written to', async () => {
		await take({ allowElsewhere: true });
		expect(await readdir(root)).toEqual(['folder']);
	});

	it('open to all who may write into the folder', async () => {
		await chmod(folder, 0o2770);
		await take();
		expect((await stat(lockFile('.'))).mode & 0o7777).toBe(0o2770);
	});

	it('not in the place of a link, nor of a file', async () => {
		const target = join(root, 'target');
		await mkdir(target);
		await writeFile(join(target, '1'), 'mine');
		await symlink(target, lockFile('.'));
		await expect(ask({ allowElsewhere: true })).rejects.toMatchObject({
			name: 'LocalFileError',
			message: `Locking with ${JSON.stringify(join(folder, '.bdd-file-lock'))} failed: it is not a folder`,
			description: expect.stringContaining('reserved for the lock') as string,
		});
		expect(await readdir(target)).toEqual(['1']);
		await rm(lockFile('.'));
		await writeFile(lockFile('.'), 'mine');
		await expect(ask()).rejects.toBeInstanceOf(LocalFileError);
		expect(await readFile(lockFile('.'), 'utf8')).toBe('mine');
	});

	it('not in a folder that is none', async () => {
		const missing = join(root, 'missing');
		await expect(ask({ allowElsewhere: true }, lockFolder, missing)).rejects.toMatchObject({
			name: 'LocalFileError',
			message: expect.stringContaining(`Locking the folder ${JSON.stringify(missing)} failed`) as string,
		});
		expect(existsSync(missing)).toBe(false);
		const file = join(root, 'file');
		await writeFile(file, '');
		await expect(ask({}, lockFolder, file)).rejects.toMatchObject({
			message: `Locking the folder ${JSON.stringify(file)} failed: it is not a folder`,
		});
	});
});
