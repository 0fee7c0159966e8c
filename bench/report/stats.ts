import { MIB } from '../lab/files';
import type { Report } from '../tasks';
import type { RowResult } from './results';

export interface Spread {
	median: number;
	min: number;
	max: number;
}

/** @throws without any value */
export function spreadOf(values: readonly number[]): Spread {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = (sorted.length - 1) / 2;
	const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
	const [min, max] = [sorted[0], sorted.at(-1)];
	if (low === undefined || high === undefined || min === undefined || max === undefined) {
		throw new Error('Nothing was measured');
	}
	return { median: (low + high) / 2, min, max };
}

export const times = (reports: readonly Report[]): Spread => spreadOf(reports.map(({ seconds }) => seconds));

/** By how much memory grew, in MiB. */
export const growths = (reports: readonly Report[]): Spread =>
	spreadOf(reports.flatMap(({ memory }) => (memory ? [memory.peak - memory.before] : [])));

/**
 * How many times the time of `others` the contender took, round by round: the two were measured one after the other, so
 * what else the machine did at that time is in both.
 */
export function ratios(reports: readonly Report[], others: readonly Report[]): Spread {
	return spreadOf(
		reports.flatMap(({ seconds }, round) => {
			const other = others[round];
			return other ? [seconds / other.seconds] : [];
		}),
	);
}

/** By how much more processor time the contender took than the others, round by round, in seconds. */
export function cpuDifferences(reports: readonly Report[], others: readonly Report[]): number[] {
	return reports.flatMap(({ cpuSeconds }, round) => {
		const other = others[round]?.cpuSeconds;
		return cpuSeconds === null || other === undefined || other === null ? [] : [cpuSeconds - other];
	});
}

/** How much of what its line could have carried a row's work was; undefined for a row without a line. */
export function lineShare({ mebibytes, lineSpeed }: RowResult, seconds: number): number | undefined {
	if (mebibytes === undefined || lineSpeed === undefined) return undefined;
	return (mebibytes * MIB) / lineSpeed / seconds;
}
