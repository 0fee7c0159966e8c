import { InvalidInputError } from './api/errors';
import { stringifyJson } from './api/json';
import { MIB } from './transfer/bytes';

/** What a caller gets who does not say otherwise. */
export const DEFAULTS = {
	biz: 'chat',
	mode: 'auto',
	/** Seconds without progress. */
	timeout: 60,
	/** Attempts in all. */
	maxTries: 4,
	/** Seconds that a link works. */
	expiresIn: 600,
	/** Parts of one upload in flight. */
	partConcurrency: 4,
	/** Over which one large file comes down. */
	connections: 4,
	/**
	 * Files of a sync in flight. A small file costs a round trip and hardly anything else: at 20 ms each, 24 at once keep
	 * the processor busy, and more do not help.
	 */
	fileConcurrency: 24,
	/** Percent of what a sync remembers that may go on one side. */
	maxDelete: 50,
	/** Days that what a sync removes locally stays in the folder's trash. */
	trashDays: 30,
} as const;

/** The storage behind the service is S3-like: parts of at least 5 MiB, but the last, of at most 5 GiB, at most 10,000. */
export const PART_BYTES = { min: 5 * MIB, max: 5 * 1024 * MIB } as const;
export const MAX_PARTS = 10_000;

/** A timer of Node's cannot wait longer (2^31 - 1 ms); in seconds. */
const LONGEST_TIMER = 2_147_483;
const TEN_YEARS = 10 * 365 * 24 * 3600;

const MOST = { maxTries: 100, expiresIn: TEN_YEARS, concurrency: 1000, connections: 16 } as const;

/** How long a client waits for a service that is slow to say what became of a request. In seconds. */
export interface Patience {
	/** How long a file is looked for whose upload has no answer, before it is taken as not arrived. */
	settle: number;
	/** The least wait for an answer after the last byte of a body: megabytes may still be on their way then. */
	answer: number;
	/** The window of the wait before the second attempt; it doubles with every further one. */
	retry: number;
}

const PATIENCE: Patience = { settle: 10, answer: 30, retry: 1 };

const invalid = (message: string, description: string) => new InvalidInputError(message, { description });

/** @throws InvalidInputError when nothing but white space is there */
export function requiredText(value: string | undefined, what: string): string {
	const text = value?.trim() ?? '';
	if (text !== '') return text;
	throw invalid(`${what} is empty`, `Fill in "${what}", or use an expression that gives it.`);
}

/** The options with their chat's ID trimmed. @throws InvalidInputError when it is empty */
export const withChat = <Options extends { chatId: string }>(options: Options): Options => ({
	...options,
	chatId: requiredText(options.chatId, 'Chat ID'),
});

/** Milliseconds. @throws InvalidInputError */
export function patienceMs(patience: Partial<Patience> | undefined, what: keyof Patience): number {
	const value = patience?.[what] ?? PATIENCE[what];
	return bounded(value, `Patience (${what})`, { above: 0, max: LONGEST_TIMER }) * 1000;
}

/** Seconds, more than 0; as many as a timer can wait for at most, which is 24 days. @throws InvalidInputError */
export function timeoutSeconds(value: number = DEFAULTS.timeout): number {
	return Math.min(bounded(value, 'Timeout', { above: 0, max: Number.MAX_VALUE }), LONGEST_TIMER);
}

/** @throws InvalidInputError */
export function tries(value: number = DEFAULTS.maxTries): number {
	return whole(value, 'Max tries', MOST.maxTries);
}

/** Seconds. @throws InvalidInputError */
export function expirySeconds(value: number = DEFAULTS.expiresIn): number {
	return whole(value, 'Expires in', MOST.expiresIn);
}

/** How many at once. @throws InvalidInputError */
export function concurrency(value: number): number {
	return whole(value, 'Concurrency', MOST.concurrency);
}

/** Over how many one file may come down. @throws InvalidInputError */
export function connections(value: number = DEFAULTS.connections): number {
	return whole(value, 'Connections', MOST.connections);
}

/** How many entries of a list at most; undefined for all. @throws InvalidInputError */
export function limit(value: number | undefined): number | undefined {
	return value === undefined || value === Infinity
		? undefined
		: whole(value, 'Limit', Number.MAX_SAFE_INTEGER);
}

/** Which page of a list, counted from 1. @throws InvalidInputError */
export function page(value: number): number {
	return whole(value, 'Page', Number.MAX_SAFE_INTEGER);
}

/** @throws InvalidInputError */
export function percent(value: number, what: string): number {
	return bounded(value, what, { min: 0, max: 100, unit: ' %' });
}

/** @throws InvalidInputError */
export function days(value: number, what: string): number {
	return bounded(value, what, { min: 0, max: 36_500 });
}

/** Bytes for a number of MiB. @throws InvalidInputError outside of what the storage takes */
export function partBytes(mebibytes: number): number {
	const { min, max } = PART_BYTES;
	bounded(mebibytes, 'Part size', { min: min / MIB, max: max / MIB, unit: ' MiB' });
	return Math.round(mebibytes * MIB);
}

/** @throws InvalidInputError for anything but digits */
export function userIdDigits(value: string | undefined): string {
	const userId = value?.trim() ?? '';
	if (userId === '')
		throw invalid('User ID is empty', 'Give the client a user id, or give one with the call.');
	if (/^\d{1,100}$/.test(userId)) return userId;
	throw invalid(`User ID is not a number: ${shown(userId)}`, 'The service knows users by digits only.');
}

/** @throws InvalidInputError */
export function oneOf<T extends string>(known: readonly T[], value: T, what: string): T {
	if (known.includes(value)) return value;
	throw invalid(`${what} is unknown: ${shown(value)}`, `Known are: ${known.join(', ')}.`);
}

function whole(value: number, what: string, max: number): number {
	if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
	throw invalid(
		`${what} must be a whole number from 1 to ${max}, but is ${shown(value)}`,
		`Give "${what}" a whole number in these bounds.`,
	);
}

function bounded(
	value: number,
	what: string,
	{ above, min, max, unit = '' }: { above?: number; min?: number; max: number; unit?: string },
): number {
	const tooSmall = above === undefined ? value < (min ?? 0) : value <= above;
	if (typeof value === 'number' && Number.isFinite(value) && !tooSmall && value <= max) return value;
	const from = above === undefined ? `from ${min ?? 0}` : `above ${above}`;
	throw invalid(
		`${what} must be ${from} and at most ${max}${unit}, but is ${shown(value)}`,
		`Give "${what}" a number in these bounds.`,
	);
}

/** A value of a caller's in a message: recognisable, and never long. */
function shown(value: unknown): string {
	const text = typeof value === 'number' || value === undefined ? String(value) : stringifyJson(value);
	return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
