import { InvalidInputError } from '../api/errors';

export const MIB = 1024 * 1024;
/** The storage behind the service is S3-like: parts of at least 5 MiB, but the last, and at most 10,000 of them. */
export const MIN_PART_BYTES = 5 * MIB;
export const MAX_PARTS = 10_000;

/** One part: bytes [start, end) of the file. Numbers start at 1. */
export interface Part {
	number: number;
	start: number;
	end: number;
}

/**
 * Bytes per part for a file of `size` bytes: what is asked for, at least 5 MiB, and as much more, in whole MiB, as it
 * takes to need no more than 10,000 parts.
 *
 * @throws InvalidInputError when `wanted` is below 5 MiB
 */
export function partSizeFor(size: number, wanted = MIN_PART_BYTES): number {
	if (wanted < MIN_PART_BYTES || !Number.isSafeInteger(wanted)) {
		throw new InvalidInputError(`Part size ${wanted / MIB} MiB is too small`, {
			description: 'The storage takes parts of at least 5 MiB. Set the option "Part Size" to 5 or more.',
		});
	}
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
