import type { Stats } from 'node:fs';
import { chmod, link, lstat, rename, unlink } from 'node:fs/promises';

import { LocalFileError } from '../../api/errors';
import type { FileState } from '../../types';

/** At the place of a new file is something else than was expected there. It is left as it is. */
export class PlaceChangedError extends LocalFileError {}

/**
 * Gives a finished temporary file its name. A file that it replaces keeps its mode.
 *
 * @param onto what must be there: `nothing`, which is then never replaced, not even at the last instant; or the very file that
 * was seen before. By default anything is replaced.
 * @throws PlaceChangedError when something else is there
 */
export async function placeFile(
	temporary: string,
	target: string,
	onto: 'nothing' | FileState | undefined,
): Promise<void> {
	if (onto === 'nothing') {
		await placeOnNothing(temporary, target);
		return;
	}
	const there = await look(target);
	if (onto !== undefined && !isSame(there, onto)) throw changed(target);
	// A disk that knows no modes refuses, and then there is none to keep.
	if (there?.isFile()) await chmod(temporary, there.mode & 0o777).catch(() => undefined);
	await rename(temporary, target);
}

/** Whether the file is the one that was looked at, unchanged. Links are not followed. */
export async function isStill(path: string, state: FileState): Promise<boolean> {
	return isSame(await look(path), state);
}

function isSame(there: Stats | undefined, { size, mtimeMs, ino }: FileState): boolean {
	return there?.isFile() === true && there.size === size && there.mtimeMs === mtimeMs && there.ino === ino;
}

/** A second name is given only where nothing is; a rename would replace. */
async function placeOnNothing(temporary: string, target: string): Promise<void> {
	try {
		await link(temporary, target);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'EEXIST') throw changed(target, error);
		if (code === undefined || !NO_LINKS.has(code)) throw error;
		// This disk knows no second names, so looking first has to do.
		if ((await look(target)) !== undefined) throw changed(target, error);
		await rename(temporary, target);
		return;
	}
	await unlink(temporary);
}

const NO_LINKS: ReadonlySet<string> = new Set([
	'EPERM',
	'ENOTSUP',
	'EOPNOTSUPP',
	'ENOSYS',
	'EMLINK',
	'EACCES',
	'EINVAL',
	'EXDEV',
]);

async function look(path: string): Promise<Stats | undefined> {
	try {
		return await lstat(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

function changed(target: string, cause?: unknown): PlaceChangedError {
	return new PlaceChangedError(
		`"${target}" was changed by someone else in the meantime, and was left as it is`,
		{
			description: 'Run it again: it then starts from what is there now.',
			cause,
		},
	);
}
