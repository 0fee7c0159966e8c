import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { NODE_MAJOR, prepareN8n, Sandbox } from '../../harness/n8n-host';
import { withLock } from '../../harness/n8n-host/lock';

const INSTALLATION_MS = 45 * 60_000;

const isAlive = (pid: number): boolean => {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
};

const isThere = async (path: string): Promise<boolean> => {
	try {
		await access(path);
		return true;
	} catch {
		return false;
	}
};

const eventually = async (condition: () => Promise<boolean>, timeoutMs: number): Promise<boolean> => {
	const deadline = Date.now() + timeoutMs;
	while (Date.now() < deadline) {
		if (await condition()) return true;
		await sleep(50);
	}
	return false;
};

describe('the host of the real n8n', () => {
	let scratch = '';

	beforeAll(async () => {
		scratch = await mkdtemp(join(tmpdir(), 'host-test-'));
		await prepareN8n();
	}, INSTALLATION_MS);

	afterAll(() => rm(scratch, { recursive: true, force: true }));

	test('is checked and reused without a word once it is installed', async () => {
		const said: string[] = [];
		const { node, n8n } = await prepareN8n({ report: (line) => said.push(line) });
		expect(said).toEqual([]);
		expect(await isThere(node)).toBe(true);
		expect(await isThere(n8n)).toBe(true);
	});

	test('says what npm said when it cannot be installed, and leaves nothing half done', async () => {
		const cacheFolder = join(scratch, 'cache');
		const leftover = (await prepareN8n()).folder.replace(/^.*\//, '');
		await mkdir(join(cacheFolder, `${leftover}.installing-1`), { recursive: true });
		await mkdir(join(cacheFolder, leftover, 'node'), { recursive: true });
		const before = { ...process.env };
		process.env.npm_config_registry = 'http://127.0.0.1:9/';
		process.env.npm_config_cache = join(scratch, 'npm-cache');
		process.env.npm_config_fetch_retries = '0';
		try {
			await expect(prepareN8n({ cacheFolder, report: () => undefined })).rejects.toThrow(
				new RegExp(`Installing Node ${NODE_MAJOR} failed: npm ended with 1[^]*ECONNREFUSED`),
			);
		} finally {
			process.env = before;
		}
		expect(await readdir(cacheFolder)).toEqual([]);
	}, 120_000);

	test('ends the processes and removes the folder on close', async () => {
		const sandbox = await Sandbox.open();
		const shell = await sandbox.spawn('sh', ['-c', 'sleep 300 & echo $!; wait'], { env: {} });
		const grandchild = Number(await shell.log.waitFor(/^\d+$/, 5_000));
		await sandbox.close();
		expect(isAlive(shell.pid)).toBe(false);
		// An orphan is gone as soon as init has taken notice.
		expect(await eventually(() => Promise.resolve(!isAlive(grandchild)), 5_000)).toBe(true);
		expect(await isThere(sandbox.folder)).toBe(false);
	});

	test('leaves no process and no folder behind when its owner is killed', async () => {
		const script = join(scratch, 'owner.ts');
		const host = join(__dirname, '..', '..', 'harness', 'n8n-host');
		await writeFile(
			script,
			`import { Sandbox } from ${JSON.stringify(host)};
			void Sandbox.open().then(async (sandbox) => {
				const shell = await sandbox.spawn('sh', ['-c', 'echo up; sleep 300'], { env: { PATH: process.env.PATH ?? '' } });
				await shell.log.waitFor(/up/, 5_000);
				console.log(JSON.stringify({ pid: shell.pid, folder: sandbox.folder }));
				setInterval(() => undefined, 1000);
			});`,
		);
		const owner = spawn(process.execPath, ['--import', 'tsx', script], {
			cwd: join(__dirname, '..', '..'),
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		const line = await new Promise<string>((resolve) =>
			createInterface({ input: owner.stdout }).once('line', resolve),
		);
		const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
		expect(isAlive(pid)).toBe(true);

		owner.kill('SIGKILL');
		expect(await eventually(async () => !isAlive(pid) && !(await isThere(folder)), 25_000)).toBe(true);
	}, 60_000);

	test('takes over the lock of a process that is gone, and waits for one that works', async () => {
		const lock = join(scratch, 'lock');
		await writeFile(lock, 'somebody who is gone');
		const longAgo = new Date(Date.now() - 5 * 60_000);
		await utimes(lock, longAgo, longAgo);

		const order: string[] = [];
		const options = { timeoutMs: 10_000, report: () => undefined };
		const take = (name: string): Promise<void> =>
			withLock(lock, options, async () => {
				order.push(`${name} begins`);
				await sleep(100);
				order.push(`${name} ends`);
			});
		await Promise.all([take('first'), take('second'), take('third')]);
		expect(order.filter((_, index) => index % 2 === 0).map((line) => line.replace('begins', 'ends'))).toEqual(
			order.filter((_, index) => index % 2 === 1),
		);
		expect(await isThere(lock)).toBe(false);
	});

	test('gives up on a lock that stays held', async () => {
		const lock = join(scratch, 'held');
		await writeFile(lock, '4711 of somebody else');
		await expect(
			withLock(lock, { timeoutMs: 600, report: () => undefined }, () => Promise.resolve()),
		).rejects.toThrow('still held by another process (4711 of somebody else)');
	});
});
