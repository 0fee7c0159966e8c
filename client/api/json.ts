import { parse, stringify } from 'lossless-json';

/** Finds a number of 16 digits or more outside a string (or, harmlessly, inside one that looks like JSON). */
const LONG_NUMBER = /(?:^|[:[,])\s*-?\d{16,}/;

const parseWith = (text: string, exact: (digits: string) => unknown): unknown => {
	if (!LONG_NUMBER.test(text)) return JSON.parse(text) as unknown;
	return parse(text, undefined, (token) => {
		const number = Number(token);
		return /^-?\d+$/.test(token) && !Number.isSafeInteger(number) ? exact(token) : number;
	});
};

/**
 * Parses the service's JSON. An integer beyond 2^53 becomes its decimal string, since a number would be rounded; text
 * without one takes the engine's own fast path.
 *
 * @throws SyntaxError when the text is not JSON
 */
export function parseJson(text: string): unknown {
	return parseWith(text, (digits) => digits);
}

/** Parses JSON that will be sent on unchanged: an integer beyond 2^53 becomes a bigint, which `stringifyJson` writes back exactly. */
export function parseExactJson(text: string): unknown {
	return parseWith(text, BigInt);
}

/** JSON text of a value; a bigint is written as an integer. */
export function stringifyJson(value: unknown): string {
	return stringify(value) ?? 'null';
}
