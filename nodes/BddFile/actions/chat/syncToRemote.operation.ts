import type { INodeProperties } from 'n8n-workflow';

import { IF_EXISTS } from '../../../../client';
import { chatIdField, localDirectoryField, splitByStatusField } from '../../../shared/fields';
import { OPTIONS, optionsField } from '../../../shared/options';
import type { ItemRun, OperationEntry, Outcome } from '../../operation';
import { COMMON_OPTIONS, runSync, syncOptions } from './sync-items';

export const entry: OperationEntry = {
	name: 'Sync Folder to Chat',
	value: 'syncToRemote',
	action: 'Sync a local folder to a chat',
	description:
		'Upload the files of a folder on the machine that runs n8n to a chat. Nothing in the folder is changed.',
};

export const forModel =
	'Upload the files of a folder on the machine that runs n8n to one chat. It changes nothing in the folder. The answer says of each file what became of it. For a single file, upload that file instead.';

export { toNarrow } from './sync-items';

export const oneAtATime = true;

export const description: INodeProperties[] = [
	chatIdField,
	localDirectoryField,
	splitByStatusField,
	optionsField(...COMMON_OPTIONS, 'ifExistsRemotely', 'partSize', 'propagateDeletesToRemote', 'recursive'),
];

/** Uploads what the chat does not have yet. One file's failure is that file's item. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { parameters, client } = run;
	return await runSync(run, (options) => client.syncChatFilesToRemote(options), {
		ifExists: parameters.optionChoice(OPTIONS.ifExistsRemotely, IF_EXISTS),
		recursive: parameters.optionFlag(OPTIONS.recursive),
		partSize: parameters.optionNumber(OPTIONS.partSize),
		...(await syncOptions(run, { folderExists: true })),
	});
}
