import type { ContenderName } from '../lab/lab';
import type { Report } from '../tasks';
import type { Verdict } from '../workloads/goals';

/** A measured row. */
export interface RowResult {
	id: string;
	title: string;
	files: number;
	mebibytes?: number;
	/** Bytes per second that the line carries, of rows that are about one. */
	lineSpeed?: number;
	/** Those that do not check the content of what they carry against a hash. */
	unverified?: readonly ContenderName[];
	/** By contender, in the order of the rounds. */
	reports: Partial<Record<ContenderName, Report[]>>;
	verdicts: Verdict[];
}

export interface Results {
	/** The command that made them. */
	command: string;
	/** ISO 8601 */
	measuredAt: string;
	machine: { processors: number; model: string; memoryGiB: number; system: string; node: string };
	rows: RowResult[];
}
