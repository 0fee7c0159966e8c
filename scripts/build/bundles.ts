import { readdir } from 'node:fs/promises';
import path from 'node:path';

import type { BuildOptions, Metafile, Plugin } from 'esbuild';

import { slim } from './slim';

export const ROOT = path.resolve(__dirname, '../..');
export const DIST = path.join(ROOT, 'dist');

const CLIENT = path.join(ROOT, 'client');

/**
 * What all bundles have in common. Not minified: who installs the package can read what runs, and so can its reviewers.
 */
const COMMON = {
	absWorkingDir: ROOT,
	bundle: true,
	platform: 'node',
	target: 'node20',
	format: 'cjs',
	metafile: true,
	logLevel: 'warning',
} satisfies BuildOptions;

/** One bundle of the client with all third-party code in it. */
export const clientBundle = {
	...COMMON,
	entryPoints: ['client/index.ts'],
	outfile: path.join(DIST, 'client', 'index.js'),
	plugins: [slim],
} satisfies BuildOptions;

/**
 * Stands for the client where nodes import it, and loads it when something of it is first used: n8n loads every node of
 * every package when it starts, and most of what that takes is the client.
 */
export const lazyClient = {
	stdin: {
		contents: `let client;
module.exports = new Proxy({}, { get: (_, name) => (client ??= require('./index.js'))[name] });`,
	},
	format: 'cjs',
	target: COMMON.target,
	outfile: path.join(DIST, 'client', 'lazy.js'),
} satisfies BuildOptions;

/** The nodes and the credential, which import the client's bundle. */
export async function nodeBundles() {
	return (await entryPoints()).map((source) => {
		const outfile = path.join(DIST, source.replace(/\.ts$/, '.js'));
		return {
			...COMMON,
			entryPoints: [source],
			outfile,
			external: ['n8n-workflow'],
			plugins: [shareClient(outfile)],
		};
	});
}

/** @throws when a node's or the credential's bundle has code in it that belongs into the client's */
export function assertNothingForeign({ inputs, outputs }: Metafile): void {
	const foreign = Object.keys(inputs).filter((input) => /^(node_modules|client)\//.test(input));
	if (foreign.length > 0) {
		throw new Error(
			`${Object.keys(outputs).join()} must take this from the client instead: ${foreign.join(', ')}`,
		);
	}
}

/** The credentials and nodes of the package, as paths of their sources. n8n finds each by its name. */
async function entryPoints(): Promise<string[]> {
	const credentials = await readdir(path.join(ROOT, 'credentials'));
	const nodes = await readdir(path.join(ROOT, 'nodes'), { recursive: true });
	return [
		...credentials
			.filter((file) => file.endsWith('.credentials.ts'))
			.map((file) => path.join('credentials', file)),
		...nodes.filter((file) => file.endsWith('.node.ts')).map((file) => path.join('nodes', file)),
	].sort();
}

/** Leaves imports of the client out of a bundle: all of them use the one in `dist/client`. */
const shareClient = (outfile: string): Plugin => ({
	name: 'share-client',
	setup(build) {
		build.onResolve({ filter: /^\.{1,2}\/.*client(\/index)?$/ }, ({ path: imported, resolveDir }) => {
			if (path.resolve(resolveDir, imported).replace(/\/index$/, '') !== CLIENT) return undefined;
			const relative = path.relative(path.dirname(outfile), lazyClient.outfile);
			return { path: relative.split(path.sep).join('/'), external: true };
		});
	},
});
