/**
 * Many processes want one folder, and its owner is killed, or sleeps, again and again. `LOCK_PROCESSES` and `LOCK_ROUNDS`
 * make the first test larger, `LOCK_REAL_TIME` lets it take the times of everyday use.
 */
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LockTiming } from '../../client/sync/lock-generations';
import type { Report, Task } from './contender';
import { bundleContender, Contender } from './processes';
import { leaveLine, readWitness } from './witness';

const PROCESSES = Number(process.env['LOCK_PROCESSES'] ?? 12);
const ROUNDS = Number(process.env['LOCK_ROUNDS'] ?? 12);
const IN_REAL_TIME = process.env['LOCK_REAL_TIME'] !== undefined;

/** Everyday times, divided by 18. */
const SHORT: LockTiming = { heartbeatMs: 111, safeMs: 1000, deadMs: 1500, gapMs: 389, pollMs: 25 };

/** How long a test may take before it hangs, for each round. */
const ROUND_MS = IN_REAL_TIME ? 60_000 : 20_000;

/** How often the lock is given back before its owner is killed. */
const HANDOVERS = 4;

let base: string;
let program: string;
let contenders: Contender[];

beforeAll(async () => {
	base = await mkdtemp(join(tmpdir(), 'lock-'));
	program = await bundleContender(base);
});

afterAll(async () => {
	await rm(base, { recursive: true });
});

beforeEach(() => {
	contenders = [];
});

afterEach(async () => {
	await Promise.all(contenders.map((contender) => contender.kill()));
});

async function newTask(name: string, timing: Partial<LockTiming> = SHORT): Promise<Task> {
	const folder = join(base, name);
	await mkdir(folder);
	return { folder, witness: join(base, `${name}.witness`), timing };
}

function start(task: Task, onReport?: (contender: Contender, report: Report) => void): Contender {
	const contender = new Contender(program, task, onReport, base);
	contenders.push(contender);
	return contender;
}

async function startAndOwn(task: Task): Promise<Contender> {
	const contender = start(task);
	await contender.reported('owns');
	return contender;
}

test(
	`of ${PROCESSES} processes one has the lock, and another soon after it was killed, ${ROUNDS} times`,
	async () => {
		const task = await newTask('contended', IN_REAL_TIME ? {} : SHORT);
		let kills = 0;
		let handovers = 0;
		let losses = 0;
		await new Promise<void>((resolve) => {
			const onReport = (contender: Contender, report: Report) => {
				if (report === 'lost') losses += 1;
				if (report !== 'owns' || kills === ROUNDS) return;
				if (handovers < HANDOVERS) {
					handovers += 1;
					for (const command of ['act', 'act', 'release'] as const) contender.say(command);
					return;
				}
				contender.signal('SIGKILL');
				leaveLine(task.witness, 'killed', contender.pid);
				handovers = 0;
				kills += 1;
				if (kills === ROUNDS) resolve();
				else start(task, onReport);
			};
			for (let count = 0; count < PROCESSES; count++) start(task, onReport);
		});
		const testimony = readWitness(task.witness);
		if (PROCESSES * ROUNDS > 1000 || IN_REAL_TIME)
			process.stderr.write(`${JSON.stringify({ losses, ...testimony })}\n`);
		expect(testimony.kills).toBe(ROUNDS);
		expect(testimony.owners).toBeGreaterThan(ROUNDS * HANDOVERS);
		expect(testimony.longestAfterKill).toBeLessThan(IN_REAL_TIME ? 30_000 : ROUND_MS / 2);
	},
	ROUNDS * ROUND_MS,
);

test('who sleeps with the lock has lost it when it wakes, while its follower keeps it', async () => {
	const task = await newTask('asleep');
	const first = await startAndOwn(task);
	first.signal('SIGSTOP');
	const second = await startAndOwn(task);
	first.signal('SIGCONT');
	first.say('act');
	await first.reported('lost');
	second.say('act');
	await second.reported('acted');
	expect(readWitness(task.witness).owners).toBe(2);
}, 60_000);

test('who sleeps until its follower has come and gone has lost the lock too', async () => {
	const task = await newTask('slept');
	const first = await startAndOwn(task);
	first.signal('SIGSTOP');
	const second = await startAndOwn(task);
	second.say('release');
	await second.reported('owns');
	second.say('act');
	await second.reported('acted');
	await second.kill();
	first.signal('SIGCONT');
	first.say('act');
	await first.reported('lost');
}, 60_000);

test('an owner that takes long keeps the lock', async () => {
	const task = await newTask('slow');
	const first = await startAndOwn(task);
	const second = start(task);
	const owned = second.reported('owns');
	await delay(3 * SHORT.deadMs);
	first.say('act');
	await first.reported('acted');
	first.say('release');
	await owned;
	expect(readWitness(task.witness).owners).toBe(2);
}, 60_000);

test('a folder that can only be read is locked in the temporary folder', async () => {
	// Nobody can create anything there, root included.
	const task = { ...(await newTask('read-only')), folder: '/sys/kernel', allowElsewhere: true };
	const first = await startAndOwn(task);
	const link = join(base, 'link');
	await symlink('/sys/kernel', link);
	const second = start({ ...task, folder: link });
	const owned = second.reported('owns');
	await (await startAndOwn({ ...task, folder: '/sys/fs' })).kill();
	first.say('release');
	await owned;
	second.say('act');
	await second.reported('acted');
	const locks = (await readdir(base)).filter((name) => name.startsWith('.bdd-file-lock-'));
	expect(locks).toHaveLength(2);
}, 60_000);
