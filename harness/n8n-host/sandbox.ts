import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ProcessLog } from './process-log';

const STOP_MS = 15_000;
const GUARD_MS = 30_000;

export interface SpawnOptions {
	cwd?: string;
	/** The whole environment: nothing is inherited. */
	env: Readonly<Record<string, string>>;
	onLine?: (line: string) => void;
}

/** How a process ended: its exit code, or the signal that ended it. */
export interface Exit {
	code: number | null;
	signal: NodeJS.Signals | null;
}

/** A program in a process group of its own. */
export interface SandboxProcess {
	readonly pid: number;
	readonly log: ProcessLog;
	/** Resolves when the program has ended and everything it printed is in {@link log}. Never rejects. */
	readonly exited: Promise<Exit>;
	/** Ends it and what it started: politely, and after 15 seconds by force. */
	stop(): Promise<void>;
	/** Ends it and what it started at once, as a crash would. */
	kill(): Promise<void>;
}

/**
 * A folder and the processes that work in it, which all go away together: on {@link close}, and also when this process
 * dies without closing, because a guard process outside watches for that.
 */
export class Sandbox {
	readonly #processes = new Set<SandboxProcess>();
	#closed = false;

	private constructor(
		/** The folder. Removed on close, unless it was the caller's. */
		readonly folder: string,
		private readonly guard: ChildProcess,
		private readonly guardExit: Promise<number | null>,
	) {}

	/**
	 * @param folder a folder to keep when everything is over; without it a temporary one is made, and removed.
	 */
	static async open(folder?: string): Promise<Sandbox> {
		const own = folder ?? (await mkdtemp(join(tmpdir(), 'n8n-host-')));
		const guard = spawn(
			process.execPath,
			[
				'--import',
				require.resolve('tsx'),
				join(__dirname, 'guard.ts'),
				...(folder === undefined ? [own] : []),
			],
			{ stdio: ['pipe', 'ignore', 'ignore'], detached: true },
		);
		const guardExit = new Promise<number | null>((resolve, reject) => {
			guard.once('error', reject);
			guard.once('exit', resolve);
		});
		// Looked at on close. Until then a guard that could not start must not end this process by an unhandled rejection.
		guardExit.catch(() => undefined);
		guard.stdin.on('error', () => undefined);
		return new Sandbox(own, guard, guardExit);
	}

	/**
	 * Starts a program. It ends at the latest when the sandbox closes.
	 *
	 * @throws when the program cannot be started, or the sandbox is closed.
	 */
	async spawn(command: string, args: readonly string[], options: SpawnOptions): Promise<SandboxProcess> {
		if (this.#closed) throw new Error('The sandbox is closed');
		const child = spawn(command, args, {
			cwd: options.cwd ?? this.folder,
			env: options.env,
			stdio: ['ignore', 'pipe', 'pipe'],
			detached: true,
		});
		if (child.pid === undefined) {
			// The reason comes as an event.
			throw await new Promise<Error>((resolve) => child.once('error', resolve));
		}
		const pid = child.pid;
		this.#tell(`watch ${String(pid)}`);
		const log = new ProcessLog({ stdout: child.stdout, stderr: child.stderr }, options.onLine);
		const exited = new Promise<Exit>((resolve) => {
			// What it started ends with it: a group outlives its leader, and holds the leader's streams open.
			child.once('exit', () => signalGroup(pid, 'SIGKILL'));
			child.once('close', (code, signal) => {
				log.end();
				resolve({ code, signal });
			});
		});

		const started: SandboxProcess = {
			pid,
			log,
			exited,
			stop: async () => {
				signalGroup(pid, 'SIGTERM');
				const inTime = await Promise.race([exited.then(() => true), sleep(STOP_MS, false, { ref: false })]);
				if (!inTime) signalGroup(pid, 'SIGKILL');
				await exited;
			},
			kill: async () => {
				signalGroup(pid, 'SIGKILL');
				await exited;
			},
		};
		this.#processes.add(started);
		void exited.then(() => {
			this.#processes.delete(started);
			this.#tell(`forget ${String(pid)}`);
		});
		return started;
	}

	/**
	 * Ends every process and removes the folder. May be called twice.
	 *
	 * @throws when the folder could not be removed.
	 */
	async close(): Promise<void> {
		this.#closed = true;
		await Promise.all([...this.#processes].map((process) => process.stop()));
		this.guard.stdin?.end();
		const code = await Promise.race([this.guardExit, sleep(GUARD_MS, 'late' as const, { ref: false })]);
		if (code !== 0) throw new Error(`The guard of ${this.folder} ended with ${String(code)}`);
	}

	#tell(line: string): void {
		this.guard.stdin?.write(`${line}\n`);
	}
}

/** Signals the group of a process that this sandbox started. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(-pid, signal);
	} catch {
		// Already gone.
	}
}
