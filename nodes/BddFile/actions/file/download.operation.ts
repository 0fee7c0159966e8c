import type { INodeProperties } from 'n8n-workflow';
import { basename, dirname } from 'node:path';

import { DOWNLOAD_IF_EXISTS, InvalidInputError, toWireId, type FileId } from '../../../../client';
import { storeDownload } from '../../../shared/binary-output';
import {
	fileIdField,
	filePathField,
	OUTPUT_BINARY_ADVICE,
	outputBinaryField,
	splitByStatusField,
} from '../../../shared/fields';
import { allowFile, allowFolder, isFolder } from '../../../shared/file-policy';
import { knownFile, type KnownFile } from '../../../shared/known-file';
import { OPTIONS, optionsField } from '../../../shared/options';
import { TOOL_ONLY } from '../../../shared/tool';
import { quoted } from '../../../shared/values';
import { attempt, type ItemRun, type OperationEntry, type Outcome } from '../../operation';

export const entry: OperationEntry = {
	name: 'Download',
	value: 'download',
	action: 'Download a file',
	description: 'Download a file as binary data, or to a path on disk',
};

export const forModel =
	'Save one file, given by its file ID, on the disk of the machine that runs n8n. The answer has the path and the size, never the content. To find a file ID, list the files first. To give somebody a file, get a download link instead.';

const DESTINATIONS = ['binary', 'path'] as const;

const destinationField: INodeProperties = {
	displayName: 'Destination',
	name: 'destination',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Binary Data',
			value: 'binary',
			description: 'A file of the output item, for the nodes that follow',
		},
		{
			name: 'File on Disk',
			value: 'path',
			description: 'A file of the machine that runs n8n, without a detour through the storage of n8n',
		},
	],
	default: 'binary',
	description: 'Where the file goes',
};

const toolNotice: INodeProperties = {
	displayName:
		'An AI agent cannot receive the content of a file. Choose "File on Disk", or the operation "Get Link".',
	name: 'toolNotice',
	type: 'notice',
	displayOptions: { show: { ...TOOL_ONLY, destination: ['binary'] } },
	default: '',
};

const outputField: INodeProperties = {
	...outputBinaryField,
	displayOptions: { show: { destination: ['binary'] } },
};

const targetField: INodeProperties = {
	...filePathField,
	displayOptions: { show: { destination: ['path'] } },
	placeholder: 'e.g. /home/node/.n8n-files/reports',
	description:
		'Absolute path on the machine that runs n8n (in queue mode: the worker): an existing folder, in which the file keeps its name, or the whole path of the file. It must be in a folder that n8n allows workflows to use: by default only ~/.n8n-files and what is below.',
};

export const description: INodeProperties[] = [
	fileIdField,
	destinationField,
	toolNotice,
	outputField,
	targetField,
	splitByStatusField,
	optionsField('downloadName', 'ifExistsDownload', 'verify'),
];

/** What the input item knows of the file is what the content must match. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { isTool, json, parameters } = run;
	const id = parameters.id(fileIdField);
	const known = knownFile(json, id);
	const toDisk = parameters.choice(destinationField, DESTINATIONS) === 'path';
	if (!toDisk && isTool) {
		throw new InvalidInputError(`File ${id} is not downloaded: an AI agent cannot receive its content`, {
			description:
				'In the tool, set "Destination" to "File on Disk", or use a tool with the operation "Get Link".',
		});
	}
	return [await (toDisk ? downloadToDisk : downloadToStorage)(run, id, known)];
}

/** Streams the file into n8n's binary storage. */
async function downloadToStorage(
	{ n8n, parameters, client, call }: ItemRun,
	id: FileId,
	known: KnownFile,
): Promise<Outcome> {
	const field = parameters.text(outputField, OUTPUT_BINARY_ADVICE);
	const chosenName = parameters.optionText(OPTIONS.downloadName);
	const verify = parameters.optionFlag(OPTIONS.verify);
	const fileId = toWireId(id);

	return await attempt({ fileId, fileName: chosenName ?? known.fileName }, async () => {
		const download = await client.download(id, { ...call, verify, expected: known.expected });
		// A record has the exact name; an HTTP header cannot carry every name.
		const fileName = [chosenName, known.fileName, download.fileName].find(Boolean) ?? `file-${id}`;
		const { binary, size } = await storeDownload(n8n.helpers, download, fileName);
		return { json: { status: 'success', fileId, fileName, size }, binary: { [field]: binary } };
	});
}

const SKIPPED = {
	exists: 'There is a file of this name on disk already',
	unchanged: 'The file on disk is the same already',
} as const;

/** n8n's file-access policy is asked before anything is requested. */
async function downloadToDisk(
	{ n8n, parameters, client, call, siblings }: ItemRun,
	id: FileId,
	known: KnownFile,
): Promise<Outcome> {
	const verify = parameters.optionFlag(OPTIONS.verify);
	const ifExists = parameters.optionChoice(OPTIONS.ifExistsDownload, DOWNLOAD_IF_EXISTS);
	const place = await placeOnDisk(n8n.helpers, parameters, known);
	const fileId = toWireId(id);

	return await attempt({ fileId, fileName: place.fileName ?? known.fileName }, async () => {
		const { path, ...outcome } = await client.downloadInto(id, place.folder, {
			...call,
			verify,
			ifExists,
			fileName: place.fileName,
			isPathAllowed: place.isPathAllowed,
			siblings,
			expected: known.expected,
			modifiedAt: known.uploadedAt,
		});
		if (outcome.status === 'downloaded') return { json: { ...outcome, status: 'success', localPath: path } };
		return { json: { ...outcome, localPath: path, reason: SKIPPED[outcome.reason] } };
	});
}

/** The folder that gets the file, and the name it gets there where that is known before the service is asked. */
async function placeOnDisk(
	helpers: ItemRun['n8n']['helpers'],
	parameters: ItemRun['parameters'],
	known: KnownFile,
): Promise<{ folder: string; fileName: string | undefined; isPathAllowed: (path: string) => boolean }> {
	const label = targetField.displayName;
	const given = parameters.text(
		targetField,
		'Enter the absolute path of a folder or of a file on the machine that runs n8n.',
	);
	const chosenName = parameters.optionText(OPTIONS.downloadName);
	const { path, isPathAllowed } = await allowFile(helpers, given, label);
	if (await isFolder(path)) {
		const folder = await allowFolder(helpers, given, label, { exists: true });
		return { folder: folder.path, fileName: chosenName ?? (known.fileName || undefined), isPathAllowed };
	}
	if (chosenName === undefined) return { folder: dirname(path), fileName: basename(path), isPathAllowed };
	throw new InvalidInputError(
		`${label} ${quoted(given)} is no folder, and the option "File Name" is set too`,
		{
			description: 'Enter the path of an existing folder, or remove the option.',
		},
	);
}
