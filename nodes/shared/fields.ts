import type { INodeProperties, INodePropertyModeValidation } from 'n8n-workflow';

import { TOOL_ONLY } from './tool';

/** A whole number by its digits. */
const idValidation = (errorMessage: string): INodePropertyModeValidation[] => [
	{ type: 'regex', properties: { regex: '^\\s*\\d+\\s*$', errorMessage } },
];

/** The file an operation works on. The default takes it from uploads (`fileId`) and lists (`id`). */
export const fileIdField: INodeProperties = {
	displayName: 'File ID',
	name: 'fileId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'id', value: '={{ $json.fileId ?? $json.id }}' },
	description:
		'The file: its ID, a whole number as uploads and lists give it, or picked from the newest files. IDs beyond 9007199254740991 must be passed as text.',
	modes: [
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 42',
			validation: idValidation('A file ID is a whole number'),
		},
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a file...',
			typeOptions: { searchListMethod: 'searchFiles', searchable: true },
		},
	],
};

/** The chat a list or a sync is about. */
export const chatIdField: INodeProperties = {
	displayName: 'Chat ID',
	name: 'chatId',
	type: 'string',
	required: true,
	default: '={{ $json.chatId ?? $json.chat_id ?? $json.biz_params?.chat_id ?? $json.sessionId }}',
	placeholder: 'e.g. 1955228426376908801',
	description:
		'ID of the chat whose files are meant. By default it is taken from the input item: its chatId or chat_id, that of the record of a file, or the sessionId that the Chat Trigger gives.',
};

/** A directory, picked from a list or by its id. */
export const directoryIdField: INodeProperties = {
	displayName: 'Directory',
	name: 'directoryId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'list', value: '' },
	description: 'The directory whose files are meant: pick it from the list, or give its ID',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a directory...',
			typeOptions: { searchListMethod: 'searchDirectories', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 42',
			validation: idValidation('A directory ID is a whole number'),
		},
	],
};

export const localDirectoryField: INodeProperties = {
	displayName: 'Local Folder',
	name: 'localDirectory',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. /home/node/.n8n-files/reports',
	description:
		'Absolute path of a folder on the machine that runs n8n (in queue mode: the worker). It must be one that n8n allows workflows to use: by default only ~/.n8n-files and what is below.',
};

export const returnAllField: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
};

export const limitField: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	// Not "show for false": n8n drops a hidden parameter, and the switch may be the text "false".
	displayOptions: { hide: { returnAll: [true] } },
	typeOptions: { minValue: 1, maxValue: 1_000_000, numberPrecision: 0 },
	default: 50,
	description: 'Max number of results to return',
};

/** Part of a name that directories or files are searched by. */
export const nameField: INodeProperties = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	default: '',
	placeholder: 'e.g. report',
	description: 'Return only entries whose name matches this text. Leave it empty to return all.',
};

/** The binary field that gets a downloaded file. */
export const outputBinaryField: INodeProperties = {
	displayName: 'Put Output File in Field',
	name: 'binaryPropertyName',
	type: 'string',
	required: true,
	default: 'data',
	hint: 'The name of the output binary field to put the file in',
	placeholder: 'e.g. data',
	description: 'Name of the binary field of the output item that gets the downloaded file',
};

/** What to do about it when it is empty. */
export const OUTPUT_BINARY_ADVICE = 'Enter the name of the binary field that gets the file, such as "data".';

/** Switches the three outputs on; `outputs` in the node's description reads it. A tool has but one answer. */
export const splitByStatusField: INodeProperties = {
	displayName: 'Separate Outputs by Status',
	name: 'splitByStatus',
	type: 'boolean',
	noDataExpression: true,
	displayOptions: { hide: TOOL_ONLY },
	default: false,
	description:
		"Whether to give the node three outputs (Success, Skipped and Failed) instead of one. In a sync a failed file goes to Failed. In the other operations it still stops the workflow, unless On Error in the node's settings says to continue.",
};

/** A file on the disk of n8n. */
export const filePathField: INodeProperties = {
	displayName: 'File Path',
	name: 'filePath',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. /home/node/.n8n-files/report.pdf',
	description:
		'Absolute path of a file on the machine that runs n8n (in queue mode: the worker). It must be in a folder that n8n allows workflows to use: by default only ~/.n8n-files and what is below.',
};
