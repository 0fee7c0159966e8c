import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import type { SyncItem } from '../../client';
import { bundleProgram } from '../../harness/bundle';

/** A sync, to be made in a process of its own. */
export interface Task {
	verb: 'syncChatFilesToLocal' | 'syncChatFilesToRemote' | 'syncChatFilesBothWays';
	baseUrl: string;
	userId: string;
	folder: string;
	chatId: string;
	/** As the client takes them. */
	options: Record<string, unknown>;
	/** The step on the disk before which the process kills itself, from 1. */
	diesAt?: number;
	/** Who had the folder is known to be dead: its lock is taken over soon. */
	isHurried?: boolean;
}

export interface Report {
	/** Changes of the disk that were made. */
	steps: number;
	items: SyncItem[];
}

/** Until a process hangs: the longest waits half a minute for a lock. */
const HANGS_MS = 240_000;

/** The program of a process that syncs, as one file in `folder`. */
export const bundleChild = (folder: string): Promise<string> =>
	bundleProgram(path.join(__dirname, 'child.ts'), folder);

/** A process that syncs from its start. */
export class Syncing {
	private readonly process: ChildProcess;
	private output = '';
	private words = '';

	/** Resolves when the process is gone, whatever became of it. */
	readonly ended: Promise<{ report: Report | undefined; signal: NodeJS.Signals | null; words: string }>;

	constructor(program: string, task: Task) {
		this.process = spawn(process.execPath, ['--max-old-space-size=128', program, JSON.stringify(task)], {
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: HANGS_MS,
			// SIGKILL is what a process shall die of at a step: one that hangs there must not be taken for it.
			killSignal: 'SIGTERM',
		});
		this.process.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
		this.process.stderr?.on('data', (chunk: Buffer) => (this.words += chunk.toString()));
		this.ended = once(this.process, 'close').then(([, signal]) => ({
			report: this.output.startsWith('{') ? (JSON.parse(this.output) as Report) : undefined,
			signal: signal as NodeJS.Signals | null,
			words: this.words,
		}));
	}

	get pid(): number | undefined {
		return this.process.pid;
	}

	/** Kills it with SIGKILL, if it is still there, and waits for its end. */
	async kill(): Promise<void> {
		this.process.kill('SIGKILL');
		await this.ended;
	}
}
