/** Shows where the time of a row of the benchmark goes. See USAGE. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { CONTENDERS, Lab, type ContenderName } from './lab/lab';
import { WORKLOADS } from './workloads';

const USAGE = `CPU profile of one contender in the rows of a workload: self time by function, one fresh process per row.
Needs a build: npm run build

  npx tsx bench/profile.ts <workload> [client|node|floor]      workloads: ${WORKLOADS.map(({ id }) => id).join(', ')}`;

/** How many functions are shown. */
const TOP = 12;

interface CpuProfile {
	nodes: { id: number; callFrame: { functionName: string; url: string } }[];
	samples: number[];
	/** Microseconds. */
	timeDeltas: number[];
}

/** Self time by function in milliseconds, most first. Files of the machine are named by their last part only. */
function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): [name: string, milliseconds: number][] {
	const names = new Map(
		nodes.map(({ id, callFrame: { functionName, url } }) => {
			const file = url.split('/').at(-1) ?? '';
			return [id, `${functionName || '(anonymous)'}${file && ` (${file})`}`];
		}),
	);
	const times = new Map<string, number>();
	samples.forEach((id, index) => {
		const name = names.get(id) ?? '';
		times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
	});
	return [...times].sort((a, b) => b[1] - a[1]);
}

async function main(): Promise<void> {
	const { positionals } = parseArgs({ allowPositionals: true });
	const [id, name = 'client'] = positionals;
	const workload = WORKLOADS.find((candidate) => candidate.id === id);
	const contender = CONTENDERS.find((candidate): candidate is ContenderName => candidate === name);
	if (!workload || !contender) {
		console.log(USAGE);
		process.exitCode = 2;
		return;
	}
	const stop = new AbortController();
	process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
	const lab = await Lab.open(stop.signal);
	try {
		await lab.require([contender]);
		const stage = await workload.open(lab, false);
		const rows = stage.rows.filter(({ contenders }) => contenders.includes(contender));
		if (rows.length === 0) throw new Error(`No row of ${workload.id} has ${contender}`);
		for (const row of rows) {
			const folder = lab.path('profile');
			await mkdir(folder);
			const turn = await row.turn(contender);
			const flags = [...(turn.nodeFlags ?? []), '--cpu-prof', `--cpu-prof-dir=${folder}`];
			const report = await lab.measure(contender, turn.task, flags);
			await turn.finish(report);
			const [file] = await readdir(folder);
			if (file === undefined) throw new Error(`${contender} left no profile`);
			const times = selfTimes(JSON.parse(await readFile(path.join(folder, file), 'utf8')) as CpuProfile);
			const total = times.reduce((sum, [, milliseconds]) => sum + milliseconds, 0);
			console.log(`\n${row.title}: ${contender}, ${report.seconds.toFixed(2)} s under the profiler`);
			for (const [what, milliseconds] of times.slice(0, TOP)) {
				const share = ((100 * milliseconds) / total).toFixed(1);
				console.log(`${milliseconds.toFixed(0).padStart(7)} ms ${share.padStart(5)} %  ${what}`);
			}
		}
		await stage.close();
	} finally {
		await lab.close();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
