import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type RunningService, type ServiceOptions } from '../../local-service';

export const USER = '1955228426376908801';

const cleanups: (() => unknown)[] = [];

/** Runs after the test, the latest first, whatever becomes of the test. */
export const afterThisTest = (cleanup: () => unknown): void => {
	cleanups.push(cleanup);
};

afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A new empty folder, removed after the test. */
export const temporaryFolder = (): string => {
	const folder = mkdtempSync(join(tmpdir(), 'bdd-service-'));
	afterThisTest(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
};

/** A service in a new folder (or the given one), closed after the test. */
export const start = async (options: Partial<ServiceOptions> = {}): Promise<RunningService> => {
	const service = await startService({ dataDir: temporaryFolder(), ...options });
	afterThisTest(() => service.close());
	return service;
};

/** An answer, with its JSON as text too: ids beyond 2^53 are compared there. */
export interface Answer {
	status: number;
	headers: Headers;
	text: string;
	body: unknown;
}

type Query = Record<string, string | number>;

interface CallOptions {
	query?: Query;
	/** Sent as it is. */
	json?: string;
	form?: FormBody;
	/** Null: no header. */
	user?: string | null;
}

export type Target = Pick<RunningService, 'url'>;

/** One request with the header that every endpoint wants. */
export const call = async (service: Target, request: string, options: CallOptions = {}): Promise<Answer> => {
	const [method = 'GET', path = '/'] = request.split(' ');
	const { query = {}, json, form, user = USER } = options;
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) search.set(name, String(value));
	const headers = new Headers();
	if (user !== null) headers.set('x-user-id', user);
	if (json !== undefined) headers.set('content-type', 'application/json');
	if (form !== undefined) headers.set('content-type', form.type);
	const response = await fetch(`${service.url}${path}?${search.toString()}`, {
		method,
		headers,
		body: json ?? form?.bytes ?? null,
	});
	const text = await response.text();
	return { status: response.status, headers: response.headers, text, body: parsed(text) };
};

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

/** The JSON text of an answer's `data`; the answer must be a success. */
export const dataOf = ({ status, text }: Answer): string => {
	const match = /^\{"code":0,"data":(.*),"message":null\}$/s.exec(text);
	if (status !== 200 || match?.[1] === undefined) throw new Error(`No success: ${status} ${text}`);
	return match[1];
};

/** What an answer must be when the service refuses by its rules. */
export const refusal = (message: string): unknown => ({
	status: 200,
	body: { code: 1, data: null, message },
});

export interface FormBody {
	type: string;
	bytes: Uint8Array<ArrayBuffer>;
}

export interface Part {
	name: string;
	/** Makes the part a file. */
	filename?: string;
	content: string | Uint8Array;
}

/** A multipart body with its parts in the given order. */
export const form = (...parts: Part[]): FormBody => {
	const boundary = 'test-boundary-7d9f';
	const pieces = parts.flatMap(({ name, filename, content }) => {
		const file =
			filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: application/octet-stream`;
		const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`;
		return [Buffer.from(head), Buffer.from(content), Buffer.from('\r\n')];
	});
	const bytes = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
	return { type: `multipart/form-data; boundary=${boundary}`, bytes: new Uint8Array(bytes) };
};

export const chatParams = (filename: string, chatId = 'c', more: object = {}): string =>
	JSON.stringify({ filename, biz: 'chat', biz_params: { chat_id: chatId }, ...more });

/** Uploads in simple mode, as the published client does; gives the id's digits. */
export const upload = async (
	service: Target,
	filename: string,
	content: string | Uint8Array,
	params = chatParams(filename),
): Promise<string> => {
	const body = form({ name: 'params', content: params }, { name: 'file', filename: 'f', content });
	return dataOf(await call(service, 'POST /uploadSimpleFile', { form: body }));
};

/** Begins a multipart upload of a chat's file; gives the id's digits. */
export const begin = async (
	service: Target,
	size: number,
	partSize: number,
	more: object = {},
): Promise<string> => {
	const json = chatParams('big.bin', 'c', { size, part_size: partSize, hashcode: null, ...more });
	return dataOf(await call(service, 'POST /initMultipartUploadFile', { json }));
};

export const sendPart = (
	service: Target,
	id: string,
	part: number,
	content: string | Uint8Array,
): Promise<Answer> => {
	const params = `{"file_id":${id},"part_number":${part}}`;
	const body = form({ name: 'params', content: params }, { name: 'part', filename: `part_${part}`, content });
	return call(service, 'POST /uploadFilePart', { form: body });
};

/** One of the endpoints that take a file id in a JSON body. */
export const post = (service: Target, path: string, id: string): Promise<Answer> =>
	call(service, `POST ${path}`, { json: `{"file_id":${id}}` });

export const download = async (service: Target, id: string): Promise<Buffer> => {
	const response = await fetch(`${service.url}/downloadFile?file_id=${id}`, {
		headers: { 'x-user-id': USER },
	});
	if (response.status !== 200) throw new Error(`Download answered ${response.status}`);
	return Buffer.from(await response.arrayBuffer());
};

/** Temporary files and stored ids, to see that nothing is left behind. */
export const onDisk = (dataDir: string): { staged: string[]; files: string[] } => ({
	staged: readdirSync(join(dataDir, 'staged')),
	files: readdirSync(join(dataDir, 'files')).sort(),
});

/** Bytes that repeat at no part border. */
export const noise = (size: number): Buffer => {
	const bytes = Buffer.alloc(size);
	for (let i = 0, state = 1; i < size; i++) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		bytes[i] = state >>> 24;
	}
	return bytes;
};

/** Waits until something holds. */
export const until = async (holds: () => boolean): Promise<void> => {
	for (let tries = 0; !holds(); tries++) {
		if (tries > 1000) throw new Error('It never came to hold');
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
};
