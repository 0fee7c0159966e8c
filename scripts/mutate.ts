/** Mutation testing: changes the code in small ways and looks whether a test turns red. See USAGE. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import type { MutantResult } from '@stryker-mutator/api/core';
import picomatch from 'picomatch';

import { ROOT } from './build/bundles';
import { tableOf, type FileResult, type Results, type Survivor } from './mutate/table';

const USAGE = `Changes client/ and nodes/ in small ways, one at a time, and looks whether a test turns red.

  npm run mutate                         the files whose text is another than when they were last run
  npm run mutate -- --mutate <pattern>   these files; may be given several times
  npm run mutate -- --all                every file: many hours
  npm run mutate -- --suites unit/ids    these tests, not all that the folder has; quick where few tests are about a file
  npm run mutate -- --survivors          what survived, once more, with all tests of the folder; others keep their result
  npm run mutate -- --list               says which files would be run, and runs none
  npm run mutate -- --help               this text

Each file's result goes into test/mutation/results.json, and with it the table test/mutation/results.md is written anew.
A file whose tests alone are other than then is not run again by itself: name it with --mutate.`;

const RESULTS = path.join(ROOT, 'test/mutation/results.json');

/** The tests that kill, by the folder of the file: the first that fits. Only tests that import the sources can. */
const SUITES: ReadonlyArray<readonly [folder: string, suites: string]> = [
	['client/sync/', 'unit/*,unit/sync/*'],
	['client/', 'unit/*,faults/*'],
	['nodes/BddFileTrigger/', 'unit/*,unit/trigger/*,engine/*'],
	['nodes/', 'unit/*,engine/*'],
];

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			mutate: { type: 'string', multiple: true },
			all: { type: 'boolean', default: false },
			suites: { type: 'string' },
			survivors: { type: 'boolean', default: false },
			list: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		console.log(USAGE);
		return;
	}
	const results = readResults();
	const isNamed = picomatch(values.mutate ?? []);
	const files = sources().filter((file) =>
		values.mutate ? isNamed(file) : values.all || values.survivors || results[file]?.source !== textOf(file),
	);
	if (values.list || files.length === 0) {
		console.log(files.join('\n') || 'Nothing to run.');
		return;
	}
	for (const [suites, group] of bySuites(files, values.suites)) {
		const found = values.survivors ? await again(group, suites, results) : await run(group, suites);
		// Read anew: another run may have ended meanwhile.
		writeResults({ ...readResults(), ...found });
	}
}

/** Every file of the rooms that are mutated, also those of types only, which have no mutants. */
function sources(): string[] {
	return ['client', 'nodes']
		.flatMap((room) =>
			readdirSync(path.join(ROOT, room), { recursive: true, encoding: 'utf8' }).map(
				(file) => `${room}/${file}`,
			),
		)
		.filter((file) => file.endsWith('.ts'))
		.sort();
}

/** Tells one text of a file from another. */
function textOf(file: string): string {
	return createHash('sha256')
		.update(readFileSync(path.join(ROOT, file)))
		.digest('hex')
		.slice(0, 16);
}

function bySuites(files: readonly string[], chosen: string | undefined): Map<string, string[]> {
	const groups = new Map<string, string[]>();
	for (const file of files) {
		const suites = chosen ?? SUITES.find(([folder]) => file.startsWith(folder))?.[1] ?? 'unit/*';
		groups.set(suites, [...(groups.get(suites) ?? []), file]);
	}
	return groups;
}

async function run(files: string[], suites: string): Promise<Results> {
	const mutants = await mutate(files, suites);
	const resultOf = (file: string): FileResult => {
		const ours = mutants.filter((mutant) => isOf(file, mutant));
		return {
			source: textOf(file),
			...today(),
			suites,
			killed: count(ours, 'Killed'),
			timeout: count(ours, 'Timeout'),
			survivors: ours.filter(isAlive).map(survivorOf),
		};
	};
	return Object.fromEntries(files.map((file) => [file, resultOf(file)]));
}

/** Only what survived. Nothing of a file that has another text by now: its places are others. */
async function again(files: readonly string[], suites: string, results: Results): Promise<Results> {
	const before = files.flatMap((file) => {
		const result = results[file];
		return result?.source === textOf(file) && result.survivors.length > 0 ? [{ file, result }] : [];
	});
	if (before.length === 0) return {};
	const places = before.flatMap(({ file, result }) =>
		result.survivors.map(({ place }) => `${file}:${place}`),
	);
	const mutants = await mutate([...new Set(places)], suites);
	return Object.fromEntries(
		before.map(({ file, result }) => {
			const known = new Set(result.survivors.map(keyOf));
			const ours = mutants.filter((mutant) => isOf(file, mutant) && known.has(keyOf(survivorOf(mutant))));
			return [
				file,
				{
					...result,
					...today(),
					suites: `${result.suites}, then ${suites}`,
					killed: result.killed + count(ours, 'Killed'),
					timeout: result.timeout + count(ours, 'Timeout'),
					survivors: ours.filter(isAlive).map(survivorOf),
				},
			];
		}),
	);
}

/** One process: it is the tests that use the machine's cores. */
async function mutate(what: string[], suites: string): Promise<MutantResult[]> {
	// Far from UTC, so that what forgets a zone is seen.
	Object.assign(process.env, { MUTATE_SUITES: suites, TZ: 'Asia/Shanghai' });
	const { Stryker } = await import('@stryker-mutator/core');
	return await new Stryker({
		testRunner: 'jest',
		// Which tests reach a mutant is known: they need not be looked for.
		jest: { configFile: 'test/mutation/jest/config.cjs', enableFindRelatedTests: false },
		coverageAnalysis: 'perTest',
		mutate: what,
		concurrency: 1,
		disableTypeChecks: false,
		ignorePatterns: ['/dist', '/bench/results', '/coverage'],
		reporters: ['progress-append-only'],
		tempDirName: '.stryker-tmp',
		timeoutMS: 40_000,
	}).runMutationTest();
}

const isOf = (file: string, { fileName }: MutantResult) => path.relative(ROOT, fileName) === file;

const isAlive = ({ status }: MutantResult) => status === 'Survived' || status === 'NoCoverage';

const count = (mutants: readonly MutantResult[], wanted: string) =>
	mutants.filter(({ status }) => status === wanted).length;

/** The place as Stryker takes it for `mutate`: lines from 1, columns from 0. */
function survivorOf({ location: { start, end }, mutatorName, replacement, status }: MutantResult): Survivor {
	const place = `${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
	return { place, mutator: mutatorName, replacement, ...(status === 'NoCoverage' && { isReached: false }) };
}

const keyOf = ({ place, mutator, replacement }: Survivor) => `${place} ${mutator} ${replacement}`;

function today(): Pick<FileResult, 'date' | 'commit'> {
	const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
		cwd: ROOT,
		encoding: 'utf8',
	}).trim();
	return { date: new Date().toISOString().slice(0, 10), commit };
}

function readResults(): Results {
	return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Results) : {};
}

/** Files that are gone are left out. */
function writeResults(results: Results): void {
	const files = sources();
	const kept = files.flatMap((file) => (results[file] ? [[file, results[file]] as const] : []));
	writeFileSync(RESULTS, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
	writeFileSync(path.join(path.dirname(RESULTS), 'results.md'), tableOf(files, Object.fromEntries(kept)));
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
