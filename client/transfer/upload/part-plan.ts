import { MAX_PARTS, PART_BYTES } from '../../arguments';
import { MIB } from '../bytes';

/** One part: bytes [start, end) of the file. Numbers start at 1. */
export interface Part {
	number: number;
	start: number;
	end: number;
}

/**
 * Bytes per part for a file of `size` bytes: what is wanted, and as much more, in whole MiB, as it takes to need no more
 * than 10,000 parts.
 *
 * @param wanted bytes, within `PART_BYTES`
 */
export function partSizeFor(size: number, wanted: number = PART_BYTES.min): number {
	const needed = Math.ceil(size / MAX_PARTS / MIB) * MIB;
	return Math.max(wanted, needed);
}

/** Cuts `size` bytes into parts of `partSize` bytes; only the last may be smaller. None for 0 bytes. */
export function planParts(size: number, partSize: number): Part[] {
	return Array.from({ length: Math.ceil(size / partSize) }, (_, index) => ({
		number: index + 1,
		start: index * partSize,
		end: Math.min(size, (index + 1) * partSize),
	}));
}
