import type { IncomingHttpHeaders } from 'node:http';

import { Busboy } from '@fastify/busboy';

export interface Form {
	fields: Map<string, string>;
	/** The bytes of the parts that have a file name, by the name of the part. */
	files: Map<string, Buffer>;
}

/** Parses a whole `multipart/form-data` body. A part is a file when it has a file name, whatever its type. */
export async function parseForm(headers: IncomingHttpHeaders, body: Buffer): Promise<Form> {
	const form: Form = { fields: new Map(), files: new Map() };
	const parser = new Busboy({
		headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
		isPartAFile: (_name, _type, fileName) => fileName !== undefined,
	});
	await new Promise<void>((resolve, reject) => {
		parser.on('field', (name, value) => form.fields.set(name, value));
		parser.on('file', (name, stream) => {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => form.files.set(name, Buffer.concat(chunks)));
		});
		parser.on('finish', resolve).on('error', reject);
		parser.end(body);
	});
	return form;
}

/** The header lines of one part of a raw form, lower case, as they were sent. */
export function partHeaders(headers: IncomingHttpHeaders, body: Buffer, name: string): string[] {
	const boundary = /boundary=(?:"([^"]+)"|([^;]+))/.exec(headers['content-type'] ?? '');
	const delimiter = `--${boundary?.[1] ?? boundary?.[2] ?? ''}`;
	for (const piece of body.toString('latin1').split(delimiter)) {
		const head = piece.slice(0, piece.indexOf('\r\n\r\n')).trim();
		if (head.includes(`name="${name}"`)) return head.toLowerCase().split('\r\n');
	}
	throw new Error(`The form has no part "${name}"`);
}
