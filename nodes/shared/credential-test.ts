import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { BddFileClient, errorSentence } from '../../client';
import { clientOptions } from './clients';
import { readCredential } from './credential';

/** The service wants some user id; a credential may leave it to the nodes. */
const ANY_USER = '0';

/** Seconds. Somebody is waiting at the screen. */
const TIMEOUT = 10;

/** The credential's test button: asks the service for a listing, as an operation would. */
export async function testBddFileApi(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	let client: BddFileClient | undefined;
	try {
		const options = clientOptions(readCredential({ ...credential.data }), this);
		client = new BddFileClient({ ...options, userId: options.userId ?? ANY_USER });
		await client.testConnection({ maxTries: 1, timeout: TIMEOUT });
		return { status: 'OK', message: 'The file service answered' };
	} catch (error) {
		return { status: 'Error', message: errorSentence(error) };
	} finally {
		client?.close();
	}
}
