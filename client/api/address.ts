import { InvalidInputError } from './errors';
import { quoted } from './text';

/** Where the service is. */
export interface Address {
	/** Without a slash at the end, user and password. May carry a path. */
	baseUrl: string;
	/** What a gateway in front of it wants to see: the `Authorization` for the address's user and password. */
	authorization: string | undefined;
}

/**
 * Reads the address of the service as people write it: `http://files.example.com/api/file`, also with a user and a
 * password. They are in no error.
 *
 * @param description what to do about an address that is none
 * @throws InvalidInputError for anything but an http or https address without query
 */
export function parseAddress(text: string, description = 'Give the address of the service.'): Address {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (!url || !/^https?:$/.test(url.protocol)) {
		throw new InvalidInputError(
			text === '' ? 'Base URL is empty' : `Base URL is not an http or https address: ${shown(text)}`,
			{ description },
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
	const { username, password } = url;
	url.username = url.password = '';
	const hasUser = username !== '' || password !== '';
	return {
		baseUrl: withoutSlash(url.href),
		authorization: hasUser ? basic(`${decoded(username)}:${decoded(password)}`) : undefined,
	};
}

const basic = (userAndPassword: string) => `Basic ${Buffer.from(userAndPassword).toString('base64')}`;

/** Of what stands before an `@` nothing is shown, as it may be a password. */
const shown = (text: string) => JSON.stringify(quoted(text.slice(text.lastIndexOf('@') + 1)));

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** An address to which a path can be appended. */
export function withoutSlash(address: string): string {
	let end = address.length;
	while (address.charAt(end - 1) === '/') end -= 1;
	return address.slice(0, end);
}
