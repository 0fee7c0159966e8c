import type { OwnAnswer } from './script';

/** The headers and the body of an answer that the proxy gives by itself, as they go out. */
export function contentOf({ headers = {}, body = '' }: OwnAnswer): {
	headers: Record<string, string>;
	bytes: Uint8Array;
} {
	const bytes = bytesOf(body);
	return {
		headers: {
			'Content-Type': typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json',
			'Content-Length': String(bytes.length),
			...headers,
		},
		bytes,
	};
}

function bytesOf(body: unknown): Uint8Array {
	if (typeof body === 'string') return Buffer.from(body);
	return body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
}

/** The head of an answer after which the connection closes, to be written past `node:http`. */
export function earlyHead(status: number, headers: Readonly<Record<string, string>>): string {
	const lines = Object.entries({ ...headers, Connection: 'close' }).map(
		([name, value]) => `${name}: ${value}\r\n`,
	);
	return `HTTP/1.1 ${status} Answered early\r\n${lines.join('')}\r\n`;
}
