import type { INodeProperties } from 'n8n-workflow';

import { chatIdField, limitField, returnAllField } from '../../../shared/fields';
import { optionsField } from '../../../shared/options';
import type { ItemRun, OperationEntry, Outcome } from '../../operation';
import { recordItems } from '../records';

export const entry: OperationEntry = {
	name: 'List Files',
	value: 'list',
	action: 'List the files of a chat',
	description: 'List the files of a chat with ID, name, size and status',
};

export const description: INodeProperties[] = [chatIdField, returnAllField, limitField, optionsField()];

/** Gives the service's records of the chat's files, one item each. */
export async function execute({ n8n, parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const chatId = parameters.text(chatIdField, 'Enter the ID of the chat whose files are to be listed.');
	const limit = parameters.limit();
	return await recordItems(n8n, (listing) => client.listChatFiles(chatId, { ...call, ...limit, ...listing }));
}
