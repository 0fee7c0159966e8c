import { isReadable, type Page } from './records';
import type { WireId } from './wire';

/** Finds out, while pages arrive in any order, how many of them hold as many matching records as are wanted. */
export class Matches<T extends { id: WireId }> {
	/** Neighbouring pages share records. */
	private readonly found = new Set<WireId>();
	/** How many pages, from the first on and without a gap, have been looked at. */
	seen = 0;

	constructor(
		private readonly where: (record: T) => boolean,
		private readonly limit: number,
	) {}

	/**
	 * @param pages those that have arrived, in their places
	 * @returns how many of them, from the first on and without a gap, are enough; undefined while they are not
	 */
	pagesEnough(pages: ReadonlyArray<Page<T> | undefined>): number | undefined {
		for (let page = pages[this.seen]; page && !this.isEnough; page = pages[this.seen]) {
			this.seen += 1;
			for (const record of page.records)
				if (isReadable(record) && this.where(record)) this.found.add(record.id);
		}
		return this.isEnough ? this.seen : undefined;
	}

	private get isEnough(): boolean {
		return this.found.size >= this.limit;
	}
}
