import { parse, stringify } from 'lossless-json';

/** Finds a number of 16 digits or more outside a string (or, harmlessly, inside one that looks like JSON). */
const LONG_NUMBER = /(?:^|[:[,])\s*-?\d{16,}/;

/** Deeper than anything that means something, and far from what makes the stack run over in whoever walks the value. */
const MAX_DEPTH = 100;

const parseWith = (text: string, exact: (digits: string) => unknown): unknown => {
	const value = LONG_NUMBER.test(text) ? parseLossless(text, exact) : (JSON.parse(text) as unknown);
	if (isDeeper(value, MAX_DEPTH)) throw tooDeep();
	return value;
};

function parseLossless(text: string, exact: (digits: string) => unknown): unknown {
	try {
		return parse(text, undefined, (token) => {
			const number = Number(token);
			return /^-?\d+$/.test(token) && !Number.isSafeInteger(number) ? exact(token) : number;
		});
	} catch (error) {
		// This parser calls itself for every level.
		throw error instanceof RangeError ? tooDeep() : error;
	}
}

const tooDeep = () => new SyntaxError(`the JSON is nested more than ${MAX_DEPTH} levels deep`);

function isDeeper(value: unknown, levels: number): boolean {
	if (typeof value !== 'object' || value === null) return false;
	if (levels === 0) return true;
	for (const key in value) {
		if (isDeeper((value as Record<string, unknown>)[key], levels - 1)) return true;
	}
	return false;
}

/**
 * Parses the service's JSON. An integer beyond 2^53 becomes its decimal string, since a number would be rounded; text
 * without one takes the engine's own fast path.
 *
 * @throws SyntaxError when the text is not JSON, or is nested more than 100 levels deep
 */
export function parseJson(text: string): unknown {
	return parseWith(text, (digits) => digits);
}

/** Parses JSON that will be sent on unchanged: an integer beyond 2^53 becomes a bigint, which `stringifyJson` writes back exactly. */
export function parseExactJson(text: string): unknown {
	return parseWith(text, BigInt);
}

/** An object of JSON: neither null nor a list. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON text of a value; a bigint is written as an integer. */
export function stringifyJson(value: unknown): string {
	return stringify(value) ?? 'null';
}
