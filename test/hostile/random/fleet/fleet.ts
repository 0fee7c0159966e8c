/**
 * Plays many seeds: two processes, in each of them many scenarios at once. What fails there is played again alone; what
 * concerns a whole process (memory, a standstill, a death) is played alone for each scenario that was under way.
 */
import fc from 'fast-check';

import type { Scenario, Verdict, Violation } from '../scenario';
import { Alone } from './alone';
import { Company, Died } from './company';

const PROCESSES = 2;
const AT_ONCE = 24;
/** Scenarios that are played alone because they were near when something happened to a process. */
const MOST_SUSPECTS = 60;

/** A seed whose scenario breaks a rule. */
export interface Failure {
	seed: number;
	scenario: Scenario;
	verdict: Verdict;
	/** Seen only among others: a matter of load or of chance. */
	onlyInCompany: boolean;
}

export interface Outcome {
	failures: Failure[];
	requests: number;
	seconds: number;
	/** Scenarios by how long they took; for the person who tunes the suite. */
	slowestMs: number;
	/** How often something happened to a whole process. */
	incidents: Map<string, number>;
}

export interface Fleet {
	program: string;
	folder: string;
}

export const scenarioOf = (arbitrary: fc.Arbitrary<Scenario>, seed: number): Scenario => {
	const [scenario] = fc.sample(arbitrary, { seed, numRuns: 1 });
	if (!scenario) throw new Error(`Seed ${seed} gives no scenario`);
	return scenario;
};

export async function playAll(
	{ program, folder }: Fleet,
	arbitrary: fc.Arbitrary<Scenario>,
	seeds: readonly number[],
): Promise<Outcome> {
	const startedAt = Date.now();
	const outcome: Outcome = { failures: [], requests: 0, seconds: 0, slowestMs: 0, incidents: new Map() };
	const suspects = new Map<number, string>();
	const inCompany: Omit<Failure, 'onlyInCompany'>[] = [];
	const queue = seeds[Symbol.iterator]();

	const suspect = (rule: string, keys: readonly number[]) => {
		outcome.incidents.set(rule, (outcome.incidents.get(rule) ?? 0) + 1);
		for (const seed of keys) if (suspects.size < MOST_SUSPECTS) suspects.set(seed, rule);
	};
	const playSome = async (): Promise<void> => {
		const engage = () =>
			new Company(program, folder, ({ rule, detail }, keys) =>
				suspect(isUncaught(rule) ? `${rule}: ${detail.split('\n')[0] ?? ''}` : rule, keys.map(Number)),
			);
		let company = engage();
		const playNext = async (): Promise<void> => {
			for (const seed of queue) {
				const scenario = scenarioOf(arbitrary, seed);
				const mine = company;
				try {
					const verdict = await mine.play(String(seed), scenario);
					outcome.requests += verdict.requests;
					outcome.slowestMs = Math.max(outcome.slowestMs, verdict.ms);
					if (verdict.violations.length > 0) inCompany.push({ seed, scenario, verdict });
				} catch (error) {
					if (!(error instanceof Died)) throw error;
					suspect(error.rule, [seed]);
					if (company === mine) company = engage();
				}
			}
		};
		try {
			await Promise.all(Array.from({ length: AT_ONCE }, playNext));
		} finally {
			await company.stop();
		}
	};
	await Promise.all(Array.from({ length: PROCESSES }, playSome));

	const again = new Map(inCompany.map((failure) => [failure.seed, failure]));
	outcome.failures = await playAgain({ program, folder }, arbitrary, again, suspects);
	outcome.seconds = (Date.now() - startedAt) / 1000;
	return outcome;
}

const isUncaught = (rule: string) => /^an? (unhandled|uncaught|warning)/.test(rule);

/** How many failures of one kind are played again alone; the others are taken at their word. */
const AGAIN_PER_KIND = 5;

async function playAgain(
	{ program, folder }: Fleet,
	arbitrary: fc.Arbitrary<Scenario>,
	inCompany: ReadonlyMap<number, Omit<Failure, 'onlyInCompany'>>,
	suspects: ReadonlyMap<number, string>,
): Promise<Failure[]> {
	const failures: Failure[] = [];
	const kinds = new Map<string, number>();
	const queue = [...new Set([...inCompany.keys(), ...suspects.keys()])][Symbol.iterator]();
	const worker = async (): Promise<void> => {
		const alone = new Alone(program, folder);
		try {
			for (const seed of queue) {
				const known = inCompany.get(seed);
				const kind = known ? known.verdict.violations.map(({ rule }) => rule).join() : '';
				const count = (kinds.get(kind) ?? 0) + 1;
				kinds.set(kind, count);
				if (
					known &&
					!suspects.has(seed) &&
					count > AGAIN_PER_KIND &&
					!isMatterOfLoad(known.verdict.violations)
				) {
					failures.push({ ...known, onlyInCompany: false });
					continue;
				}
				const scenario = known?.scenario ?? scenarioOf(arbitrary, seed);
				const verdict = await alone.play(scenario);
				if (verdict.violations.length > 0) failures.push({ seed, scenario, verdict, onlyInCompany: false });
				else if (known && !isMatterOfLoad(known.verdict.violations))
					failures.push({ ...known, onlyInCompany: true });
			}
		} finally {
			await alone.stop();
		}
	};
	await Promise.all([worker(), worker()]);
	return failures;
}

/** What a machine with too much to do can break; it counts only when it happens alone, too. */
const isMatterOfLoad = (violations: readonly Violation[]) =>
	violations.every(({ rule }) =>
		[
			'a call that does not end',
			'fails although nothing is wrong',
			'a request goes on after the call',
			'a socket is open after close',
			'memory',
			'the event loop stands still',
		].includes(rule),
	);
