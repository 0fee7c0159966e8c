import type { INodeProperties } from 'n8n-workflow';

import { IF_MISSING, toWireId } from '../../../../client';
import { fileIdField, splitByStatusField } from '../../../shared/fields';
import { knownFile } from '../../../shared/known-file';
import { OPTIONS, optionsField } from '../../../shared/options';
import { TOOL_ONLY } from '../../../shared/tool';
import { attempt, type ItemRun, type OperationEntry, type Outcome } from '../../operation';

export const entry: OperationEntry = {
	name: 'Delete',
	value: 'delete',
	action: 'Delete a file',
	description: 'Delete a file of the service for good: it cannot be brought back',
};

export const forModel =
	'Delete one file for good, given by its file ID. It cannot be brought back, so use it only when asked to delete exactly this file. To find a file ID, list the files first.';

/**
 * An item of something else, such as a row of a database, may have an `id` too: it must never cost a file. So only the
 * service's own record of a file gives its `id`. What failed or was skipped before, a dry run included, is not where the workflow
 * wanted it, and so it stays.
 */
const DEFAULT_FILE =
	"={{ ['failed', 'skipped'].includes($json.status) || $json.error ? undefined : $json.fileId ?? (typeof $json.filename === 'string' && typeof $json.hashcode === 'string' ? $json.id : undefined) }}";

/** A model always has to say which file. */
const deletedFields: INodeProperties[] = [
	{
		...fileIdField,
		displayOptions: { hide: TOOL_ONLY },
		default: {
			mode: 'id',
			value: DEFAULT_FILE,
		},
		description:
			'The file to delete for good: its ID, a whole number, or picked from the newest files. By default it is the fileId of an input item that has not failed and was not skipped, or the id of an item that is the record of a file, as lists give it.',
	},
	{
		displayName: fileIdField.displayName,
		name: fileIdField.name,
		type: 'string',
		required: true,
		displayOptions: { show: TOOL_ONLY },
		default: '',
		description:
			'ID of the file to delete for good: a whole number, as the operations that list files give it',
	},
];

export const description: INodeProperties[] = [
	...deletedFields,
	splitByStatusField,
	optionsField('ifMissing'),
];

export async function execute({ json, parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const id = parameters.id(fileIdField);
	const ifMissing = parameters.optionChoice(OPTIONS.ifMissing, IF_MISSING);
	const { fileName } = knownFile(json, id);
	const fileId = toWireId(id);

	const outcome = await attempt({ fileId, fileName }, async () => {
		const deleted = await client.delete(id, { ...call, ifMissing });
		if (deleted) return { json: { status: 'success', fileId, fileName, deleted } };
		return { json: { status: 'skipped', fileId, fileName, deleted, reason: 'The file does not exist' } };
	});
	return [outcome];
}
