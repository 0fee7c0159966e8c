import type { ContenderName } from '../lab/lab';
import type { Report } from '../tasks';
import type { Verdict } from '../workloads/goals';
import type { Row } from '../workloads/workload';

/** A measured row. */
export interface RowResult extends Pick<
	Row,
	'id' | 'title' | 'files' | 'mebibytes' | 'lineSpeed' | 'unverified'
> {
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
