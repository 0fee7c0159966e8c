import type { INodeProperties } from 'n8n-workflow';

import { toWireId } from '../../../../client';
import { fileIdField } from '../../../shared/fields';
import { knownFile } from '../../../shared/known-file';
import { optionsField } from '../../../shared/options';
import { attempt, type ItemRun, type OperationEntry, type Outcome } from '../../operation';

export const entry: OperationEntry = {
	name: 'Get Link',
	value: 'getUrl',
	action: 'Get a download link',
	description: 'Get a link that downloads the file without logging in, for a limited time',
};

export const forModel =
	'Get a link to one file, given by its file ID. Whoever has the link can download the file for a limited time: use it when somebody asks for a file. To find a file ID, list the files first.';

/** In seconds. */
const TEN_YEARS = 10 * 365 * 24 * 60 * 60;

const expiresInField: INodeProperties = {
	displayName: 'Expires In (Seconds)',
	name: 'expiresIn',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: TEN_YEARS, numberPrecision: 0 },
	required: true,
	default: 600,
	description:
		'How long the link works, in seconds. Anybody who has the link can download the file until then.',
};

export const description: INodeProperties[] = [fileIdField, expiresInField, optionsField()];

/** Asks for a signed link that any HTTP client can download from. */
export async function execute({ json, parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const id = parameters.id(fileIdField);
	const expiresIn = parameters.number(expiresInField);
	const { fileName } = knownFile(json, id);
	const fileId = toWireId(id);

	const outcome = await attempt({ fileId, fileName }, async () => {
		const link = await client.getDownloadUrl(id, { ...call, expiresIn });
		return { json: { status: 'success', fileId, fileName, url: link.url, expiresAt: link.expiresAt } };
	});
	return [outcome];
}
