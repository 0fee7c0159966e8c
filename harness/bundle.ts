import path from 'node:path';

import { build } from 'esbuild';

/**
 * Makes one file of a program for child processes, so that a process of it starts fast.
 *
 * @param entry its TypeScript file, absolute
 * @param folder where the file goes
 * @param isTraced whether Node, with `--enable-source-maps`, shall name the sources in stacks
 * @returns its path
 */
export async function bundleProgram(entry: string, folder: string, isTraced = false): Promise<string> {
	const outfile = path.join(folder, `${path.basename(entry, '.ts')}.cjs`);
	await build({
		entryPoints: [entry],
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'cjs',
		outfile,
		sourcemap: isTraced && 'inline',
		logLevel: 'warning',
	});
	return outfile;
}
