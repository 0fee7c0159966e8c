import type { INodeProperties } from 'n8n-workflow';

import { DUPLICATE_NAMES, IF_EXISTS } from '../../../../client';
import { chatIdField, localDirectoryField, splitByStatusField } from '../../../shared/fields';
import { OPTIONS, optionsField } from '../../../shared/options';
import type { ItemRun, OperationEntry, Outcome } from '../../operation';
import { syncOptions, syncOutcomes } from './sync-items';

export const entry: OperationEntry = {
	name: 'Sync to Local',
	value: 'syncToLocal',
	action: 'Sync a chat to a local folder',
	description: 'Download the files of a chat into a folder on the machine that runs n8n',
};

export const oneAtATime = true;

export const description: INodeProperties[] = [
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

/** Downloads the chat's files into the folder. One file's failure is that file's item. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { n8n, parameters, client } = run;
	const items = await client.syncChatFilesToLocal({
		ifExists: parameters.optionChoice(OPTIONS.ifExistsLocally, IF_EXISTS),
		duplicateNames: parameters.optionChoice(OPTIONS.duplicateNames, DUPLICATE_NAMES),
		verify: parameters.optionFlag(OPTIONS.verify),
		...(await syncOptions(run, { folderExists: false })),
	});
	return syncOutcomes(n8n, items);
}
