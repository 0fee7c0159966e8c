/**
 * Builds `dist`, the whole of what is published: one bundle of the client with all third-party code in it, and beside it
 * the nodes and the credential, which import that bundle. n8n forbids runtime dependencies in community packages.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const clientBundle = path.join(dist, 'client', 'index.js');

const COMMON = {
	absWorkingDir: root,
	bundle: true,
	platform: 'node',
	target: 'node20',
	format: 'cjs',
	// n8n finds the class of a node by its name.
	metafile: true,
	logLevel: 'warning',
};

/** Leaves imports of the client out of a bundle: all of them load the one in `dist/client`. */
const shareClient = (outfile) => ({
	name: 'share-client',
	setup({ onResolve }) {
		onResolve({ filter: /^\.{1,2}\/.*client(\/index)?$/ }, ({ path: imported, resolveDir }) => {
			const target = path.resolve(resolveDir, imported).replace(/\/index$/, '');
			if (target !== path.join(root, 'client')) return undefined;
			const relative = path.relative(path.dirname(outfile), clientBundle);
			return { path: relative.split(path.sep).join('/'), external: true };
		});
	},
});

/** The credentials and nodes of the package, as paths of their sources. */
async function entryPoints() {
	const credentials = await readdir(path.join(root, 'credentials'));
	const nodes = await readdir(path.join(root, 'nodes'), { recursive: true });
	return [
		...credentials
			.filter((file) => file.endsWith('.credentials.ts'))
			.map((file) => path.join('credentials', file)),
		...nodes.filter((file) => file.endsWith('.node.ts')).map((file) => path.join('nodes', file)),
	].sort();
}

async function bundleClient() {
	const { metafile } = await build({ ...COMMON, entryPoints: ['client/index.ts'], outfile: clientBundle });
	return metafile;
}

/** @throws when third-party code would get into a bundle other than the client's */
async function bundleEntryPoint(source) {
	const outfile = path.join(dist, source.replace(/\.ts$/, '.js'));
	const { metafile } = await build({
		...COMMON,
		entryPoints: [source],
		outfile,
		external: ['n8n-workflow'],
		plugins: [shareClient(outfile)],
	});
	const foreign = Object.keys(metafile.inputs).filter((input) => /^(node_modules|client)\//.test(input));
	if (foreign.length > 0) {
		throw new Error(`${source} must take this from the client instead: ${foreign.join(', ')}`);
	}
}

/** Every package that the bundle contains, with its licence: their licences ask for it. */
async function writeLicences(metafile) {
	const folders = new Set(
		Object.keys(metafile.inputs).flatMap(
			(input) => input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? [],
		),
	);
	const texts = await Promise.all([...folders].sort().map((folder) => licence(path.join(root, folder))));
	const head = 'dist/client/index.js contains code of these packages.\n';
	await writeFile(
		path.join(dist, 'THIRD_PARTY_LICENSES.txt'),
		[head, ...texts].join(`\n${'='.repeat(80)}\n\n`),
	);
	return texts.length;
}

async function licence(folder) {
	const { name, version, license, homepage } = JSON.parse(
		await readFile(path.join(folder, 'package.json'), 'utf8'),
	);
	const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
	const text = file
		? await readFile(path.join(folder, file), 'utf8')
		: 'The package comes without a licence text.';
	return `${name} ${version} (${license})\n${homepage ?? ''}\n\n${text.trim()}\n`;
}

/** Runs a tool of node_modules, by its script so that it works on every system. */
async function tool(script, ...args) {
	try {
		await run(process.execPath, [path.join(root, 'node_modules', script), ...args], { cwd: root });
	} catch (error) {
		throw new Error(`${script} failed:\n${error.stdout ?? ''}${error.stderr ?? error.message}`, {
			cause: error,
		});
	}
}

async function step(what, work) {
	const start = performance.now();
	const detail = await work();
	console.log(`${what}${detail ? `: ${detail}` : ''} (${Math.round(performance.now() - start)} ms)`);
}

if (!existsSync(path.join(root, 'node_modules'))) throw new Error('Run "npm ci" first.');

await rm(dist, { recursive: true, force: true });
await step('Bundled the client', async () => `${await writeLicences(await bundleClient())} packages inside`);
await step('Bundled credentials and nodes', async () => {
	const sources = await entryPoints();
	await Promise.all(sources.map(bundleEntryPoint));
	return sources.map((source) => path.basename(source, '.ts')).join(', ');
});
await step('Wrote the type declarations', () => tool('typescript/bin/tsc', '-p', 'tsconfig.build.json'));
await step('Copied icons and codex files', () => tool('gulp/bin/gulp.js', '--silent'));
