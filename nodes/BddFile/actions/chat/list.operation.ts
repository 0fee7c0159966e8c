import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import type { ItemRun, Outcome } from '../../operation';
import { chatIdField, limitField, returnAllField } from '../fields';
import { optionsField } from '../options';
import { recordItems } from '../records';

const properties: INodeProperties[] = [chatIdField, returnAllField, limitField, optionsField()];

export const description = updateDisplayOptions(
	{ show: { resource: ['chat'], operation: ['list'] } },
	properties,
);

/** Gives the service's records of the chat's files, one item each. */
export async function execute({ parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const chatId = parameters.text(
		'chatId',
		'Chat ID',
		'Enter the ID of the chat whose files are to be listed.',
	);
	return recordItems(await client.listChatFiles(chatId, { ...call, ...parameters.limit() }));
}
