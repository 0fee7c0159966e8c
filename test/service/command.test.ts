import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
	afterThisTest,
	begin,
	call,
	dataOf,
	download,
	noise,
	onDisk,
	sendPart,
	temporaryFolder,
	upload,
} from './helpers';

const ROOT = resolve(__dirname, '../..');

interface Run {
	child: ChildProcess;
	output: () => string;
	/** Resolves to the exit code, or null after a signal. */
	ended: Promise<number | null>;
}

const run = (...args: string[]): Run => {
	const child = spawn(process.execPath, ['--import', 'tsx', 'local-service/main.ts', ...args], { cwd: ROOT });
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
	child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
	const ended = new Promise<number | null>((resolveEnd) => child.on('close', resolveEnd));
	afterThisTest(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	return { child, output: () => output, ended };
};

/** Starts the service and waits until it says where it is. */
const serve = async (dataDir: string): Promise<Run & { url: string }> => {
	const running = run('--port', '0', '--data', dataDir);
	const url = await new Promise<string>((found, failed) => {
		running.child.stdout?.on('data', () => {
			const match = /http:\/\/[\d.]+:\d+/.exec(running.output());
			if (match !== null && running.output().includes('Ctrl-C')) found(match[0]);
		});
		void running.ended.then(() => failed(new Error(running.output())));
	});
	return { ...running, url };
};

test('kill -9 loses nothing that was answered', async () => {
	const dataDir = join(temporaryFolder(), 'made');
	const partSize = 5 * 1024 * 1024;
	const content = noise(partSize + 1000);

	const first = await serve(dataDir);
	const kept = await upload(first, '报告', content);
	const gone = await upload(first, 'gone', 'x');
	dataOf(await call(first, 'DELETE /deleteFile', { query: { file_id: gone } }));
	const unfinished = await begin(first, content.length, partSize);
	dataOf(await sendPart(first, unfinished, 2, content.subarray(partSize)));
	const listed = await call(first, 'GET /listChatFiles', { query: { chat_id: 'c' } });
	const answered: string[] = [];
	const flood = Promise.allSettled(
		Array.from({ length: 50 }, async (_, n) => answered.push(await upload(first, `f${n}`, `content ${n}`))),
	);
	await new Promise((soon) => setTimeout(soon, 30));
	first.child.kill('SIGKILL');
	await first.ended;
	await flood;

	const second = await serve(dataDir);
	expect((await download(second, kept)).equals(content)).toBe(true);
	const relisted = await call(second, 'GET /listChatFiles', { query: { chat_id: 'c', limit: 2 } });
	const itemsOf = ({ body }: { body: unknown }) => (body as { data: { items: unknown[] } }).data.items;
	expect(itemsOf(relisted)).toEqual(itemsOf(listed));
	for (const id of answered) expect((await download(second, id)).toString()).toMatch(/^content \d+$/);
	dataOf(await sendPart(second, unfinished, 1, content.subarray(0, partSize)));
	dataOf(await call(second, 'POST /completeMultipartUpload', { json: `{"file_id":${unfinished}}` }));
	expect((await download(second, unfinished)).equals(content)).toBe(true);
	expect(onDisk(dataDir).staged).toEqual([]);
	expect(Number(await upload(second, 'next', 'x'))).toBeGreaterThan(Number(unfinished));
});

test('it says where it is and how to stop, and stops', async () => {
	const dataDir = temporaryFolder();
	const service = await serve(dataDir);
	expect(service.output()).toContain(service.url);
	expect(service.output()).toContain(dataDir);
	await upload(service, 'f', 'x');
	service.child.kill('SIGINT');
	service.child.kill('SIGINT');
	expect(await service.ended).toBe(0);
	expect(service.output()).toMatch(/Stopped\n$/);
	expect(existsSync(join(dataDir, 'lock'))).toBe(false);
});

test.each([
	[['--host', '0.0.0.0'], '--host 0.0.0.0 is refused'],
	[['--host', 'example.com'], '--host example.com is refused'],
	[['--port', 'x'], '--port x is no port number'],
	[['--port', '70000'], '--port 70000 is no port number'],
	[['--color'], "Unknown option '--color'"],
])('%j is refused', async (args, message) => {
	const { ended, output } = run('--data', join(temporaryFolder(), 'd'), ...args);
	expect(await ended).toBe(1);
	expect(output()).toContain(message);
	expect(output()).toContain('npm run service');
});
