import { appendFileSync, readFileSync } from 'node:fs';

/** What a process may do only while it owns the folder; `killed` is left by whoever kills it, at once. */
export type Deed = 'begin' | 'act' | 'end' | 'killed';

/** One write to the end of a file: whole, and in the order in which it happens. The clock is the machine's. */
export function leaveLine(file: string, deed: Deed, pid: number): void {
	appendFileSync(file, `${deed} ${pid} ${process.hrtime.bigint() / 1_000_000n}\n`);
}

export interface Testimony {
	/** How often the folder got an owner. */
	owners: number;
	kills: number;
	/** The longest time without an owner after one was killed, in milliseconds; and after one that ended by itself. */
	longestAfterKill: number;
	longestAfterEnd: number;
}

/** @throws when a line was left by a process that had been followed, or was no owner at all */
export function readWitness(file: string): Testimony {
	const testimony: Testimony = { owners: 0, kills: 0, longestAfterKill: 0, longestAfterEnd: 0 };
	let owner: string | undefined;
	let last: { deed: string; at: number } | undefined;
	const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
	for (const [index, line] of lines.entries()) {
		const [deed = '', pid = '', time] = line.split(' ');
		const at = Number(time);
		if (deed === 'begin') {
			testimony.owners += 1;
			if (last?.deed === 'killed')
				testimony.longestAfterKill = Math.max(testimony.longestAfterKill, at - last.at);
			if (last?.deed === 'end') testimony.longestAfterEnd = Math.max(testimony.longestAfterEnd, at - last.at);
			owner = pid;
		} else if (pid !== owner) {
			throw new Error(`Line ${index + 1} is ${line}, but the owner is ${owner ?? 'nobody'}`);
		}
		if (deed === 'killed') testimony.kills += 1;
		if (deed === 'end' || deed === 'killed') owner = undefined;
		last = { deed, at };
	}
	return testimony;
}
