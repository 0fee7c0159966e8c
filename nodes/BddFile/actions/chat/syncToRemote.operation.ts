import type { INodeProperties } from 'n8n-workflow';

import { IF_EXISTS } from '../../../../client';
import { chatIdField, localDirectoryField, splitByStatusField } from '../../../shared/fields';
import { OPTIONS, optionsField } from '../../../shared/options';
import type { ItemRun, OperationEntry, Outcome } from '../../operation';
import { syncOptions, syncOutcomes } from './sync-items';

export const entry: OperationEntry = {
	name: 'Sync to Remote',
	value: 'syncToRemote',
	action: 'Sync a local folder to a chat',
	description: 'Upload the files of a folder that the chat does not have yet',
};

export const oneAtATime = true;

export const description: INodeProperties[] = [
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

/** Uploads what the chat does not have yet. One file's failure is that file's item. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { n8n, parameters, client } = run;
	const items = await client.syncChatFilesToRemote({
		ifExists: parameters.optionChoice(OPTIONS.ifExistsRemotely, IF_EXISTS),
		recursive: parameters.optionFlag(OPTIONS.recursive),
		partSize: parameters.optionNumber(OPTIONS.partSize),
		...(await syncOptions(run, { folderExists: true })),
	});
	return syncOutcomes(n8n, items);
}
