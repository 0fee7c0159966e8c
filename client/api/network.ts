import type { LookupFunction } from 'node:net';

/** What an administrator allows this process to reach. */
export interface NetworkPolicy {
	/** Rejects when the URL must not be asked. */
	validateUrl(url: string): Promise<void>;
	/** Resolves host names to allowed addresses only. */
	lookup?: LookupFunction;
}

export interface HttpOptions {
	allowUnauthorizedCerts?: boolean | undefined;
	network?: NetworkPolicy | undefined;
}
