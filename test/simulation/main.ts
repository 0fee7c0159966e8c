/**
 * Simulated histories: `npm run simulate -- --seeds 200 --from 1`. Each seed is a history; one that breaks a promise is
 * cut down to what is needed and printed; `--first` ends with it. `--file history.json` plays one again,
 * `--seed 17 --story` tells everything that happens in it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { build } from 'esbuild';

import { programOf } from '../../harness/simulation/machine';
import { generate } from './generate';
import type { History } from './history';
import { live } from './live';
import { shrink } from './shrink';

/** What these say of themselves is the same in every process, so one copy does. */
const SHARED = [
	'axios',
	'form-data',
	'n8n-workflow',
	'lossless-json',
	'mime-types',
	'content-disposition',
	'picomatch',
];

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			seeds: { type: 'string', default: '200' },
			from: { type: 'string', default: '1' },
			seed: { type: 'string' },
			file: { type: 'string' },
			story: { type: 'boolean', default: false },
			first: { type: 'boolean', default: false },
			'no-shrink': { type: 'boolean', default: false },
		},
	});
	const program = await compile();
	const from = Number(values.seed ?? values.from);
	const count = values.seed === undefined ? Number(values.seeds) : 1;
	const histories: Iterable<History> =
		values.file === undefined
			? generated(from, count)
			: [JSON.parse(fs.readFileSync(values.file, 'utf8')) as History];
	const startedAt = Date.now();
	const totals = { histories: 0, days: 0, syncs: 0, failed: [] as number[] };
	for (const history of histories) {
		const outcome = await live(history, program);
		totals.histories += 1;
		totals.days += outcome.days;
		totals.syncs += outcome.syncs;
		if (values.story) say(outcome.story.join('\n'));
		if (outcome.violations.length === 0) continue;
		totals.failed.push(history.seed);
		say(`Seed ${history.seed}: ${outcome.violations.slice(0, 5).join('\n  ')}`);
		if (values['no-shrink'] && values.first) break;
		if (values['no-shrink']) continue;
		const small = await shrink(history, (candidate) => live(candidate, program));
		const { story } = await live(small, program);
		say(`${small.events.length} of ${history.events.length} events are needed:`);
		say(story.join('\n'));
		say(`As a test, in test/simulation/found: ${JSON.stringify(small)}`);
		if (values.first) break;
	}
	const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
	const { days, syncs, failed } = totals;
	say(
		`${totals.histories} histories of ${(days / 365).toFixed(1)} years with ${syncs} syncs in ${seconds} s, ${failed.length} broke a promise${failed.length > 0 ? `: seeds ${failed.join(', ')}` : ''}`,
	);
	process.exitCode = failed.length > 0 ? 1 : 0;
}

const say = (words: string) => void process.stdout.write(`${words}\n`);

function* generated(from: number, count: number): Generator<History> {
	for (let seed = from; seed < from + count; seed++) yield generate(seed);
}

async function compile() {
	const { outputFiles } = await build({
		entryPoints: [path.join(__dirname, 'program.ts')],
		bundle: true,
		platform: 'node',
		format: 'cjs',
		write: false,
		external: SHARED,
		// A script that is evaluated has no loader for them.
		supported: { 'dynamic-import': false },
		logLevel: 'warning',
	});
	return programOf(outputFiles[0]?.text ?? '', path.join(__dirname, 'program.cjs'));
}

void main();
