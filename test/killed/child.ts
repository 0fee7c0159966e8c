/** Syncs in a process of its own: `child.ts <task as JSON>`. The line that it prints is the report. */
import { countSteps, stepsTaken } from './disk-steps';

import { BddFileClient } from '../../client';
import { lockFolder } from '../../client/sync/lock';
import type { Report, Task } from './process';

async function main(): Promise<Report> {
	const task = JSON.parse(process.argv[2] ?? '') as Task;
	const { baseUrl, userId, folder, chatId, options } = task;
	const client = new BddFileClient({ baseUrl, userId, patience: { settle: 2, answer: 5, retry: 0.05 } });
	if (task.isHurried) await inherit(folder);
	countSteps(task.diesAt);
	const items = await client[task.verb]({ ...options, chatId, localDirectory: folder });
	client.close();
	return { steps: stepsTaken(), items };
}

/**
 * Takes the folder over from an owner that is dead, which the parent has seen: so nobody can be harmed by a shorter wait
 * than that of everyday use.
 */
async function inherit(folder: string): Promise<void> {
	const timing = { deadMs: 200, gapMs: 100, pollMs: 20 };
	const lock = await lockFolder(folder, { ifRunning: 'wait', what: 'A test', timing });
	if ('busy' in lock) throw new Error('It was told to wait');
	await lock.release();
}

void main().then((report) => {
	process.stdout.write(`${JSON.stringify(report)}\n`);
});
