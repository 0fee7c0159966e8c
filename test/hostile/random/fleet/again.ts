/** Plays alone what was seen among others, and tells what of it is true. */
import type fc from 'fast-check';

import type { Scenario, Violation } from '../scenario';
import { Alone } from './alone';
import { scenarioOf, type Failure, type Fleet, type Found, type Seen } from './fleet';

/** How many failures of one kind are played again; the others are taken at their word. */
const AGAIN_PER_KIND = 5;
/** How many are played alone because they were near when something happened to a process. */
const MOST_SUSPECTS = 60;
const MOST_ORPHANS = 120;

/** What a machine with too much to do can break; it counts only when it happens alone, too. */
const MATTERS_OF_LOAD: ReadonlySet<string> = new Set([
	'a call that does not end',
	'fails although nothing is wrong',
	'a request goes on after the call',
	'a socket is open after close',
]);

const isMatterOfLoad = (violations: readonly Violation[]) =>
	violations.every(({ rule }) => MATTERS_OF_LOAD.has(rule));

export async function playAgain(
	fleet: Fleet,
	arbitrary: fc.Arbitrary<Scenario>,
	seen: Seen,
): Promise<{ failures: Failure[]; unplayed: number }> {
	const failures: Failure[] = [];
	const found = new Map(seen.found.map((one) => [one.seed, one]));
	const orphans = [...seen.orphans].slice(0, MOST_ORPHANS);
	const nearby = [...seen.suspects, ...seen.uncaught.flatMap(({ seeds }) => seeds)].slice(0, MOST_SUSPECTS);
	const kinds = new Map<string, number>();

	const judge = async (alone: Alone, seed: number): Promise<void> => {
		const known = found.get(seed);
		if (known && !seen.suspects.has(seed) && isOneOfMany(known, kinds)) {
			failures.push({ ...known, onlyInCompany: false });
			return;
		}
		const scenario = known?.scenario ?? scenarioOf(arbitrary, seed);
		const verdict = await alone.play(scenario);
		if (verdict.violations.length > 0) failures.push({ seed, scenario, verdict, onlyInCompany: false });
		else if (known && !isMatterOfLoad(known.verdict.violations))
			failures.push({ ...known, onlyInCompany: true });
	};

	const queue = [...new Set([...found.keys(), ...orphans, ...nearby])][Symbol.iterator]();
	const worker = async (): Promise<void> => {
		const alone = new Alone(fleet.program, fleet.folder);
		try {
			for (const seed of queue) await judge(alone, seed);
		} finally {
			await alone.stop();
		}
	};
	await Promise.all([worker(), worker()]);
	failures.push(...unexplained(arbitrary, seen, failures));
	return { failures, unplayed: seen.orphans.size - orphans.length };
}

/** Whether enough failures of its kind were played again. */
function isOneOfMany({ verdict }: Found, kinds: Map<string, number>): boolean {
	const kind = verdict.violations.map(({ rule }) => rule).join();
	const count = (kinds.get(kind) ?? 0) + 1;
	kinds.set(kind, count);
	return count > AGAIN_PER_KIND && !isMatterOfLoad(verdict.violations);
}

/** What nobody caught counts, even where no scenario shows it alone. */
function unexplained(arbitrary: fc.Arbitrary<Scenario>, seen: Seen, failures: readonly Failure[]): Failure[] {
	const explained = new Set(failures.flatMap(({ verdict }) => verdict.violations.map(({ rule }) => rule)));
	return seen.uncaught
		.filter(({ rule }) => !explained.has(rule))
		.map(({ rule, detail, seeds }) => {
			const seed = seeds[0] ?? 0;
			const violations = [{ rule, detail: `${detail} (one of the seeds ${seeds.join(', ')})` }];
			const verdict = { violations, trace: [], ms: 0, requests: 0 };
			return { seed, scenario: scenarioOf(arbitrary, seed), verdict, onlyInCompany: true };
		});
}
