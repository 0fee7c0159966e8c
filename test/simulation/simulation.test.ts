/**
 * Simulated histories, in processes of their own (`main.ts`): a fixed range of seeds, 200 that are fresh whenever the
 * code is another one, and each that once broke a promise. So the same code always passes or always fails.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const PROJECT = path.join(__dirname, '..', '..');
const MAIN = path.join(__dirname, 'main.ts');
const FOUND = path.join(__dirname, 'found');

/** What a history depends on. */
const SOURCES = ['client', 'nodes', 'harness/simulation', 'test/simulation'];
const FIRST_FRESH = 10_000;

/** Until a test hangs. */
const HANGS_MS = 900_000;

/** Until a process hangs: sooner, so that it is gone when its test fails. */
const PROCESS_HANGS_MS = HANGS_MS - 30_000;

async function simulate(...args: string[]): Promise<{ words: string; code: number | null }> {
	const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
		cwd: PROJECT,
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: PROCESS_HANGS_MS,
		killSignal: 'SIGKILL',
	});
	let words = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (chunk: Buffer) => (words += chunk.toString()));
	const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
	if (signal !== null) words += `Ended by ${signal}`;
	return { words, code };
}

/** Half of the seeds in each of two processes. */
async function simulateRange(from: number, seeds: number): Promise<void> {
	const half = Math.ceil(seeds / 2);
	const ranges = [
		[from, half],
		[from + half, seeds - half],
	];
	const runs = await Promise.all(
		ranges.map(([first, count]) => simulate('--from', String(first), '--seeds', String(count))),
	);
	for (const { words, code } of runs) {
		if (code !== 0) throw new Error(words);
		expect(words).toMatch(/^\d+ histories of .* 0 broke a promise$/m);
	}
}

/** Of 32 bits. */
function hashOfSources(): number {
	const hash = createHash('sha256');
	for (const folder of SOURCES) {
		const entries = readdirSync(path.join(PROJECT, folder), { recursive: true, encoding: 'utf8' });
		for (const name of entries.filter((entry) => entry.endsWith('.ts')).sort())
			hash.update(name).update(readFileSync(path.join(PROJECT, folder, name)));
	}
	return hash.digest().readUInt32BE();
}

it('the fixed seeds keep every promise', () => simulateRange(1, 100), HANGS_MS);

it(
	'200 fresh seeds keep every promise',
	async () => {
		const from = FIRST_FRESH + hashOfSources();
		process.stdout.write(`Fresh seeds: npm run simulate -- --seeds 200 --from ${from}\n`);
		await simulateRange(from, 200);
	},
	HANGS_MS,
);

const found = existsSync(FOUND) ? readdirSync(FOUND).filter((name) => name.endsWith('.json')) : [];
it.each(found)(
	'what once broke a promise does not any more: %s',
	async (name) => {
		const { words, code } = await simulate('--file', path.join(FOUND, name));
		if (code !== 0) throw new Error(words);
		expect(words).toContain('1 histories');
	},
	HANGS_MS,
);
