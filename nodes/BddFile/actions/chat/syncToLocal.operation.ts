import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { DUPLICATE_NAMES, IF_EXISTS } from '../../../../client';
import type { ItemRun, Outcome } from '../../operation';
import { chatIdField, localDirectoryField, splitByStatusField } from '../fields';
import { optionsField } from '../options';
import { syncOptions, syncOutcomes } from './syncItems';

const properties: INodeProperties[] = [
	chatIdField,
	{
		...localDirectoryField,
		description: `${localDirectoryField.description ?? ''} It is created when it does not exist.`,
	},
	splitByStatusField,
	optionsField(
		'concurrentFiles',
		'dryRun',
		'duplicateNames',
		'exclude',
		'ifExistsLocally',
		'include',
		'verify',
	),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['chat'], operation: ['syncToLocal'] } },
	properties,
);

/** Downloads the chat's files into the folder. One file's failure is that file's item. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { n8n, parameters, client } = run;
	const items = await client.syncChatFilesToLocal({
		ifExists: parameters.optionChoice('ifExists', 'If File Exists', IF_EXISTS),
		duplicateNames: parameters.optionChoice('duplicateNames', 'Duplicate Names', DUPLICATE_NAMES),
		verify: parameters.optionFlag('verify'),
		...(await syncOptions(run, { folderExists: false })),
	});
	return syncOutcomes(n8n, items);
}
