import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Plugin } from 'esbuild';

const FOLDER = path.join(__dirname, 'slim');

type MimeTable = Record<string, { source?: string; extensions?: string[] }>;

/**
 * Leaves out of the bundle what is never used there, about half of it. A file in `slim/` stands for the package of its
 * name, whoever imports it, and says why. Tests of the sources run with the packages themselves, those of the built
 * package with these.
 */
export const slim: Plugin = {
	name: 'slim',
	async setup(build) {
		const files = (await readdir(FOLDER)).map(
			(file) => [path.parse(file).name, path.join(FOLDER, file)] as const,
		);
		const replacements = new Map(files);
		build.onResolve({ filter: /^[a-z]/ }, ({ path: imported }) => {
			const replacement = replacements.get(imported);
			return replacement === undefined ? undefined : { path: replacement };
		});
		build.onLoad({ filter: /[\\/]mime-db[\\/]db\.json$/ }, async ({ path: file }) => ({
			contents: mimeTable(JSON.parse(await readFile(file, 'utf8')) as MimeTable),
			loader: 'js',
		}));
	},
};

/**
 * What finding a type by a file's name needs of the table; as a text, which is parsed faster than it would be compiled.
 */
function mimeTable(table: MimeTable): string {
	const needed = Object.entries(table).flatMap(([type, { source, extensions }]) =>
		extensions ? [[type, { source, extensions }] as const] : [],
	);
	return `module.exports = JSON.parse(${JSON.stringify(JSON.stringify(Object.fromEntries(needed)))});`;
}
