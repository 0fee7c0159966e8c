import type { IExecuteFunctions, INodePropertyOptions } from 'n8n-workflow';

import { InvalidInputError } from '../../../client';
import type { Operation } from '../operation';
import * as listChat from './chat/list.operation';
import * as syncBoth from './chat/syncBoth.operation';
import * as syncToLocal from './chat/syncToLocal.operation';
import * as syncToRemote from './chat/syncToRemote.operation';
import * as listDirectories from './directory/list.operation';
import * as listFiles from './directory/listFiles.operation';
import * as deleteFile from './file/delete.operation';
import * as download from './file/download.operation';
import * as getUrl from './file/getUrl.operation';
import * as upload from './file/upload.operation';

interface Resource {
	/** Its entry in the menu "Resource". */
	entry: INodePropertyOptions;
	/** In the order of the menu "Operation". */
	operations: readonly Operation[];
	/** The operation that a new node is set to. */
	first: string;
}

/** Everything the node can do, in the order of its menus. */
export const RESOURCES: readonly Resource[] = [
	{
		entry: { name: 'Chat', value: 'chat', description: 'All files of a chat' },
		operations: [listChat, syncBoth, syncToLocal, syncToRemote],
		first: listChat.entry.value,
	},
	{
		entry: {
			name: 'Directory',
			value: 'directory',
			description: 'The directories in which the service keeps files',
		},
		operations: [listDirectories, listFiles],
		first: listDirectories.entry.value,
	},
	{
		entry: { name: 'File', value: 'file', description: 'A single file' },
		operations: [deleteFile, download, getUrl, upload],
		first: upload.entry.value,
	},
];

/** The operation the node is set to; n8n has none for a resource that is no entry of the menu. */
export function route(n8n: IExecuteFunctions): Operation {
	const resource: unknown = n8n.getNodeParameter('resource', 0);
	const operation: unknown = n8n.getNodeParameter('operation', 0, '');
	const found = RESOURCES.find(({ entry }) => entry.value === resource)?.operations.find(
		({ entry }) => entry.value === operation,
	);
	if (found) return found;
	throw new InvalidInputError(
		`There is no operation ${JSON.stringify(operation)} for the resource ${JSON.stringify(resource)}`,
		{ description: 'Open the node and choose the resource and the operation again.' },
	);
}
