/** Reads requests: JSON bodies and forms, as the real service's framework does. */
import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import type { IncomingMessage } from 'node:http';

import { digestOfBytes, type Digest } from '../content';

/** A request that arrived completely. */
export interface Received {
	query: URLSearchParams;
	userId: string;
	/** The JSON body, or the form's field `params`. */
	params: Record<string, unknown>;
	file?: { bytes: Buffer; digest: Digest };
	range: string | undefined;
	ifRange: string | undefined;
}

const header = (request: IncomingMessage, name: string): string | undefined => {
	const value = request.headers[name];
	return typeof value === 'string' ? value : undefined;
};

/** Resolves when the whole body is there; rejects when it broke off or is no form. */
export async function receive(request: IncomingMessage, query: URLSearchParams): Promise<Received> {
	const about = {
		query,
		userId: header(request, 'x-user-id') ?? '',
		range: header(request, 'range'),
		ifRange: header(request, 'if-range'),
	};
	if (/^multipart\/form-data\b/i.test(header(request, 'content-type') ?? '')) {
		const { params, bytes } = await receiveForm(request);
		const file = bytes && { bytes, digest: digestOfBytes(bytes) };
		return { ...about, params: record(params), ...(file && { file }) };
	}
	const chunks: Buffer[] = [];
	for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
	if (!request.complete) throw new Error('The body broke off');
	return { ...about, params: record(Buffer.concat(chunks).toString('utf8')) };
}

async function receiveForm(request: IncomingMessage): Promise<{ params: string; bytes: Buffer | undefined }> {
	let params = '';
	let chunks: Buffer[] | undefined;
	const parser = new Busboy({
		headers: { ...request.headers, 'content-type': header(request, 'content-type') ?? '' },
		// As the real service's framework decides: a part with a file name is a file.
		isPartAFile: (_name, _type, filename) => filename !== undefined,
	});
	await new Promise<void>((resolve, reject) => {
		parser.on('field', (name: string, value: string) => {
			if (name === 'params') params = value;
		});
		parser.on('file', (_name: string, stream: BusboyFileStream) => {
			const parts: Buffer[] = (chunks = []);
			stream.on('data', (chunk: Buffer) => parts.push(chunk));
			stream.on('error', reject);
		});
		parser.on('finish', resolve).on('error', reject);
		request.on('error', reject);
		request.on('close', () => {
			if (!request.complete) reject(new Error('The body broke off'));
		});
		request.pipe(parser);
	});
	return { params, bytes: chunks && Buffer.concat(chunks) };
}

/** Ids become their digits, as the service would read them without loss. */
function record(text: string): Record<string, unknown> {
	try {
		const exact = text.replace(/("file_id"\s*:\s*)(\d+)/, '$1"$2"');
		const value: unknown = JSON.parse(exact);
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}
