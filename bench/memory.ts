/** Shows that the memory of n8n does not grow with the file. See USAGE. */
import { parseArgs } from 'node:util';

import { assertRoom } from './lab/files';
import { measureRow } from './interleave';
import { Lab } from './lab/lab';
import { memoryLine } from './report/memory-line';
import { diskForMemory, openMemory } from './workloads/memory';

/** MiB: the goal of the benchmark, and room for a garbage collector that a busy machine lets come later. */
const GROWTH_LIMIT = 100;

const USAGE = `Peak memory of n8n while the BDD File node carries a large file up and down, in n8n's filesystem mode, under
--max-old-space-size=192. Needs a build: npm run build

  npx tsx bench/memory.ts            1 GiB and 3 GiB
  npx tsx bench/memory.ts --gib 2    another size; may be given several times
  npx tsx bench/memory.ts --check    1 GiB only; fails when memory grows by more than ${GROWTH_LIMIT} MiB

Needs three times the largest size on the disk of TMPDIR; all of it is removed.`;

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			check: { type: 'boolean', default: false },
			gib: { type: 'string', multiple: true, default: [] },
			help: { type: 'boolean', short: 'h', default: false },
		},
	});
	if (values.help) {
		console.log(USAGE);
		return;
	}
	const wanted = values.gib.length > 0 ? values.gib : values.check ? ['1'] : ['1', '3'];
	const sizes = wanted.map(mebibytes).sort((a, b) => a - b);
	const kept = await measure(sizes);
	if (values.check && !kept) process.exitCode = 1;
}

function mebibytes(gib: string): number {
	const size = Number(gib) * 1024;
	if (Number.isSafeInteger(size) && size > 0) return size;
	throw new Error(`--gib ${gib} is no size`);
}

/** @returns whether every transfer kept within the limit */
async function measure(sizes: readonly number[]): Promise<boolean> {
	const stop = new AbortController();
	process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
	const lab = await Lab.open(stop.signal);
	let isKept = true;
	try {
		await assertRoom(lab.folder, diskForMemory(sizes), 'The measurement of memory');
		const stage = await openMemory(lab, sizes, GROWTH_LIMIT);
		for (const row of stage.rows) {
			const { reports, verdicts } = await measureRow(lab, row, [], () => undefined);
			const [report] = reports.node ?? [];
			if (!report?.memory) throw new Error('The node did not report its memory');
			const { before, peak } = report.memory;
			const figures = `${before.toFixed(0)} -> ${peak.toFixed(0)} MiB (+${(peak - before).toFixed(0)})`;
			console.log(
				`${row.title}\n  ${figures} in ${report.seconds.toFixed(1)} s  ${memoryLine(report.memory)}`,
			);
			isKept &&= verdicts.every(({ met }) => met);
		}
		await stage.close();
	} finally {
		await lab.close();
	}
	console.log(isKept ? `Never more than +${GROWTH_LIMIT} MiB` : `MISSED: more than +${GROWTH_LIMIT} MiB`);
	return isKept;
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
