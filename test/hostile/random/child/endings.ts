/**
 * Properties of every ending: a result of the documented shape, or a BddFileError that says what was being done and no
 * secret.
 */
import { isBddFileError } from '../../../../client';
import { SECRET, type Method, type Violation } from '../scenario';
import type { Downloaded, Ending } from './call';

/** How a message begins: with what was being done. */
const BEGINNINGS: Record<Method, RegExp> = {
	upload: /^Uploading "/,
	download: /^Downloading /,
	downloadToFile: /^(Downloading|Writing) /,
	getDownloadUrl: /^Getting a link to file \d/,
	delete: /^Deleting file \d/,
	testConnection: /^Connecting to the file service/,
	listChatFiles: /^Listing chat "/,
	listDirectories: /^Listing directories/,
	listFilesInDirectory: /^Listing directory \d/,
	syncToLocal: /^(Listing chat "|The sync was cancelled|Syncing |Creating the folder|Reading the folder)/,
	syncToRemote: /^(Listing chat "|The sync was cancelled|Syncing |Reading the folder)/,
};

/** The engine's own words, which no user should have to read. */
const RAW =
	/Cannot (read|set|convert|mix|destructure)|is not (a function|iterable|defined|an object)|of (undefined|null)|Maximum call stack|Invalid (array length|string length|time value|URL|URL protocol)|Unsupported protocol|out of range\b.*Received|\[object Object\]|ERR_(INVALID|HTTP|STREAM|OUT)_/;

export function judgeEnding(method: Method, ending: Ending, log: readonly string[]): Violation[] {
	const violations = 'value' in ending ? judgeResult(method, ending.value) : judgeError(method, ending.error);
	for (const line of log)
		if (line.includes(SECRET)) violations.push({ rule: 'a secret in the log', detail: shortened(line) });
	return violations;
}

function judgeError(method: Method, error: unknown): Violation[] {
	if (!isBddFileError(error)) {
		const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
		const at = error instanceof Error ? firstFrames(error) : '';
		return [{ rule: 'a raw error', detail: `${shortened(text)}${at}` }];
	}
	const { message, description } = error;
	const violations: Violation[] = [];
	if (!BEGINNINGS[method].test(message))
		violations.push({
			rule: 'a message that does not begin with what was being done',
			detail: shortened(message),
		});
	if (description.trim() === '')
		violations.push({ rule: 'an error that does not say what to do', detail: shortened(message) });
	return [...violations, ...judgeText(message), ...judgeText(description)];
}

function judgeText(text: string): Violation[] {
	const violations: Violation[] = [];
	const at = text.indexOf(SECRET);
	if (at >= 0)
		violations.push({ rule: 'a secret in an error', detail: text.slice(Math.max(0, at - 120), at + 40) });
	if (RAW.test(text)) violations.push({ rule: 'a raw error in a sentence', detail: shortened(text) });
	if (text.length > 2_000)
		violations.push({ rule: 'an endless sentence', detail: `${text.length} characters: ${shortened(text)}` });
	return violations;
}

function judgeResult(method: Method, value: unknown): Violation[] {
	const wrong = (detail: string): Violation => ({ rule: 'a result of another shape', detail });
	switch (method) {
		case 'upload':
			return isUpload(value) ? [] : [wrong(json(value))];
		case 'download':
			return isDownload((value as Downloaded).download) ? [] : [wrong(json((value as Downloaded).download))];
		case 'downloadToFile':
			return isRecord(value) && isSize(value['size']) ? [] : [wrong(json(value))];
		case 'getDownloadUrl':
			return isLink(value) ? [] : [wrong(json(value))];
		case 'delete':
		case 'testConnection':
			return value === undefined ? [] : [wrong(json(value))];
		case 'listChatFiles':
		case 'listFilesInDirectory':
			return judgeList(value, isFile).map(wrong);
		case 'listDirectories':
			return judgeList(value, (item) => isId(item['id']) && typeof item['name'] === 'string').map(wrong);
		case 'syncToLocal':
		case 'syncToRemote':
			return judgeItems(value);
	}
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const isSize = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

const isId = (value: unknown): boolean => isSize(value) || (typeof value === 'string' && /^\d+$/.test(value));

const isFile = (item: Record<string, unknown>) =>
	isId(item['id']) && typeof item['filename'] === 'string' && isSize(item['size']);

const isUpload = (value: unknown) =>
	isRecord(value) &&
	isId(value['fileId']) &&
	typeof value['fileName'] === 'string' &&
	isSize(value['size']) &&
	(value['mode'] === 'simple' || value['mode'] === 'multipart') &&
	/^[0-9a-f]{32}$/.test(String(value['md5']));

const isDownload = ({ fileId, fileName, size, mimeType }: Downloaded['download']) =>
	isId(fileId) &&
	['string', 'undefined'].includes(typeof fileName) &&
	(size === undefined || isSize(size)) &&
	typeof mimeType === 'string';

const isLink = (value: unknown) =>
	isRecord(value) &&
	URL.canParse(String(value['url'])) &&
	/^https?:$/.test(new URL(String(value['url'])).protocol) &&
	/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(String(value['expiresAt']));

function judgeList(value: unknown, isOne: (item: Record<string, unknown>) => boolean): string[] {
	if (!Array.isArray(value)) return [json(value)];
	const wrong = value.filter((item: unknown) => !isRecord(item) || !isOne(item)).map(json);
	const ids = new Set(value.map((item: unknown) => (isRecord(item) ? String(item['id']) : '')));
	return ids.size === value.length ? wrong : [...wrong, 'an id is in the list twice'];
}

function judgeItems(value: unknown): Violation[] {
	if (!Array.isArray(value)) return [{ rule: 'a result of another shape', detail: json(value) }];
	return value.flatMap((item: unknown): Violation[] => {
		const { status, fileName, fileId, size, reason, error } = isRecord(item) ? item : {};
		const fine =
			typeof fileName === 'string' &&
			(fileId === undefined || isId(fileId)) &&
			(size === undefined || isSize(size)) &&
			((status === 'success' && isId(fileId)) ||
				(status === 'skipped' && typeof reason === 'string') ||
				(status === 'failed' && typeof error === 'string'));
		const shape = fine ? [] : [{ rule: 'an item of another shape', detail: json(item) }];
		return [
			...shape,
			...[error, reason].flatMap((text) => (typeof text === 'string' ? judgeText(text) : [])),
		];
	});
}

const json = (value: unknown): string => shortened(JSON.stringify(value ?? null));

const shortened = (text: string) => (text.length > 240 ? `${text.slice(0, 240)}…` : text);

function firstFrames({ stack = '' }: Error): string {
	const frames = stack.split('\n').filter((line) => /^\s+at /.test(line) && line.includes('client/'));
	return frames
		.slice(0, 2)
		.join('')
		.replace(/\S*\/client\//g, 'client/');
}
