import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { chatIdField, directoryIdField, outputBinaryField } from '../shared/fields';
import { optionsField } from '../shared/options';

export const watchField: INodeProperties = {
	displayName: 'Watch',
	name: 'watch',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'Chat', value: 'chat', description: 'The files of one chat' },
		{ name: 'Directory', value: 'directory', description: 'The files in one directory of the service' },
	],
	default: 'chat',
	description: 'Where new files are looked for',
};

export const WATCHED = ['chat', 'directory'] as const;
export type Watched = (typeof WATCHED)[number];

/** A trigger has no input item to take the chat from. */
export const watchedChatField: INodeProperties = {
	...chatIdField,
	default: '',
	description: 'ID of the chat whose new files start the workflow',
};

export const watchedDirectoryField: INodeProperties = {
	...directoryIdField,
	description: 'The directory whose new files start the workflow: pick it from the list, or give its ID',
};

export const downloadFilesField: INodeProperties = {
	displayName: 'Download Files',
	name: 'downloadFiles',
	type: 'boolean',
	default: false,
	description:
		"Whether each file comes with its content, as binary data. Otherwise it is the file's record only, and the BDD File node downloads what is needed.",
};

export const binaryField: INodeProperties = {
	...outputBinaryField,
	// Not "show for true": n8n drops a hidden parameter, and the switch may be the text "true".
	displayOptions: { hide: { downloadFiles: [false] } },
};

const of = (watched: Watched, field: INodeProperties) =>
	updateDisplayOptions({ show: { watch: [watched] } }, [field]);

/** The panel from top to bottom, below n8n's own Poll Times. */
export const properties: INodeProperties[] = [
	watchField,
	...of('chat', watchedChatField),
	...of('directory', watchedDirectoryField),
	downloadFilesField,
	binaryField,
	optionsField('includeExisting', 'watchInclude', 'watchExclude'),
];
