import type { ContenderName, Lab } from '../lab/lab';
import type { Report, Task } from '../tasks';
import type { Goal } from './goals';

/** A group of rows of the table that share their data. */
export interface Workload {
	/** For `--only`. */
	id: string;
	title: string;
	/** All that any of its rows needs. */
	contenders: readonly ContenderName[];
	/** Disk that it takes at its worst, in MiB. */
	diskMiB(quick: boolean): number;
	/** Prepares the data. Everything it leaves behind goes with the lab, but what is large goes with `close`. */
	open(lab: Lab, quick: boolean): Promise<Stage>;
}

export interface Stage {
	rows: Row[];
	close(): Promise<void>;
}

/** One line of the table: one work, done by several contenders in turn. */
export interface Row {
	id: string;
	title: string;
	contenders: readonly ContenderName[];
	/** How often every contender does it. */
	rounds: number;
	goals: readonly Goal[];
	/** Files (or records) in the work, for the cost of one. */
	files: number;
	/** MiB in the work, for throughput; of rows that are about bytes. */
	mebibytes?: number;
	/** Bytes per second that the line carries, of rows that are about one. */
	lineSpeed?: number;
	/** Those that do not check the content of what they carry against a hash. */
	unverified?: readonly ContenderName[];
	turn(contender: ContenderName): Promise<Turn>;
}

/** One measurement. */
export interface Turn {
	task: Omit<Task, 'userId'>;
	/** For contenders that run in Node. */
	nodeFlags?: readonly string[];
	/** Checks that the work was really done, and removes what came of it. */
	finish(report: Report): Promise<void>;
}

/** A stage of several, one for each size, whose rows may be compared with those of the sizes before. */
export async function stagesOf(
	counts: readonly number[],
	open: (count: number) => Promise<Stage>,
): Promise<Stage> {
	const stages: Stage[] = [];
	for (const count of counts) stages.push(await open(count));
	return {
		rows: stages.flatMap(({ rows }) => rows),
		close: async () => {
			for (const stage of stages) await stage.close();
		},
	};
}

/** @throws when a contender dealt with another number of files than there are */
export function assertFiles(report: Report, files: number): void {
	if (report.files !== files) {
		throw new Error(`The contender says it dealt with ${report.files} files, expected ${files}`);
	}
}

/**
 * The flags of a Node with a heap of so many MiB: what files take is what such a heap must hold of them. The young
 * generation is of a fixed size: by default it grows with the work, and by more than the files.
 */
export const heapOf = (mebibytes: number): string[] => [
	`--max-old-space-size=${mebibytes}`,
	'--max-semi-space-size=4',
];
