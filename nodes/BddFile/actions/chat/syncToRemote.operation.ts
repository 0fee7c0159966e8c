import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { IF_EXISTS } from '../../../../client';
import type { ItemRun, Outcome } from '../../operation';
import { chatIdField, localDirectoryField, splitByStatusField } from '../fields';
import { optionsField } from '../options';
import { syncOptions, syncOutcomes } from './syncItems';

const properties: INodeProperties[] = [
	chatIdField,
	localDirectoryField,
	splitByStatusField,
	optionsField(
		'concurrentFiles',
		'dryRun',
		'exclude',
		'ifExistsRemotely',
		'include',
		'partSize',
		'recursive',
	),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['chat'], operation: ['syncToRemote'] } },
	properties,
);

/** Uploads what the chat does not have yet. One file's failure is that file's item. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { n8n, parameters, client } = run;
	const items = await client.syncChatFilesToRemote({
		ifExists: parameters.optionChoice('ifExists', 'If File Exists', IF_EXISTS),
		recursive: parameters.optionFlag('recursive'),
		partSize: parameters.optionNumber('partSize', 'Part Size', { min: 5 }),
		...(await syncOptions(run, { folderExists: true })),
	});
	return syncOutcomes(n8n, items);
}
