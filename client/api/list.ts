import type { PageRequest } from './api';
import type { Page, WireId } from './wire';

/** What the published client asks for; a larger page may be refused. */
const PAGE_SIZE = 100;
/** Passes over a listing that keeps changing under us before it is taken as it is. */
const MAX_PASSES = 3;

/**
 * Lists everything once, whichever paging the server honours: offsets advance by what arrived, the page size shrinks to
 * what the server gives, and ids already seen are dropped. A listing whose total changed on the way, so that items may
 * have slipped between two pages, is read again.
 *
 * @param limit stop after this many items
 * @returns the items in the server's order
 */
export async function listAll<T extends { id: WireId }>(
	fetchPage: (page: PageRequest) => Promise<Page<T>>,
	limit = Infinity,
): Promise<T[]> {
	const items = new Map<string, T>();
	for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
		let pageSize = Math.min(PAGE_SIZE, Math.max(1, limit));
		let total: number | undefined;
		let changed = false;
		for (let offset = 0; items.size < limit && offset < (total ?? Infinity);) {
			const page = await fetchPage({ offset, limit: pageSize });
			changed ||= total !== undefined && page.total !== total;
			total = page.total;
			for (const item of page.items) {
				const id = String(item.id);
				if (!items.has(id)) items.set(id, item);
			}
			offset += page.items.length;
			if (page.items.length === 0) break;
			// A server that caps the page differently would otherwise number its pages differently from us.
			if (page.items.length < pageSize && offset < total) {
				changed ||= offset !== page.items.length;
				pageSize = page.items.length;
			}
		}
		if (!changed) break;
	}
	return [...items.values()].slice(0, limit);
}
