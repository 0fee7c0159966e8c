import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from '../../harness/bundle';
import type { Command, Report, Task } from './contender';

/** The program of a process that competes, as one file in `folder`. */
export const bundleContender = (folder: string): Promise<string> =>
	bundleProgram(join(__dirname, 'contender.ts'), folder);

/** A process that competes for the folder from its start. */
export class Contender {
	readonly pid: number;
	private readonly process: ChildProcess;
	private readonly reports = new EventEmitter();

	/**
	 * @param onReport told of each report, at once
	 * @param temporary its folder for temporary files
	 */
	constructor(
		program: string,
		task: Task,
		onReport?: (contender: Contender, report: Report) => void,
		temporary = tmpdir(),
	) {
		this.process = fork(program, [JSON.stringify(task)], {
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			env: { ...process.env, TMPDIR: temporary },
		});
		const { pid } = this.process;
		if (pid === undefined) throw new Error(`${program} cannot be started`);
		this.pid = pid;
		this.process.on('message', (report: Report) => {
			this.reports.emit(report);
			onReport?.(this, report);
		});
	}

	/** Resolves at the next report of this kind. */
	async reported(report: Report): Promise<void> {
		await once(this.reports, report);
	}

	say(command: Command): void {
		this.process.send(command);
	}

	signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
		this.process.kill(name);
	}

	/** Resolves when it is gone. */
	async kill(): Promise<void> {
		const isRunning = this.process.exitCode === null && this.process.signalCode === null;
		if (isRunning && this.process.kill('SIGKILL')) await once(this.process, 'exit');
	}
}
