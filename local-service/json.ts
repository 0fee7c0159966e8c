import { isInteger, parse, stringify } from 'lossless-json';

/** A JSON number: a bigint where a double would change an integer's value. */
const exactNumber = (digits: string): number | bigint => {
	const value = Number(digits);
	return isInteger(digits) && !Number.isSafeInteger(value) ? BigInt(digits) : value;
};

/**
 * Parses JSON without changing an integer: beyond 2^53 it becomes a bigint.
 * @throws SyntaxError (or RangeError for absurd nesting) when the text is no JSON.
 */
export const parseJson = (text: string): unknown => parse(text, null, exactNumber);

/** The JSON text of a value from `parseJson`: bigints are written as plain integers. */
export const toJson = (value: unknown): string => stringify(value) ?? 'null';

/** Whether a value from `parseJson` is a JSON object. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
