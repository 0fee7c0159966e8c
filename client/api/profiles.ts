import { parseAddress, withoutSlash } from './address';
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
 * The base URL of a profile, without a slash at the end. It may carry a path (`/api/file`), a user and a password.
 *
 * @param baseUrl the address of the profile `custom`
 * @throws InvalidInputError when that is no http or https URL; the error shows neither user nor password
 */
export function resolveBaseUrl(profile: Profile, baseUrl?: string): string {
	if (profile !== 'custom') {
		if (Object.hasOwn(PROFILE_URLS, profile)) return PROFILE_URLS[profile];
		throw new InvalidInputError(`Profile is unknown: ${JSON.stringify(profile)}`, {
			description: `Known are: ${PROFILES.join(', ')}.`,
		});
	}
	const text = baseUrl?.trim() ?? '';
	parseAddress(
		text,
		'The profile "custom" needs the address of the service, such as http://files.example.com/api/file.',
	);
	return withoutSlash(new URL(text).href);
}
