/**
 * Which files are new: a look at a list and what is remembered of earlier looks give the files that are due and what to
 * remember now. Pure: time comes in, nothing goes out.
 *
 * A file is due once, when it is seen `ok` for the first time. A watermark ("every id above the last one") cannot decide
 * that alone: an id may appear after higher ones, and a file may become `ok` long after files that came later. All ids
 * cannot be kept either: n8n keeps the state in one row of its database, and 100,000 ids of 64 bits do not fit in 64 KB.
 * So the state is exact where things happen, and a fingerprint elsewhere:
 *
 * - `near`: known one by one. Every file that is not done, however many there are, and the done ones seen last.
 * - `highest`: nothing is remembered of ids above it, so such a file is new.
 * - `far`: all other files, and all of them are done: the fingerprint of the set of their ids (`digest.ts`). It cannot say
 *   whether a file is in it. But compared with the fingerprint of a whole list it says what differs, exactly, up to about
 *   1,100 differences: the ids that appeared late and the ones that are gone.
 *
 * **Why nothing is lost or doubled.** Of a listed file that is neither in `near` nor above `highest`, `far` has to tell
 * whether it is done or has appeared late. Files enter `far` only when they are done, and only in a look that tells
 * everything. So a file that is not done is never asked of `far`: thousands may become `ok` at once. Nor does the status
 * matter there: a done one may go back and forth. Unfinished files cost 16 bytes of state each, `far` always the same.
 *
 * **What a short look must prove** (some pages at the end of the list where new files come): every record on them is in
 * `near` or above `highest`, and the list has grown by exactly as many records as are new on them. Then nothing was
 * added that the pages do not show, unless a file was deleted at the same time. Otherwise the whole list is read at once.
 *
 * **What a whole look catches**: all of it. It is made at least once an hour, and while files are left that are due.
 *
 * **What cannot be told.** More than about 1,100 files of `far` differ from one whole look to the next, because so many
 * old ones were deleted or so many ids appeared late at once. Files above `highest` and in `near` come out as ever. Of
 * the others those come out whose difference can be read; the rest is held back, since a list that lacks so much may be an
 * old or a broken one, and giving out the whole chat again is worse than waiting. When it is still so after three days the
 * list is believed: what was uploaded after every file of `far` (by the service's time, `farNewest`) comes out, the rest
 * counts as known. So nothing comes out twice, and lost is only a file that appeared late among 1,100 others, with a
 * lower id *and* an older time than files that had long come out. A service whose clock is more than three days ahead of
 * n8n's tells no times: what had come out meanwhile may then come out once more.
 *
 * **What is gone** stays known for three days, as an old list lacks it too. A file that comes back later than that counts
 * as new. So does, of course, what came out after a state was saved, when that state comes back: nobody can know.
 */
import { compareIds, uploadTime, type FileInfo } from '../../client';
import { isDone, SIZES, type Entry, type Sizes, type State } from './state';

/** How long a list must say the same before what it lacks is forgotten: a broken service may last over a weekend. */
const PATIENCE_MS = 3 * 24 * 3600_000;

/** A record, as it was seen in a list. */
export interface Seen {
	id: string;
	/** The id as a number (`numberOf`). */
	key: number;
	sight: 'ok' | 'waiting' | 'failed';
	/** Counted from the end where files have been longest: 0 is the oldest. */
	place: number;
	/** Its record, when that can be read. */
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
	/** Keys of the files that appeared late. */
	late: ReadonlySet<number>;
	/** Keys of `far` that the list does not have. */
	gone: ReadonlySet<number>;
	/** Listed files of `far`. */
	known: readonly Seen[];
	isComplete: boolean;
	/** The list is believed although the difference cannot be read: `known` is what is known now. */
	isBelieved: boolean;
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
	const expect = ({ id, key, sight, file }: Seen, tries = 0) => {
		if (file && sight === 'ok') due.push({ id, key, file, tries });
	};
	for (const seen of look.seen) {
		const entry = state.near.get(seen.key);
		if (entry) {
			if (!isDone(entry.phase)) expect(seen, entry.tries);
		} else if (isAbove(seen.id, state.highest)) {
			added += 1;
			expect(seen);
		} else distant.push(seen);
	}
	const far = look.isWhole ? compareFar(state, distant, now) : NOTHING_FAR;
	for (const seen of distant) if (far.late.has(seen.key)) expect(seen);
	return {
		due: due.sort((a, b) => compareIds(a.id, b.id)),
		isConclusive: look.isWhole || (distant.length === 0 && added === look.total - state.total),
		far,
	};
}

const NOTHING_FAR: FarFindings = {
	late: new Set(),
	gone: new Set(),
	known: [],
	isComplete: true,
	isBelieved: false,
};

function compareFar(state: State, distant: readonly Seen[], now: number): FarFindings {
	const listed = state.far.blank();
	for (const { key } of distant) listed.add(key);
	const { mine: gone, theirs: appeared, isComplete } = state.far.difference(listed);
	const isBelieved = !isComplete && state.unsoundAt > 0 && now - state.unsoundAt > PATIENCE_MS;
	const late = new Set(appeared);
	if (isBelieved) {
		for (const seen of distant) if ((uploadedAt(seen, now) ?? 0) > state.farNewest) late.add(seen.key);
	}
	return { late, gone, known: distant.filter(({ key }) => !late.has(key)), isComplete, isBelieved };
}

/** By the service's clock; a time that is none, or one before 1970 or far from ours, says nothing. */
function uploadedAt({ file }: Seen, now: number): number | undefined {
	const time = uploadTime(file?.upload_at ?? '')?.getTime();
	return time !== undefined && time >= 0 && time < now + PATIENCE_MS ? time : undefined;
}

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
		// A clock that was ahead must not make anything wait until then.
		unsoundAt: Math.min(state.unsoundAt, now),
		missingAt: Math.min(state.missingAt, now),
	};
	const left = due.filter(({ key }) => !done.has(key) && !owed.has(key));
	// Nothing is remembered of the new files from here on, so that they are new the next time.
	const stop = left.find(({ id }) => isAbove(id, state.highest));
	let unnoted = 0;
	const note = (key: number, entry: Entry) => {
		next.near.delete(key);
		next.near.set(key, entry);
	};
	for (const seen of [...look.seen].sort((a, b) => compareIds(a.id, b.id))) {
		const { id, key, sight, place } = seen;
		const entry = state.near.get(key);
		if (entry === undefined && !isAbove(id, state.highest) && !far.late.has(key)) continue;
		const tries = owed.get(key);
		const isDelivered = done.has(key) || tries !== undefined;
		if (!isDelivered && stop && compareIds(id, stop.id) >= 0) {
			unnoted += 1;
			continue;
		}
		if (compareIds(id, next.highest) > 0) next.highest = id;
		if (done.has(key) || entry?.phase === 'gone') {
			note(key, { phase: 'done', tries: 0, place, time: uploadedAt(seen, now) ?? now });
		} else if (tries !== undefined) note(key, { phase: 'owed', tries, place });
		else if (entry?.phase === 'done' || entry?.phase === 'owed') note(key, { ...entry, place });
		else note(key, { phase: sight === 'failed' ? 'failed' : 'waiting', tries: 0, place });
	}
	next.total = look.total - unnoted;
	if (look.isWhole) settle(next, look, far, now, sizes);
	next.isUnsettled = left.length > 0 || (next.unsoundAt === 0 && doneOf(next).length > 2 * sizes.near);
	return next;
}

const doneOf = ({ near }: State) => [...near].filter(([, { phase }]) => phase === 'done');

/** What only a whole look can tell: what is gone, and which known files are where the next short look will be. */
function settle(
	next: State,
	look: Look,
	{ gone, known, isComplete, isBelieved }: FarFindings,
	now: number,
	sizes: Sizes,
): void {
	next.wholeAt = now;
	miss(next, look, now);
	if (!isComplete && !isBelieved) {
		next.unsoundAt ||= now;
		return;
	}
	next.unsoundAt = 0;
	if (isBelieved) {
		next.far = next.far.blank();
		for (const { key } of known) next.far.add(key);
		next.missing = new Set();
	} else forget(next, gone, now, sizes);
	const isKnown = new Set(known);
	const edge = look.seen
		.filter(({ place }) => place >= look.total - sizes.edge)
		.sort((a, b) => a.place - b.place);
	for (const seen of edge) {
		const { key, place } = seen;
		const entry = next.near.get(key);
		if (!entry && !isKnown.has(seen)) continue;
		if (!entry) next.far.remove(key);
		next.near.delete(key);
		next.near.set(key, entry ?? { phase: 'done', tries: 0, place, time: next.farNewest });
	}
	const done = doneOf(next);
	for (const [key, { time = now }] of done.slice(0, Math.max(0, done.length - sizes.near))) {
		next.near.delete(key);
		next.far.add(key);
		next.farNewest = Math.max(next.farNewest, time);
	}
}

/** Notes since when files of `near` have been missing, and forgets them when that is long enough. */
function miss(next: State, look: Look, now: number): void {
	const listed = new Set(look.seen.map(({ key }) => key));
	for (const [key, { phase, time = now }] of next.near) {
		if (listed.has(key)) continue;
		const since = phase === 'missing' || phase === 'gone' ? Math.min(time, now) : now;
		if (now - since > PATIENCE_MS) next.near.delete(key);
		else next.near.set(key, { phase: isDone(phase) ? 'gone' : 'missing', tries: 0, place: 0, time: since });
	}
}

/** Forgets what has been missing long enough, and notes what is missing now. */
function forget(next: State, gone: ReadonlySet<number>, now: number, { missing: most }: Sizes): void {
	const isMissing = (key: number) => next.missing.has(key >>> 0);
	const still = [...gone].filter(isMissing);
	const isLongEnough = now - next.missingAt > PATIENCE_MS;
	if (still.length > 0 && !isLongEnough) {
		next.missing = new Set(still.map((key) => key >>> 0));
		return;
	}
	for (const key of still) next.far.remove(key);
	const others = [...gone].filter((key) => !isMissing(key));
	next.missing = new Set(others.slice(0, most).map((key) => key >>> 0));
	next.missingAt = now;
}
