/**
 * A process that competes for the lock of a folder and, once it has it, does what its parent says. Each step that needs
 * the lock leaves a line in the witness file, which says after the fact who did what in which order.
 */
import { on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { lockFolder, LockLostError } from '../../client/sync/lock';
import type { LockTiming } from '../../client/sync/lock-generations';
import { type Deed, leaveLine } from './witness';

export interface Task {
	folder: string;
	/** Appended to. */
	witness: string;
	timing: Partial<LockTiming>;
	allowElsewhere?: boolean;
}

/** `act`: proves that it owns the folder, then leaves a line. `release`: gives it back and competes again. */
export type Command = 'act' | 'release';
export type Report = 'owns' | 'acted' | 'lost';

const { folder, witness, timing, allowElsewhere } = JSON.parse(process.argv[2] ?? '') as Task;

const PAUSE_MS = 200;

/** Keeps what comes before it is asked for. */
const commands = on(process, 'message');

/** Nobody says anything any more. */
process.once('disconnect', () => process.exit());

void run();

async function run(): Promise<void> {
	for (;;) {
		const lock = await lockFolder(folder, { ifRunning: 'wait', what: 'A test', timing, allowElsewhere });
		if ('busy' in lock) throw new Error('It was told to wait');
		leave('begin');
		report('owns');
		let command = await nextCommand();
		try {
			for (; command !== 'release'; command = await nextCommand()) {
				await lock.assertOwned();
				leave('act');
				report('acted');
			}
			await lock.assertOwned();
			leave('end');
		} catch (error) {
			if (!(error instanceof LockLostError)) throw error;
			report('lost');
			// What was said to the owner that it is no more must not be taken for what the next one is told.
			while (command !== 'release') command = await nextCommand();
		}
		await lock.release();
		// Others, who look again and again, would hardly ever find it free between this and the next turn of the loop.
		await delay(PAUSE_MS);
	}
}

function leave(what: Deed): void {
	leaveLine(witness, what, process.pid);
}

async function nextCommand(): Promise<Command> {
	const { value } = (await commands.next()) as { value: [Command] };
	return value[0];
}

function report(what: Report): void {
	process.send?.(what);
}
