import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { build } from 'esbuild';

import type { SyncItem } from '../../client';

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

/** Makes one file of the child's program, so that a process of it starts fast. */
export async function bundleChild(folder: string): Promise<string> {
	const outfile = path.join(folder, 'child.cjs');
	await build({
		entryPoints: [path.join(__dirname, 'child.ts')],
		bundle: true,
		platform: 'node',
		format: 'cjs',
		outfile,
		logLevel: 'warning',
	});
	return outfile;
}

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
