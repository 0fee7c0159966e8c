import type { ICredentialDataDecryptedObject, ICredentialTestFunctions } from 'n8n-workflow';

import { InvalidInputError, PROFILE_URLS, resolveBaseUrl, type Profile } from '../../client';
import { callOptions, readCredential } from '../../nodes/shared/credential';
import { testBddFileApi } from '../../nodes/shared/credential-test';
import { ParameterReader } from '../../nodes/shared/parameters';

const CUSTOM = { profile: 'custom', baseUrl: 'http://127.0.0.1:9', userId: '7' };

/** Nothing but this machine may be asked, whatever becomes of the profile. */
const LOOPBACK_ONLY = {
	getSecureEgressFilter: () => ({
		validateUrl: (url: string) =>
			Promise.resolve({ ok: new URL(url).hostname === '127.0.0.1', error: new Error('not this machine') }),
		createSecureLookup: () => () => {
			throw new Error('not this machine');
		},
	}),
};

/** Values that an expression or a slip of the hand gives. */
const WRONG = ['', null, 'Production', 'custom ', 'CHAT', 5, true, ['dev'], {}];

describe.each([
	['profile', 'Profile', 'dev, beta, prod, custom'],
	['biz', 'Business', 'chat, knowledgeBase, zero2x'],
	['mode', 'Mode', 'auto, simple, multipart'],
])('the field %s', (field, label, choices) => {
	it.each(WRONG)('that is %p is an error with the field, the value and the choices', (value) => {
		const data = { ...CUSTOM, [field]: value };
		const shown = value === '' || value === null ? 'is empty' : `is unknown: ${JSON.stringify(value)}`;

		expect(() => readCredential(data)).toThrow(InvalidInputError);
		expect(() => readCredential(data)).toThrow(
			expect.objectContaining({
				message: `${label} ${shown}`,
				description: `Use one of: ${choices}.`,
			}) as Error,
		);
	});

	it.each(WRONG)('that is %p is what the credential test says', async (value) => {
		const context = { helpers: LOOPBACK_ONLY, logger: console } as unknown as ICredentialTestFunctions;
		const data = { ...CUSTOM, [field]: value } as ICredentialDataDecryptedObject;

		expect(await testBddFileApi.call(context, { id: '1', name: 'BDD', type: 'x', data })).toEqual({
			status: 'Error',
			message: expect.stringMatching(
				new RegExp(`^${label} is (empty|unknown: .*)\\. Use one of: ${choices}\\.$`),
			) as string,
		});
	});
});

it('fields that are absent have their defaults', () => {
	expect(readCredential({})).toEqual({
		baseUrl: PROFILE_URLS.dev,
		userId: undefined,
		biz: 'chat',
		mode: 'auto',
		allowUnauthorizedCerts: false,
	});
});

it('the switch may be text, and must be one', () => {
	expect(readCredential({ ...CUSTOM, allowUnauthorizedCerts: 'true' }).allowUnauthorizedCerts).toBe(true);
	expect(readCredential({ ...CUSTOM, allowUnauthorizedCerts: 'False' }).allowUnauthorizedCerts).toBe(false);
	expect(() => readCredential({ ...CUSTOM, allowUnauthorizedCerts: null })).toThrow(
		'Ignore SSL Issues (Insecure) must be true or false',
	);
});

it('an address and a user must be text, an address only where it counts', () => {
	expect(() => readCredential({ ...CUSTOM, baseUrl: ['a'] })).toThrow('Base URL is a list');
	expect(() => readCredential({ ...CUSTOM, userId: ['7'] })).toThrow('User ID is a list');
	expect(readCredential({ profile: 'beta', baseUrl: ['a'] }).baseUrl).toBe(PROFILE_URLS.beta);
});

describe('the user of a call', () => {
	const userOf = (options: object, userId?: string) => {
		const parameters = new ParameterReader((name) => (name === 'options' ? options : undefined));
		return callOptions(parameters, readCredential({ ...CUSTOM, userId })).userId;
	};

	it("is the option's where it was added, else the credential's", () => {
		expect(userOf({ userId: '33' }, '7')).toBe('33');
		expect(userOf({ userId: 33 }, '7')).toBe('33');
		expect(userOf({}, '7')).toBe('7');
	});

	it.each([undefined, null, '', ' '])("is never the credential's when the option is %p", (userId) => {
		expect(() => userOf({ userId }, '7')).toThrow('The option "User ID" is empty');
	});

	it('must be there, and made of digits', () => {
		expect(() => userOf({}, '')).toThrow('User ID is missing');
		for (const userId of ['me', 'u7', '7u', '7'.repeat(101)])
			expect(() => userOf({ userId }, '7')).toThrow(/^User ID ".*" is not a number$/);
		expect(userOf({ userId: '7'.repeat(100) })).toBe('7'.repeat(100));
	});
});

describe('the base URL', () => {
	const resolve = (baseUrl?: string) => resolveBaseUrl('custom', baseUrl);

	it('may hold a path, a user and a password', () => {
		expect(resolve(' https://files.example.com/api/file/ ')).toBe('https://files.example.com/api/file');
		expect(resolve('http://me:s3cret@files.example.com')).toBe('http://me:s3cret@files.example.com');
	});

	it.each([
		['http://h/api?a=1', 'Base URL has a query (what follows "?")'],
		['http://h/api?', 'Base URL has a query (what follows "?")'],
		['http://h/api#top', 'Base URL has a fragment (what follows "#")'],
		['http://h/api#a?b', 'Base URL has a fragment (what follows "#")'],
		['ftp://h', 'Base URL is not an http or https address: "ftp://h"'],
		['files', 'Base URL is not an http or https address: "files"'],
		['', 'Base URL is empty'],
		['  ', 'Base URL is empty'],
		[undefined, 'Base URL is empty'],
	])('%p: %s', (url, message) => {
		expect(() => resolve(url)).toThrow(expect.objectContaining({ message }) as Error);
	});

	it.each([
		'ftp://me:s3cret@h',
		'me:s3cret@h',
		'http://me:s3cret@h:99999',
		'http://me:s3cret@',
		'http://me:s3cret@h?x',
		'http://me:1?s3cret@h',
		'http://me:1#s3cret@h',
		'http://me:s3cret?@h',
	])('never shows a password: %p', (url) => {
		expect.assertions(1);
		try {
			resolve(url);
		} catch (error) {
			expect(JSON.stringify([String(error), error])).not.toMatch(/s3cret|me:/);
		}
	});

	it('that is missing: the error shows how one looks', () => {
		expect(() => resolve('')).toThrow(
			expect.objectContaining({
				description: expect.stringContaining('such as http://files.example.com/api/file.') as string,
			}) as Error,
		);
	});

	it.each<[Profile, string]>([
		['dev', 'http://10.200.65.13:2015'],
		['beta', 'http://10.200.65.13:2015'],
		['prod', 'http://bdd-file-service'],
	])('of %s is that of the published client', (profile, url) => {
		expect(resolveBaseUrl(profile, 'http://127.0.0.1:1')).toBe(url);
	});

	it.each(['Production', 'toString'])('belongs to a profile that exists, not %s', (profile) => {
		expect(() => resolveBaseUrl(profile as Profile)).toThrow(
			expect.objectContaining({
				message: `Profile is unknown: "${profile}"`,
				description: 'Known are: dev, beta, prod, custom.',
			}) as Error,
		);
	});
});
