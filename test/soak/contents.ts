import { createHash } from 'node:crypto';

import type { Chance } from '../../harness/simulation/chance';

const KIB = 1024;

/** Names that people give. Few, so that files are edited and deleted as often as they are added. */
const NAMES = Array.from({ length: 24 }, (_, index) =>
	index % 3 === 0 ? `报告 ${String(index)}.txt` : `report ${String(index)} (draft).txt`,
);

export const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

/** Contents of which no two are the same, so that each stands for the act of a person that made it. */
export class Contents {
	#made = 0;

	constructor(private readonly chance: Chance) {}

	/** Mostly a few KiB, sometimes a MiB. */
	make(): Buffer {
		const line = Buffer.from(`content ${String(++this.#made)} of the soak\n`);
		const size = this.chance.percent(5)
			? 500 * KIB + this.chance.below(1000 * KIB)
			: this.chance.below(60 * KIB);
		return Buffer.concat([line, Buffer.alloc(size, line)]);
	}

	name(): string {
		return this.chance.of(NAMES);
	}

	/** A name that nothing else has. */
	uniqueName(what: string): string {
		return `${what} ${String(this.#made)}.bin`;
	}
}
