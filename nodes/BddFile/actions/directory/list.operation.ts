import type { INodeProperties } from 'n8n-workflow';

import { DIRECTORY_SORTS } from '../../../../client';
import { limitField, nameField, returnAllField } from '../../../shared/fields';
import { optionsField } from '../../../shared/options';
import type { ItemRun, OperationEntry, Outcome } from '../../operation';
import { recordItems } from '../records';

export const entry: OperationEntry = {
	name: 'List',
	value: 'list',
	action: 'List directories',
	description: 'List the directories of the service',
};

export const forModel =
	'List the directories of the file service. Each has id (the directory ID), name and created_at. Use it to find the ID of the directory whose files are to be listed. It changes nothing.';

export { toNarrow } from '../records';

const sortByField: INodeProperties = {
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
};

export const description: INodeProperties[] = [
	returnAllField,
	limitField,
	nameField,
	sortByField,
	optionsField(),
];

/** Gives the service's records of its directories, one item each. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { parameters, client, call } = run;
	const name = parameters.optionalText(nameField);
	const sortBy = parameters.choice(sortByField, DIRECTORY_SORTS);
	return await recordItems(run, (listing) => client.listDirectories({ ...call, ...listing, name, sortBy }));
}
