import { tryToParseDateTime } from 'n8n-workflow';

import { InvalidInputError, parseId, stringifyJson, type FileId } from '../../client';

/**
 * Readings of single values, such as expressions and credentials give: each gives a valid value or an InvalidInputError
 * that names the field by its label in the panel. Undefined and null are no value.
 */

/** Both bounds are inclusive. */
export interface Bounds {
	min: number;
	max: number;
	whole: boolean;
}

const EXPRESSION_HINT = 'If it comes from an expression, check what the expression gives for this item.';

/** Characters of a wrong value that an error quotes. */
const MOST_QUOTED = 200;

/** A value as an error quotes it. */
export function quoted(value: unknown): string {
	const text = stringifyJson(value);
	return text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}...` : text;
}

const isNothing = (value: unknown): value is undefined | null => value === undefined || value === null;

/** A required field has no value. */
export const emptyField = (label: string, description: string) =>
	new InvalidInputError(`${label} is empty`, { description });

/** Trimmed text; a whole number counts as its digits. Undefined when there is nothing. */
export function asText(value: unknown, label: string): string | undefined {
	if (isNothing(value)) return undefined;
	if (typeof value === 'number' && Number.isInteger(value)) {
		if (Number.isSafeInteger(value)) return String(value);
		throw new InvalidInputError(`${label} ${value} has lost digits`, {
			description: `Numbers beyond ${Number.MAX_SAFE_INTEGER} must be passed as text.`,
		});
	}
	if (typeof value !== 'string') {
		const is = Array.isArray(value) ? 'a list, but must be text' : 'not text';
		throw new InvalidInputError(`${label} is ${is}: ${quoted(value)}`, { description: EXPRESSION_HINT });
	}
	const text = value.trim();
	return text === '' ? undefined : text;
}

/** An id: digits, as text or as a number that is exact. */
export function asId(value: unknown, label: string): FileId {
	const isShort = typeof value === 'string' && value.length <= MOST_QUOTED;
	if (isNothing(value) || typeof value === 'number' || isShort) return parseId(value, label);
	throw new InvalidInputError(`${label} is not an id: ${quoted(value)}`, { description: EXPRESSION_HINT });
}

/** A number, also as text. Undefined when there is nothing. */
export function asNumber(value: unknown, label: string, { min, max, whole }: Bounds): number | undefined {
	if (isNothing(value) || (typeof value === 'string' && value.trim() === '')) return undefined;
	const number = typeof value === 'string' ? Number(value) : value;
	if (typeof number === 'number' && number >= min && number <= max && (!whole || Number.isInteger(number))) {
		return number;
	}
	throw new InvalidInputError(
		`${label} must be ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`,
		{ description: `It is ${quoted(value)}. ${EXPRESSION_HINT}` },
	);
}

/** The texts that switch something on and off, in lower case. */
export const ON = ['true', '1', 'yes', 'on'];
const OFF = ['false', '0', 'no', 'off'];

/** A switch. Expressions and AI models easily give text or 1 and 0, in any case, which count as what they say. */
export function asFlag(value: unknown, label: string): boolean {
	const text = isScalar(value) ? String(value).trim().toLowerCase() : '';
	if (ON.includes(text)) return true;
	if (OFF.includes(text)) return false;
	throw new InvalidInputError(`${label} must be true or false`, {
		description: `It is ${isNothing(value) ? 'empty' : quoted(value)}. ${EXPRESSION_HINT}`,
	});
}

const isScalar = (value: unknown) => ['boolean', 'number', 'string'].includes(typeof value);

/** What is taken for a time. n8n's own reading finds one in almost any text. */
const ISO_8601 =
	/^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)? *(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?$/i;

/**
 * A moment: a date object, or a text in ISO 8601, such as n8n's date picker gives. Undefined when there is nothing.
 *
 * @param zone the time zone of a text that names none
 */
export function asTime(value: unknown, label: string, zone: string): Date | undefined {
	if (isNothing(value) || (typeof value === 'string' && value.trim() === '')) return undefined;
	const isText = typeof value === 'string' && ISO_8601.test(value.trim()) && hasDay(value.trim());
	const time =
		isText || (typeof value === 'object' && !Array.isArray(value)) ? parsedTime(value, zone) : undefined;
	if (time) return time;
	throw new InvalidInputError(`${label} is no date or time: ${quoted(value)}`, {
		description: `Write it like 2026-03-31 or 2026-03-31T18:00:00+08:00. ${EXPRESSION_HINT}`,
	});
}

/** Whether the calendar has the day that the text begins with: JavaScript takes 30 February for 2 March. */
function hasDay(text: string): boolean {
	const day = text.slice(0, 10);
	const date = new Date(`${day}T00:00:00Z`);
	return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function parsedTime(value: unknown, zone: string): Date | undefined {
	try {
		return tryToParseDateTime(value, zone).toJSDate();
	} catch {
		return undefined;
	}
}

/** One of a fixed list of values, to the letter. */
export function asChoice<T extends string>(value: unknown, label: string, values: readonly T[]): T {
	const choice = values.find((candidate) => candidate === value);
	if (choice !== undefined) return choice;
	const is = isNothing(value) || value === '' ? 'empty' : `unknown: ${quoted(value)}`;
	throw new InvalidInputError(`${label} is ${is}`, { description: `Use one of: ${values.join(', ')}.` });
}

/** Glob patterns, separated by commas or line breaks, or a list of such texts. */
export function asPatterns(value: unknown, label: string): string[] {
	const texts: unknown[] = Array.isArray(value) ? value : [value];
	return texts.flatMap((text) => splitPatterns(asText(text, label) ?? ''));
}

/** A comma inside braces belongs to the pattern. */
function splitPatterns(text: string): string[] {
	let depth = 0;
	const marked = Array.from(text, (character) => {
		if (character === '{') depth++;
		if (character === '}') depth--;
		return character === ',' && depth <= 0 ? '\n' : character;
	});
	return marked
		.join('')
		.split('\n')
		.map((pattern) => pattern.trim())
		.filter((pattern) => pattern !== '');
}
