import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { ClientPool } from './clients';
import { CREDENTIAL, readCredential, readUserId } from './credential';
import { toNodeError } from './errors';
import { ParameterReader } from './parameters';

/** More would not fit a list to pick from; typing narrows it down. */
const MOST = 200;

/** The directories to pick from in the panel, by name; the service does the filtering. */
export async function searchDirectories(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const clients = new ClientPool(this);
	try {
		const credential = readCredential(await this.getCredentials(CREDENTIAL));
		const parameters = new ParameterReader((name, options) => this.getCurrentNodeParameter(name, options));
		const directories = await clients.get(credential).listDirectories({
			// The panel does not evaluate expressions, so nothing else of the options is of use here.
			userId: readUserId(parameters, credential),
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
