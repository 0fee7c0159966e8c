/**
 * That no two own a folder, tried with the lock's own code in every order in which the operations of a few processes can
 * happen, and in many random orders of more. Set `LOCK_LONG` for larger scenarios.
 */
import type { LockTiming } from '../../client/sync/lock-generations';
import { explore, wander } from './explore';
import { type Behaviour, type Scenario, Simulation } from './simulation';

const isLong = process.env['LOCK_LONG'] !== undefined;

/** As short as it can be: an owner may believe for one tick, and is dead after two. */
const SHORT: LockTiming = { heartbeatMs: 1, safeMs: 1, deadMs: 2, gapMs: 2, pollMs: 2 };

const DEAD = { number: 7, released: false };
const RELEASED = { number: 7, released: true };

const owner = (proofs: number): Behaviour => ({ proofs, releases: false });
const guest = (proofs: number): Behaviour => ({ proofs, releases: true });
const sleeper = (proofs: number): Behaviour => ({ proofs, releases: false, clockStands: true });

type Case = [
	name: string,
	scenario: Omit<Scenario, 'timing'> & { timing?: LockTiming },
	wins: number,
	losses: number,
];

/** With how many can own the folder in turn in one run, and how many can lose it. */
const CASES: Case[] = [
	['three in a new folder', { processes: [guest(1), guest(1), guest(1)], ticks: 0 }, 3, 0],
	['three find a dead owner', { before: DEAD, processes: [owner(1), owner(1), owner(1)], ticks: 2 }, 1, 0],
	['a slow owner and a contender', { before: RELEASED, processes: [owner(1), owner(1)], ticks: 3 }, 2, 1],
	[
		'an owner whose clocks stand still',
		{ before: RELEASED, processes: [sleeper(2), owner(1)], ticks: 2 },
		2,
		1,
	],
	[
		'two that look more often',
		{ before: RELEASED, processes: [owner(0), owner(0)], ticks: 3, timing: { ...SHORT, pollMs: 1 } },
		2,
		0,
	],
	[
		'one that creates what it saw free long ago',
		{ before: RELEASED, processes: [owner(4), owner(1)], ticks: 0 },
		1,
		0,
	],
	[
		'an owner whose file is not found',
		{ before: RELEASED, processes: [owner(1), owner(1)], ticks: 2, missedReads: true },
		2,
		1,
	],
	[
		'three with listings out of date',
		{ before: RELEASED, processes: [guest(1), owner(0), owner(0)], ticks: 0, staleListings: true },
		2,
		0,
	],
	[
		'a dead owner and listings out of date',
		{ before: DEAD, processes: [owner(1), owner(1)], ticks: 3, staleListings: true },
		1,
		0,
	],
];

const LONG_CASES: Case[] = [
	[
		'more with listings out of date',
		{ before: RELEASED, processes: [guest(1), guest(1), owner(0)], ticks: 0, staleListings: true },
		3,
		0,
	],
	['more of the same', { before: RELEASED, processes: [guest(3), owner(1), owner(1)], ticks: 0 }, 2, 0],
	['an owner that is slow twice', { before: RELEASED, processes: [owner(2), owner(1)], ticks: 4 }, 2, 2],
	['clocks that stand for longer', { before: RELEASED, processes: [sleeper(3), owner(3)], ticks: 2 }, 2, 1],
];

test.each(isLong ? [...CASES, ...LONG_CASES] : CASES)(
	'in every order: %s',
	async (_, scenario, wins, losses) => {
		const explored = await explore({ timing: SHORT, ...scenario });
		expect(explored).toMatchObject({ wins, losses });
		expect(explored.situations).toBeGreaterThan(500);
	},
	isLong ? 900_000 : 60_000,
);

const LONGER: LockTiming = { heartbeatMs: 2, safeMs: 6, deadMs: 9, gapMs: 3, pollMs: 1 };

test('in random orders of up to five, of which one is left in the end and wins', async () => {
	let wins = 0;
	let losses = 0;
	for (let seed = 1; seed <= (isLong ? 20_000 : 1000); seed++) {
		const staleListings = seed % 2 === 0;
		// An owner whose clocks stand still has nothing but its listings.
		const third = staleListings ? owner(5) : sleeper(5);
		const processes = [guest(3), owner(20), third, guest(1), owner(2)].slice(0, 2 + (seed % 4));
		const before = [undefined, DEAD, RELEASED][seed % 3];
		const scenario: Scenario = {
			processes,
			...(before && { before }),
			ticks: Infinity,
			staleListings,
			missedReads: seed % 5 === 0,
			timing: LONGER,
		};
		try {
			const run = await wander(scenario, seed);
			wins += run.wins;
			losses += run.losses;
			// With a listing out of date it learns of numbers one by one.
			const looks = staleListings ? 30 : 3;
			expect(run.waited).toBeLessThanOrEqual(LONGER.deadMs + looks * LONGER.pollMs);
		} catch (error) {
			throw new Error(`Seed ${seed}`, { cause: error });
		}
	}
	expect(wins).toBeGreaterThan(1500);
	expect(losses).toBeGreaterThan(100);
}, 900_000);

test('a look that takes long says little about the owner', async () => {
	const simulation = new Simulation({ before: DEAD, processes: [owner(0)], ticks: Infinity, timing: LONGER });
	await simulation.settle();
	const look = ['P0 lists 7', 'P0 reads 7', 'tick', 'P0 wakes'];
	const long = Array.from({ length: 5 * LONGER.deadMs }, () => 'tick');
	for (const name of [...look, ...long, ...look, ...look, ...look]) {
		const choice = simulation.choices().find((one) => one.name === name);
		expect([name, choice]).toEqual([name, expect.anything()]);
		choice?.happen();
		await simulation.settle();
	}
	expect(simulation.all('competing')).toEqual(['P0']);
});
