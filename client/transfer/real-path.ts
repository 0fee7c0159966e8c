import { readlinkSync } from 'node:fs';
import { realpath } from 'node:fs/promises';

/**
 * Where an open file or folder really is, all links followed. Linux tells it of the handle itself, from memory and so
 * without waiting; elsewhere the path is followed once more.
 *
 * @param handle a file descriptor
 */
export async function realPathOf(handle: number, path: string): Promise<string> {
	return linuxPathOf(handle) ?? (await realpath(path));
}

/** Undefined where the system has no `/proc`. What was deleted has ` (deleted)` at its end, and so is nowhere. */
export function linuxPathOf(handle: number): string | undefined {
	if (process.platform !== 'linux') return undefined;
	try {
		return readlinkSync(`/proc/self/fd/${handle}`);
	} catch {
		return undefined;
	}
}
