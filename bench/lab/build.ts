import { cp, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { build } from 'esbuild';

const ROOT = resolve(__dirname, '..', '..');

/** The programs of the benchmark's child processes, compiled. */
export interface Programs {
	worker: string;
	service: string;
	proxy: string;
	line: string;
	/** Holds a copy of what is published: `package.json` and `dist`. */
	packageFolder: string;
}

/**
 * Puts everything that is measured into `folder`, so that neither a rebuild meanwhile nor a compiler in the same process
 * disturbs a measurement. Third-party code stays in the project's `node_modules`, which is linked into the folder.
 *
 * @throws when `dist` is missing: `npm run build` makes it
 */
export async function buildPrograms(folder: string): Promise<Programs> {
	await copyPackage(ROOT, folder);
	await build({
		absWorkingDir: ROOT,
		entryPoints: {
			worker: 'bench/worker.ts',
			service: 'bench/lab/service-process.ts',
			proxy: 'bench/lab/proxy-process.ts',
			line: 'bench/lab/line-process.ts',
		},
		outdir: folder,
		bundle: true,
		splitting: false,
		packages: 'external',
		platform: 'node',
		target: 'node20',
		format: 'cjs',
		logLevel: 'warning',
	});
	const program = (name: string) => join(folder, `${name}.js`);
	return {
		worker: program('worker'),
		service: program('service'),
		proxy: program('proxy'),
		line: program('line'),
		packageFolder: folder,
	};
}

/** Copies what is published of a checkout, built, into `folder`, with the third-party code of this one. */
export async function copyPackage(checkout: string, folder: string): Promise<void> {
	await cp(join(checkout, 'dist'), join(folder, 'dist'), { recursive: true });
	await cp(join(checkout, 'package.json'), join(folder, 'package.json'));
	await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
}
