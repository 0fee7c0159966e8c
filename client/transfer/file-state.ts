import type { FileState } from '../types';

/** Whether a file is still the one that was seen, as far as its disk tells. */
export const isSameState = (one: FileState, other: FileState): boolean =>
	one.size === other.size && one.mtimeMs === other.mtimeMs && one.ino === other.ino;
