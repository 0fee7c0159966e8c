import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { FILE_SORTS, parseId } from '../../../../client';
import type { ItemRun, Outcome } from '../../operation';
import { limitField, nameField, returnAllField } from '../fields';
import { optionsField } from '../options';
import { recordItems } from '../records';

const properties: INodeProperties[] = [
	{
		displayName: 'Directory',
		name: 'directoryId',
		type: 'resourceLocator',
		required: true,
		default: { mode: 'list', value: '' },
		description: 'The directory whose files are listed: pick it from the list, or give its ID',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a directory...',
				typeOptions: { searchListMethod: 'searchDirectories', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 42',
				validation: [
					{
						type: 'regex',
						properties: { regex: '^\\s*\\d+\\s*$', errorMessage: 'A directory ID is a whole number' },
					},
				],
			},
		],
	},
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

export const description = updateDisplayOptions(
	{ show: { resource: ['directory'], operation: ['listFiles'] } },
	properties,
);

/** Gives the service's records of the directory's files, one item each. */
export async function execute({ parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const directoryId = parseId(parameters.located('directoryId'), 'Directory');
	const limit = parameters.limit();
	const name = parameters.optionalText('name', 'Name');
	const sortBy = parameters.choice('sortBy', 'Sort By', FILE_SORTS);
	return recordItems(await client.listFilesInDirectory(directoryId, { ...call, ...limit, name, sortBy }));
}
