/**
 * The random liar: a service that lies at random, and the real client. fast-check makes the scenarios, child processes
 * play them, two thousand by default. Half of them are pure noise: every call must end well. Half are an honest service
 * behind a lossy transport: what the client says must be true.
 *
 * - `HOSTILE_SEEDS=500` sets the number of scenarios in all.
 * - `HOSTILE_FRESH=0.25` lets that share of them be new ones, printed so that they can be played again.
 * - `HOSTILE_SEED=17` plays that one seed in both worlds, alone, and prints the conversation.
 * - `HOSTILE_SHRINK_SECONDS=300` gives more time to find the shortest failing scenarios.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bundleProgram } from '../../../harness/bundle';
import { scenarios } from './arbitraries/scenarios';
import { Alone } from './fleet/alone';
import { playAll, scenarioOf, type Fleet } from './fleet/fleet';
import { report, shortForm } from './fleet/report';

const SEEDS = Number(process.env['HOSTILE_SEEDS'] ?? 2_000);
const ONE_SEED = process.env['HOSTILE_SEED'];
/** The share of seeds that are this run's own; without any a run is the same each time. */
const FRESH_SHARE = Number(process.env['HOSTILE_FRESH'] ?? 0);
/** Where this run's own seeds begin; printed, so that they can be played again. */
const OWN_FIRST = 1_000_000 + Math.floor(Math.random() * 1_000_000_000);

const say = (text: string) => process.stderr.write(`${text}\n`);

function seedsOf(count: number): number[] {
	const fixed = Math.round(count * (1 - FRESH_SHARE));
	return Array.from({ length: count }, (_, index) => (index < fixed ? index + 1 : OWN_FIRST + index - fixed));
}

const CHILD = join(__dirname, 'child', 'main.ts');

let fleet: Fleet;
beforeAll(async () => {
	const folder = await mkdtemp(join(tmpdir(), 'bdd-file-liar-'));
	fleet = { folder, program: await bundleProgram(CHILD, folder, true) };
});
afterAll(async () => {
	await rm(fleet.folder, { recursive: true, force: true });
});

describe.each([
	['noise', 'pure noise: every call ends well, in time, in little memory, and leaves nothing behind'],
	['honest', 'an honest service and lost answers: what the client says is true'],
] as const)('%s', (world, promise) => {
	it(
		promise,
		async () => {
			const arbitrary = scenarios(world);
			if (ONE_SEED !== undefined) {
				await playOne(world, Number(ONE_SEED));
				return;
			}
			const seeds = seedsOf(Math.ceil(SEEDS / 2));
			const { failures, unplayed, requests, seconds, slowest, incidents } = await playAll(
				fleet,
				arbitrary,
				seeds,
			);
			const incidentsText = [...incidents].map(([rule, count]) => `; ${count} times ${rule}`).join('');
			say(
				`The random liar, ${world}: ${seeds.length} seeds (1 to ${Math.round(seeds.length * (1 - FRESH_SHARE))}, and from ${OWN_FIRST}), ${requests} requests, ${seconds.toFixed(1)} s, the slowest (${slowest.seed}) ${slowest.ms} ms${incidentsText}`,
			);
			if (failures.length > 0) throw new Error(await report(fleet, arbitrary, failures));
			expect(unplayed).toBe(0);
		},
		30 * 60_000,
	);
});

async function playOne(world: 'noise' | 'honest', seed: number): Promise<void> {
	const scenario = scenarioOf(scenarios(world), seed);
	const alone = new Alone(fleet.program, fleet.folder);
	try {
		const { violations, trace, ms } = await alone.play(scenario);
		say(
			[`Seed ${seed}, ${ms} ms`, shortForm(scenario, trace), ...trace.map((line) => `    ${line}`)].join(
				'\n',
			),
		);
		expect(violations).toEqual([]);
	} finally {
		await alone.stop();
	}
}
