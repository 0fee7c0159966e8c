/**
 * Which files are new: a look at a list and what is remembered of earlier looks give the files that are due and what to
 * remember now. Pure: time comes in, nothing goes out.
 *
 * A file is due once, when it is seen `ok` for the first time. A watermark ("every id above the last one") cannot decide
 * that alone: an id may appear after higher ones, and a file may become `ok` long after files that came later. All ids
 * cannot be kept either: n8n keeps the state in one row of its database, and 100,000 ids of 64 bits do not fit in 64 KB.
 * So the state is exact where things happen, and a fingerprint elsewhere (sizes in `state.ts`):
 *
 * - `near`: the files that were looked at last, and each one that is not done: known one by one.
 * - `highest`: nothing is remembered of ids above it, so such a file is new.
 * - `far`: all other files, as a fingerprint (`digest.ts`) of one fact for each: its id and whether it is done, failed or
 *   waiting. It cannot say whether a file is in it. But compared with the same fingerprint of a whole list it says what
 *   differs, exactly, up to about 1,100 differences: the ids that appeared late, the ones that became `ok`, the ones
 *   that are gone.
 *
 * **What a short look must prove** (some pages at the end of the list where new files come): every record on them is in
 * `near` or above `highest`, and the list has grown by exactly as many records as are new on them. Then nothing was
 * added that the pages do not show, unless a file was deleted at the same time. Otherwise the whole list is read at once.
 *
 * **What a whole look catches**: all of it. It is made at least once an hour.
 *
 * **What cannot be told.** More than about 1,100 files of `far` differ from one whole look to the next, because so many
 * old ones were deleted or so many ids appeared late at once. Files above `highest` and in `near` come out as ever. Of
 * the others those come out whose difference can be read; the rest is held back, since a list that lacks so much may be an
 * old or a broken one, and giving out the whole chat again is worse than waiting. When the list still says the same after
 * three days it is believed: what was uploaded (by the service's time) since the last look that could tell everything
 * comes out, the rest counts as known. So lost is only a file that appeared late, with a lower id *and* an older time,
 * while 1,100 others disappeared.
 *
 * **What is gone** stays known for three days, as an old list lacks it too. A file that comes back later than that counts
 * as new. So does, of course, what came out after a state was saved, when that state comes back: nobody can know.
 */
import { compareIds, uploadTime, type FileInfo } from '../../client';
import { factOf, isOpen, SIZES, type Phase, type Sizes, type State } from './state';

/** How long a list must say the same before what it lacks is forgotten: a broken service may last over a weekend. */
export const PATIENCE_MS = 3 * 24 * 3600_000;

/** A record, as it was seen in a list. */
export interface Seen {
	id: string;
	/** The id as a number (`numberOf`). */
	key: number;
	sight: 'ok' | 'waiting' | 'failed';
	/** Counted from the end where files have been longest: 0 is the oldest. */
	place: number;
	/** There when it is `ok`. */
	file?: FileInfo;
}

/** What a look found. */
export interface Look {
	/** Records that the list has. */
	total: number;
	/** Each id once. */
	seen: readonly Seen[];
	/** These are all of them. */
	isWhole: boolean;
	newest: State['newest'];
}

/** A file that has not come out yet. */
export interface Due {
	id: string;
	key: number;
	file: FileInfo;
	/** How often its content was asked for in vain. */
	tries: number;
}

export interface Findings {
	/** Oldest first. */
	due: Due[];
	/** Otherwise a whole look has to decide. */
	isConclusive: boolean;
	far: FarFindings;
}

interface FarFindings {
	/** The files of `far` that differ, with the fact that was known of each. */
	changed: Map<number, Phase | undefined>;
	/** Facts of files that the list does not have. */
	gone: Set<number>;
	/** Files of which nothing has changed. */
	same: Seen[];
	isComplete: boolean;
	/** The list is believed although the difference cannot be read: these facts are what is known now. */
	believed?: Set<number>;
}

/** What became of the files that were due; the others are due again. */
export interface Delivered {
	/** Keys of those that came out, or never will. */
	done: ReadonlySet<number>;
	/** Keys of those whose content could not be had, with the tries so far. */
	owed: ReadonlyMap<number, number>;
}

const isAbove = (id: string, highest: string) => compareIds(id, highest) > 0;

/** Compares a look with what is known. A look that proves nothing is no failure: a whole one always is conclusive. */
export function compare(state: State, look: Look, now: number): Findings {
	const due: Due[] = [];
	const distant: Seen[] = [];
	let added = 0;
	const expect = ({ id, key, file }: Seen, tries = 0) => {
		if (file) due.push({ id, key, file, tries });
	};
	for (const seen of look.seen) {
		const entry = state.near.get(seen.key);
		if (entry) {
			if (entry.phase !== 'done') expect(seen, entry.tries);
		} else if (isAbove(seen.id, state.highest)) {
			added += 1;
			expect(seen);
		} else distant.push(seen);
	}
	const far = look.isWhole ? compareFar(state, distant, now) : NOTHING_FAR;
	for (const seen of distant) if (far.changed.has(seen.key)) expect(seen);
	return {
		due: due.sort((a, b) => compareIds(a.id, b.id)),
		isConclusive: look.isWhole || (distant.length === 0 && added === look.total - state.total),
		far,
	};
}

const NOTHING_FAR: FarFindings = { changed: new Map(), gone: new Set(), same: [], isComplete: true };

const FAR_PHASES: readonly Phase[] = ['done', 'failed', 'waiting'];

const phaseOf = (sight: Seen['sight']): Phase => (sight === 'ok' ? 'done' : sight);

function compareFar(state: State, distant: readonly Seen[], now: number): FarFindings {
	const listed = state.far.blank();
	for (const { key, sight } of distant) listed.add(factOf(key, phaseOf(sight)));
	const { mine: gone, theirs: appeared, isComplete } = state.far.difference(listed);
	const isBelieved = !isComplete && now - state.soundAt > PATIENCE_MS;
	const changed = new Map<number, Phase | undefined>();
	const same: Seen[] = [];
	const believed = new Set<number>();
	for (const seen of distant) {
		const { key, sight } = seen;
		const fact = factOf(key, phaseOf(sight));
		if (!appeared.has(fact)) {
			if (isBelieved && sight === 'ok' && uploadedAt(seen) > state.soundAt) changed.set(key, undefined);
			else {
				same.push(seen);
				believed.add(fact);
			}
			continue;
		}
		const was = FAR_PHASES.find((phase) => phase !== phaseOf(sight) && gone.has(factOf(key, phase)));
		if (was !== undefined) gone.delete(factOf(key, was));
		if (was === 'done') {
			// What came out stays known, whatever an old list says of it.
			believed.add(factOf(key, was));
		} else if (isComplete || isBelieved || sight === 'ok') changed.set(key, was);
		// Else it may have come out: what was known of it cannot be read.
	}
	return { changed, gone, same, isComplete, ...(isBelieved && { believed }) };
}

const uploadedAt = ({ file }: Seen) => uploadTime(file?.upload_at ?? '')?.getTime() ?? 0;

/** What to remember after a look whose due files were delivered as far as `delivered` says. */
export function advance(
	state: State,
	look: Look,
	{ due, far }: Findings,
	{ done, owed }: Delivered,
	now: number,
	sizes: Sizes = SIZES,
): State {
	const next: State = {
		...state,
		round: state.round + 1,
		near: new Map(state.near),
		far: state.far.copy(),
		newest: look.newest,
	};
	// Nothing is remembered of the files from here on, so that they are new the next time.
	const stop = due.find(
		({ id, key }) => isAbove(id, state.highest) && !state.near.has(key) && !done.has(key) && !owed.has(key),
	);
	let unnoted = 0;
	const note = (key: number, phase: Phase, place: number, tries = 0) => {
		next.near.delete(key);
		next.near.set(key, { phase, tries, place });
	};
	for (const { id, key, sight, place } of [...look.seen].sort((a, b) => compareIds(a.id, b.id))) {
		const entry = state.near.get(key);
		const isNew = entry === undefined && isAbove(id, state.highest);
		if (entry === undefined && !isNew && !far.changed.has(key)) continue;
		const was = far.changed.get(key);
		const tries = owed.get(key);
		const isDelivered = done.has(key) || tries !== undefined;
		const isLeft = sight === 'ok' && entry?.phase !== 'done' && !isDelivered;
		if (entry === undefined && !isDelivered && (isLeft || (isNew && stop && compareIds(id, stop.id) > 0))) {
			if (was === undefined) unnoted += 1;
			continue;
		}
		if (was !== undefined) next.far.remove(factOf(key, was));
		if (compareIds(id, next.highest) > 0) next.highest = id;
		if (done.has(key)) note(key, 'done', place);
		else if (tries !== undefined) note(key, 'owed', place, tries);
		else if (entry && (isLeft || entry.phase === 'done' || entry.phase === 'owed')) {
			// In a whole look the order stays, or the newest would not be the last to go.
			if (look.isWhole) next.near.set(key, { ...entry, place });
			else note(key, entry.phase, place, entry.tries);
		} else if (sight !== 'ok') note(key, sight, place);
	}
	next.total = look.total - unnoted;
	if (look.isWhole) settle(next, look, far, now, sizes);
	trim(next, sizes);
	return next;
}

/** What only a whole look can tell: what is gone, and which known files are where the next short look will be. */
function settle(
	next: State,
	look: Look,
	{ gone, same, isComplete, believed }: FarFindings,
	now: number,
	sizes: Sizes,
): void {
	next.wholeAt = now;
	if (isComplete || believed) next.soundAt = now;
	const listed = new Set(look.seen.map(({ key }) => key));
	for (const [key, { phase }] of next.near) if (phase !== 'done' && !listed.has(key)) next.near.delete(key);
	if (believed) {
		next.far = next.far.blank();
		for (const fact of believed) next.far.add(fact);
		next.missing = new Set();
		return;
	}
	if (!isComplete) return;
	forget(next, gone, now, sizes);
	const isSame = new Set(same);
	const edge = look.seen
		.filter(({ place }) => place >= look.total - sizes.edge)
		.sort((a, b) => a.place - b.place);
	for (const seen of edge) {
		const { key, sight, place } = seen;
		const entry = next.near.get(key);
		if (!entry && !isSame.has(seen)) continue;
		if (!entry) next.far.remove(factOf(key, phaseOf(sight)));
		next.near.delete(key);
		next.near.set(key, entry ?? { phase: phaseOf(sight), tries: 0, place });
	}
}

/** Forgets what has been missing long enough, and notes what is missing now. */
function forget(next: State, gone: ReadonlySet<number>, now: number, { missing: most }: Sizes): void {
	const still = [...gone].filter((fact) => next.missing.has(fact >>> 0));
	const isLongEnough = now - next.missingAt > PATIENCE_MS;
	if (still.length > 0 && !isLongEnough) {
		next.missing = new Set(still.map((fact) => fact >>> 0));
		return;
	}
	for (const fact of still) next.far.remove(fact);
	const others = [...gone].filter((fact) => !still.includes(fact));
	next.missing = new Set(others.slice(0, most).map((fact) => fact >>> 0));
	next.missingAt = now;
}

/** Moves what is too much for `near` into `far`, the longest not looked at first. */
function trim(next: State, sizes: Sizes): void {
	const open = [...next.near].filter(([, { phase }]) => isOpen(phase));
	const closed = [...next.near].filter(([, { phase }]) => !isOpen(phase));
	const surplus = [
		...open.slice(0, Math.max(0, open.length - sizes.open)),
		...closed.slice(0, Math.max(0, closed.length - sizes.near)),
	];
	for (const [key, { phase }] of surplus) {
		next.near.delete(key);
		next.far.add(factOf(key, phase));
	}
}
