import { InvalidInputError } from './errors';

export const PROFILES = ['dev', 'beta', 'prod', 'custom'] as const;
export type Profile = (typeof PROFILES)[number];

/** The addresses that `bdd-file-client` 0.7.6, the newest published client, knows. */
export const PROFILE_URLS: Readonly<Record<Exclude<Profile, 'custom'>, string>> = {
	dev: 'http://10.200.65.13:2015',
	beta: 'http://10.200.65.13:2015',
	prod: 'http://bdd-file-service',
};

/**
 * The base URL of a profile, without a slash at the end. It may carry a path (`/api/file`).
 *
 * @param baseUrl the address of the profile `custom`
 * @throws InvalidInputError when that is no http or https URL
 */
export function resolveBaseUrl(profile: Profile, baseUrl?: string): string {
	if (profile !== 'custom') return PROFILE_URLS[profile];
	const text = baseUrl?.trim() ?? '';
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash) return url.href.replace(/\/+$/, '');
	throw new InvalidInputError(
		text === '' ? 'Base URL is empty' : `Base URL is not an http or https address: ${JSON.stringify(text)}`,
		{
			description:
				'The credential\'s environment "Custom" needs the address of the service, such as http://files.example.com/api/file.',
		},
	);
}
