/** Measures this project side by side with the alternatives. See USAGE. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { assertRoom } from './lab/files';
import { measureRow } from './interleave';
import { Lab, PYTHON_CLIENT } from './lab/lab';
import { chartOf } from './report/chart';
import { machine } from './report/machine';
import type { Results, RowResult } from './report/results';
import { tableOf } from './report/table';
import { WORKLOADS } from './workloads';

const USAGE = `Measures the node and the client side by side with the alternatives.

  npm run bench                      everything: about half an hour; writes bench/results/
  npm run bench -- --quick           smaller work, fewer rounds: about a minute
  npm run bench -- --only <id>       one workload; may be given several times
  npm run bench -- --before <folder> an earlier checkout, built: its client and node run beside those of today
  npm run bench -- --list            the workloads
  npm run bench -- --help            this text

Only a run of everything replaces results.json and chart.svg in bench/results/; any other writes partial.json and
partial.svg there. Temporary data goes to the folder of TMPDIR and is removed. Everything stays on this machine.

Contenders
  node         the BDD File node, as built, in the real engine of n8n (n8n-core)
  client       our client alone, as built
  floor        plain HTTP over kept-alive connections and plain file access: the least that Node can do it with
  python       the published bdd-file-client ${PYTHON_CLIENT}
  httpRequest  n8n's HTTP Request node in the same engine
  curl         curl`;

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			quick: { type: 'boolean', default: false },
			only: { type: 'string', multiple: true, default: [] },
			before: { type: 'string' },
			list: { type: 'boolean', default: false },
			help: { type: 'boolean', short: 'h', default: false },
		},
	});
	if (values.help) {
		console.log(USAGE);
		return;
	}
	if (values.list) {
		for (const { id, title } of WORKLOADS) console.log(`${id.padEnd(16)} ${title}`);
		return;
	}
	const unknown = values.only.filter((id) => !WORKLOADS.some((workload) => workload.id === id));
	if (unknown.length > 0) throw new Error(`There is no workload ${unknown.join(', ')}. See --list.`);
	const { quick, only, before } = values;
	const rows = await measure({ quick, only, before });
	const isAll = !quick && only.length === 0 && before === undefined;
	const command = ['npm run bench', ...(isAll ? [] : ['--', ...process.argv.slice(2)])].join(' ');
	await write({ command, measuredAt: new Date().toISOString(), machine: machine(), rows }, isAll);
	const missed = rows.flatMap((row) =>
		row.verdicts.filter(({ met }) => !met).map(({ text }) => [row.title, text]),
	);
	console.log(missed.length === 0 ? '\nEvery goal is met.' : '\nMissed goals:');
	for (const [title, text] of missed) console.log(`  ${title ?? ''}: ${text ?? ''}`);
	if (quick) console.log('A quick run is smaller than what the goals are about: it shows trends, no more.');
}

interface Scope {
	quick: boolean;
	only: string[];
	before: string | undefined;
}

async function measure({ quick, only, before }: Scope): Promise<RowResult[]> {
	const workloads = WORKLOADS.filter(({ id }) => only.length === 0 || only.includes(id));
	const stop = new AbortController();
	process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
	const lab = await Lab.open(stop.signal, before);
	const rows: RowResult[] = [];
	try {
		await lab.require([...new Set(workloads.flatMap(({ contenders }) => contenders))]);
		for (const workload of workloads) {
			await assertRoom(lab.folder, workload.diskMiB(quick), `The workload "${workload.id}"`);
			const stage = await workload.open(lab, quick);
			try {
				for (const row of stage.rows) {
					stop.signal.throwIfAborted();
					const result = await measureRow(lab, row, rows, (line) => console.error(line));
					rows.push(result);
					console.log(`\n${tableOf(result)}\n`);
				}
			} finally {
				await stage.close();
			}
		}
	} finally {
		await lab.close();
	}
	return rows;
}

async function write(results: Results, isAll: boolean): Promise<void> {
	const folder = join(__dirname, 'results');
	await mkdir(folder, { recursive: true });
	const [json, svg] = isAll ? ['results.json', 'chart.svg'] : ['partial.json', 'partial.svg'];
	await writeFile(join(folder, json), `${JSON.stringify(results, forTheFile, '\t')}\n`);
	await writeFile(join(folder, svg), chartOf(results));
}

/** Four digits say all that a measurement can; samples over time are for looking at, not for keeping. */
function forTheFile(key: string, value: unknown): unknown {
	if (key === 'samples') return undefined;
	if (typeof value === 'number' && !Number.isInteger(value)) return Number(value.toPrecision(4));
	return value;
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
