import { InvalidInputError } from './errors';
import { quoted } from './text';
import type { WireId } from './wire';

/** Characters. Twice what the largest number of 128 bits needs. */
const LONGEST = 80;

/** The canonical form of an id inside the client: its decimal digits, without leading zeros. */
export type FileId = string;

/**
 * Reads an id as people and workflows write it: a safe integer or a string of digits. One with leading zeros, such as the number of
 * an order, is no id of a file.
 *
 * @param what the parameter's name as the user knows it, for the error
 * @throws InvalidInputError for anything else, including a number that JSON has already rounded
 */
export function parseId(value: unknown, what: string): FileId {
	if (typeof value === 'number' && Number.isInteger(value) && value > Number.MAX_SAFE_INTEGER) {
		throw new InvalidInputError(`${what} ${value} has lost digits`, {
			description: `Pass an id beyond ${Number.MAX_SAFE_INTEGER} as text, as this node's own outputs do.`,
		});
	}
	const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
	if (typeof text === 'string' && text.length <= LONGEST && /^\s*(?:0|[1-9]\d*)\s*$/.test(text)) {
		return text.trim();
	}
	const shown =
		text === undefined || text === null || text === ''
			? 'is empty'
			: `is not an id: ${quoted(JSON.stringify(text))}`;
	throw new InvalidInputError(`${what} ${shown}`, {
		description: `${what} must be a whole number, such as 42. Uploads and lists give it as "fileId" or "id".`,
	});
}

/** The id as JSON output carries it: a number while that is exact, otherwise the digits as a string. */
export function toWireId(id: FileId): WireId {
	const number = Number(id);
	return Number.isSafeInteger(number) ? number : id;
}

/** Orders ids by value. The service assigns them in ascending order, so this is also the order of creation. */
export function compareIds(a: WireId, b: WireId): number {
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	const left = String(a);
	const right = String(b);
	return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}
