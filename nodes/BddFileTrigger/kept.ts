/**
 * The state as n8n keeps it between polls: a text of JSON, with the state of the watched list and the one of the list that
 * was watched before it. So a change of the chat and back goes on where it was.
 *
 * Whatever of it is damaged would let files come out again, or never. So each state has a check over all of it, and what
 * does not pass is an error. A state of another list is no use, whatever version it has; it is only passed on.
 */
import { createHash } from 'node:crypto';

import { InvalidInputError, isRecord } from '../../client';
import { Digest } from './digest';
import { isDone, PHASES, SIZES, type Entry, type Phase, type Sizes, type State } from './state';

const VERSION = 2;

/** A state as JSON. Only of `VERSION` is anything known besides `version` and `scope`. */
type Written = Record<string, unknown> & { version: number; scope: string };

export interface Kept {
	/** Of the watched list; undefined when nothing is known of it. */
	state: State | undefined;
	/** Of the list that was watched before. */
	earlier: Written | undefined;
	/** Polls so far, whatever they looked at. */
	round: number;
}

/** @throws InvalidInputError for what `writeKept` has not written */
export function readKept(text: string, scope: string, sizes: Sizes = SIZES): Kept {
	const { earlier, ...last } = parse(text);
	const states = [last, ...(earlier === undefined ? [] : [earlier])].map(verified);
	const own = states.find((each) => each.scope === scope);
	return {
		state: own && restore(own, sizes),
		earlier: states.find((each) => each !== own),
		round: typeof last.round === 'number' ? last.round : 0,
	};
}

export function writeKept({ near, far, missing, ...rest }: State, earlier?: Written): string {
	const words = Buffer.from(Uint32Array.from(missing).buffer);
	const written = {
		version: VERSION,
		...rest,
		near: writeEntries(near),
		far: far.toText(),
		missing: words.toString('base64'),
	};
	return JSON.stringify({ ...written, check: checkOf(written), ...(earlier && { earlier }) });
}

function parse(text: string): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(text);
		if (isRecord(value)) return value;
	} catch {
		// It ends in the middle, say.
	}
	throw damaged();
}

function verified(value: unknown): Written {
	if (!isRecord(value)) throw damaged();
	const { check, ...rest } = value;
	const { version, scope } = rest;
	if (typeof version !== 'number' || typeof scope !== 'string' || scope === '') throw damaged();
	if (version === VERSION && check !== checkOf(rest)) throw damaged();
	return { ...value, version, scope };
}

const checkOf = (written: Record<string, unknown>): string =>
	createHash('sha256').update(JSON.stringify(written)).digest('base64url').slice(0, 16);

/** What has passed its check is as `writeKept` has written it, if in the same version. */
function restore({ version, near, far, missing, ...rest }: Written, sizes: Sizes): State {
	if (version !== VERSION) {
		throw new InvalidInputError(
			'What the trigger remembers cannot be read: another version of this package wrote it',
			{
				description: `Nothing has come out, and nothing is changed. Install the version that wrote it again. ${WAY_OUT}`,
			},
		);
	}
	const digest = Digest.fromText(far as string, sizes.cells);
	if (!digest) throw damaged();
	const words = Buffer.from(missing as string, 'base64');
	const numbers = Array.from({ length: words.length / 4 }, (_, index) => words.readUInt32LE(index * 4));
	delete rest.check;
	return {
		...(rest as unknown as Omit<State, 'near' | 'far' | 'missing'>),
		near: readEntries(near as string),
		far: digest,
		missing: new Set(numbers),
	};
}

const WAY_OUT =
	'Or delete this node and add a new BDD File Trigger under another name: it begins anew, so what came since the last poll that worked counts as a file that was there (with Include Existing Files everything comes out again). Switching the workflow off and on changes nothing.';

export const damaged = () =>
	new InvalidInputError('What the trigger remembers cannot be read: it is damaged', {
		description: `Nothing has come out, and nothing is changed. If there is a backup of the database of n8n from before, restore it. ${WAY_OUT}`,
	});

const ENTRY_BYTES = 12;

/** Whether it is the time of an entry that is of use, and not its place. */
const hasTime = (phase: Phase): boolean => isDone(phase) || phase === 'missing';

/** Each entry has its number (7 bytes), its phase and tries (1 byte), and its place, or its time in seconds (4 bytes). */
function writeEntries(near: ReadonlyMap<number, Entry>): string {
	const bytes = Buffer.alloc(near.size * ENTRY_BYTES);
	let at = 0;
	for (const [key, { phase, tries, place, time = 0 }] of near) {
		at = bytes.writeUIntLE(key % 2 ** 32, at, 4);
		at = bytes.writeUIntLE(Math.floor(key / 2 ** 32), at, 3);
		at = bytes.writeUInt8(PHASES.indexOf(phase) + PHASES.length * tries, at);
		at = bytes.writeUInt32LE(hasTime(phase) ? Math.ceil(time / 1000) : place, at);
	}
	return bytes.toString('base64');
}

function readEntries(text: string): Map<number, Entry> {
	const near = new Map<number, Entry>();
	const bytes = Buffer.from(text, 'base64');
	for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
		const key = bytes.readUIntLE(at, 4) + bytes.readUIntLE(at + 4, 3) * 2 ** 32;
		const code = bytes.readUInt8(at + 7);
		const phase = PHASES[code % PHASES.length] ?? 'done';
		const tries = Math.floor(code / PHASES.length);
		const detail = bytes.readUInt32LE(at + 8);
		near.set(key, {
			phase,
			tries,
			...(hasTime(phase) ? { place: 0, time: detail * 1000 } : { place: detail }),
		});
	}
	return near;
}
