import { BddFileError, ConnectionError, ServiceError } from './errors';
import { LookupRefusal, notAllowed } from './network';
import { quoted } from './text';

/** Failures before a connection stands: the request certainly never reached the service. */
const NEVER_SENT = new Set([
	'EADDRNOTAVAIL',
	'EAI_AGAIN',
	'ECONNREFUSED',
	'EHOSTDOWN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ENOTFOUND',
	'EPROTO',
]);

const WORDS: Record<string, string> = {
	EAI_AGAIN: 'the name of the service could not be resolved',
	ECONNREFUSED: 'the service refused the connection',
	ECONNRESET: 'the connection broke',
	EHOSTUNREACH: 'the service cannot be reached',
	ENETUNREACH: 'the service cannot be reached',
	ENOTFOUND: 'the name of the service is unknown',
	EPIPE: 'the connection broke',
	EPROTO: 'no secure connection could be agreed on',
	ERR_STREAM_PREMATURE_CLOSE: 'the connection broke',
	ETIMEDOUT: 'the service did not answer the connection',
	HPE_HEADER_OVERFLOW: 'the head of the answer is far too long',
};

/** The request whose transport failed. */
export interface FailedRequest {
	/** The beginning of a sentence. */
	action: string;
	url: string;
	/** Whether the whole request body was handed over before it. */
	bodySent: boolean;
	/** Whether its connection ever brought a byte. */
	heard: boolean;
}

/** What a failure of the transport means. */
export function connectionError(request: FailedRequest, cause: unknown): BddFileError {
	const { action, url } = request;
	if (cause instanceof BddFileError) return cause;
	const failure = describeCause(cause);
	if (failure.inner instanceof BddFileError) return failure.inner;
	if (failure.inner instanceof LookupRefusal) return notAllowed(action, url, failure.inner);
	const { code, syscall, message } = failure;
	// The original carries the whole request, signed link and headers included, which must not reach any log.
	const harmless = Object.assign(new Error(message), { code });
	if (code.includes('CERT') || code.startsWith('UNABLE_TO_')) {
		return new ServiceError(`${action} failed: the service's certificate is not trusted (${message})`, {
			status: 0,
			serviceMessage: message,
			description:
				'Let the machine that runs n8n trust the authority of the certificate, or switch on "Ignore SSL Issues (Insecure)" in the credential.',
			cause: harmless,
		});
	}
	const neverSent = NEVER_SENT.has(code) || (code === 'ETIMEDOUT' && syscall === 'connect');
	const isPlain = code === 'EPROTO' && /wrong version number|packet length too long/.test(message);
	const words = isPlain
		? 'what answers there does not speak https'
		: code.startsWith('HPE_') && !(code in WORDS)
			? 'what answers there does not speak http'
			: (WORDS[code] ?? (message === 'aborted' ? 'the connection broke' : message));
	return new ConnectionError(`${action} failed: ${words}${code ? ` (${code})` : ''}`, {
		mayHaveArrived: request.bodySent && !neverSent,
		description: isPlain
			? 'The base URL begins with https://, but the service seems to speak http: check the beginning and the port.'
			: advice(request, neverSent),
		cause: harmless,
	});
}

/** The error for an answer that breaks off. */
export const brokenAnswer = (action: string, cause: unknown): BddFileError =>
	connectionError({ action, url: '', bodySent: true, heard: true }, cause);

/** The error for an address of the service's that is none. */
export const noAddress = (action: string): ServiceError =>
	new ServiceError(`${action} failed: the service names an address that is none`, {
		status: 0,
		serviceMessage: 'not an address',
		description: 'Ask whoever runs the service, or the gateway in front of it, where it sends its clients.',
	});

function advice({ url, heard }: FailedRequest, neverSent: boolean): string {
	if (neverSent) return 'Check that the service runs and that the base URL of the credential is right.';
	const again =
		'The network or the service dropped the connection. Run it again; what is complete stays complete.';
	// What speaks https only hangs up on anything else, without a word.
	return !heard && url.startsWith('http:')
		? `${again} If it never works: the service may speak https, and its address then begins with https://.`
		: again;
}

/** A cause may be anything: a policy's code is not ours. */
function describeCause(cause: unknown) {
	const error = asObject(cause);
	const inner = asObject(error['cause']);
	const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
	return {
		inner: error['cause'] ?? cause,
		code: text(inner['code']) ?? text(error['code']) ?? '',
		syscall: text(inner['syscall']) ?? text(error['syscall']),
		message: quoted(text(error['message']) ?? text(cause) ?? '') || 'it failed without a word',
	};
}

const asObject = (value: unknown) =>
	(typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
