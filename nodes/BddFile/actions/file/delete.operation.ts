import type { INodeProperties } from 'n8n-workflow';

import { toWireId } from '../../../../client';
import { fileIdField, splitByStatusField } from '../../../shared/fields';
import { knownFile } from '../../../shared/known-file';
import { optionsField } from '../../../shared/options';
import { attempt, type ItemRun, type OperationEntry, type Outcome } from '../../operation';

export const entry: OperationEntry = {
	name: 'Delete',
	value: 'delete',
	action: 'Delete a file',
	description: 'Delete a file for good',
};

export const description: INodeProperties[] = [fileIdField, splitByStatusField, optionsField()];

export async function execute({ json, parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const id = parameters.id(fileIdField);
	const { fileName } = knownFile(json, id);
	const fileId = toWireId(id);

	const outcome = await attempt({ fileId, fileName }, async () => {
		await client.delete(id, call);
		return { json: { status: 'success', fileId, fileName } };
	});
	return [outcome];
}
