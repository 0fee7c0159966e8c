import type { LookupFunction } from 'node:net';

import { InvalidInputError, messageOf, type NetworkPolicy } from '../../client';

/** The part of n8n's egress filter used here. */
interface EgressFilter {
	validateUrl(url: string): Promise<{ ok: boolean; error?: Error }>;
	createSecureLookup(): LookupFunction;
}

/** Newer n8n offers this helper; the types of the oldest n8n that this package supports do not know it. */
interface EgressHelpers {
	getSecureEgressFilter?(): EgressFilter | undefined;
}

/** n8n's rules about which hosts a workflow may reach; undefined where this n8n has none. */
export function networkPolicy(helpers: object): NetworkPolicy | undefined {
	const filter = (helpers as EgressHelpers).getSecureEgressFilter?.();
	if (!filter) return undefined;
	return {
		async validateUrl(url) {
			const answer = await filter.validateUrl(url);
			if (answer.ok) return;
			const reason = answer.error ? `: ${messageOf(answer.error)}` : '';
			throw new InvalidInputError(`This n8n does not let workflows reach ${new URL(url).host}${reason}`, {
				description: 'Check the address in the credential, or ask whoever runs n8n to allow it.',
				cause: answer.error,
			});
		},
		lookup: filter.createSecureLookup(),
	};
}
