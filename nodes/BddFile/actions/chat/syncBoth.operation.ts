import type { INodeProperties } from 'n8n-workflow';

import { CONFLICT_CHOICES } from '../../../../client';
import { chatIdField, splitByStatusField } from '../../../shared/fields';
import { OPTIONS, optionsField } from '../../../shared/options';
import type { ItemRun, OperationEntry, Outcome } from '../../operation';
import { COMMON_OPTIONS, createdFolderField, runSync, syncOptions } from './sync-items';

export const entry: OperationEntry = {
	name: 'Sync Both Ways',
	value: 'syncBoth',
	action: 'Sync a chat and a local folder both ways',
	description:
		'Keep a chat and a folder on the machine that runs n8n the same: changes of each side go to the other',
};

export const forModel =
	'Make a chat and a folder on the machine that runs n8n the same: new and changed files of each go to the other. The answer says of each file what became of it.';

export { toNarrow } from './sync-items';

export const oneAtATime = true;

export const description: INodeProperties[] = [
	chatIdField,
	createdFolderField,
	splitByStatusField,
	optionsField(...COMMON_OPTIONS, 'conflict', 'partSize', 'propagateDeletesBoth', 'verify'),
];

/** Brings both sides to the same files. One file's failure is that file's item. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { parameters, client } = run;
	return await runSync(run, (options) => client.syncChatFilesBothWays(options), {
		conflict: parameters.optionChoice(OPTIONS.conflict, CONFLICT_CHOICES),
		partSize: parameters.optionNumber(OPTIONS.partSize),
		verify: parameters.optionFlag(OPTIONS.verify),
		...(await syncOptions(run, { folderExists: false })),
	});
}
