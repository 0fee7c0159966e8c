import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';

import type { Report } from './report';

const TAIL_LINES = 40;
const PROGRESS_MS = 10_000;

/** Settings of npm that say how this machine reaches its registry. Everything else a parent `npm run` sets is not ours. */
const CONNECTION_SETTINGS = new Set([
	'npm_config_cache',
	'npm_config_cafile',
	'npm_config_fetch_retries',
	'npm_config_https_proxy',
	'npm_config_noproxy',
	'npm_config_proxy',
	'npm_config_registry',
	'npm_config_strict_ssl',
	'npm_config_userconfig',
]);

export interface NpmOptions {
	/** Where npm runs. Outside of the project, so that the project's own `.npmrc` does not apply. */
	cwd: string;
	/** Put in front of `PATH`: the folder of the `node` that npm and the scripts it starts run under. */
	nodeFolder?: string;
	/** More variables, for example `npm_config_nodedir`. */
	env?: Readonly<Record<string, string>>;
	/** Ends npm after so many milliseconds. */
	timeoutMs: number;
	/** Names the step in progress lines and in the error. */
	step: string;
	report: Report;
}

/**
 * The environment of this process without what `npm run` and other launchers leak into their children: a leaked
 * `npm_config_ignore_scripts` would silently leave native modules unbuilt.
 */
function cleanEnvironment(nodeFolder?: string): Record<string, string> {
	const env: Record<string, string> = {};
	for (const [name, value] of Object.entries(process.env)) {
		if (value === undefined) continue;
		const lower = name.toLowerCase();
		if (lower.startsWith('npm_') && !CONNECTION_SETTINGS.has(lower)) continue;
		if (/^(?:N8N_|NODE_OPTIONS$|NODE_ENV$|NODE_PATH$|INIT_CWD$|JEST_)/.test(name)) continue;
		env[name] = value;
	}
	if (nodeFolder !== undefined) env.PATH = `${nodeFolder}${delimiter}${process.env.PATH ?? ''}`;
	return env;
}

/**
 * Runs npm and answers what it printed on its standard output. It stays in this process's group, so Ctrl-C ends it too.
 *
 * @throws when npm cannot be started, fails or takes too long; the message ends with the last lines npm printed.
 */
export async function runNpm(args: readonly string[], options: NpmOptions): Promise<string> {
	const { cwd, nodeFolder, env, timeoutMs, step, report } = options;
	const signal = AbortSignal.timeout(timeoutMs);
	const started = Date.now();
	const seconds = (): string => String(Math.round((Date.now() - started) / 1000));
	const child = spawn('npm', args, {
		cwd,
		env: { ...cleanEnvironment(nodeFolder), ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
		signal,
	});
	let stdout = '';
	let tail = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
		tail = lastLines(tail + text);
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		tail = lastLines(tail + text);
	});

	const progress = setInterval(() => report(`${step}: ${seconds()} s`), PROGRESS_MS);
	try {
		const code = await new Promise<number | null>((resolve, reject) => {
			child.once('error', reject);
			child.once('close', resolve);
		});
		if (code !== 0)
			throw new Error(`${step} failed: npm ended with ${String(code)} after ${seconds()} s.\n${tail}`);
		return stdout;
	} catch (error) {
		if (!signal.aborted) throw error;
		throw new Error(`${step} took longer than ${String(timeoutMs / 1000)} s and was ended.\n${tail}`, {
			cause: error,
		});
	} finally {
		clearInterval(progress);
	}
}

function lastLines(text: string): string {
	return text.split('\n').slice(-TAIL_LINES).join('\n');
}
