/**
 * Builds `dist`, the whole of what is published: one bundle of the client with all third-party code in it, and beside it
 * the nodes and the credential, which import that bundle. n8n forbids runtime dependencies in community packages.
 */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { build } from 'esbuild';

import { assertNothingForeign, clientBundle, DIST, lazyClient, nodeBundles, ROOT } from './build/bundles';
import { licences } from './build/licences';
import { copyAssets, tool } from './build/tool';

async function main(): Promise<void> {
	if (!existsSync(path.join(ROOT, 'node_modules'))) throw new Error('Run "npm ci" first.');
	await rm(DIST, { recursive: true, force: true });
	await step('Bundled the client', async () => {
		const [{ metafile }] = await Promise.all([build(clientBundle), build(lazyClient)]);
		const texts = await licences(metafile);
		const head = 'dist/client/index.js contains code of these packages.\n';
		await writeFile(
			path.join(DIST, 'THIRD_PARTY_LICENSES.txt'),
			[head, ...texts].join(`\n${'='.repeat(80)}\n\n`),
		);
		return `${texts.length} packages inside`;
	});
	await step('Bundled credentials and nodes', async () => {
		const bundles = await nodeBundles();
		for (const { metafile } of await Promise.all(bundles.map((options) => build(options)))) {
			assertNothingForeign(metafile);
		}
		return bundles.map(({ outfile }) => path.basename(outfile, '.js')).join(', ');
	});
	await step('Wrote the type declarations', () => tool('typescript/bin/tsc', '-p', 'tsconfig.build.json'));
	await step('Copied icons and codex files', copyAssets);
}

async function step(what: string, work: () => Promise<string | undefined>): Promise<void> {
	const start = performance.now();
	const detail = await work();
	console.log(
		`${what}${detail === undefined ? '' : `: ${detail}`} (${Math.round(performance.now() - start)} ms)`,
	);
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
