/** The child's program, bundled into one file: it starts fast, and holds little. */
import { build } from 'esbuild';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..', '..', '..', '..');

/** @param folder where the program goes; @returns its path */
export async function buildProgram(folder: string): Promise<string> {
	const program = join(folder, 'child.js');
	await build({
		absWorkingDir: ROOT,
		entryPoints: [join(__dirname, '..', 'child', 'main.ts')],
		outfile: program,
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'cjs',
		sourcemap: 'inline',
		logLevel: 'warning',
	});
	return program;
}
