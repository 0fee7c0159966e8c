import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

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
	const target = join(communityFolder(userFolder), 'node_modules', PACKAGE);
	await rm(target, { recursive: true, force: true });
	await mkdir(target, { recursive: true });
	await cp(join(PROJECT_FOLDER, 'dist'), join(target, 'dist'), { recursive: true });
	await cp(join(PROJECT_FOLDER, 'package.json'), join(target, 'package.json'));
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
