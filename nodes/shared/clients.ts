import type { IDataObject, IExecuteFunctions, ILoadOptionsFunctions, IPollFunctions } from 'n8n-workflow';

import {
	BddFileClient,
	BIZ,
	InvalidInputError,
	PROFILES,
	resolveBaseUrl,
	UPLOAD_MODES,
	type Biz,
	type CallOptions,
	type ClientOptions,
	type Logger,
} from '../../client';
import { networkPolicy } from './egress';
import { asText, type ParameterReader } from './parameters';

export const CREDENTIAL = 'bddFileApi';

/**
 * What a client is built from.
 *
 * @param data the credential's fields; DESIGN names them, every one but the profile may be missing
 * @throws InvalidInputError for a profile without an address
 */
export function clientOptions(data: IDataObject, host: { helpers: object; logger: Logger }): ClientOptions {
	const { logger } = host;
	return {
		baseUrl: resolveBaseUrl(oneOf(PROFILES, data.profile) ?? 'dev', asText(data.baseUrl, 'Base URL')),
		userId: asText(data.userId, 'User ID'),
		biz: credentialBiz(data),
		mode: oneOf(UPLOAD_MODES, data.mode),
		allowUnauthorizedCerts: data.allowUnauthorizedCerts === true,
		network: networkPolicy(host.helpers),
		logger: {
			debug: (message) => logger.debug(message),
			info: (message) => logger.info(message),
			warn: (message) => logger.warn(message),
		},
	};
}

/** The business that uploads belong to unless the node says otherwise. */
export const credentialBiz = (data: IDataObject): Biz => oneOf(BIZ, data.biz) ?? 'chat';

const oneOf = <T extends string>(values: readonly T[], value: unknown): T | undefined =>
	values.find((candidate) => candidate === value);

/**
 * One client, so one set of kept-alive connections, per distinct credential: a credential can hold expressions, so it
 * may differ from item to item.
 */
export class ClientPool {
	private readonly clients = new Map<string, BddFileClient>();

	constructor(private readonly n8n: IExecuteFunctions | IPollFunctions | ILoadOptionsFunctions) {}

	/** The client for these credential fields. */
	get(data: IDataObject): BddFileClient {
		const key = JSON.stringify(data);
		const known = this.clients.get(key);
		if (known) return known;
		const client = new BddFileClient(clientOptions(data, this.n8n));
		this.clients.set(key, client);
		return client;
	}

	/** Closes every idle connection. */
	close(): void {
		for (const client of this.clients.values()) client.close();
		this.clients.clear();
	}
}

/** What every call takes of the panel and the credential: the user it is made for, the timeout and the tries. */
export function callOptions(parameters: ParameterReader, credential: IDataObject): CallOptions {
	return {
		userId: readUserId(parameters.rawOption('userId'), credential),
		timeout: parameters.optionNumber('timeout', 'Timeout', { min: 1 }),
		maxTries: parameters.optionNumber('maxTries', 'Max Tries', { min: 1, whole: true }),
	};
}

/**
 * The user id a call is made for: the option's, else the credential's.
 *
 * @throws InvalidInputError when there is none, or when it is not made of digits
 */
function readUserId(option: unknown, credential: IDataObject): string {
	const userId = asText(option, 'User ID') ?? asText(credential.userId, 'User ID');
	if (userId === undefined) {
		throw new InvalidInputError('User ID is missing', {
			description: 'Enter a User ID in the credential, or add the option "User ID" to this node.',
		});
	}
	if (!/^\d+$/.test(userId)) {
		throw new InvalidInputError(`User ID "${userId}" is not a number`, {
			description: 'A User ID is made of digits only, such as 1955228426376908801.',
		});
	}
	return userId;
}
