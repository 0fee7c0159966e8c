import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { parseId, toWireId } from '../../../../client';
import { knownFile } from '../../knownFile';
import { attempt, type ItemRun, type Outcome } from '../../operation';
import { fileIdField } from '../fields';
import { optionsField } from '../options';

const properties: INodeProperties[] = [
	fileIdField,
	{
		displayName: 'Expires In (Seconds)',
		name: 'expiresIn',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		required: true,
		default: 600,
		description:
			'How long the link works, in seconds. Anybody who has the link can download the file until then.',
	},
	optionsField(),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['file'], operation: ['getUrl'] } },
	properties,
);

/** Asks for a signed link that any HTTP client can download from. */
export async function execute({ n8n, itemIndex, parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const id = parseId(parameters.raw('fileId'), 'File ID');
	const expiresIn = parameters.number('expiresIn', 'Expires In', { min: 1, whole: true });
	const { fileName } = knownFile(n8n, itemIndex, id);
	const fileId = toWireId(id);

	const outcome = await attempt({ fileId, fileName }, async () => {
		const link = await client.getDownloadUrl(id, { ...call, expiresIn });
		return { json: { status: 'success', fileId, fileName, url: link.url, expiresAt: link.expiresAt } };
	});
	return [outcome];
}
