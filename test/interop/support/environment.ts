import { execFile, spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { defaultCacheFolder } from '../../../harness/cache-folder';

/** The published clients that the suite asks: the last simple-only one, and the first with multipart and directories. */
export type ClientVersion = '0.5.1' | '0.7.5';

/** Installing from a slow registry takes minutes; hanging takes forever. */
export const INSTALL_TIMEOUT_MS = 10 * 60_000;

const WINDOWS = process.platform === 'win32';
const PYTHON = WINDOWS ? 'python' : 'python3';
const MARKER = 'complete';

/**
 * A Python interpreter that has the published client in that version. The first call on a machine makes a virtual
 * environment in the user's cache folder and installs from the package index that pip is configured for; later calls
 * find it there.
 *
 * @throws when the machine has no Python with `venv` and pip, or pip cannot install: the suite fails, it never skips
 */
export async function pythonWith(version: ClientVersion): Promise<string> {
	const cache = defaultCacheFolder();
	const home = join(cache, `interop-${version}`);
	const python = (environment: string) =>
		join(environment, ...(WINDOWS ? ['Scripts', 'python.exe'] : ['bin', 'python']));
	if (await works(home, python(home))) return python(home);

	await mkdir(cache, { recursive: true });
	// Made aside and moved into place when complete, so that neither a killed run nor one at the same time leaves half of it.
	const building = await mkdtemp(join(cache, 'building-'));
	try {
		const started = Date.now();
		progress(`making a Python environment with bdd-file-client ${version} in ${home}`);
		await run(PYTHON, ['-m', 'venv', building], 'python3 -m venv');
		await run(
			python(building),
			['-m', 'pip', 'install', '--progress-bar', 'off', `bdd-file-client==${version}`],
			'pip',
		);
		await writeFile(join(building, MARKER), `${version}\n`);
		if (!(await works(home, python(home)))) {
			await rm(home, { recursive: true, force: true });
			await rename(building, home).catch(async (error: unknown) => {
				if (!(await works(home, python(home)))) throw error;
			});
		}
		progress(`bdd-file-client ${version} is ready after ${Math.round((Date.now() - started) / 1000)} s`);
		return python(home);
	} finally {
		await rm(building, { recursive: true, force: true });
	}
}

/** Complete, and its interpreter still there: an upgrade of the system's Python takes it away. */
async function works(home: string, python: string): Promise<boolean> {
	try {
		await access(join(home, MARKER));
		await promisify(execFile)(python, ['-c', 'import bdd_file'], { cwd: home, timeout: 60_000 });
		return true;
	} catch {
		return false;
	}
}

/** Runs a step of the installation, its output on standard error line by line. */
async function run(command: string, args: string[], step: string): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		let output = '';
		const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (text: string) => {
				output += text;
				for (const line of text.split('\n').filter(Boolean)) progress(line);
			});
		}
		// Not spawn's own `timeout`, whose timer outlives a command that cannot be started.
		const timer = setTimeout(() => child.kill(), INSTALL_TIMEOUT_MS);
		const settle = (failure?: string, cause?: Error) => {
			clearTimeout(timer);
			if (failure === undefined) {
				resolve();
				return;
			}
			const needs = 'The interop suite needs Python 3.10 or newer with venv and pip, and the package index';
			reject(new Error(`${needs}: ${step} ${failure}\n${output.slice(-2000)}`, { cause }));
		};
		child.once('error', (error) => settle(`cannot be started (${error.message})`, error));
		child.once('close', (code, signal) =>
			settle(code === 0 ? undefined : `ended with ${code ?? signal ?? 'no code'}`),
		);
	});
}

/** Past jest, which holds back what a test logs until the test is over. */
function progress(line: string): void {
	process.stderr.write(`interop: ${line}\n`);
}
