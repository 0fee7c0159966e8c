/**
 * Reading a list of many pages completely while it may change, from a server that may page by offset or by number, or lie.
 *
 * Neighbouring pages overlap by a few records. Where the last record of one page is found in the next one, nothing can
 * have slipped between the two, whatever was added or deleted meanwhile: the order of the others does not change. A
 * server that numbers its pages allows no overlap; there a list is believed when two readings in a row are the same.
 * Besides, there must be as many different records as the total says, in every page the same total; while that is not
 * so the list is read again, and a list that never comes to rest is taken only on the strength of its overlaps.
 */
import { mapBounded } from './bounded';
import { ServiceError } from './errors';
import { Matches } from './matches';
import { UnreadableRecord, type Page } from './records';
import type { WireId } from './wire';

/** A part of a listing, in both ways in which servers count. */
export interface PageRequest {
	offset: number;
	limit: number;
	/** From 1 on. */
	number: number;
}

export interface Listing<T> {
	/** In the service's order, each once. */
	items: T[];
	unreadable: UnreadableRecord[];
}

/** What could be read of a listing; whoever asks for it is told of the rest. */
export function readable<T>(
	{ items, unreadable }: Listing<T>,
	{ onUnreadable }: { onUnreadable?: ((record: UnreadableRecord) => void) | undefined },
): T[] {
	for (const record of unreadable) onUnreadable?.(record);
	return items;
}

/** Whether the server honours `offset`; it is found out when a list first has several pages, and kept here. */
export interface Paging {
	byOffset?: boolean;
}

export interface ListRequest<T> {
	/** The beginning of a sentence: `Listing chat "42"`. */
	action: string;
	fetchPage: (page: PageRequest) => Promise<Page<T>>;
	paging: Paging;
	/** Stop after this many records. */
	limit?: number | undefined;
	/** Only records for which this is true count and come out. */
	where?: ((record: T) => boolean) | undefined;
}

/** What the published client asks for; a larger page may be refused. */
export const PAGE_SIZE = 100;

/** One page of a list, counted from 1. */
export const pageRequest = (number: number): PageRequest => ({
	offset: (number - 1) * PAGE_SIZE,
	limit: PAGE_SIZE,
	number,
});

/** Pages under way at once: enough to hide the round trips, few enough not to burden the service. */
const PAGES_AT_ONCE = 4;
/** As many records less one may be deleted between two pages before a reading has to be done again. */
const OVERLAP = 4;
const MAX_PASSES = 8;
/** More records than any chat has, and as many as memory should hold. */
const MAX_RECORDS = 1_000_000;
/** Of one reading; `MAX_RECORDS` in full pages, with their overlaps. */
const MAX_PAGES = Math.ceil(MAX_RECORDS / (PAGE_SIZE - OVERLAP)) + 1;

/** A page, and what tells one of its records from another. */
interface KeyedPage<T> extends Page<T> {
	keys: WireId[];
}

/** What one reading found. */
interface Pass<T> {
	pages: KeyedPage<T>[];
	/** Why it is not to be believed: the rest of a sentence. */
	problem?: string;
	/** Without a problem: every page was found to follow on the one before. */
	anchored: boolean;
	/** How many records, of those there are, it had to read. */
	limit: number;
}

/**
 * Lists everything once, or as much as `limit` asks for.
 *
 * @throws ServiceError when the list is not complete, is longer than 1,000,000 records or never comes to an end
 */
export async function listAll<T extends { id: WireId }>(request: ListRequest<T>): Promise<Listing<T>> {
	let before: WireId[] | undefined;
	for (let number = 1; ; number += 1) {
		const pass = await readOnce(request);
		const keys = pass.pages.flatMap((page) => page.keys);
		if (isQuiet(pass) && (pass.anchored || sameKeys(keys, before))) return merged(pass, request);
		before = keys;
		// A change of the list may have looked like a way of counting.
		if (pass.problem !== undefined) delete request.paging.byOffset;
		if (number < MAX_PASSES) continue;
		// Its pages join, and its total shows that it never came to rest: then it is as complete as it can be.
		if (pass.problem === undefined && pass.anchored && isMoving(pass)) return merged(pass, request);
		throw unfit(request, `is not complete: ${pass.problem ?? 'it does not stop changing'}`);
	}
}

async function readOnce<T extends { id: WireId }>(request: ListRequest<T>): Promise<Pass<T>> {
	const { where, paging } = request;
	// Of matching records nobody knows where the last one is, until it is found.
	let limit = where ? Infinity : (request.limit ?? Infinity);
	const matches = where && request.limit !== undefined ? new Matches(where, request.limit) : undefined;
	const asked = Math.min(PAGE_SIZE, Math.max(1, limit));
	const first = await fetchKeyed(request, { offset: 0, limit: asked, number: 1 });
	const size = first.keys.length;
	let total = first.total;
	const wanted = () => Math.min(total, limit);
	if (matches?.pagesEnough([first])) limit = size;
	const counts = `${size} of ${total} arrived`;
	assertBounded(request, total);
	if (size >= wanted()) {
		const isWhole = size <= total || size >= limit;
		return { pages: [first], anchored: true, limit, ...(!isWhole && { problem: counts }) };
	}
	if (size === 0) return { pages: [first], anchored: false, limit, problem: counts };

	const canOverlap = size > 2 * OVERLAP;
	if (canOverlap && paging.byOffset === undefined) {
		const byOffset = await honoursOffset(request, first, asked);
		if (byOffset === undefined)
			return { pages: [first], anchored: false, limit, problem: 'it changed on the way' };
		paging.byOffset = byOffset;
	}
	const overlap = canOverlap && paging.byOffset === true ? OVERLAP : 0;
	let problem: string | undefined;
	const seen = new Set<string>([span(first)]);
	const stride = size - overlap;
	const next = { offset: stride, limit: Math.min(size, PAGE_SIZE), number: 2 };
	const isMore = () => problem === undefined && next.offset + overlap < wanted();
	// So that one slow page does not let the others run on far behind the last record that is wanted.
	const isNear = () => !matches || next.number <= matches.seen + PAGES_AT_ONCE;
	function* rest(): Generator<PageRequest> {
		for (; isMore() && isNear(); next.number += 1, next.offset += stride) {
			if (next.number > MAX_PAGES) problem = `it does not come to an end after ${MAX_PAGES} pages`;
			else yield { ...next };
		}
	}
	const pages: KeyedPage<T>[] = [first];
	const isAmiss = (page: KeyedPage<T>, { offset, number }: PageRequest): string | undefined => {
		const { length } = page.keys;
		const due = Math.max(0, Math.min(size, page.total - offset));
		if (length !== due) return `a page has ${length} records where ${due} were due`;
		if (seen.has(span(page))) return 'the same page came again';
		if (overlap === 0) return page.total === first.total ? undefined : 'it changed on the way';
		const [before, after] = [pages[number - 2], pages[number]];
		const joins = (!before || follows(page, before)) && (!after || follows(after, page));
		return joins ? undefined : 'records moved between two pages';
	};
	const read = async (at: PageRequest) => {
		const page = await fetchKeyed(request, at);
		assertBounded(request, page.total);
		pages[at.number - 1] = page;
		// The last page knows best how far it is to the end.
		if (pages.length === at.number) total = page.total;
		problem ??= isAmiss(page, at);
		seen.add(span(page));
		const enough = matches?.pagesEnough(pages);
		if (enough !== undefined) limit = (enough - 1) * stride + (pages[enough - 1]?.keys.length ?? 0);
	};
	// A list that grows has more pages than its first one told.
	while (isMore()) await mapBounded(rest(), PAGES_AT_ONCE, read);
	// What was under way when enough were found would make two readings differ.
	pages.length = Math.min(pages.length, matches?.pagesEnough(pages) ?? Infinity);
	return { pages, anchored: overlap > 0, limit, ...(problem !== undefined && { problem }) };
}

async function fetchKeyed<T extends { id: WireId }>(
	{ fetchPage }: ListRequest<T>,
	at: PageRequest,
): Promise<KeyedPage<T>> {
	const { total, records } = await fetchPage(at);
	// Without an id it is its place that tells a record from others.
	const keys = records.map((record, index) =>
		record instanceof UnreadableRecord ? (record.fileId ?? place(at.offset + index)) : record.id,
	);
	return { total, records, keys };
}

/**
 * Asks for the records from the second one on: a server that pages by number gives the first page again. Undefined when
 * it is neither, since the list has changed meanwhile.
 */
async function honoursOffset<T extends { id: WireId }>(
	request: ListRequest<T>,
	{ keys }: KeyedPage<T>,
	limit: number,
): Promise<boolean | undefined> {
	const shifted = (await fetchKeyed(request, { offset: 1, limit, number: 1 })).keys;
	const isFrom = (start: number) =>
		shifted.length > 0 &&
		shifted.every(
			(key, index) => isPlace(key) || index + start >= keys.length || key === keys[index + start],
		);
	if (isFrom(1)) return true;
	return isFrom(0) ? false : undefined;
}

/** The last record of the page before is in this one, and more behind it. */
function follows<T>(page: KeyedPage<T>, before: KeyedPage<T>): boolean {
	const last = before.keys.at(-1);
	return last !== undefined && page.keys.slice(0, -1).includes(last);
}

/** Nothing was amiss, all pages told the same total, and there are as many different records. */
function isQuiet<T>({ pages, problem, limit }: Pass<T>): boolean {
	const total = pages[0]?.total ?? 0;
	if (problem !== undefined || pages.some((page) => page.total !== total)) return false;
	return new Set(pages.flatMap(({ keys }) => keys)).size >= Math.min(total, limit);
}

const isMoving = <T>({ pages }: Pass<T>) => pages.some(({ total }) => total !== pages[0]?.total);

const place = (position: number) => `at ${position}`;
const isPlace = (key: WireId) => typeof key === 'string' && key.startsWith('at ');

const span = <T>({ keys }: KeyedPage<T>) => `${String(keys[0])} ${String(keys.at(-1))} ${keys.length}`;

const sameKeys = (keys: readonly WireId[], before: readonly WireId[] | undefined) =>
	keys.length === before?.length && keys.every((key, index) => key === before[index]);

function merged<T extends { id: WireId }>(
	{ pages }: Pass<T>,
	{ limit = Infinity, where = () => true }: ListRequest<T>,
): Listing<T> {
	// An id has one form only, a number or its digits, so that it needs no conversion to be a key.
	const items: T[] = [];
	const seen = new Set<WireId>();
	const unreadable = new Map<WireId, UnreadableRecord>();
	for (const { records, keys } of pages) {
		records.forEach((record, index) => {
			const key = keys[index] ?? index;
			if (record instanceof UnreadableRecord) unreadable.set(key, record);
			else if (!seen.has(key)) {
				seen.add(key);
				if (where(record)) items.push(record);
			}
		});
	}
	items.length = Math.min(items.length, limit);
	return { items, unreadable: [...unreadable.values()] };
}

/** @throws ServiceError for a list that no memory should be asked to hold */
function assertBounded<T>(request: ListRequest<T>, total: number): void {
	if (Math.min(total, request.limit ?? Infinity) <= MAX_RECORDS) return;
	throw unfit(request, `cannot be read completely: it has ${total} entries, more than ${MAX_RECORDS}`);
}

function unfit<T>({ action }: ListRequest<T>, what: string): ServiceError {
	return new ServiceError(`${action} failed: the service's list ${what}`, {
		status: 200,
		serviceMessage: `the list ${what}`,
		description:
			'Such a list is not used, so nothing was changed. Try again; if it stays so, tell whoever runs the service.',
	});
}
