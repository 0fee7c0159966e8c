import { access, mkdir, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { defaultCacheFolder } from '../cache-folder';
import { isErrorCode } from './errors';
import { withLock } from './lock';
import { runNpm } from './npm';
import { reportToStderr, type Report } from './report';
import { N8N_VERSION, NODE_MAJOR } from './versions';

const NEEDED_BYTES = 5 * 1024 ** 3;
const MARKER = '.complete';
const NODE_STEP_MS = 5 * 60_000;
const N8N_STEP_MS = 30 * 60_000;
const REBUILD_STEP_MS = 15 * 60_000;
const LOCK_MS = 45 * 60_000;

/** An n8n that is ready to run, with the Node it runs under. */
export interface N8nInstallation {
	/** The folder that holds everything, for a person who wants to look or to delete it. */
	folder: string;
	/** The `node` program to start n8n with. */
	node: string;
	/** The script to give to {@link node}. */
	n8n: string;
}

export interface PrepareOptions {
	/** Where installations are kept. Default: {@link defaultCacheFolder}. */
	cacheFolder?: string;
	report?: Report;
}

/**
 * Gives the real n8n of {@link N8N_VERSION} with its own Node {@link NODE_MAJOR}. What is already in the cache folder is
 * checked in milliseconds and reused; what is missing or half installed is installed, which takes minutes and about 3 GB.
 *
 * An installation is made beside its place, marked as complete when everything is there, and renamed into its place: one
 * that was interrupted is never taken for a good one. Only one process on a machine installs, the others wait for it.
 *
 * @throws an error that says what is missing: disk space, a supported platform, or the last lines of npm's own output.
 */
export async function prepareN8n(options: PrepareOptions = {}): Promise<N8nInstallation> {
	const { cacheFolder = defaultCacheFolder(), report = reportToStderr } = options;
	const nodePackage = nodePackageName();
	const folder = join(cacheFolder, `n8n-${N8N_VERSION}-node${String(NODE_MAJOR)}`);
	if (await isComplete(folder, nodePackage)) return installationIn(folder, nodePackage);

	await mkdir(cacheFolder, { recursive: true });
	return await withLock(`${folder}.lock`, { timeoutMs: LOCK_MS, report }, async () => {
		if (!(await isComplete(folder, nodePackage))) {
			await removeLeftovers(folder);
			await checkDiskSpace(cacheFolder);
			await install(folder, nodePackage, report);
		}
		return installationIn(folder, nodePackage);
	});
}

/** The npm package that carries the `node` program itself for this machine, so that nothing is fetched by a script. */
function nodePackageName(): string {
	const { platform, arch } = process;
	if (platform !== 'linux' && platform !== 'darwin') {
		throw new Error(
			`The real n8n can be prepared on Linux and macOS, not on ${platform}. On Windows, use WSL.`,
		);
	}
	return `${platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${arch}`;
}

function installationIn(folder: string, nodePackage: string): N8nInstallation {
	return {
		folder,
		node: join(folder, 'node', 'node_modules', nodePackage, 'bin', 'node'),
		n8n: join(folder, 'n8n', 'node_modules', 'n8n', 'bin', 'n8n'),
	};
}

/**
 * The marker alone is not enough: people clean caches by hand. So the three programs that n8n cannot start without
 * count.
 */
async function isComplete(folder: string, nodePackage: string): Promise<boolean> {
	const { node, n8n } = installationIn(folder, nodePackage);
	const sqlite = join(folder, 'n8n', 'node_modules', 'sqlite3', 'build', 'Release', 'node_sqlite3.node');
	try {
		if ((await readFile(join(folder, MARKER), 'utf8')) !== markerText(nodePackage)) return false;
		await Promise.all([access(node), access(n8n), access(sqlite)]);
		return true;
	} catch (error) {
		if (isErrorCode(error, 'ENOENT')) return false;
		throw error;
	}
}

function markerText(nodePackage: string): string {
	return `${JSON.stringify({ n8n: N8N_VERSION, node: NODE_MAJOR, nodePackage })}\n`;
}

/** Removes what interrupted installations left behind. Called with the lock held, so no installation is under way. */
async function removeLeftovers(folder: string): Promise<void> {
	const siblings = await readdir(dirname(folder));
	const leftovers = siblings.filter((name) => name.startsWith(`${basename(folder)}.installing-`));
	await Promise.all(
		[...leftovers.map((name) => join(dirname(folder), name)), folder].map((path) =>
			rm(path, { recursive: true, force: true }),
		),
	);
}

async function checkDiskSpace(cacheFolder: string): Promise<void> {
	const { bavail, bsize } = await statfs(cacheFolder);
	const free = bavail * bsize;
	if (free < NEEDED_BYTES) {
		throw new Error(
			`n8n ${N8N_VERSION} needs about 5 GB to install, and ${cacheFolder} has ${(free / 1024 ** 3).toFixed(1)} GB free. ` +
				'Make room, or set XDG_CACHE_HOME to a folder on a larger disk.',
		);
	}
}

async function install(folder: string, nodePackage: string, report: Report): Promise<void> {
	const started = Date.now();
	const draft = `${folder}.installing-${String(process.pid)}`;
	report(`Installing n8n ${N8N_VERSION} in ${folder}, once: a few minutes and about 3 GB`);
	try {
		await installNode(draft, nodePackage, report);
		await installN8n(draft, nodePackage, report);
		await writeFile(join(draft, MARKER), markerText(nodePackage));
		await rename(draft, folder);
	} catch (error) {
		await rm(draft, { recursive: true, force: true });
		throw error;
	}
	report(`n8n ${N8N_VERSION} is ready after ${String(Math.round((Date.now() - started) / 1000))} s`);
}

async function installNode(draft: string, nodePackage: string, report: Report): Promise<void> {
	const cwd = await emptyPackage(join(draft, 'node'));
	await runNpm(
		['install', `${nodePackage}@${String(NODE_MAJOR)}`, '--ignore-scripts', '--no-audit', '--no-fund'],
		{ cwd, timeoutMs: NODE_STEP_MS, step: `Installing Node ${String(NODE_MAJOR)}`, report },
	);
}

/**
 * Installs n8n without install scripts (several fetch programs from elsewhere and are not needed), then runs the one
 * script that is: sqlite3's, which compiles where no prebuilt binary can be had.
 */
async function installN8n(draft: string, nodePackage: string, report: Report): Promise<void> {
	const cwd = await emptyPackage(join(draft, 'n8n'));
	const nodeFolder = dirname(installationIn(draft, nodePackage).node);
	await runNpm(['install', `n8n@${N8N_VERSION}`, '--ignore-scripts', '--no-audit', '--no-fund'], {
		cwd,
		nodeFolder,
		timeoutMs: N8N_STEP_MS,
		step: `Installing n8n ${N8N_VERSION}`,
		report,
	});
	try {
		await runNpm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--dangerously-allow-all-scripts'], {
			cwd,
			nodeFolder,
			// The headers that came with this Node, so that nothing has to be downloaded to compile against.
			env: { npm_config_nodedir: dirname(nodeFolder) },
			timeoutMs: REBUILD_STEP_MS,
			step: 'Building sqlite3',
			report,
		});
	} catch (error) {
		throw new Error(
			'sqlite3, which n8n stores its data with, could not be built. It needs a C++ compiler, make and Python 3.',
			{ cause: error },
		);
	}
}

/**
 * A folder with a package.json of its own, so that npm does not look for a project further up. Older n8n names one
 * package by an address outside of the registry; newer ones take the same code from the registry, and so do all here.
 */
async function emptyPackage(folder: string): Promise<string> {
	await mkdir(folder, { recursive: true });
	const overrides = { xlsx: 'npm:@e965/xlsx@0.20.3' };
	await writeFile(join(folder, 'package.json'), `${JSON.stringify({ private: true, overrides })}\n`);
	return folder;
}
