import { ServiceError } from './errors';
import type { HttpAnswer } from './http-answer';
import { isRecord, parseJson } from './json';
import { parseRetryAfter } from './retry';
import { LOOKED_AT, quoted } from './text';

/** A page of 100 records needs 64 KiB, one with long names and parameters ten times as much. */
const RESULT_BYTES = 8 * 1024 * 1024;
/** An error is a short text. */
export const ERROR_BYTES = 64 * 1024;

/**
 * Reads one JSON answer: HTTP 200, `code` 0 and a `data` that is not null.
 *
 * @param action what is being done, as the beginning of a sentence
 * @returns `data`, ids without loss
 * @throws ServiceError for every other shape: another code, another status with or without an envelope, FastAPI's 422
 * `detail`, a gateway's HTML page, an answer that breaks off
 */
export async function readData(answer: HttpAnswer, action: string): Promise<unknown> {
	const text = await (answer.status === 200 ? answer.text(RESULT_BYTES) : answer.beginning(ERROR_BYTES));
	const value = tryParse(text);
	if (answer.status === 200 && isRecord(value) && value['code'] === 0 && value['data'] != null)
		return value['data'];
	throw serviceError(answer, text, action);
}

/** The failure that an answer's text stands for. What another host says is not repeated. */
export function serviceError(answer: HttpAnswer, text: string, action: string): ServiceError {
	const elsewhere = answer.redirectedTo;
	const value = elsewhere === undefined ? tryParse(text) : undefined;
	const said =
		elsewhere === undefined ? serviceMessage(value, text) : elsewhereMessage(elsewhere, answer.status);
	const code = isRecord(value) && typeof value['code'] === 'number' ? value['code'] : undefined;
	const where = [answer.status === 200 ? '' : `HTTP ${answer.status}`, code ? `code ${code}` : ''];
	const suffix = where.filter(Boolean).join(', ');
	return new ServiceError(`${action} failed: ${said}${suffix && ` (${suffix})`}`, {
		status: answer.status,
		code,
		serviceMessage: said,
		retryAfterMs: parseRetryAfter(answer.header('retry-after'), Date.now()),
		description: elsewhere === undefined ? advice(answer.status, value, said) : REDIRECTED,
	});
}

const elsewhereMessage = (origin: string, status: number) =>
	`${origin}, to which the service redirects, ${status === 200 ? 'answered with something else' : 'refused'}`;

const REDIRECTED =
	'If that is where the service is now, set the base URL of the credential to it. Otherwise ask whoever runs the service.';

/** Whether a body is an envelope that reports a failure: `{"code": <not 0>, "message": ...}`. */
export function isFailureEnvelope(text: string): boolean {
	const value = tryParse(text);
	return isRecord(value) && typeof value['code'] === 'number' && value['code'] !== 0 && 'message' in value;
}

function tryParse(text: string): unknown {
	try {
		return parseJson(text);
	} catch {
		return undefined;
	}
}

/** The service's own words, as a message may repeat them. */
function serviceMessage(value: unknown, text: string): string {
	if (isRecord(value)) {
		const { message, detail } = value;
		const words = typeof message === 'string' && message !== '' ? message : detail;
		if (typeof words === 'string') return quoted(words) || 'the service gave no reason';
		if (Array.isArray(words)) return quoted(words.slice(0, 10).map(validationMessage).join('; '));
		if (value['code'] === 0) return 'the service answered without a result';
	}
	const start = text.slice(0, LOOKED_AT).trimStart();
	if (start === '') return 'the service answered with nothing';
	if (start.startsWith('<')) return markup(start);
	if (value === undefined) return `the answer is not JSON: ${quoted(start)}`;
	return `the answer has an unknown form: ${quoted(start)}`;
}

/** Of a web page the title is told, of XML nothing: it is the error of a storage, which names keys. */
function markup(start: string): string {
	const isXml = start.startsWith('<?xml') && !/<html\b/i.test(start);
	const title = isXml ? undefined : /<(?:title|h1)\b[^<>]*>([^<]+)</i.exec(start)?.[1];
	if (title !== undefined) return `the answer is a web page ("${quoted(title)}"), not JSON`;
	return isXml ? 'the answer is XML, not JSON' : 'the answer is a web page or XML, not JSON';
}

/** One entry of FastAPI's `detail`: `{"loc": ["query", "chat_id"], "msg": "Field required"}`. */
function validationMessage(entry: unknown): string {
	if (!isRecord(entry)) return typeof entry === 'string' ? entry : JSON.stringify(entry);
	const place = Array.isArray(entry['loc']) ? entry['loc'].filter((part) => part !== 'body').join('.') : '';
	const words = typeof entry['msg'] === 'string' ? entry['msg'] : JSON.stringify(entry);
	return place ? `${place}: ${words}` : words;
}

function advice(status: number, value: unknown, said: string): string {
	if (status === 422) return 'The service rejected a parameter. Check the ids and the user id.';
	if (status === 401 || status === 403)
		return 'The gateway or the service refused access. Check the user id and the base URL.';
	if (status === 413)
		return 'A gateway limits the size of a request. Choose the mode "Multipart": it sends a file in parts.';
	if (status === 429)
		return 'The service is asked too often. Lower the option "Concurrency", or try again later.';
	if (status >= 500) return 'The service has a problem of its own. Try again later.';
	if (/not found/i.test(said))
		return 'It may have been deleted, or the id may be of another service. List the files to see which exist.';
	if (!isRecord(value)) return 'Check that the base URL of the credential is that of a BDD file service.';
	return 'The service refused. Its message says why.';
}
