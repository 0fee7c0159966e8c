import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { ROOT } from './bundles';

const run = promisify(execFile);

/** Runs a tool of node_modules, by its script so that it works on every system. */
export async function tool(script: string, ...args: string[]): Promise<undefined> {
	try {
		await run(process.execPath, [path.join(ROOT, 'node_modules', script), ...args], { cwd: ROOT });
	} catch (error) {
		const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
		throw new Error(`${script} failed:\n${stdout}${stderr}`, { cause: error });
	}
}

/** Copies what n8n reads beside the compiled nodes: icons and codex files. */
export const copyAssets = () => tool('gulp/bin/gulp.js', '--silent');
