import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { lookup } from 'mime-types';

import type * as Client from '../../client';

const ROOT = path.resolve(__dirname, '../..');
const DIST = path.join(ROOT, 'dist');
const KB = 1000;

let files: string[];
let client: string;

beforeAll(async () => {
	const entries = await readdir(DIST, { recursive: true, withFileTypes: true });
	files = entries
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => path.join(parentPath, name));
	client = await readFile(path.join(DIST, 'client/index.js'), 'utf8');
});

/** The packages of which esbuild has put files into the bundle, by the line that it writes above each. */
function bundledPackages(): string[] {
	const folders = client.matchAll(/^ *\/\/ (node_modules\/.*)$/gm);
	const names = [...folders].map(([, file = '']) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
	return [...new Set(names)].map(String).sort();
}

const occurrences = (text: string) => client.split(text).length - 1;

it('weighs no more than is needed: a new dependency is weighed here', async () => {
	const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
	expect(client.length).toBeLessThan(690 * KB);
	expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_130 * KB);
});

it('has one table of MIME types, which says the same as the whole one', () => {
	expect(occurrences('application/vnd.oasis.opendocument.text-web')).toBe(1);
	const { mimeTypeOf } = jest.requireActual<typeof Client>(path.join(DIST, 'client'));
	const table = jest.requireActual<Record<string, { extensions?: string[] }>>('mime-db');
	const names = Object.values(table).flatMap(({ extensions = [] }) => extensions.map((end) => `a.${end}`));
	expect(names.length).toBeGreaterThan(1_000);
	expect(names.map((name) => mimeTypeOf(name))).toEqual(names.map((name) => lookup(name)));
	expect(['a', 'a.no-such-type', 'README', ''].map((name) => mimeTypeOf(name))).toEqual(
		Array(4).fill('application/octet-stream'),
	);
});

it('has the licence of each package that is in it, with its text', async () => {
	const texts = await readFile(path.join(DIST, 'THIRD_PARTY_LICENSES.txt'), 'utf8');
	const sections = new Map(
		texts.split(/^={80}$/m).map((section) => [/^\S+/m.exec(section.trim())?.[0], section]),
	);
	const bundled = bundledPackages();
	expect(bundled).toEqual(expect.arrayContaining(['axios', 'form-data', 'mime-db', 'p-map', 'picomatch']));
	for (const name of bundled) expect(sections.get(name)).toMatch(/permission|redistribution/i);
});

it('loads the client with the first that is done, and not when n8n starts', async () => {
	const nodes = files.filter((file) => /\.(node|credentials)\.js$/.test(file));
	expect(nodes).toHaveLength(3);
	const program = `
		const loaded = () => Object.keys(require.cache).includes(${JSON.stringify(path.join(DIST, 'client/index.js'))});
		for (const file of ${JSON.stringify(nodes)}) {
			for (const Type of Object.values(require(file))) new Type();
		}
		const atStart = loaded();
		require(${JSON.stringify(path.join(DIST, 'client/lazy.js'))}).mimeTypeOf('a.txt');
		console.log(atStart, loaded());`;
	const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
	expect(stdout).toBe('false true\n');
});

it('evaluates no text, and prints nothing for the variable DEBUG of another program', () => {
	expect(client).not.toMatch(/\beval\(|(?<![.\w])\$?Function\(/);
	expect(client).not.toMatch(/process\.env\.DEBUG/);
});

it('names no source map and no folder of the machine that built it', async () => {
	const texts = await Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })));
	expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
	expect(texts.filter(({ text }) => text.includes('sourceMappingURL'))).toEqual([]);
	expect(texts.filter(({ text }) => text.includes(ROOT))).toEqual([]);
});
