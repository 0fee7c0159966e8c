/** What a failure of the transport means: whether the service may have seen the request, and what to do about it. */
import { ConnectionError, IntegrityError, InvalidInputError, ServiceError } from '../../client';
import { brokenAnswer, connectionError, noAddress } from '../../client/api/connection-error';
import { LookupRefusal } from '../../client/api/network';

const REQUEST = { action: 'Asking', url: 'https://files.example.com/a', bodySent: true, heard: false };
const failureOf = (cause: unknown, more: Partial<typeof REQUEST> = {}) =>
	connectionError({ ...REQUEST, ...more }, cause);
const failed = (code: string, message = 'what the system says', syscall?: string) =>
	Object.assign(new Error(message), { code, syscall });

const CHECK = 'Check that the service runs and that the base URL of the credential is right.';
const AGAIN =
	'The network or the service dropped the connection. Run it again; what is complete stays complete.';

describe.each([
	['itself', (error: Error) => error],
	['as the cause of another', (error: Error) => Object.assign(new Error(error.message), { cause: error })],
])('a failure that comes %s', (_, wrapped) => {
	it.each([
		['EADDRNOTAVAIL', 'what the system says'],
		['EAI_AGAIN', 'the name of the service could not be resolved'],
		['ECONNREFUSED', 'the service refused the connection'],
		['EHOSTDOWN', 'what the system says'],
		['EHOSTUNREACH', 'the service cannot be reached'],
		['ENETUNREACH', 'the service cannot be reached'],
		['ENOTFOUND', 'the name of the service is unknown'],
		['EPROTO', 'no secure connection could be agreed on'],
	])('%s is one of a request that was never sent', (code, words) => {
		const error = failureOf(wrapped(failed(code)));
		expect(error).toBeInstanceOf(ConnectionError);
		expect(error).toMatchObject({
			message: `Asking failed: ${words} (${code})`,
			mayHaveArrived: false,
			description: CHECK,
		});
		expect(error.cause).toMatchObject({ message: 'what the system says', code });
	});

	it.each([
		['ECONNRESET', 'the connection broke'],
		['EPIPE', 'the connection broke'],
		['ERR_STREAM_PREMATURE_CLOSE', 'the connection broke'],
		['ETIMEDOUT', 'the service did not answer the connection'],
		['HPE_HEADER_OVERFLOW', 'the head of the answer is far too long'],
		['HPE_INVALID_CONSTANT', 'what answers there does not speak http'],
		['E_OF_AN_HPE_', 'what the system says'],
		['EWHATEVER', 'what the system says'],
	])('%s is one of a request that may have arrived, if all of it was sent', (code, words) => {
		const error = failureOf(wrapped(failed(code)));
		expect(error).toBeInstanceOf(ConnectionError);
		expect(error).toMatchObject({
			message: `Asking failed: ${words} (${code})`,
			mayHaveArrived: true,
			description: AGAIN,
		});
		expect(failureOf(wrapped(failed(code)), { bodySent: false })).toMatchObject({ mayHaveArrived: false });
	});

	it.each([
		['ETIMEDOUT', 'connect', false],
		['ETIMEDOUT', 'read', true],
		['ECONNRESET', 'connect', true],
	])('%s of %s is known to be before or after the connection stood', (code, syscall, mayHaveArrived) => {
		expect(failureOf(wrapped(failed(code, 'x', syscall)))).toMatchObject({ mayHaveArrived });
	});

	it.each([
		['CERT_HAS_EXPIRED', true],
		['DEPTH_ZERO_SELF_SIGNED_CERT', true],
		['ERR_TLS_CERT_ALTNAME_INVALID', true],
		['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
		['E_UNABLE_TO_', false],
	])('%s is one of the certificate: %s', (code, isCertificate) => {
		const error = failureOf(wrapped(failed(code, 'self-signed certificate')));
		expect(error).toBeInstanceOf(isCertificate ? ServiceError : ConnectionError);
		if (!isCertificate) return;
		expect(error).toMatchObject({
			message: "Asking failed: the service's certificate is not trusted (self-signed certificate)",
			status: 0,
			serviceMessage: 'self-signed certificate',
			description: expect.stringMatching(
				/^Let the machine that runs n8n trust .* in the credential\.$/,
			) as string,
		});
		expect(error.cause).toMatchObject({ message: 'self-signed certificate', code });
	});

	it.each([
		['EPROTO', 'write EPROTO: wrong version number', true],
		['EPROTO', 'write EPROTO: packet length too long', true],
		['EPROTO', 'write EPROTO: handshake failure', false],
		['ECONNRESET', 'wrong version number', false],
	])('%s with %j is one of plain http: %s', (code, message, isPlain) => {
		const { message: said, description } = failureOf(wrapped(failed(code, message)));
		expect(said.includes('what answers there does not speak https (EPROTO)')).toBe(isPlain);
		expect(description.startsWith('The base URL begins with https://, but')).toBe(isPlain);
	});

	it('of ours stays what it is', () => {
		const ours = new IntegrityError('it has changed', { description: '', cause: failed('EIO') });
		expect(failureOf(wrapped(ours))).toBe(ours);
	});

	it("of a policy's look-up is its refusal", () => {
		const error = failureOf(wrapped(new LookupRefusal('10.0.0.1 is restricted')));
		expect(error).toBeInstanceOf(InvalidInputError);
		expect(error.message).toBe(
			'Asking failed: the address https://files.example.com is not allowed here: 10.0.0.1 is restricted',
		);
	});
});

it.each<[cause: unknown, message: string]>([
	[new Error('aborted'), 'Asking failed: the connection broke'],
	[new Error('no'), 'Asking failed: no'],
	['no', 'Asking failed: no'],
	[new Error(''), 'Asking failed: it failed without a word'],
	[undefined, 'Asking failed: it failed without a word'],
	[null, 'Asking failed: it failed without a word'],
	[{ message: 7, code: 7 }, 'Asking failed: it failed without a word'],
	[new Error('GET http://h/k?Signature=abc failed'), 'Asking failed: GET http://h/k… failed'],
])('%#: a failure without a code is its message, without secrets', (cause, message) => {
	expect(failureOf(cause).message).toBe(message);
});

it.each([
	['http://h/', false, true],
	['http://h/', true, false],
	['https://h/', false, false],
])('that %s may speak https is thought of where not a byte came: %s', (url, heard, isHinted) => {
	const hint = ' If it never works: the service may speak https, and its address then begins with https://.';
	const { description } = failureOf(failed('ECONNRESET'), { url, heard });
	expect(description).toBe(isHinted ? AGAIN + hint : AGAIN);
});

it('an answer that breaks off is one to a request that has arrived', () => {
	const error = brokenAnswer('Asking', failed('ECONNRESET'));
	expect(error).toBeInstanceOf(ConnectionError);
	expect(error).toMatchObject({ mayHaveArrived: true, description: AGAIN });
});

it('an address that is none is for whoever runs the service', () => {
	expect(noAddress('Asking')).toMatchObject({
		message: 'Asking failed: the service names an address that is none',
		status: 0,
		serviceMessage: 'not an address',
		description: 'Ask whoever runs the service, or the gateway in front of it, where it sends its clients.',
	});
});
