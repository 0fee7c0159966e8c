import type { INodeProperties } from 'n8n-workflow';

import { FILE_SORTS, parseId } from '../../../../client';
import type { ItemRun, OperationEntry, Outcome } from '../../operation';
import { directoryIdField, limitField, nameField, returnAllField } from '../../../shared/fields';
import { optionsField } from '../../../shared/options';
import { recordItems } from '../records';

export const entry: OperationEntry = {
	name: 'List Files',
	value: 'listFiles',
	action: 'List the files in a directory',
	description: 'List the files in a directory with ID, name, size and status',
};

export const description: INodeProperties[] = [
	directoryIdField,
	returnAllField,
	limitField,
	nameField,
	{
		displayName: 'Sort By',
		name: 'sortBy',
		type: 'options',
		options: [
			{ name: 'Name, A to Z', value: 'name_asc' },
			{ name: 'Name, Z to A', value: 'name_desc' },
			{ name: 'Uploaded, Newest First', value: 'upload_at_desc' },
			{ name: 'Uploaded, Oldest First', value: 'upload_at_asc' },
		],
		default: 'name_asc',
		description: 'The order of the files',
	},
	optionsField(),
];

/** Gives the service's records of the directory's files, one item each. */
export async function execute({ parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const directoryId = parseId(parameters.located('directoryId'), 'Directory');
	const limit = parameters.limit();
	const name = parameters.optionalText('name', 'Name');
	const sortBy = parameters.choice('sortBy', 'Sort By', FILE_SORTS);
	return recordItems(await client.listFilesInDirectory(directoryId, { ...call, ...limit, name, sortBy }));
}
