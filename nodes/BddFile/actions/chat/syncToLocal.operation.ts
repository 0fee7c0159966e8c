import type { INodeProperties } from 'n8n-workflow';

import { DUPLICATE_NAMES, IF_EXISTS } from '../../../../client';
import { chatIdField, splitByStatusField } from '../../../shared/fields';
import { OPTIONS, optionsField } from '../../../shared/options';
import type { ItemRun, OperationEntry, Outcome } from '../../operation';
import { COMMON_OPTIONS, createdFolderField, runSync, syncOptions } from './sync-items';

export const entry: OperationEntry = {
	name: 'Sync Chat to Folder',
	value: 'syncToLocal',
	action: 'Sync a chat to a local folder',
	description:
		'Download the files of a chat into a folder on the machine that runs n8n. Nothing in the chat is changed.',
};

export const forModel =
	'Download all files of one chat into a folder on the machine that runs n8n. It changes nothing in the chat. The answer says of each file what became of it. For a single file, download that file instead.';

export { toNarrow } from './sync-items';

export const oneAtATime = true;

export const description: INodeProperties[] = [
	chatIdField,
	createdFolderField,
	splitByStatusField,
	optionsField(...COMMON_OPTIONS, 'duplicateNames', 'ifExistsLocally', 'propagateDeletesToLocal', 'verify'),
];

/** Downloads the chat's files into the folder. One file's failure is that file's item. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { parameters, client } = run;
	return await runSync(run, (options) => client.syncChatFilesToLocal(options), {
		ifExists: parameters.optionChoice(OPTIONS.ifExistsLocally, IF_EXISTS),
		duplicateNames: parameters.optionChoice(OPTIONS.duplicateNames, DUPLICATE_NAMES),
		verify: parameters.optionFlag(OPTIONS.verify),
		...(await syncOptions(run, { folderExists: false })),
	});
}
