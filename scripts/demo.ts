/**
 * `npm run demo [folder]`: real files through the built nodes, in n8n's real engine, to a real service and back. Starts a
 * service of its own on loopback, runs the workflow files of `workflows/`, shows what became of each file, compares every
 * byte that came back, and leaves nothing behind. Exits with 1 when anything differs.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { formatBytes } from '../client';
import { Engine, loadPackage } from '../harness/engine';
import { startService } from '../local-service';
import { DEMOS, type DemoWorld } from './demo/demos';
import { copyFiles, makeFiles } from './demo/files';
import { table } from './demo/table';

const ROOT = path.resolve(__dirname, '..');
const USER = '1955228426376908801';

/** As the example workflows refer to it. */
const CREDENTIAL = 'bddFileLocal';

async function main(): Promise<number> {
	const given = process.argv[2];
	const work = await mkdtemp(path.join(tmpdir(), 'bdd-demo-'));
	const cleanups: Array<() => Promise<void>> = [() => rm(work, { recursive: true, force: true })];
	try {
		const service = await startService({ dataDir: path.join(work, 'service') });
		cleanups.unshift(() => service.close());
		console.log(`Service   ${service.url}, files in a temporary folder`);

		const { nodes, credentialTypes } = await loadPackage(ROOT);
		const engine = await Engine.start({
			nodes,
			credentialTypes,
			credentials: { [CREDENTIAL]: { profile: 'custom', baseUrl: service.url, userId: USER } },
		});
		cleanups.unshift(() => engine.close());
		console.log(
			`Engine    n8n-core ${await versionOf('n8n-core')}, nodes of dist: ${Object.keys(nodes).join(', ')}`,
		);

		const outbox = path.join(engine.filesFolder, 'outbox');
		const files = given === undefined ? await makeFiles(outbox) : await copyFiles(given, outbox);
		const size = [...files.values()].reduce((sum, content) => sum + content.size, 0);
		console.log(`Input     ${files.size} files, ${formatBytes(size)}, ${given ?? 'made for the occasion'}\n`);

		const failures = await runDemos({ engine, service, files, outbox });
		console.log(
			failures === 0 ? 'Every byte that came back is the same.' : `${failures} files differ or failed.`,
		);
		return failures === 0 ? 0 : 1;
	} finally {
		for (const cleanup of cleanups) await cleanup();
	}
}

/** Answers how many files failed or differ. */
async function runDemos(world: DemoWorld): Promise<number> {
	let failures = 0;
	for (const demo of DEMOS) {
		const workflow = JSON.parse(await readFile(path.join(ROOT, 'workflows', demo.file), 'utf8')) as {
			name: string;
		};
		console.log(`${workflow.name} (workflows/${demo.file})`);
		const start = performance.now();
		const rows = await demo.run(world, workflow);
		console.log(table(rows));
		console.log(`${rows.length} files in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
		failures += rows.filter(({ same }) => !same).length;
	}
	return failures;
}

async function versionOf(name: string): Promise<string> {
	const text = await readFile(path.join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
	return (JSON.parse(text) as { version: string }).version;
}

main().then(
	(code) => (process.exitCode = code),
	(error: unknown) => {
		console.error(`The demo failed. ${error instanceof Error ? error.message : String(error)}`);
		process.exitCode = 1;
	},
);
