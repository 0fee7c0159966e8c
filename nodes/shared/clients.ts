import { BddFileClient, type ClientOptions, type Logger } from '../../client';
import type { Credential } from './credential';
import { networkPolicy } from './egress';

/** The part of n8n that a client needs: its logger, and its rules about the network. Every context of a node has both. */
export interface Host {
	helpers: object;
	logger: Logger;
}

/** What a client is built from. */
export function clientOptions(credential: Credential, { helpers, logger }: Host): ClientOptions {
	return {
		...credential,
		network: networkPolicy(helpers),
		logger: {
			debug: (message) => logger.debug(message),
			info: (message) => logger.info(message),
			warn: (message) => logger.warn(message),
		},
	};
}

/**
 * One client, so one set of kept-alive connections, per distinct credential: a credential can hold expressions, so it
 * may differ from item to item.
 */
export class ClientPool {
	private readonly clients = new Map<string, BddFileClient>();

	constructor(private readonly n8n: Host) {}

	get(credential: Credential): BddFileClient {
		const key = JSON.stringify(credential);
		const known = this.clients.get(key);
		if (known) return known;
		const client = new BddFileClient(clientOptions(credential, this.n8n));
		this.clients.set(key, client);
		return client;
	}

	/** Closes every idle connection. */
	close(): void {
		for (const client of this.clients.values()) client.close();
		this.clients.clear();
	}
}
