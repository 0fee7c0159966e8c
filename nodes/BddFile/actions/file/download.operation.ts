import type { INodeProperties } from 'n8n-workflow';

import { parseId, toWireId } from '../../../../client';
import { storeDownload } from '../../../shared/binary-output';
import { knownFile } from '../../../shared/known-file';
import { attempt, type ItemRun, type OperationEntry, type Outcome } from '../../operation';
import { fileIdField, splitByStatusField } from '../../../shared/fields';
import { optionsField } from '../../../shared/options';

export const entry: OperationEntry = {
	name: 'Download',
	value: 'download',
	action: 'Download a file',
	description: 'Download a file as binary data',
};

export const description: INodeProperties[] = [
	fileIdField,
	{
		displayName: 'Put Output File in Field',
		name: 'binaryPropertyName',
		type: 'string',
		required: true,
		default: 'data',
		hint: 'The name of the output binary field to put the file in',
		placeholder: 'e.g. data',
		description: 'Name of the binary field of the output item that gets the downloaded file',
	},
	splitByStatusField,
	optionsField('downloadName', 'verify'),
];

/** Streams the file into n8n's binary storage. What the input item knows of the file is what the content must match. */
export async function execute({ n8n, json, parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const id = parseId(parameters.raw('fileId'), 'File ID');
	const field = parameters.text(
		'binaryPropertyName',
		'Put Output File in Field',
		'Enter the name of the binary field that gets the file, such as "data".',
	);
	const chosenName = parameters.optionText('fileName', 'File Name');
	const verify = parameters.optionFlag('verify');
	const known = knownFile(json, id);
	const fileId = toWireId(id);

	const outcome = await attempt({ fileId, fileName: chosenName ?? known.fileName }, async () => {
		const download = await client.download(id, { ...call, verify, expected: known.expected });
		// A record has the exact name; an HTTP header cannot carry every name.
		const fileName = [chosenName, known.fileName, download.fileName].find(Boolean) ?? `file-${id}`;
		const { binary, size } = await storeDownload(n8n.helpers, download, fileName);
		return { json: { status: 'success', fileId, fileName, size }, binary: { [field]: binary } };
	});
	return [outcome];
}
