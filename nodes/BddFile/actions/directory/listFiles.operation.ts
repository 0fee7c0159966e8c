import type { INodeProperties } from 'n8n-workflow';

import { FILE_SORTS } from '../../../../client';
import { directoryIdField, limitField, nameField, returnAllField } from '../../../shared/fields';
import { optionsField } from '../../../shared/options';
import type { ItemRun, OperationEntry, Outcome } from '../../operation';
import { fileFilter, FILTERS } from '../file-filter';
import { recordItems } from '../records';

export const entry: OperationEntry = {
	name: 'List Files',
	value: 'listFiles',
	action: 'List the files in a directory',
	description: 'List the files in a directory with ID, name, size and status',
};

export const forModel =
	'List the files in one directory, given by its directory ID. Each has id (the file ID that other tools need), filename, size in bytes, upload_at (time of the upload) and status ("ok" when it is complete). It changes nothing.';

export { toNarrow } from '../records';

const sortByField: INodeProperties = {
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
};

export const description: INodeProperties[] = [
	directoryIdField,
	returnAllField,
	limitField,
	nameField,
	sortByField,
	optionsField(...FILTERS),
];

/** Gives the service's records of the directory's files, one item each. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { parameters, client, call } = run;
	const directoryId = parameters.id(directoryIdField);
	const name = parameters.optionalText(nameField);
	const sortBy = parameters.choice(sortByField, FILE_SORTS);
	const where = fileFilter(run);
	return await recordItems(run, (listing) =>
		client.listFilesInDirectory(directoryId, { ...call, ...listing, name, sortBy, where }),
	);
}
