import type { INodeProperties } from 'n8n-workflow';

import { chatIdField, limitField, returnAllField } from '../../../shared/fields';
import { optionsField } from '../../../shared/options';
import type { ItemRun, OperationEntry, Outcome } from '../../operation';
import { fileFilter, FILTERS } from '../file-filter';
import { recordItems } from '../records';

export const entry: OperationEntry = {
	name: 'List Files',
	value: 'list',
	action: 'List the files of a chat',
	description: 'List the files of a chat with ID, name, size and status',
};

export const forModel =
	'List the files of one chat. Each has id (the file ID that other tools need), filename, size in bytes, upload_at (time of the upload) and status ("ok" when it is complete). Use it to see what a chat has, or to find the ID of a file by its name. It changes nothing.';

export { toNarrow } from '../records';

export const description: INodeProperties[] = [
	chatIdField,
	returnAllField,
	limitField,
	optionsField('nameContains', ...FILTERS),
];

/** Gives the service's records of the chat's files, one item each. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { parameters, client, call } = run;
	const chatId = parameters.text(chatIdField, 'Enter the ID of the chat whose files are to be listed.');
	const where = fileFilter(run);
	return await recordItems(run, (listing) => client.listChatFiles(chatId, { ...call, ...listing, where }));
}
