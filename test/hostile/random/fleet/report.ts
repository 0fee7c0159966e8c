/** Makes failures readable: grouped by class, and for each class the shortest scenario that shows it. */
import fc from 'fast-check';

import { QUIET } from '../quiet';
import { SECRET, type Scenario, type ServiceSettings, type Verdict, type Violation } from '../scenario';
import { Alone } from './alone';
import type { Failure, Fleet } from './fleet';

/** For each class, and in all. */
const SHRINK_MS = 15_000;
const SHRINK_ALL_MS = Number(process.env['HOSTILE_SHRINK_SECONDS'] ?? 90) * 1000;
const SHOWN_SEEDS = 12;

/** Failures with one reason, as far as a program can tell. */
interface Class {
	name: string;
	failures: Failure[];
}

export async function report(
	fleet: Fleet,
	arbitrary: fc.Arbitrary<Scenario>,
	failures: readonly Failure[],
): Promise<string> {
	const classes = classify(failures);
	const until = Date.now() + SHRINK_ALL_MS;
	const texts = new Map<Class, string>();
	const queue = classes[Symbol.iterator]();
	const worker = async (): Promise<void> => {
		const alone = new Alone(fleet.program, fleet.folder);
		try {
			for (const one of queue) {
				const [shortest] = one.failures.toSorted((a, b) => size(a) - size(b));
				if (!shortest) continue;
				const ms = Math.min(SHRINK_MS, until - Date.now());
				const shrunk = ms > 0 ? await shrink(alone, arbitrary, shortest, one.name, ms) : shortest;
				texts.set(one, describe(one, shortest, shrunk));
			}
		} finally {
			await alone.stop();
		}
	};
	await Promise.all([worker(), worker()]);
	const parts = classes.map((one) => texts.get(one) ?? one.name);
	return [`${failures.length} seeds fail, in ${classes.length} classes.`, ...parts].join('\n\n');
}

const size = ({ scenario, onlyInCompany }: Failure) =>
	JSON.stringify(scenario).length + (onlyInCompany ? 1e6 : 0);

/** The largest class first. A seed that breaks several rules is in the class of each of them. */
function classify(failures: readonly Failure[]): Class[] {
	const classes = new Map<string, Failure[]>();
	for (const failure of failures) {
		const names = new Set(failure.verdict.violations.map((violation) => nameOf(failure.scenario, violation)));
		for (const name of names) classes.set(name, [...(classes.get(name) ?? []), failure]);
	}
	return [...classes]
		.map(([name, members]) => ({ name, failures: members }))
		.sort((a, b) => b.failures.length - a.failures.length);
}

const SECRET_NAME = new RegExp(`${SECRET}-\\w+`);

/** The rule and the method; for errors and secrets their words instead, without what differs from case to case. */
function nameOf({ call }: Scenario, { rule, detail }: Violation): string {
	const secret = SECRET_NAME.exec(detail)?.[0];
	if (secret !== undefined) return `${rule}: ${secret}`;
	if (!/raw error|uncaught|unhandled|warning/.test(rule)) return `${rule}, ${call.method}`;
	const words = (detail.split('\n')[0] ?? '').replace(
		/^[A-Z][a-z]+ing .*? failed: |"[^"]*"|\d+|'[^']*'/g,
		'…',
	);
	return `${rule}: ${words.slice(0, 100)}`;
}

/** The shortest scenario in reach that shows the same class. */
async function shrink(
	alone: Alone,
	arbitrary: fc.Arbitrary<Scenario>,
	failure: Failure,
	name: string,
	ms: number,
): Promise<Failure> {
	let shortest = failure;
	const property = fc.asyncProperty(arbitrary, async (scenario) => {
		const verdict = await alone.play(scenario);
		if (!verdict.violations.some((violation) => nameOf(scenario, violation) === name)) return true;
		shortest = { ...failure, scenario, verdict, onlyInCompany: false };
		return false;
	});
	await fc.check(property, { seed: failure.seed, numRuns: 1, interruptAfterTimeLimit: ms });
	return shortest;
}

function describe(
	{ name, failures }: Class,
	origin: Failure,
	{ scenario, verdict, onlyInCompany }: Failure,
): string {
	const seeds = failures.slice(0, SHOWN_SEEDS).map(({ seed }) => seed);
	const more = failures.length > seeds.length ? ` and ${failures.length - seeds.length} more` : '';
	return [
		`## ${name}`,
		`seeds: ${seeds.join(', ')}${more}${onlyInCompany ? ' (seen only among others)' : ''}`,
		`HOSTILE_SEED=${origin.seed} plays this one; shortest scenario found:`,
		shortForm(scenario, verdict.trace),
		...told(verdict, name, scenario),
	].join('\n');
}

function told({ violations, trace }: Verdict, name: string, scenario: Scenario): string[] {
	const own = violations.filter((violation) => nameOf(scenario, violation) === name);
	return [
		...own.slice(0, 2).map(({ rule, detail }) => `  ${rule}: ${detail}`),
		...trace.slice(-14).map((line) => `    ${line.slice(0, 400)}`),
	];
}

/** Without what has no effect: endpoints that were not asked, settings that are the usual ones. */
export function shortForm(
	{ world, call, answers, service, client, cancelAfterMs }: Scenario,
	trace: readonly string[],
): string {
	const asked = Object.entries(answers).filter(([endpoint]) =>
		trace.some((line) => line.includes(`. ${endpoint}`)),
	);
	const usual = { ...QUIET.service, files: [] };
	const names = Object.keys(service) as (keyof ServiceSettings)[];
	const unusual = names.filter((name) => JSON.stringify(service[name]) !== JSON.stringify(usual[name]));
	const lines = [
		`  ${world} world, call ${JSON.stringify(call)}`,
		...asked.map(([endpoint, behaviours]) => `  ${endpoint}: ${JSON.stringify(behaviours)}`),
		`  service ${JSON.stringify(Object.fromEntries(unusual.map((name) => [name, service[name]])))}`,
		`  client ${JSON.stringify(client)}${cancelAfterMs === null ? '' : `, cancelled after ${cancelAfterMs} ms`}`,
	];
	return lines.map((line) => (line.length > 1_500 ? `${line.slice(0, 1_500)}…` : line)).join('\n');
}
