import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { parseId, toWireId } from '../../../../client';
import { knownFile } from '../../knownFile';
import { attempt, type ItemRun, type Outcome } from '../../operation';
import { fileIdField, splitByStatusField } from '../fields';
import { optionsField } from '../options';

const properties: INodeProperties[] = [fileIdField, splitByStatusField, optionsField()];

export const description = updateDisplayOptions(
	{ show: { resource: ['file'], operation: ['delete'] } },
	properties,
);

export async function execute({ n8n, itemIndex, parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const id = parseId(parameters.raw('fileId'), 'File ID');
	const { fileName } = knownFile(n8n, itemIndex, id);
	const fileId = toWireId(id);

	const outcome = await attempt({ fileId, fileName }, async () => {
		await client.delete(id, call);
		return { json: { status: 'success', fileId, fileName } };
	});
	return [outcome];
}
