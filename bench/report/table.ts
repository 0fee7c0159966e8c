import type { RowResult } from './results';
import { growths, lineShare, ratios, spreadOf, times, type Spread } from './stats';
import type { ContenderName } from '../lab/lab';
import type { EventLoop, Report } from '../tasks';

const HEAD = [
	'contender',
	'time (s)',
	'min..max',
	'x floor',
	'x python',
	'each',
	'cpu (s)',
	'loop',
	'p99 (ms)',
	'memory +MiB',
];

/** One row of the results as text: a line for each contender, then what is promised and whether it is kept. */
export function tableOf(row: RowResult): string {
	const entries = Object.entries(row.reports) as [ContenderName, Report[]][];
	const lines = [HEAD, ...entries.map(([contender, reports]) => cells(row, contender, reports))];
	const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
	const text = lines.map((line) =>
		line
			.map((cell, column) =>
				column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
			)
			.join('  '),
	);
	const verdicts = row.verdicts.map(
		({ text, actual, met }) => `  ${met ? 'met   ' : 'MISSED'}  ${text}: ${spread(actual)}`,
	);
	const mark = row.unverified ? ['  * checks the content against no hash'] : [];
	return [row.title, ...text.map((line) => `  ${line}`), ...mark, ...verdicts].join('\n');
}

function cells(row: RowResult, contender: ContenderName, reports: readonly Report[]): string[] {
	const time = times(reports);
	const against = (other: ContenderName) => {
		const others = row.reports[other];
		return others && other !== contender ? figure(ratios(reports, others).median) : '';
	};
	const cpu = reports.flatMap(({ cpuSeconds }) => cpuSeconds ?? []);
	const loops = reports.flatMap(({ loop }) => loop ?? []);
	const ofLoops = (value: (loop: EventLoop) => number) =>
		loops.length > 0 ? figure(spreadOf(loops.map(value)).median) : '';
	const hasMemory = reports.some((report) => report.memory !== null);
	return [
		row.unverified?.includes(contender) ? `${contender} *` : contender,
		figure(time.median),
		`${figure(time.min)}..${figure(time.max)}`,
		against('floor'),
		against('python'),
		each(row, time.median),
		cpu.length > 0 ? figure(spreadOf(cpu).median) : '',
		ofLoops(({ utilization }) => utilization),
		ofLoops(({ delayMs }) => delayMs),
		hasMemory ? growths(reports).median.toFixed(0) : '',
	];
}

/** Throughput of rows that are about bytes, else the time of one file. */
function each(row: RowResult, seconds: number): string {
	const { mebibytes, files } = row;
	const share = lineShare(row, seconds);
	if (share !== undefined) return `${(share * 100).toFixed(0)} % of the line`;
	if (mebibytes !== undefined) return `${(mebibytes / seconds).toFixed(0)} MiB/s`;
	return `${((seconds * 1e6) / files).toFixed(0)} us`;
}

const spread = ({ median, min, max }: Spread): string => `${figure(median)} (${figure(min)}..${figure(max)})`;

/** Three significant digits, without an exponent. */
export const figure = (value: number): string =>
	Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
