import type { ContenderName } from '../lab/lab';
import { cpuDifferences, growths, lineShare, ratios, spreadOf, type Spread } from '../report/stats';
import type { RowResult } from '../report/results';

/** What is promised of a row. */
export type Goal =
	/** `who` is at least so many times as fast as `than`. */
	| { kind: 'speed'; who: ContenderName; than: ContenderName; atLeast: number }
	/** `who` takes at most so many times the time of `than`. */
	| { kind: 'time'; who: ContenderName; than: ContenderName; atMost: number }
	/** `who` uses at least this share of the line. */
	| { kind: 'line'; who: ContenderName; atLeast: number }
	/** The memory of `who` grows by at most so many MiB. */
	| { kind: 'growth'; who: ContenderName; atMost: number }
	/** The same for each file that there are more than in a smaller row: without what Node takes for any number of files. */
	| { kind: 'memoryPerFileMore'; who: ContenderName; comparedTo: string; atMost: number }
	/** `who` takes at most so many microseconds of processor time for each file more than `than`. */
	| { kind: 'ownTimePerFile'; who: ContenderName; than: ContenderName; atMost: number }
	/** The event loop of `who` is busy for at most this share of the time. */
	| { kind: 'loop'; who: ContenderName; atMost: number }
	/** 99 of 100 timers in the process of `who` are at most so many milliseconds late. */
	| { kind: 'loopDelay'; who: ContenderName; atMost: number }
	/** What comes out of `who`, as JSON, has at most so many bytes. */
	| { kind: 'output'; who: ContenderName; atMost: number }
	/** The time of `who` for one file is at most so many times that in another, smaller row. */
	| { kind: 'linear'; who: ContenderName; comparedTo: string; atMost: number };

export interface Verdict {
	/** The goal in words, with its bound. */
	text: string;
	actual: Spread;
	met: boolean;
}

/** @param rows all results so far, for goals that compare two rows; undefined when the other row was not measured */
export function judge(goal: Goal, row: RowResult, rows: readonly RowResult[]): Verdict | undefined {
	const reports = row.reports[goal.who] ?? [];
	switch (goal.kind) {
		case 'speed': {
			const actual = ratios(row.reports[goal.than] ?? [], reports);
			const text = `${goal.who} at least ${goal.atLeast} times as fast as ${goal.than}`;
			return { text, actual, met: actual.median >= goal.atLeast };
		}
		case 'time': {
			const actual = ratios(reports, row.reports[goal.than] ?? []);
			const text = `${goal.who} at most ${goal.atMost} times the time of ${goal.than}`;
			return { text, actual, met: actual.median <= goal.atMost };
		}
		case 'line': {
			const actual = spreadOf(reports.flatMap(({ seconds }) => lineShare(row, seconds) ?? []));
			const text = `${goal.who} uses at least ${goal.atLeast * 100} % of the line`;
			return { text, actual, met: actual.median >= goal.atLeast };
		}
		case 'growth': {
			const actual = growths(reports);
			const text = `memory of ${goal.who} grows by at most ${goal.atMost} MiB`;
			return { text, actual, met: actual.max <= goal.atMost };
		}
		case 'memoryPerFileMore': {
			const other = rows.find(({ id }) => id === goal.comparedTo);
			const others = other?.reports[goal.who];
			if (!other || !others) return undefined;
			const fixed = growths(others).median;
			const more = { files: row.files - other.files };
			const actual = spreadOf(
				reports.map((report) => growths([report]).median - fixed).map(perFile(more, 1024)),
			);
			const text = `memory of ${goal.who} grows by at most ${goal.atMost} KiB for each file more than in ${goal.comparedTo}`;
			return { text, actual, met: actual.median <= goal.atMost };
		}
		case 'ownTimePerFile': {
			const actual = spreadOf(cpuDifferences(reports, row.reports[goal.than] ?? []).map(perFile(row, 1e6)));
			const text = `${goal.who} takes at most ${goal.atMost} µs of processor time for each file more than ${goal.than}`;
			return { text, actual, met: actual.median <= goal.atMost };
		}
		case 'loop': {
			const actual = spreadOf(reports.flatMap(({ loop }) => loop?.utilization ?? []));
			const text = `event loop of ${goal.who} is busy for at most ${goal.atMost} of the time`;
			return { text, actual, met: actual.median <= goal.atMost };
		}
		case 'loopDelay': {
			const actual = spreadOf(reports.flatMap(({ loop }) => loop?.delayMs ?? []));
			const text = `event loop of ${goal.who}: 99 of 100 timers at most ${goal.atMost} ms late`;
			return { text, actual, met: actual.median <= goal.atMost };
		}
		case 'output': {
			const actual = spreadOf(reports.flatMap(({ outputBytes }) => outputBytes ?? []));
			const text = `what comes out of ${goal.who} has at most ${goal.atMost} bytes`;
			return { text, actual, met: actual.max <= goal.atMost };
		}
		case 'linear': {
			const other = rows.find(({ id }) => id === goal.comparedTo);
			const others = other?.reports[goal.who];
			if (!other || !others) return undefined;
			const one = spreadOf(others.map(({ seconds }) => seconds).map(perFile(other)));
			const actual = spreadOf(
				reports.map(({ seconds }) => seconds).map((seconds) => perFile(row)(seconds) / one.median),
			);
			const text = `${goal.who} takes at most ${goal.atMost} times the time per file of ${goal.comparedTo}`;
			return { text, actual, met: actual.median <= goal.atMost };
		}
	}
}

const perFile =
	({ files }: { files: number }, factor = 1) =>
	(value: number) =>
		(value * factor) / files;
