/**
 * `npm run dev`: the real n8n with this package in it, a local BDD file service beside it, and a rebuild and restart of
 * n8n whenever the sources change. Everything is on loopback. What is made in the editor is kept for the next time, in a
 * folder of the user's cache that can be deleted to begin anew. Ctrl-C stops everything.
 */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
	N8nHome,
	N8nRest,
	OWNER,
	PROJECT_FOLDER,
	Sandbox,
	defaultCacheFolder,
	prepareN8n,
	problemIn,
} from '../harness/n8n-host';
import { DEV_USER_ID, copyPackage, importExamples } from '../harness/n8n-host/dev-folder';
import { preferPort } from '../harness/n8n-host/ports';
import type { SandboxProcess } from '../harness/n8n-host';
import { watchSources } from '../harness/n8n-host/source-watch';
import { startService, type RunningService } from '../local-service';

const N8N_PORT = 5678;
const SERVICE_PORT = 2015;
const SOURCES = ['client', 'credentials', 'nodes'];
const DEMO_CHAT = 'demo-chat';

const say = (line: string): void => console.log(line);

type Cleanup = () => Promise<void> | void;

async function main(): Promise<void> {
	const interrupted = new Promise<void>((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			// Not `once`: npm passes on what the terminal has already sent to everybody.
			process.on(signal, () => resolve());
		}
	});
	const stopping = new AbortController();
	const cleanups: Cleanup[] = [];
	try {
		await Promise.race([develop(cleanups, stopping.signal), interrupted]);
		await interrupted;
		say('\nStopping');
	} finally {
		stopping.abort();
		for (const cleanup of cleanups.reverse()) await cleanup();
	}
}

/** Starts everything and returns; what has to be ended, also after half of the start, is put into `cleanups`. */
async function develop(cleanups: Cleanup[], stopping: AbortSignal): Promise<void> {
	await build();
	const installation = await prepareN8n({ report: say });
	const folder = join(defaultCacheFolder(), 'dev');
	const [userFolder, filesFolder] = [join(folder, 'n8n'), join(folder, 'files')];
	await Promise.all([userFolder, filesFolder].map((path) => mkdir(path, { recursive: true })));

	const service = await startService({
		dataDir: join(folder, 'service'),
		port: await preferPort(SERVICE_PORT),
	});
	cleanups.push(() => service.close());
	const sandbox = await Sandbox.open(installation, folder);
	cleanups.push(() => sandbox.close());

	await addDemoFiles(service, filesFolder);
	const port = await preferPort(N8N_PORT);
	const home = new N8nHome(installation, sandbox, {
		userFolder,
		allowedFolders: [filesFolder, join(userFolder, '.n8n-files')],
		extra: { N8N_PORT: String(port) },
	});
	await copyPackage(userFolder);
	say('Starting n8n');
	const imported = await importExamples(home, service.url, filesFolder);
	let n8n = await startEditor(home);
	introduce({ port, folder, filesFolder, imported }, service);

	const restart = async (): Promise<void> => {
		await build();
		await n8n.stop();
		await copyPackage(userFolder);
		n8n = await startEditor(home);
	};
	const endWatch = watchSources(PROJECT_FOLDER, SOURCES, async () => {
		say('The sources have changed: building and restarting n8n');
		try {
			await restart();
			say('n8n has restarted with the new code: reload the page');
		} catch (error) {
			if (stopping.aborted) return;
			say(`${error instanceof Error ? error.message : String(error)}\nThe next change tries again.`);
		}
	});
	cleanups.push(endWatch);
}

/** Starts n8n, creates its owner the first time, and shows what n8n warns of. */
async function startEditor(home: N8nHome): Promise<SandboxProcess> {
	const { url, process: n8n } = await home.start((line) => {
		const problem = problemIn(line);
		if (problem !== undefined) say(`n8n: ${problem}`);
	});
	await N8nRest.login(url);
	return n8n;
}

/** Something to list, to download and to sync, the first time. */
async function addDemoFiles(service: RunningService, filesFolder: string): Promise<void> {
	if (service.files().length > 0) return;
	const owner = { chatId: DEMO_CHAT, userId: DEV_USER_ID };
	await service.addFile({
		...owner,
		filename: 'hello.txt',
		content: 'Hello from the local BDD file service\n',
	});
	await service.addFile({
		...owner,
		filename: '会议纪要.md',
		content: '# 会议纪要\n\n本地服务里的示例文件。\n',
	});
	await mkdir(join(filesFolder, 'outbox'), { recursive: true });
	await writeFile(
		join(filesFolder, 'outbox', 'from-this-machine.txt'),
		'Upload me, or sync this folder to a chat\n',
	);
}

function introduce(
	n8n: { port: number; folder: string; filesFolder: string; imported: readonly string[] },
	service: RunningService,
): void {
	say(`
  Editor            http://127.0.0.1:${n8n.port}
  Login             ${OWNER.email}  ${OWNER.password}
  BDD file service  ${service.url}  (chat "${DEMO_CHAT}", user ${DEV_USER_ID})
  Files for syncs   ${n8n.filesFolder}
  Kept for later    ${n8n.folder}  (delete it to begin anew)

  New workflows     ${n8n.imported.length === 0 ? 'none since last time' : n8n.imported.join(', ')}

A change in ${SOURCES.join(', ')} rebuilds the package and restarts n8n. Ctrl-C stops everything.
`);
}

/** @throws when the build fails; what is wrong has been printed by then. */
async function build(): Promise<void> {
	const child = spawn('npm', ['run', '--silent', 'build'], { cwd: PROJECT_FOLDER, stdio: 'inherit' });
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', resolve);
	});
	if (code !== 0) throw new Error(`The build failed (${String(code)})`);
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
