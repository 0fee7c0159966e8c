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
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (!url || !/^https?:$/.test(url.protocol)) {
		// Whatever holds an "@" may hold a password.
		const shown = text.includes('@') ? '' : `: ${JSON.stringify(text.slice(0, 200))}`;
		throw new InvalidInputError(
			text === '' ? 'Base URL is empty' : `Base URL is not an http or https address${shown}`,
			{
				description:
					'The profile "custom" needs the address of the service, such as http://files.example.com/api/file.',
			},
		);
	}
	const [mark] = /[?#]/.exec(text) ?? [];
	if (mark !== undefined) {
		throw new InvalidInputError(
			`Base URL has a ${mark === '?' ? 'query' : 'fragment'} (what follows "${mark}")`,
			{
				description: `Remove it: the address may end in a path only. In a user name or password, write ${encodeURIComponent(mark)} for "${mark}".`,
			},
		);
	}
	return url.href.replace(/\/+$/, '');
}
