import pMap from 'p-map';

import type { PageRequest } from './api';
import type { Page, WireId } from './wire';

/** What the published client asks for; a larger page may be refused. */
const PAGE_SIZE = 100;
/** Pages under way at once: enough to hide the round trips, few enough not to burden the service. */
const PAGES_AT_ONCE = 4;
/** Passes over a listing that keeps changing under us before it is taken as it is. */
const MAX_PASSES = 3;

type FetchPage<T> = (page: PageRequest) => Promise<Page<T>>;

/** What one pass over a listing found: its pages in order, and whether entries may have slipped between two of them. */
interface Pass<T> {
	pages: Page<T>[];
	doubtful: boolean;
}

/**
 * Lists everything once, whichever paging the server honours, and drops ids already seen. The first pass asks for pages
 * of a fixed size, several at once. Where the pages were not as asked for, or the total changed on the way, it reads
 * again, one page after the other.
 *
 * @param limit stop after this many items
 * @returns the items in the server's order
 */
export async function listAll<T extends { id: WireId }>(
	fetchPage: FetchPage<T>,
	limit = Infinity,
): Promise<T[]> {
	// An id has one form only, a number or its digits, so that it needs no conversion to be a key.
	const items = new Map<WireId, T>();
	for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
		const { pages, doubtful } = await (pass === 1
			? readAtOnce(fetchPage, limit)
			: readInTurn(fetchPage, limit));
		for (const page of pages) {
			for (const item of page.items) {
				if (!items.has(item.id)) items.set(item.id, item);
			}
		}
		if (!doubtful || items.size >= limit) break;
	}
	return items.size <= limit ? [...items.values()] : [...items.values()].slice(0, limit);
}

/** The first page tells how many there are; the others follow, several at once. */
async function readAtOnce<T>(fetchPage: FetchPage<T>, limit: number): Promise<Pass<T>> {
	const pageSize = Math.min(PAGE_SIZE, Math.max(1, limit));
	const first = await fetchPage({ offset: 0, limit: pageSize });
	const wanted = Math.min(first.total, limit);
	const offsets: PageRequest[] = [];
	for (let offset = pageSize; offset < wanted; offset += pageSize) offsets.push({ offset, limit: pageSize });
	const isShort = ({ items }: Page<T>, index: number) =>
		items.length < Math.min(pageSize, wanted - index * pageSize);
	// A server that gives less than asked numbers its pages differently from us.
	if (isShort(first, 0)) return { pages: [first], doubtful: true };
	const pages = [first, ...(await pMap(offsets, fetchPage, { concurrency: PAGES_AT_ONCE }))];
	const doubtful = pages.some((page, index) => page.total !== first.total || isShort(page, index));
	return { pages, doubtful };
}

/** One page after the other: offsets advance by what arrived, the page size shrinks to what the server gives. */
async function readInTurn<T>(fetchPage: FetchPage<T>, limit: number): Promise<Pass<T>> {
	const pages: Page<T>[] = [];
	let pageSize = Math.min(PAGE_SIZE, Math.max(1, limit));
	let total: number | undefined;
	let doubtful = false;
	for (let offset = 0; offset < Math.min(total ?? 1, limit);) {
		const page = await fetchPage({ offset, limit: pageSize });
		pages.push(page);
		doubtful ||= total !== undefined && page.total !== total;
		total = page.total;
		if (page.items.length === 0) break;
		offset += page.items.length;
		if (page.items.length < pageSize && offset < total) {
			doubtful ||= pages.length > 1;
			pageSize = page.items.length;
		}
	}
	return { pages, doubtful };
}
