/**
 * `npm run dev [-- <folder>]`: the real n8n with this package in it, a local BDD file service beside it, and new code in
 * n8n a moment after the sources change: n8n itself reloads the nodes of packages that it watches, and tells its editors.
 * Everything is on loopback. What is made in the editor is kept for the next time, in the folder, which can be deleted to
 * begin anew; by default it is one in the user's cache. Ctrl-C stops everything.
 */
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { defaultCacheFolder } from '../harness/cache-folder';
import {
	N8nHome,
	N8nRest,
	OWNER,
	PROJECT_FOLDER,
	Sandbox,
	type SandboxProcess,
	prepareN8n,
	problemIn,
} from '../harness/n8n-host';
import { copyBuild, copyPackage, DEV_USER_ID, importExamples } from '../harness/n8n-host/dev-folder';
import { preferPort } from '../harness/n8n-host/ports';
import { watchSources } from '../harness/n8n-host/source-watch';
import { startService, type RunningService } from '../local-service';
import { Rebuilder } from './build/rebuilder';
import { copyAssets } from './build/tool';

const N8N_PORT = 5678;
const SERVICE_PORT = 2015;
const SOURCES = ['client', 'credentials', 'nodes'];
const DEMO_CHAT = 'demo-chat';

/** What n8n says when it loads a package anew. */
const TAKEN = 'Hot reload triggered';
const WATCHED_MS = 120_000;

const say = (line: string): void => console.log(line);

type Cleanup = () => Promise<void> | void;

async function main(): Promise<void> {
	const stopping = new AbortController();
	const stopped = once(stopping.signal, 'abort');
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		// Not `once`: npm passes on what the terminal has already sent to everybody.
		process.on(signal, () => stopping.abort());
	}
	const cleanups: Cleanup[] = [];
	const developing = develop(cleanups, stopping.signal);
	try {
		await Promise.race([developing, stopped]);
		await stopped;
		say('\nStopping');
	} finally {
		stopping.abort();
		try {
			// Also ends what a start that goes on waits for.
			await cleanUp(cleanups);
		} finally {
			await developing.catch(() => undefined);
			await cleanUp(cleanups);
		}
	}
}

/** Ends what was started last first. */
async function cleanUp(cleanups: Cleanup[]): Promise<void> {
	for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) await cleanup();
}

/**
 * Starts everything and returns; what has to be ended, also after half of the start, is put into `cleanups`.
 *
 * @throws soon after `stopping` has fired
 */
async function develop(cleanups: Cleanup[], stopping: AbortSignal): Promise<void> {
	const rebuilder = await Rebuilder.open();
	cleanups.push(() => rebuilder.close());
	await Promise.all([rebuilder.rebuild(), copyAssets()]);
	stopping.throwIfAborted();
	const installation = await prepareN8n({ report: say });
	stopping.throwIfAborted();
	const folder = resolve(process.argv[2] ?? join(defaultCacheFolder(), 'dev'));
	const [userFolder, filesFolder] = [join(folder, 'n8n'), join(folder, 'files')];
	await Promise.all([userFolder, filesFolder].map((path) => mkdir(path, { recursive: true })));

	const service = await startService({
		dataDir: join(folder, 'service'),
		port: await preferPort(SERVICE_PORT),
	});
	cleanups.push(() => service.close());
	stopping.throwIfAborted();
	const sandbox = await Sandbox.open(folder);
	cleanups.push(() => sandbox.close());
	stopping.throwIfAborted();

	await addDemoFiles(service, filesFolder);
	const port = await preferPort(N8N_PORT);
	const home = new N8nHome(installation, sandbox, {
		userFolder,
		allowedFolders: [filesFolder, join(userFolder, '.n8n-files')],
		extra: { N8N_PORT: String(port), N8N_DEV_RELOAD: 'true' },
	});
	await copyPackage(userFolder);
	say('Starting n8n');
	const imported = await importExamples(home, service.url, filesFolder);
	await startEditor(home, () => copyBuild(userFolder), stopping);
	stopping.throwIfAborted();
	introduce({ port, folder, filesFolder, imported }, service);

	const endWatch = watchSources(PROJECT_FOLDER, SOURCES, async (files) => {
		try {
			await rebuilder.rebuild();
			if (files.some((file) => !file.endsWith('.ts'))) await copyAssets();
			await copyBuild(userFolder);
		} catch (error) {
			if (stopping.aborted) return;
			say(`${error instanceof Error ? error.message : String(error)}\nThe next change tries again.`);
		}
	});
	cleanups.push(endWatch);
}

/** Starts n8n, creates its owner the first time, and shows what n8n warns of, and when it has taken new code. */
async function startEditor(
	home: N8nHome,
	copyAgain: () => Promise<void>,
	stopping: AbortSignal,
): Promise<void> {
	const { url, process } = await home.start((line) => {
		const problem = problemIn(line);
		if (problem !== undefined) say(`n8n: ${problem}`);
		else if (line.includes(TAKEN)) say(`${timeOfDay()} n8n takes the new code`);
	});
	await N8nRest.login(url);
	await untilWatched(process, copyAgain, stopping);
}

/**
 * n8n can be used before it watches its packages, and says nothing when it does. What changes until then it never sees.
 */
async function untilWatched(
	{ log }: SandboxProcess,
	copyAgain: () => Promise<void>,
	stopping: AbortSignal,
): Promise<void> {
	const late = Date.now() + WATCHED_MS;
	while (!log.lines.some((line) => line.includes(TAKEN))) {
		if (Date.now() > late) throw new Error(`n8n takes no new code:\n${log.tail()}`);
		await copyAgain();
		await sleep(1000, undefined, { signal: stopping });
	}
}

const timeOfDay = (): string => new Date().toTimeString().slice(0, 8);

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

A change in ${SOURCES.join(', ')} is in n8n a moment later, and in an open editor too. Ctrl-C stops everything.
`);
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
