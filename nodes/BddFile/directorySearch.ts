import { type IDataObject, type ILoadOptionsFunctions, type INodeListSearchResult } from 'n8n-workflow';

import { ClientPool, CREDENTIAL, readUserId } from './clients';
import { toNodeError } from './errors';

/** More would not fit a list to pick from; typing narrows it down. */
const MOST = 200;

/** The directories to pick from in the panel, by name; the service does the filtering. */
export async function searchDirectories(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const clients = new ClientPool(this);
	try {
		const credential = await this.getCredentials(CREDENTIAL);
		const options = this.getCurrentNodeParameter('options') as IDataObject | undefined;
		const directories = await clients.get(credential).listDirectories({
			userId: readUserId(options?.userId, credential),
			name: filter,
			sortBy: 'name_asc',
			limit: MOST,
		});
		return { results: directories.map(({ id, name }) => ({ name, value: id })) };
	} catch (error) {
		throw toNodeError(this.getNode(), error, 0);
	} finally {
		clients.close();
	}
}
