import type { IExecuteFunctions } from 'n8n-workflow';

import { InvalidInputError } from '../../../client';
import type { Operation } from '../operation';
import * as listChat from './chat/list.operation';
import * as syncToLocal from './chat/syncToLocal.operation';
import * as syncToRemote from './chat/syncToRemote.operation';
import * as listDirectories from './directory/list.operation';
import * as listFiles from './directory/listFiles.operation';
import * as deleteFile from './file/delete.operation';
import * as download from './file/download.operation';
import * as getUrl from './file/getUrl.operation';
import * as upload from './file/upload.operation';

/** Every operation by resource. The parameters `resource` and `operation` hold these keys. */
export const OPERATIONS = {
	chat: { list: listChat, syncToLocal, syncToRemote },
	directory: { list: listDirectories, listFiles },
	file: { delete: deleteFile, download, getUrl, upload },
} satisfies Record<string, Record<string, Operation>>;

/** Input items worked on at the same time. */
const ITEMS_AT_ONCE = 4;

/** Two syncs at once could meet in one folder or one chat; each is parallel within itself. */
const ONE_AT_A_TIME = new Set<Operation>([syncToLocal, syncToRemote]);

/** The operation the node is set to, and how many items it may work on at the same time. */
export function route(n8n: IExecuteFunctions): { operation: Operation; atOnce: number } {
	const resource = n8n.getNodeParameter('resource', 0);
	const name = n8n.getNodeParameter('operation', 0);
	const operation = lookUp(lookUp<Record<string, Operation>>(OPERATIONS, resource) ?? {}, name);
	if (!operation) {
		throw new InvalidInputError(`There is no operation "${name}" for the resource "${resource}"`, {
			description: 'Open the node and choose the resource and the operation again.',
		});
	}
	return { operation, atOnce: ONE_AT_A_TIME.has(operation) ? 1 : ITEMS_AT_ONCE };
}

function lookUp<T>(table: Record<string, T>, key: string): T | undefined {
	return Object.hasOwn(table, key) ? table[key] : undefined;
}
