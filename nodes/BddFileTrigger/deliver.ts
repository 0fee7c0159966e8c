import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { compareIds, messageOf, type FileInfo, type PathFilter } from '../../client';
import type { Delivered, Due } from './changes';

/** Items that come out of one poll at most; the others follow with the next ones. */
export const BATCH = 1000;

/** So often a content is asked for, in as many polls. */
export const MOST_TRIES = 5;

/** Gets contents, one at a time. */
export interface Contents {
	/** The binary data of an item, in the field that the user named. */
	of(file: FileInfo): Promise<NonNullable<INodeExecutionData['binary']>>;
	/** There is no time left for another one. */
	isLate(): boolean;
}

export interface Delivery {
	/** Oldest first. */
	items: INodeExecutionData[];
	delivered: Delivered;
}

/**
 * Makes items of the files that are due, the oldest first, as many as fit: what is left is due again. A file that the
 * filter leaves out is done without coming out.
 *
 * A content that cannot be had is owed: it is asked for again at the next polls, after those that were never asked for, so
 * that it holds up nobody. After five polls the file comes out without it, and says why in `error`.
 */
export async function deliver(
	due: readonly Due[],
	filter: PathFilter,
	contents?: Contents,
): Promise<Delivery> {
	const out: Array<{ due: Due; item: INodeExecutionData }> = [];
	const done = new Set<number>();
	const owed = new Map<number, number>();
	const fresh = due.filter(({ tries }) => tries === 0);
	const again = due.filter(({ tries }) => tries > 0).sort((a, b) => a.tries - b.tries);
	let isFirst = true;

	for (const each of [...fresh, ...again]) {
		const { key, file, tries } = each;
		if (out.length >= BATCH) break;
		if (!filter.accepts(file.filename)) {
			done.add(key);
			continue;
		}
		const json = file as unknown as IDataObject;
		if (!contents) {
			out.push({ due: each, item: { json } });
			done.add(key);
			continue;
		}
		if (contents.isLate() && !isFirst) break;
		try {
			out.push({ due: each, item: { json, binary: await contents.of(file) } });
			done.add(key);
		} catch (error) {
			// Whatever had begun when the time was up can have more of it the next time, unless it had all of it.
			if (contents.isLate() && !isFirst) break;
			if (tries + 1 < MOST_TRIES) owed.set(key, tries + 1);
			else {
				out.push({ due: each, item: { json: { ...json, error: messageOf(error) } } });
				done.add(key);
			}
		}
		isFirst = false;
	}
	out.sort((a, b) => compareIds(a.due.id, b.due.id));
	return { items: out.map(({ item }) => item), delivered: { done, owed } };
}
