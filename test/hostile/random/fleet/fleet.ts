/**
 * Plays many seeds: two processes, in each of them many scenarios at once. What is seen there is a suspicion where it
 * concerns a whole process (memory, a standstill, a death) or may be a matter of load; `again.ts` plays it alone.
 */
import fc from 'fast-check';

import type { Scenario, Verdict } from '../scenario';
import { playAgain } from './again';
import { Company, Died } from './company';

const PROCESSES = 2;
const AT_ONCE = 24;

/** The child's program, and the folder for all that is written. */
export interface Fleet {
	program: string;
	folder: string;
}

/** A scenario that breaks a rule. */
export interface Found {
	seed: number;
	scenario: Scenario;
	verdict: Verdict;
}

export interface Failure extends Found {
	/** Seen only among others: a matter of load or of chance. */
	onlyInCompany: boolean;
}

/** What was seen while many were played at once. */
export interface Seen {
	found: Found[];
	/** Seeds that were under way when memory grew or the event loop stood still. */
	suspects: Set<number>;
	/** Seeds without a verdict, as their process died. */
	orphans: Set<number>;
	/** What nobody caught, with the seeds that were under way. */
	uncaught: { rule: string; detail: string; seeds: number[] }[];
	/** How often something happened to a whole process, by rule. */
	incidents: Map<string, number>;
	requests: number;
	slowest: { seed: number; ms: number };
}

export interface Outcome extends Pick<Seen, 'incidents' | 'requests' | 'slowest'> {
	failures: Failure[];
	/** Seeds that were not played to their end, as too many processes died. */
	unplayed: number;
	seconds: number;
}

export const scenarioOf = (arbitrary: fc.Arbitrary<Scenario>, seed: number): Scenario => {
	const [scenario] = fc.sample(arbitrary, { seed, numRuns: 1 });
	if (!scenario) throw new Error(`Seed ${seed} gives no scenario`);
	return scenario;
};

export async function playAll(
	fleet: Fleet,
	arbitrary: fc.Arbitrary<Scenario>,
	seeds: readonly number[],
): Promise<Outcome> {
	const startedAt = Date.now();
	const seen: Seen = {
		found: [],
		suspects: new Set(),
		orphans: new Set(),
		uncaught: [],
		incidents: new Map(),
		requests: 0,
		slowest: { seed: 0, ms: 0 },
	};
	const queue = seeds[Symbol.iterator]();
	const member = () => playInCompany(fleet, arbitrary, queue, seen);
	await Promise.all(Array.from({ length: PROCESSES }, member));
	const { failures, unplayed } = await playAgain(fleet, arbitrary, seen);
	const { incidents, requests, slowest } = seen;
	return { failures, unplayed, incidents, requests, slowest, seconds: (Date.now() - startedAt) / 1000 };
}

/** One process after the other: a new one takes the place of one that died. */
async function playInCompany(
	{ program, folder }: Fleet,
	arbitrary: fc.Arbitrary<Scenario>,
	queue: Iterator<number> & Iterable<number>,
	seen: Seen,
): Promise<void> {
	const count = (rule: string) => seen.incidents.set(rule, (seen.incidents.get(rule) ?? 0) + 1);
	const engage = () =>
		new Company(program, folder, ({ rule, detail, matterOfProcess }, keys) => {
			count(rule);
			if (matterOfProcess) for (const key of keys) seen.suspects.add(Number(key));
			else seen.uncaught.push({ rule, detail, seeds: keys.map(Number) });
		});
	let company = engage();
	const playNext = async (): Promise<void> => {
		for (const seed of queue) {
			const scenario = scenarioOf(arbitrary, seed);
			const mine = company;
			try {
				const verdict = await mine.play(String(seed), scenario);
				seen.requests += verdict.requests;
				if (verdict.ms > seen.slowest.ms) seen.slowest = { seed, ms: verdict.ms };
				if (verdict.violations.length > 0) seen.found.push({ seed, scenario, verdict });
			} catch (error) {
				if (!(error instanceof Died)) throw error;
				seen.orphans.add(seed);
				if (company !== mine) continue;
				count(error.rule);
				company = engage();
			}
		}
	};
	try {
		await Promise.all(Array.from({ length: AT_ONCE }, playNext));
	} finally {
		await company.stop();
	}
}
