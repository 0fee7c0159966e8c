import { spawn } from 'node:child_process';
import path from 'node:path';

import { build } from 'esbuild';

/** One call of the client, to be made in a process of its own. */
export interface Task {
	baseUrl: string;
	call: 'list' | 'syncToLocal' | 'syncToRemote' | 'upload';
	/** What to upload: a file on the disk. */
	file?: string;
	/** As the call takes them, without the signal. */
	options?: Record<string, unknown>;
	/** Makes the call so many times, one after the other; the report is of all of them, and tells how the last ended. */
	repeat?: number;
	/** Aborts the call after so many milliseconds. */
	abortAfter?: number;
}

/** What became of the call, and what it cost. */
export interface Report {
	/** `died`: the process ended without a word. `hung`: it had to be killed. */
	ended: 'resolved' | 'rejected' | 'died' | 'hung';
	/** A resolved call's value. */
	value?: unknown;
	/** A rejected call's error, with whether it was a BddFileError. */
	error?: { name: string; message: string; isBddFileError: boolean };
	/** MiB of resident memory more than before the call, at most. */
	grown: number;
	/** Milliseconds for which the event loop stood still, at most. */
	stalled: number;
	/** Milliseconds that the call took. */
	took: number;
	/** What the process said on its way out, where it died. */
	words?: string;
}

let bundled: Promise<string> | undefined;

/** The program that makes the call, as one text: a process that gets it needs no compiler, and starts at once. */
async function program(): Promise<string> {
	const { outputFiles } = await build({
		entryPoints: [path.join(__dirname, 'apart-main.ts')],
		bundle: true,
		platform: 'node',
		format: 'cjs',
		write: false,
	});
	return outputFiles[0]?.text ?? '';
}

/**
 * Makes the call in a new process, so that a process that dies of memory or stands still is a result and not the end of
 * the suite.
 *
 * @param heap `--max-old-space-size`, MiB
 * @param seconds after which the process is killed
 * @param through a program that starts the process, with its first arguments
 */
export async function apart(
	task: Task,
	limits: { heap?: number; seconds?: number; through?: readonly string[] } = {},
): Promise<Report> {
	const { heap = 256, seconds = 12, through = [] } = limits;
	const text = await (bundled ??= program());
	const node = [process.execPath, `--max-old-space-size=${heap}`, '-'];
	const [command, ...args] = [...through, ...node, JSON.stringify(task)];
	const child = spawn(command, args, { stdio: 'pipe' });
	// A process that ends before it has read everything is seen by its end.
	child.stdin.on('error', () => undefined).end(text);
	let output = '';
	let words = '';
	child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-2000)));
	const clock = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
	try {
		await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
	} finally {
		clearTimeout(clock);
	}
	const line = output.trim().split('\n').pop() ?? '';
	if (line.startsWith('{')) return JSON.parse(line) as Report;
	const ended = child.killed ? 'hung' : 'died';
	return { ended, grown: NaN, stalled: NaN, took: seconds * 1000, words };
}
