/**
 * Looking at a list: short where that proves enough (`changes.ts` says what), else whole. The order of the list is not
 * documented, so a whole look remembers at which end the newest file was, and the next short ones ask there.
 */
import { compareIds, isReadable, type FileInfo, type FilePage, type UnreadableRecord } from '../../client';
import { compare, type Findings, type Look, type Seen } from './changes';
import { numberOf } from './digest';
import { isOpen, type State } from './state';

/** A list of files that can be read in pages, in the same order each time. */
export interface FileList {
	/** Records of a page, as far as there are as many. */
	readonly pageSize: number;
	/** One page; the first has number 1. */
	page(number: number): Promise<FilePage>;
	/** Every record once, or an error. */
	all(): Promise<ReadonlyArray<FileInfo | UnreadableRecord>>;
}

/** The whole list is read at least that often. */
const WHOLE_LOOK_MS = 3600_000;

/** Requests of a poll that finds nothing. */
const MOST_REQUESTS = 3;

export interface Sighting {
	look: Look;
	findings: Findings;
}

/** @param isFirst there is no state yet, so nothing but the whole list will do */
export async function lookAt(list: FileList, state: State, isFirst: boolean, now: number): Promise<Sighting> {
	const isDue = isFirst || state.isUnsettled || now - state.wholeAt >= WHOLE_LOOK_MS || now < state.wholeAt;
	const short = isDue ? undefined : await shortLook(list, state, now);
	return short ?? judged(state, wholeLook(await list.all()), now);
}

/** @returns undefined when it does not prove that nothing else is new */
async function shortLook(list: FileList, state: State, now: number): Promise<Sighting | undefined> {
	const { newest } = state;
	const { pageSize } = list;
	const pagesOf = (records: number) => Math.max(1, Math.ceil(records / pageSize));
	const at = newest === 'first' ? 1 : pagesOf(state.total);
	const read = new Map([[at, await list.page(at)]]);
	let total = read.get(at)?.total ?? 0;
	if (newest === 'last' && pagesOf(total) === at + 1) {
		const next = await list.page(at + 1);
		read.set(at + 1, next);
		total = next.total;
	}
	const only = read.get(1);
	if (read.size === 1 && only?.records.length === total) return judged(state, wholeLook(only.records), now);

	const seen = new Map<number, Seen>();
	for (const [number, { records }] of read) {
		for (const each of sightings(records, { from: (number - 1) * pageSize, total, newest })) {
			if (!seen.has(each.key)) seen.set(each.key, each);
		}
	}
	const sighting = (): Sighting =>
		judged(state, { total, seen: [...seen.values()], isWhole: false, newest }, now);
	if (!sighting().findings.isConclusive) return undefined;

	for (const number of pagesOfOpen(state, total, seen, pageSize).slice(0, MOST_REQUESTS - read.size)) {
		const { records } = await list.page(number);
		for (const each of sightings(records, { from: (number - 1) * pageSize, total, newest })) {
			// Of the others on this page a short look can say nothing.
			if (state.near.has(each.key)) seen.set(each.key, each);
		}
	}
	return sighting();
}

/**
 * Where the files are that are on their way, as far as they are not among the newest: the page of the last one of them,
 * and from poll to poll in turn the pages of the others. A file that has moved from its page is found by the next whole look.
 */
function pagesOfOpen(
	state: State,
	total: number,
	seen: ReadonlyMap<number, Seen>,
	pageSize: number,
): number[] {
	const pages = new Set<number>();
	for (const [key, { phase, place }] of state.near) {
		if (!isOpen(phase) || seen.has(key)) continue;
		const index = state.newest === 'last' ? place : total - 1 - place;
		if (index >= 0 && index < total) pages.add(Math.floor(index / pageSize) + 1);
	}
	const others = [...pages];
	const last = others.pop();
	// Not in the order of `near`, which each look changes.
	const inTurn = others.sort((a, b) => a - b)[state.round % others.length];
	return [last, inTurn].filter((number) => number !== undefined);
}

function wholeLook(records: ReadonlyArray<FileInfo | UnreadableRecord>): Look {
	const total = records.length;
	const inOrder = sightings(records, { from: 0, total, newest: 'last' });
	const highest = inOrder.reduce<Seen | undefined>(
		(most, each) => (most && compareIds(each.id, most.id) <= 0 ? most : each),
		undefined,
	);
	const newest = highest && highest.place < (total - 1) / 2 ? 'first' : 'last';
	const placed =
		newest === 'last' ? inOrder : inOrder.map((each) => ({ ...each, place: total - 1 - each.place }));
	const seen = new Map<number, Seen>();
	for (const each of placed) if (!seen.has(each.key)) seen.set(each.key, each);
	return { total, seen: [...seen.values()], isWhole: true, newest };
}

function sightings(
	records: ReadonlyArray<FileInfo | UnreadableRecord>,
	{ from, total, newest }: { from: number; total: number; newest: State['newest'] },
): Seen[] {
	return records.flatMap((record, index): Seen[] => {
		const place = newest === 'last' ? from + index : Math.max(0, total - 1 - from - index);
		if (isReadable(record)) {
			const { status } = record;
			const sight = status === 'ok' ? 'ok' : status === 'error' ? 'failed' : 'waiting';
			const id = String(record.id);
			return [{ id, key: numberOf(id), sight, place, file: record }];
		}
		// It is there, and may be readable one day; without an id it is a place in the list and no more.
		if (record.fileId === undefined) return [];
		const id = String(record.fileId);
		return [{ id, key: numberOf(id), sight: 'waiting', place }];
	});
}

const judged = (state: State, look: Look, now: number): Sighting => ({
	look,
	findings: compare(state, look, now),
});
