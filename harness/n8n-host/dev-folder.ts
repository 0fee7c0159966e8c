import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { isErrorCode } from './errors';
import { CREDENTIAL_TYPE, EXAMPLE_CREDENTIAL, exampleFiles, readExample } from './examples';
import type { CredentialDefinition, N8nHome } from './n8n-home';
import { communityFolder, PROJECT_FOLDER } from './package-under-test';

const PACKAGE = 'n8n-nodes-bdd-file';

/** A user id as long as real ones are: beyond what a JavaScript number holds. */
export const DEV_USER_ID = '1955228426376908801';

/** What earlier runs have put into the developer's n8n, so that nothing the developer changed is overwritten. */
interface Imported {
	serviceUrl?: string;
	workflows: string[];
}

/**
 * Puts the built package into n8n. A copy, not a link: through a link Node would give our code this project's own
 * `n8n-workflow`, whose error classes n8n does not know, and the developer would see what no user sees.
 */
export async function copyPackage(userFolder: string): Promise<void> {
	await rm(packageFolder(userFolder), { recursive: true, force: true });
	await copyBuild(userFolder);
	await cp(join(PROJECT_FOLDER, 'package.json'), join(packageFolder(userFolder), 'package.json'));
}

/** Puts what runs of a new build over the one before, in the folder that n8n watches. */
export async function copyBuild(userFolder: string): Promise<void> {
	const build = join(PROJECT_FOLDER, 'dist');
	const files = await readdir(build, { recursive: true, withFileTypes: true });
	for (const { name, parentPath } of files.filter((entry) => entry.isFile())) {
		if (name.endsWith('.d.ts')) continue;
		const target = join(packageFolder(userFolder), 'dist', relative(build, parentPath), name);
		await mkdir(dirname(target), { recursive: true });
		await replaceFile(target, await readFile(join(parentPath, name)), userFolder);
	}
}

/**
 * All at once, as n8n reads a file when it changes: one that is half there leaves it without nodes.
 *
 * @param outside what it watches
 */
export async function replaceFile(target: string, content: string | Buffer, outside: string): Promise<void> {
	const draft = join(outside, 'draft');
	await writeFile(draft, content);
	await rename(draft, target);
}

function packageFolder(userFolder: string): string {
	return join(communityFolder(userFolder), 'node_modules', PACKAGE);
}

/**
 * Imports a credential for the local service, again when the service's address has changed, and those example workflows
 * that this n8n has not seen yet, each with the credential filled in. Answers the names of the new workflows.
 */
export async function importExamples(
	home: N8nHome,
	serviceUrl: string,
	filesFolder: string,
): Promise<string[]> {
	const recordFile = join(home.settings.userFolder, 'imported.json');
	const record = await readRecord(recordFile);

	if (record.serviceUrl !== serviceUrl) {
		await home.importCredentials([credential(serviceUrl)]);
		record.serviceUrl = serviceUrl;
	}
	const fresh = (await exampleFiles()).filter((name) => !record.workflows.includes(name));
	const workflows = await Promise.all(fresh.map((file) => readExample(file, filesFolder)));
	if (workflows.length > 0) await home.importWorkflows(workflows);
	record.workflows.push(...fresh);
	await writeFile(recordFile, `${JSON.stringify(record, null, 2)}\n`);
	return workflows.map(({ name }) => name);
}

function credential(baseUrl: string): CredentialDefinition {
	return {
		...EXAMPLE_CREDENTIAL,
		type: CREDENTIAL_TYPE,
		data: { profile: 'custom', baseUrl, userId: DEV_USER_ID },
	};
}

async function readRecord(file: string): Promise<Imported> {
	try {
		return JSON.parse(await readFile(file, 'utf8')) as Imported;
	} catch (error) {
		if (isErrorCode(error, 'ENOENT')) return { workflows: [] };
		throw error;
	}
}
