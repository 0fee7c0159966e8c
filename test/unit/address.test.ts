/** The address of the service, as people write it. */
import { InvalidInputError } from '../../client';
import { parseAddress } from '../../client/api/address';

function failure(text: string, description?: string): unknown {
	try {
		return parseAddress(text, description);
	} catch (error) {
		return error;
	}
}

it.each<[text: string, baseUrl: string, user: string | undefined]>([
	['http://files.example.com', 'http://files.example.com', undefined],
	['HTTPS://Files.Example.com:8443/Api/file///', 'https://files.example.com:8443/Api/file', undefined],
	['http://10.200.65.13:2015/', 'http://10.200.65.13:2015', undefined],
	['http://us%40er:se%3Acret@host/a', 'http://host/a', 'us@er:se:cret'],
	['http://user@host', 'http://host', 'user:'],
	['http://:secret@host', 'http://host', ':secret'],
	['http://100%:50%@host', 'http://host', '100%:50%'],
])('%s is read', (text, baseUrl, user) => {
	const authorization = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
	expect(parseAddress(text)).toEqual({ baseUrl, authorization });
});

it.each([
	['', 'Base URL is empty'],
	['files.example.com', 'Base URL is not an http or https address: "files.example.com"'],
	['ftp://user:secret@host/a', 'Base URL is not an http or https address: "host/a"'],
	['xhttp://host', 'Base URL is not an http or https address: "xhttp://host"'],
	['httpx://host', 'Base URL is not an http or https address: "httpx://host"'],
	['http://', 'Base URL is not an http or https address: "http://"'],
])('%j is none', (text, message) => {
	expect(failure(text)).toBeInstanceOf(InvalidInputError);
	expect(failure(text)).toMatchObject({ message, description: 'Give the address of the service.' });
	expect(failure(text, 'Ask for it.')).toMatchObject({ message, description: 'Ask for it.' });
});

it.each([
	['http://u:secret@host?x=1#y', 'Base URL has a query (what follows "?")', 'write %3F for "?".'],
	['http://u:secret@host/#x?y', 'Base URL has a fragment (what follows "#")', 'write %23 for "#".'],
])('%s has more than a path', (text, message, end) => {
	expect(failure(text)).toBeInstanceOf(InvalidInputError);
	expect(failure(text)).toMatchObject({
		message,
		description: `Remove it: the address may end in a path only. In a user name or password, ${end}`,
	});
});
