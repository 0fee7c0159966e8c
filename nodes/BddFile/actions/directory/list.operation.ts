import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { DIRECTORY_SORTS } from '../../../../client';
import type { ItemRun, Outcome } from '../../operation';
import { limitField, nameField, returnAllField } from '../fields';
import { optionsField } from '../options';
import { recordItems } from '../records';

const properties: INodeProperties[] = [
	returnAllField,
	limitField,
	nameField,
	{
		displayName: 'Sort By',
		name: 'sortBy',
		type: 'options',
		options: [
			{ name: 'Created, Newest First', value: 'created_at_desc' },
			{ name: 'Created, Oldest First', value: 'created_at_asc' },
			{ name: 'Name, A to Z', value: 'name_asc' },
			{ name: 'Name, Z to A', value: 'name_desc' },
		],
		default: 'name_asc',
		description: 'The order of the directories',
	},
	optionsField(),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['directory'], operation: ['list'] } },
	properties,
);

/** Gives the service's records of its directories, one item each. */
export async function execute({ parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const limit = parameters.limit();
	const name = parameters.optionalText('name', 'Name');
	const sortBy = parameters.choice('sortBy', 'Sort By', DIRECTORY_SORTS);
	return recordItems(await client.listDirectories({ ...call, ...limit, name, sortBy }));
}
