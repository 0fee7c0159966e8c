import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { PROJECT_FOLDER } from './package-under-test';
import type { WorkflowDefinition } from './rest';

const EXAMPLES = join(PROJECT_FOLDER, 'workflows');

/** Where the examples look for files: n8n's default folder as it is in n8n's own Docker image. */
const FOLDER_IN_EXAMPLES = '/home/node/.n8n-files';

/** The credential that the examples refer to. */
export const EXAMPLE_CREDENTIAL = { id: 'bddFileLocal', name: 'BDD File' } as const;

export const CREDENTIAL_TYPE = 'bddFileApi';

/** The names of the example workflows' files. */
export async function exampleFiles(): Promise<string[]> {
	return (await readdir(EXAMPLES)).filter((name) => name.endsWith('.json')).sort();
}

/** An example workflow, made to work with files in `filesFolder`. Its id comes from the name of its file. */
export async function readExample(
	file: string,
	filesFolder: string,
): Promise<WorkflowDefinition & { id: string }> {
	const text = await readFile(join(EXAMPLES, file), 'utf8');
	const here = text.replaceAll(FOLDER_IN_EXAMPLES, JSON.stringify(filesFolder).slice(1, -1));
	const workflow = JSON.parse(here) as WorkflowDefinition;
	return { ...workflow, id: `example-${file.replace(/\.json$/, '')}` };
}
