import { ServiceError } from './errors';
import type { HttpAnswer } from './http-answer';
import { parseJson } from './json';
import { parseRetryAfter } from './retry';

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads one JSON answer: HTTP 200, `code` 0 and a `data` that is not null.
 *
 * @param action what is being done, as the beginning of a sentence
 * @returns `data`, ids without loss
 * @throws ServiceError for every other shape: another code, another status with or without an envelope, FastAPI's 422
 * `detail`, a gateway's HTML page, an answer that breaks off
 */
export async function readData(answer: HttpAnswer, action: string): Promise<unknown> {
	const text = await answer.text();
	const value = tryParse(text);
	if (answer.status === 200 && isRecord(value) && value['code'] === 0 && value['data'] != null)
		return value['data'];
	throw serviceError(answer, text, action);
}

/** The failure that an answer's text stands for. */
export function serviceError(answer: HttpAnswer, text: string, action: string): ServiceError {
	const value = tryParse(text);
	const said = serviceMessage(value, text);
	const code = isRecord(value) && typeof value['code'] === 'number' ? value['code'] : undefined;
	const where = [answer.status === 200 ? '' : `HTTP ${answer.status}`, code ? `code ${code}` : ''];
	const suffix = where.filter(Boolean).join(', ');
	return new ServiceError(`${action} failed: ${said}${suffix && ` (${suffix})`}`, {
		status: answer.status,
		code,
		serviceMessage: said,
		retryAfterMs: parseRetryAfter(answer.header('retry-after'), Date.now()),
		description: advice(answer.status, value, said),
	});
}

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

/** The service's own words, in one line. */
function serviceMessage(value: unknown, text: string): string {
	if (isRecord(value)) {
		if (typeof value['message'] === 'string' && value['message'] !== '') return oneLine(value['message']);
		if (typeof value['detail'] === 'string') return oneLine(value['detail']);
		if (Array.isArray(value['detail'])) return oneLine(value['detail'].map(validationMessage).join('; '));
		if (value['code'] === 0) return 'the service answered without a result';
	}
	const title = /<(title|h1)[^>]*>([^<]+)</i.exec(text)?.[2];
	if (title !== undefined) return `the answer is a web page ("${oneLine(title)}"), not JSON`;
	if (text.trim() === '') return 'the service answered with nothing';
	if (value === undefined) return `the answer is not JSON: ${oneLine(text)}`;
	return `the answer has an unknown form: ${oneLine(text)}`;
}

/** One entry of FastAPI's `detail`: `{"loc": ["query", "chat_id"], "msg": "Field required"}`. */
function validationMessage(entry: unknown): string {
	if (!isRecord(entry)) return String(entry);
	const place = Array.isArray(entry['loc']) ? entry['loc'].filter((part) => part !== 'body').join('.') : '';
	const words = typeof entry['msg'] === 'string' ? entry['msg'] : JSON.stringify(entry);
	return place ? `${place}: ${words}` : words;
}

const oneLine = (text: string) => {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};

function advice(status: number, value: unknown, said: string): string {
	if (status === 422) return 'The service rejected a parameter. Check the ids and the user id.';
	if (status === 401 || status === 403)
		return 'The gateway or the service refused access. Check the user id and the base URL.';
	if (status === 413) return 'A gateway limits the size of a request. Use the upload mode "multipart".';
	if (status === 429) return 'The service is asked too often. Lower the concurrency, or try again later.';
	if (status >= 500) return 'The service has a problem of its own. Try again later.';
	if (/not found/i.test(said))
		return 'It may have been deleted, or the id may be of another service. List the files to see which exist.';
	if (!isRecord(value)) return 'Check that the base URL of the credential is that of a BDD file service.';
	return 'The service refused. Its message says why.';
}
