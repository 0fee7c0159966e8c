import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { runNpm } from './npm';
import type { N8nInstallation } from './prepare';
import type { Report } from './report';

const NPM_MS = 2 * 60_000;

/** The project this host belongs to. */
export const PROJECT_FOLDER = resolve(__dirname, '..', '..');

/**
 * Packs the built package into `folder`, exactly as it would be published, and answers the tarball's path.
 *
 * @throws when the package is not built.
 */
export async function packPackage(folder: string, report: Report): Promise<string> {
	try {
		await access(join(PROJECT_FOLDER, 'dist'));
	} catch (error) {
		throw new Error('There is no dist folder: run "npm run build" first', { cause: error });
	}
	await mkdir(folder, { recursive: true });
	const printed = await runNpm(['pack', PROJECT_FOLDER, '--json', '--ignore-scripts'], {
		cwd: folder,
		timeoutMs: NPM_MS,
		step: 'Packing the package',
		report,
	});
	return join(folder, packedFileName(printed));
}

/** npm answers a list of packed packages, or since npm 12 a map of them by name. */
function packedFileName(printed: string): string {
	const packed: unknown = JSON.parse(printed);
	const first: unknown = typeof packed === 'object' && packed !== null ? Object.values(packed)[0] : undefined;
	if (
		typeof first === 'object' &&
		first !== null &&
		'filename' in first &&
		typeof first.filename === 'string'
	) {
		return first.filename;
	}
	throw new Error(`npm pack answered what this host does not know: ${printed}`);
}

/** The folder where n8n looks for community packages. */
export function communityFolder(userFolder: string): string {
	return join(userFolder, '.n8n', 'nodes');
}

/** Installs a packed community package the way n8n does it for a user. */
export async function installCommunityPackage(
	installation: N8nInstallation,
	userFolder: string,
	tarball: string,
	report: Report,
): Promise<void> {
	const cwd = communityFolder(userFolder);
	await mkdir(cwd, { recursive: true });
	await writeFile(
		join(cwd, 'package.json'),
		'{ "name": "installed-nodes", "private": true, "dependencies": {} }\n',
	);
	await runNpm(['install', '--omit=peer', '--ignore-scripts', '--no-audit', '--no-fund', tarball], {
		cwd,
		nodeFolder: dirname(installation.node),
		timeoutMs: NPM_MS,
		step: 'Installing the package in n8n',
		report,
	});
}
