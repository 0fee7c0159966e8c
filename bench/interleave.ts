import { judge } from './workloads/goals';
import type { Row } from './workloads/workload';
import type { RowResult } from './report/results';
import type { Lab } from './lab/lab';

/**
 * Lets every contender do a row's work once, then every one again, and so on: what else the machine does meanwhile falls
 * on all of them alike.
 *
 * @param before the rows measured so far, for goals that compare two rows
 * @param tell hears of every measurement
 */
export async function measureRow(
	lab: Lab,
	row: Row,
	before: readonly RowResult[],
	tell: (line: string) => void,
): Promise<RowResult> {
	const { id, title, files, mebibytes, lineSpeed, unverified } = row;
	const result: RowResult = {
		id,
		title,
		files,
		...(mebibytes !== undefined && { mebibytes }),
		...(lineSpeed !== undefined && { lineSpeed }),
		...(unverified !== undefined && { unverified }),
		reports: {},
		verdicts: [],
	};
	for (let round = 1; round <= row.rounds; round++) {
		for (const contender of lab.withBefore(row.contenders)) {
			const turn = await row.turn(contender);
			try {
				const report = await lab.measure(contender, turn.task, turn.nodeFlags);
				await turn.finish(report);
				(result.reports[contender] ??= []).push(report);
				tell(`${title}, round ${round} of ${row.rounds}, ${contender}: ${report.seconds.toFixed(2)} s`);
			} catch (cause) {
				throw new Error(`${title}: the contender "${contender}" failed`, { cause });
			}
		}
	}
	const rows = [...before, result];
	result.verdicts = row.goals.flatMap((goal) => judge(goal, result, rows) ?? []);
	return result;
}
