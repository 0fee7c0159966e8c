import { spawn } from 'node:child_process';

/** Much longer than any measurement takes on a slow machine; a program that hangs ends here. */
const LIMIT_MS = 20 * 60_000;
const KEPT_OUTPUT = 4_000;

export interface ProgramOptions {
	cwd: string;
	env: NodeJS.ProcessEnv;
	signal: AbortSignal;
}

/**
 * Runs a program to its end.
 *
 * @returns its standard output
 * @throws with the end of what it said when it fails, cannot be started, or takes too long
 */
export async function runProgram(
	command: string,
	args: readonly string[],
	{ cwd, env, signal }: ProgramOptions,
): Promise<string> {
	return await new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			cwd,
			env,
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: LIMIT_MS,
			killSignal: 'SIGKILL',
			signal,
		});
		let output = '';
		let errors = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
		child.stderr
			.setEncoding('utf8')
			.on('data', (text: string) => (errors = (errors + text).slice(-KEPT_OUTPUT)));
		child.once('error', (cause) =>
			reject(new Error(`${command} cannot be run: ${cause.message}`, { cause })),
		);
		child.once('close', (code, killedBy) => {
			if (code === 0) resolve(output);
			else reject(new Error(`${command} ended with ${code ?? killedBy ?? 'no code'}:\n${errors}`));
		});
	});
}
