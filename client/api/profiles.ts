import { parseAddress, withoutSlash } from './address';

export const PROFILES = ['dev', 'beta', 'prod', 'custom'] as const;
export type Profile = (typeof PROFILES)[number];

/** The addresses that `bdd-file-client` 0.7.6, the newest published client, knows. */
export const PROFILE_URLS: Readonly<Record<Exclude<Profile, 'custom'>, string>> = {
	dev: 'http://10.200.65.13:2015',
	beta: 'http://10.200.65.13:2015',
	prod: 'http://bdd-file-service',
};

/**
 * The base URL of a profile, without a slash at the end. It may carry a path (`/api/file`), a user and a password.
 *
 * @param baseUrl the address of the profile `custom`
 * @throws InvalidInputError when that is no http or https URL
 */
export function resolveBaseUrl(profile: Profile, baseUrl?: string): string {
	if (profile !== 'custom') return PROFILE_URLS[profile];
	const text = baseUrl?.trim() ?? '';
	parseAddress(
		text,
		'The credential\'s environment "Custom" needs the address of the service, such as http://files.example.com/api/file.',
	);
	return withoutSlash(text);
}
