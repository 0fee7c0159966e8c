import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { N8nHome, type CredentialDefinition, type StartedN8n } from './n8n-home';
import { packPackage } from './package-under-test';
import { prepareN8n } from './prepare';
import { reportToStderr } from './report';
import { N8nRest, type WorkflowDefinition } from './rest';
import { Sandbox } from './sandbox';

export interface StartOptions {
	credentials?: readonly CredentialDefinition[];
	workflows?: readonly (WorkflowDefinition & { id: string })[];
	/** More environment variables for n8n. */
	extra?: Readonly<Record<string, string>>;
}

/** A running n8n with the package under test in it, as a user has it, on loopback. */
export interface RunningN8n extends StartedN8n {
	home: N8nHome;
	/** n8n's own interface, logged in as the owner. */
	rest: N8nRest;
	/** The one folder that workflows may read and write. */
	filesFolder: string;
	/** A folder for the test's own things, which workflows may not touch. */
	privateFolder: string;
	/** Ends n8n and removes its folder. */
	stop(): Promise<void>;
}

/**
 * Packs the built package, installs it as a community package in a new n8n of its own, imports what is given, starts
 * it, creates its owner and logs in. All of it lies in one temporary folder, which goes away with {@link RunningN8n.stop},
 * when something fails here, and when this process dies.
 */
export async function startN8n(options: StartOptions): Promise<RunningN8n> {
	const { credentials = [], workflows = [], extra = {} } = options;
	const installation = await prepareN8n();
	const sandbox = await Sandbox.open();
	try {
		const userFolder = await makeFolder(sandbox, 'n8n');
		const filesFolder = await makeFolder(sandbox, 'files');
		const privateFolder = await makeFolder(sandbox, 'private');
		const home = new N8nHome(installation, sandbox, { userFolder, allowedFolders: [filesFolder], extra });
		const tarball = await packPackage(join(sandbox.folder, 'package'), reportToStderr);
		await home.install(tarball, reportToStderr);
		if (credentials.length > 0) await home.importCredentials(credentials);
		if (workflows.length > 0) await home.importWorkflows(workflows);
		const started = await home.start();
		const rest = await N8nRest.login(started.url);
		return { ...started, home, rest, filesFolder, privateFolder, stop: () => sandbox.close() };
	} catch (error) {
		await sandbox.close();
		throw error;
	}
}

async function makeFolder(sandbox: Sandbox, name: string): Promise<string> {
	const folder = join(sandbox.folder, name);
	await mkdir(folder);
	return folder;
}
