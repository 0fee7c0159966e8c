import type { INodeProperties } from 'n8n-workflow';

import { parseId, toWireId } from '../../../../client';
import { knownFile } from '../../../shared/known-file';
import { attempt, type ItemRun, type OperationEntry, type Outcome } from '../../operation';
import { fileIdField } from '../../../shared/fields';
import { optionsField } from '../../../shared/options';

export const entry: OperationEntry = {
	name: 'Get Link',
	value: 'getUrl',
	action: 'Get a download link',
	description: 'Get a link that downloads the file without logging in, for a limited time',
};

export const description: INodeProperties[] = [
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

/** Asks for a signed link that any HTTP client can download from. */
export async function execute({ json, parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const id = parseId(parameters.raw('fileId'), 'File ID');
	const expiresIn = parameters.number('expiresIn', 'Expires In', { min: 1, whole: true });
	const { fileName } = knownFile(json, id);
	const fileId = toWireId(id);

	const outcome = await attempt({ fileId, fileName }, async () => {
		const link = await client.getDownloadUrl(id, { ...call, expiresIn });
		return { json: { status: 'success', fileId, fileName, url: link.url, expiresAt: link.expiresAt } };
	});
	return [outcome];
}
