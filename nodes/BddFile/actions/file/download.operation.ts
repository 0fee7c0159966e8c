import type { INodeProperties } from 'n8n-workflow';

import { toWireId } from '../../../../client';
import { storeDownload } from '../../../shared/binary-output';
import { fileIdField, splitByStatusField } from '../../../shared/fields';
import { knownFile } from '../../../shared/known-file';
import { OPTIONS, optionsField } from '../../../shared/options';
import { attempt, type ItemRun, type OperationEntry, type Outcome } from '../../operation';

export const entry: OperationEntry = {
	name: 'Download',
	value: 'download',
	action: 'Download a file',
	description: 'Download a file as binary data',
};

const outputField: INodeProperties = {
	displayName: 'Put Output File in Field',
	name: 'binaryPropertyName',
	type: 'string',
	required: true,
	default: 'data',
	hint: 'The name of the output binary field to put the file in',
	placeholder: 'e.g. data',
	description: 'Name of the binary field of the output item that gets the downloaded file',
};

export const description: INodeProperties[] = [
	fileIdField,
	outputField,
	splitByStatusField,
	optionsField('downloadName', 'verify'),
];

/** Streams the file into n8n's binary storage. What the input item knows of the file is what the content must match. */
export async function execute({ n8n, json, parameters, client, call }: ItemRun): Promise<Outcome[]> {
	const id = parameters.id(fileIdField);
	const field = parameters.text(
		outputField,
		'Enter the name of the binary field that gets the file, such as "data".',
	);
	const chosenName = parameters.optionText(OPTIONS.downloadName);
	const verify = parameters.optionFlag(OPTIONS.verify);
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
