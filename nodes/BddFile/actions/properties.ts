import type { INodeProperties } from 'n8n-workflow';

import { OPERATIONS } from './router';

/** The node's panel from top to bottom: what to work on, what to do with it, and that operation's parameters. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Chat', value: 'chat', description: 'All files of a chat' },
			{
				name: 'Directory',
				value: 'directory',
				description: 'The directories that the service files things in',
			},
			{ name: 'File', value: 'file', description: 'A single file' },
		],
		default: 'file',
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['file'] } },
		options: [
			{
				name: 'Delete',
				value: 'delete',
				action: 'Delete a file',
				description: 'Delete a file for good',
			},
			{
				name: 'Download',
				value: 'download',
				action: 'Download a file',
				description: 'Download a file as binary data',
			},
			{
				name: 'Get Link',
				value: 'getUrl',
				action: 'Get a download link',
				description: 'Get a link that downloads the file without logging in, for a limited time',
			},
			{
				name: 'Upload',
				value: 'upload',
				action: 'Upload a file',
				description: 'Upload binary data as a file of a chat or another business',
			},
		],
		default: 'upload',
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['chat'] } },
		options: [
			{
				name: 'List Files',
				value: 'list',
				action: 'List the files of a chat',
				description: 'List the files of a chat with ID, name, size and status',
			},
			{
				name: 'Sync to Local',
				value: 'syncToLocal',
				action: 'Sync a chat to a local folder',
				description: 'Download the files of a chat into a folder on the machine that runs n8n',
			},
			{
				name: 'Sync to Remote',
				value: 'syncToRemote',
				action: 'Sync a local folder to a chat',
				description: 'Upload the files of a folder that the chat does not have yet',
			},
		],
		default: 'list',
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['directory'] } },
		options: [
			{
				name: 'List',
				value: 'list',
				action: 'List directories',
				description: 'List the directories of the service',
			},
			{
				name: 'List Files',
				value: 'listFiles',
				action: 'List the files in a directory',
				description: 'List the files in a directory with ID, name, size and status',
			},
		],
		default: 'list',
	},
	...Object.values(OPERATIONS).flatMap((operations) =>
		Object.values(operations).flatMap(({ description }) => description),
	),
];
