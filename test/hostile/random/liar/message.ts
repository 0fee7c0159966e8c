/** Makes the bytes of an answer from what the scenario says, and from the truth where it is near to it. */
import { jsonText } from './lists';
import type { Reply } from './endpoints';
import { SECRET, type Answer, type Body, type Edit, type Header, type Length } from '../scenario';

/** An answer as bytes. `endless` goes on after them, again and again. */
export interface Message {
	bytes: Buffer;
	endless: Buffer | undefined;
	/** The connection is closed after it. */
	closes: boolean;
}

/** What fills the placeholders of headers, and goes with every answer. */
export interface Surroundings {
	self: string;
	storage: string;
	/** `Date`, `Set-Cookie` and the like. */
	always: Header[];
}

const XML = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><AWSAccessKeyId>${SECRET}-key</AWSAccessKeyId><SignatureProvided>${SECRET}-signature</SignatureProvided><StringToSign>AWS4 ${SECRET}-string</StringToSign></Error>`;

const JSON_TYPE: Header = ['Content-Type', 'application/json'];

/** The truth, unchanged. */
export function truth(reply: Reply, surroundings: Surroundings): Message {
	const { status, headers, bytes } = parts(reply);
	return message(status, headers, { bytes, endless: undefined }, 'exact', surroundings);
}

/** The truth with changes: in its JSON, or at the end of its bytes. */
export function near(reply: Reply, answer: Answer & { kind: 'near' }, surroundings: Surroundings): Message {
	const { status, headers, bytes } = parts(reply);
	const body =
		reply.kind === 'json'
			? Buffer.from(filled(jsonText(edited(reply.body, answer.edits)), surroundings))
			: editedBytes(bytes, answer.edits);
	const all = replaceHeaders(headers, answer.headers);
	return message(
		answer.status ?? status,
		all,
		{ bytes: body, endless: undefined },
		answer.length,
		surroundings,
	);
}

/** Something else altogether. What comes from the storage always holds a secret, whatever its form. */
export function lie(
	answer: Answer & { kind: 'lie' },
	fromStorage: boolean,
	surroundings: Surroundings,
): Message {
	const body = bodyOf(answer.body, surroundings);
	if (fromStorage && body.bytes.length < 10_000)
		body.bytes = Buffer.concat([body.bytes, Buffer.from(`\n${SECRET}-storage`)]);
	return message(answer.status, answer.headers, body, answer.length, surroundings);
}

function parts(reply: Reply): { status: number; headers: Header[]; bytes: Buffer } {
	if (reply.kind === 'file') return reply;
	return { status: reply.status, headers: [JSON_TYPE], bytes: Buffer.from(jsonText(reply.body)) };
}

function replaceHeaders(headers: readonly Header[], others: readonly Header[]): Header[] {
	const replaced = new Set(others.map(([name]) => name.toLowerCase()));
	return [...headers.filter(([name]) => !replaced.has(name.toLowerCase())), ...others];
}

function message(
	status: number,
	headers: readonly Header[],
	body: { bytes: Buffer; endless: Buffer | undefined },
	length: Length,
	surroundings: Surroundings,
): Message {
	const lines = [`HTTP/1.1 ${status} ${status < 400 ? 'Fine' : 'Not Fine'}`];
	for (const [name, value] of [...surroundings.always, ...headers])
		lines.push(`${name}: ${filled(value, surroundings)}`);
	let { bytes } = body;
	if (length === 'chunked') {
		lines.push('Transfer-Encoding: chunked');
		bytes = chunked(bytes, body.endless === undefined);
	} else if (length === 'untilClose') {
		lines.push('Connection: close');
	} else {
		lines.push(`Content-Length: ${length === 'exact' ? (body.endless ? 10 : bytes.length) : length.wrong}`);
	}
	const endless = body.endless && (length === 'chunked' ? chunked(body.endless, false) : body.endless);
	const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
	return { bytes: Buffer.concat([head, bytes]), endless, closes: length === 'untilClose' };
}

const filled = (value: string, { self, storage }: Surroundings) =>
	value.replaceAll('{self}', self).replaceAll('{storage}', storage);

function chunked(bytes: Buffer, last: boolean): Buffer {
	const head = bytes.length > 0 ? `${bytes.length.toString(16)}\r\n` : '';
	const tail = `${bytes.length > 0 ? '\r\n' : ''}${last ? '0\r\n\r\n' : ''}`;
	return Buffer.concat([Buffer.from(head), bytes, Buffer.from(tail)]);
}

function bodyOf(body: Body, surroundings: Surroundings): { bytes: Buffer; endless: Buffer | undefined } {
	switch (body.kind) {
		case 'json':
			return { bytes: Buffer.from(filled(jsonText(body.value), surroundings)), endless: undefined };
		case 'text':
			return { bytes: Buffer.from(body.text.repeat(body.times)), endless: undefined };
		case 'deep': {
			const [before, after] = body.around;
			const [open, close] = body.unit === 'array' ? ['[', ']'] : ['{"data":', '}'];
			return {
				bytes: Buffer.from(`${before}${open.repeat(body.depth)}1${close.repeat(body.depth)}${after}`),
				endless: undefined,
			};
		}
		case 'xml':
			return { bytes: Buffer.from(XML), endless: undefined };
		case 'endless':
			return { bytes: Buffer.alloc(0), endless: Buffer.alloc(64 * 1024, body.unit) };
	}
}

type Container = Record<string, unknown> | unknown[];

/** Applies each edit to one place of a JSON value; a number is taken modulo the number of places. */
function edited(value: unknown, edits: readonly Edit[]): unknown {
	const root: { value: unknown } = { value: JSON.parse(JSON.stringify(value ?? null)) };
	for (const { at, change, value: other } of edits) {
		const places = placesIn(root);
		const place = typeof at === 'string' ? places.find(({ key }) => key === at) : places[at % places.length];
		if (place) apply(place, change, other);
	}
	return root.value;
}

interface Place {
	container: Container;
	key: string | number;
}

function placesIn(container: Container): Place[] {
	const keys = Array.isArray(container) ? [...container.keys()] : Object.keys(container);
	return keys.flatMap((key) => {
		const value = (container as Record<string | number, unknown>)[key];
		const inner = typeof value === 'object' && value !== null ? placesIn(value as Container) : [];
		return [{ container, key }, ...inner];
	});
}

function apply({ container, key }: Place, change: Edit['change'], value: unknown): void {
	if (Array.isArray(container) && typeof key === 'number') {
		if (change === 'remove') container.splice(key, 1);
		else container.splice(key, change === 'double' ? 0 : 1, change === 'double' ? container[key] : value);
	} else {
		const record = container as Record<string, unknown>;
		// Removed is undefined, which JSON leaves out; at the root that makes an empty body's `null`.
		record[key] = change === 'remove' ? undefined : value;
	}
}

/** A file's bytes: cut off, doubled, or with something in front. */
function editedBytes(bytes: Buffer, edits: readonly Edit[]): Buffer {
	return edits.reduce((all, { at, change, value }) => {
		if (change === 'remove') return all.subarray(0, Number(at) % (all.length + 1) || 0);
		if (change === 'double') return Buffer.concat([all, all.subarray(0, 100_000)]);
		return Buffer.concat([Buffer.from(jsonText(value)), all]);
	}, bytes);
}
