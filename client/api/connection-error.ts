import { BddFileError, ConnectionError, ServiceError } from './errors';

/** Failures before a connection stands: the request certainly never reached the service. */
const NEVER_SENT = new Set([
	'EADDRNOTAVAIL',
	'EAI_AGAIN',
	'ECONNREFUSED',
	'EHOSTDOWN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ENOTFOUND',
]);

const WORDS: Record<string, string> = {
	EAI_AGAIN: 'the name of the service could not be resolved',
	ECONNREFUSED: 'the service refused the connection',
	ECONNRESET: 'the connection broke',
	EHOSTUNREACH: 'the service cannot be reached',
	ENETUNREACH: 'the service cannot be reached',
	ENOTFOUND: 'the name of the service is unknown',
	EPIPE: 'the connection broke',
	ERR_STREAM_PREMATURE_CLOSE: 'the connection broke',
	ETIMEDOUT: 'the service did not answer the connection',
};

/**
 * What a failure of the transport means.
 *
 * @param bodySent whether the whole request body was handed over before it
 */
export function connectionError(action: string, cause: unknown, bodySent: boolean): BddFileError {
	if (cause instanceof BddFileError) return cause;
	const { code, syscall, message } = describeCause(cause);
	// The original carries the whole request, signed link and headers included, which must not reach any log.
	const harmless = Object.assign(new Error(message), { code });
	if (code.includes('CERT') || code.startsWith('UNABLE_TO_') || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
		return new ServiceError(`${action} failed: the service's certificate is not trusted (${message})`, {
			status: 0,
			serviceMessage: message,
			description: 'Install the certificate authority, or allow unauthorized certificates in the credential.',
			cause: harmless,
		});
	}
	const neverSent = NEVER_SENT.has(code) || (code === 'ETIMEDOUT' && syscall === 'connect');
	const words = WORDS[code] ?? (message === 'aborted' ? 'the connection broke' : message);
	return new ConnectionError(`${action} failed: ${words}${code ? ` (${code})` : ''}`, {
		mayHaveArrived: bodySent && !neverSent,
		description: neverSent
			? 'Check that the service runs and that the base URL of the credential is right.'
			: 'The network or the service dropped the connection. Run it again; what is complete stays complete.',
		cause: harmless,
	});
}

function describeCause(cause: unknown): { code: string; syscall: string | undefined; message: string } {
	const error = cause as { code?: unknown; syscall?: unknown; message?: unknown; cause?: unknown };
	const inner = error.cause as { code?: unknown; syscall?: unknown } | undefined;
	const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
	return {
		code: text(inner?.code) ?? text(error.code) ?? '',
		syscall: text(inner?.syscall) ?? text(error.syscall),
		message: text(error.message) ?? String(cause),
	};
}
