/**
 * `npm run soak -- --minutes 30 --seed 7`: the real n8n in queue mode works unattended while people, faults and kills
 * do what they do, and in the end a table says whether anything was lost or doubled. Without a seed one is taken and
 * printed. `--kill-every` gives the seconds between two kills, on average (60; 0 for none), `--no-faults` leaves the
 * faults out. Ctrl-C ends it and removes everything. Exits with 1 on any double, loss or leftover.
 */
import { parseArgs } from 'node:util';

import { reportToStderr as report } from '../../harness/n8n-host/report';
import { doublesOf, lossesOf, tableOf } from './result';
import { soak } from './soak';

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			minutes: { type: 'string', default: '30' },
			seed: { type: 'string', default: String(Date.now() % 1_000_000) },
			'kill-every': { type: 'string', default: '60' },
			'no-faults': { type: 'boolean', default: false },
		},
	});
	const seed = Number(values.seed);
	const stop = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM'] as const)
		process.once(signal, () => {
			report('Stopping');
			stop.abort();
		});
	report(`Seed ${String(seed)}`);
	const result = await soak({
		minutes: Number(values.minutes),
		seed,
		killEvery: Number(values['kill-every']),
		faulty: !values['no-faults'],
		report,
		stopped: stop.signal,
	}).catch((error: unknown) => {
		if (!stop.signal.aborted) throw error;
		report('Stopped, and everything removed');
		return undefined;
	});
	if (result === undefined) {
		process.exitCode = 130;
		return;
	}
	process.stdout.write(`${tableOf(result)}\n`);
	const bad = [...doublesOf(result), ...lossesOf(result), ...result.leftovers.found];
	process.exitCode = bad.length > 0 || result.quietAfter === undefined ? 1 : 0;
}

main().catch((error: unknown) => {
	report(error instanceof Error ? (error.stack ?? error.message) : String(error));
	process.exitCode = 1;
});
