import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { RESOURCES } from '../../nodes/BddFile/actions/router';

const run = promisify(execFile);
const ROOT = path.resolve(__dirname, '../..');

interface Packed {
	filename: string;
	files: { path: string }[];
}

let folder: string;
let packed: Packed;
let installed: string;

/** Unpacks the tarball into a folder whose only other package is n8n-workflow, as a community package finds it. */
beforeAll(async () => {
	folder = await realpath(await mkdtemp(path.join(tmpdir(), 'bdd-file-package-')));
	const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
	const report = JSON.parse(stdout) as Packed[] | Record<string, Packed>;
	const [first] = Array.isArray(report) ? report : Object.values(report);
	if (!first) throw new Error(`npm pack reported nothing: ${stdout}`);
	packed = first;
	await run('tar', ['xzf', path.join(folder, packed.filename)], { cwd: folder });
	const modules = path.join(folder, 'node_modules');
	await mkdir(modules);
	installed = path.join(modules, 'n8n-nodes-bdd-file');
	await cp(path.join(folder, 'package'), installed, { recursive: true });
	await symlink(path.join(ROOT, 'node_modules', 'n8n-workflow'), path.join(modules, 'n8n-workflow'));
}, 60_000);

afterAll(async () => {
	await rm(folder, { recursive: true, force: true });
});

it('holds only dist and documents', () => {
	const top = new Set(packed.files.map((file) => file.path.split('/')[0]));
	expect([...top].sort()).toEqual([
		'CHANGELOG.md',
		'LICENSE',
		'README.md',
		'README.zh-CN.md',
		'dist',
		'package.json',
	]);
	const strange = packed.files.filter(
		(file) => file.path.startsWith('dist/') && !/\.(js|d\.ts|svg|json|txt)$/.test(file.path),
	);
	expect(strange).toEqual([]);
});

it('has no runtime dependency and names every file n8n loads', async () => {
	const manifest = JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8')) as {
		dependencies?: unknown;
		peerDependencies: Record<string, string>;
		main: string;
		n8n: { nodes: string[]; credentials: string[] };
	};
	expect(manifest.dependencies).toBeUndefined();
	expect(Object.keys(manifest.peerDependencies)).toEqual(['n8n-workflow']);
	const names = packed.files.map((file) => file.path);
	expect(names).toEqual(
		expect.arrayContaining([manifest.main, ...manifest.n8n.nodes, ...manifest.n8n.credentials]),
	);
});

it('loads where nothing but n8n-workflow is installed, with one copy of the client', async () => {
	const script = `
		const path = require('node:path');
		const base = ${JSON.stringify(installed)};
		const { n8n } = require(path.join(base, 'package.json'));
		const load = (file) => {
			const exported = require(path.join(base, file));
			const name = path.basename(file).split('.')[0];
			return new exported[name]();
		};
		const nodes = n8n.nodes.map((file) => load(file).description.name);
		const credentials = n8n.credentials.map((file) => load(file).name);
		const { BddFileClient } = require('n8n-nodes-bdd-file');
		new BddFileClient({ baseUrl: 'http://127.0.0.1:9', userId: '1' }).close();
		const clients = Object.keys(require.cache).filter((file) => file.endsWith(path.join('client', 'index.js')));
		console.log(JSON.stringify({ nodes, credentials, clients: clients.length }));
	`;
	const { stdout } = await run(process.execPath, ['-e', script], { cwd: folder });
	expect(JSON.parse(stdout)).toEqual({
		nodes: ['bddFile', 'bddFileTrigger'],
		credentials: ['bddFileApi'],
		clients: 1,
	});
});

it('gives a TypeScript program its types, with nothing else installed but those of Node', async () => {
	const types = path.join(folder, 'node_modules', '@types');
	await mkdir(types);
	await symlink(path.join(ROOT, 'node_modules/@types/node'), path.join(types, 'node'));
	await writeFile(
		path.join(folder, 'program.ts'),
		`import { BddFileClient, bufferSource, type NetworkPolicy, type SyncItem } from 'n8n-nodes-bdd-file';
		export const policy: NetworkPolicy = { validateUrl: () => Promise.resolve() };
		export async function program(): Promise<SyncItem[]> {
			const client = new BddFileClient({ baseUrl: 'http://127.0.0.1:9', userId: '1', network: policy });
			await client.upload(bufferSource('a', Buffer.alloc(1)), { chatId: '1' });
			return await client.syncChatFilesToLocal({ chatId: '1', localDirectory: '/data' });
		}`,
	);
	const options = '--noEmit --strict --module nodenext --target es2022 --types node'.split(' ');
	const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
	const compiled = await run(process.execPath, [compiler, ...options, 'program.ts'], { cwd: folder }).catch(
		(error: unknown) => error as { stdout: string },
	);
	expect(compiled.stdout).toBe('');
}, 60_000);

it('gives n8n the fields of every operation, where its editor looks for them', async () => {
	const schemas = path.join(installed, 'dist/nodes/BddFile/__schema__/v1.0.0');
	const files = await readdir(schemas, { recursive: true });
	expect(files.filter((file) => file.endsWith('.json')).sort()).toEqual(
		RESOURCES.flatMap(({ entry: resource, operations }) =>
			operations.map(({ entry }) => path.join(String(resource.value), `${entry.value}.json`)),
		).sort(),
	);
});

it('gives n8n an icon and a codex file for every node', async () => {
	const files = await readdir(path.join(installed, 'dist/nodes/BddFile'));
	expect(files).toEqual(
		expect.arrayContaining(['BddFile.node.js', 'BddFile.node.json', 'BddFile.svg', 'BddFile.dark.svg']),
	);
});
