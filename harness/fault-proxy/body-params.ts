import type { IncomingHttpHeaders } from 'node:http';
import { Busboy } from '@fastify/busboy';
import { isSafeNumber, parse } from 'lossless-json';

export type Params = Readonly<Record<string, unknown>>;

const MAX_JSON_BYTES = 64 * 1024;

/**
 * Watches a request body go by and picks out its parameters: the JSON in the field `params` of a multipart form, or a
 * JSON body itself. File bytes are not kept, and nothing is parsed any more once the parameters are known.
 */
export interface BodyParams {
	/** Settles with the parameters, or with `undefined` when the body has none or is malformed. */
	readonly found: Promise<Params | undefined>;
	write(chunk: Buffer): void;
	end(): void;
}

export function watchParams(headers: IncomingHttpHeaders): BodyParams | undefined {
	const type = headers['content-type'] ?? '';
	if (type.startsWith('multipart/form-data')) return multipartParams(type);
	if (type.startsWith('application/json')) return jsonParams();
	return undefined;
}

function multipartParams(type: string): BodyParams {
	let settled = false;
	let settle: (params: Params | undefined) => void = () => undefined;
	const found = new Promise<Params | undefined>((resolve) => {
		settle = (params) => {
			settled = true;
			resolve(params);
		};
	});
	const form = openForm(type);
	if (!form) settle(undefined);
	form?.on('file', (_field, stream) => stream.resume());
	form?.on('field', (field, value) => {
		if (field === 'params') settle(parseParams(value));
	});
	form?.once('finish', () => settle(undefined));
	form?.on('error', () => settle(undefined));
	return {
		found,
		write: (chunk) => {
			if (!settled) form?.write(chunk);
		},
		end: () => {
			if (!settled) form?.end();
		},
	};
}

/** `undefined` for a content type without a boundary. */
function openForm(type: string): InstanceType<typeof Busboy> | undefined {
	try {
		return new Busboy({ headers: { 'content-type': type } });
	} catch {
		return undefined;
	}
}

function jsonParams(): BodyParams {
	const chunks: Buffer[] = [];
	let size = 0;
	let settle: (params: Params | undefined) => void = () => undefined;
	return {
		found: new Promise((resolve) => (settle = resolve)),
		write: (chunk) => {
			size += chunk.length;
			if (size <= MAX_JSON_BYTES) chunks.push(chunk);
		},
		end: () =>
			settle(size <= MAX_JSON_BYTES ? parseParams(Buffer.concat(chunks).toString('utf8')) : undefined),
	};
}

function parseParams(text: string): Params | undefined {
	try {
		const value = parse(text, null, (digits) => (isSafeNumber(digits) ? Number(digits) : digits));
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
	} catch {
		return undefined;
	}
}
