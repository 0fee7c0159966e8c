import type { ILoadOptionsFunctions, INodeListSearchItems, INodeListSearchResult } from 'n8n-workflow';

import {
	formatBytes,
	InvalidInputError,
	isReadable,
	type BddFileClient,
	type CallOptions,
	type FileInfo,
	type Page,
} from '../../client';
import { ClientPool } from './clients';
import { CREDENTIAL, readCredential, readUserId, type Credential } from './credential';
import { toNodeError } from './errors';
import { OPTIONS } from './options';
import { ParameterReader } from './parameters';

/**
 * The directories to pick from in the panel, by name. The service finds those whose name holds the filter.
 *
 * @param paginationToken as the answer before gave it
 */
export async function searchDirectories(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await search(this, async ({ client, call }) => {
		const options = { ...call, name: filter, sortBy: 'name_asc' as const };
		return await onePage(
			paginationToken,
			async (number) => await client.readDirectoriesPage(number, options),
			({ id, name }) => ({ name, value: id }),
		);
	});
}

/**
 * The files of the credential's business to pick from, the newest first. The service finds those whose name holds the filter.
 *
 * @param paginationToken as the answer before gave it
 */
export async function searchFiles(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await search(this, async ({ client, call, credential: { biz } }) => {
		// The service files things in a directory that is named after the business.
		const directories = await client.listDirectories({ ...call, name: biz });
		const directory = directories.find(({ name }) => name === biz);
		if (!directory) return { results: [] };
		const options = { ...call, name: filter, sortBy: 'upload_at_desc' as const };
		return await onePage(
			paginationToken,
			async (number) => await client.readDirectoryPage(directory.id, number, options),
			asChoice,
		);
	});
}

/** @param token the number of the page, and how many records came before it */
async function onePage<T>(
	token: string | undefined,
	read: (number: number) => Promise<Page<T>>,
	asItem: (record: T) => INodeListSearchItems,
): Promise<INodeListSearchResult> {
	const [number = 1, before = 0] = token?.split(' ').map(Number) ?? [];
	const { records, total } = await read(number);
	const seen = before + records.length;
	const isLast = records.length === 0 || seen >= total;
	const readable = records.filter(isReadable);
	return { results: readable.map(asItem), ...(!isLast && { paginationToken: `${number + 1} ${seen}` }) };
}

function asChoice({ id, filename, size, status, upload_at: uploadedAt }: FileInfo): INodeListSearchItems {
	const state = status === 'ok' ? formatBytes(size) : status;
	const day = /^\d{4}-\d\d-\d\d/.exec(uploadedAt)?.[0];
	return { name: `${filename} (${[state, day, `ID ${id}`].filter(Boolean).join(', ')})`, value: String(id) };
}

interface Searching {
	client: BddFileClient;
	call: CallOptions;
	credential: Credential;
}

async function search(
	n8n: ILoadOptionsFunctions,
	work: (searching: Searching) => Promise<INodeListSearchResult>,
): Promise<INodeListSearchResult> {
	const clients = new ClientPool(n8n);
	try {
		const credential = readCredential(await n8n.getCredentials(CREDENTIAL));
		const parameters = new ParameterReader((name, options) => n8n.getCurrentNodeParameter(name, options));
		if (String(parameters.optionText(OPTIONS.userId)).startsWith('=')) {
			throw new InvalidInputError('The list needs a User ID that is known before the workflow runs', {
				description:
					'The option "User ID" is an expression, which has no value yet. Choose "By ID", or enter the User ID as text.',
			});
		}
		const call = { userId: readUserId(parameters, credential) };
		return await work({ client: clients.get(credential), call, credential });
	} catch (error) {
		throw toNodeError(n8n.getNode(), error, 0);
	} finally {
		clients.close();
	}
}
