import { link, lstat, rename, unlink, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';

import { LocalFileError } from '../../api/errors';
import type { FileState } from '../../types';
import { isSameState } from '../file-state';

/** At the place of a new file is something else than was expected there. It is left as it is. */
export class PlaceChangedError extends LocalFileError {}

const [renameFile, linkFile, removeFile] = [promisify(rename), promisify(link), promisify(unlink)];
const statFile = promisify<string, Stats>(lstat);

/** What a disk says that knows no second name for a file. */
const NO_LINKS = new Set(['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EMLINK', 'EXDEV']);

/**
 * Gives a finished temporary file its name.
 *
 * @param place where it goes, as the disk reaches it; `target` is what a person calls it
 * @param onto what must be there: `nothing`, which is then never replaced, not even at the last instant; or the very file that
 * was seen before. By default anything is replaced.
 * @throws PlaceChangedError when something else is there
 */
export async function placeFile(
	temporary: string,
	place: string,
	onto: 'nothing' | FileState | undefined,
	target = place,
): Promise<void> {
	if (onto === 'nothing') {
		await placeOnNothing(temporary, place, target);
		return;
	}
	if (onto !== undefined && !(await isStill(place, onto))) throw changed(target);
	await renameFile(temporary, place);
}

/** Whether the file is the one that was looked at, unchanged. Links are not followed. */
export async function isStill(path: string, seen: FileState): Promise<boolean> {
	const there = await look(path);
	return there?.isFile() === true && isSameState(there, seen);
}

/** What is at a path; undefined when nothing is. Links are not followed. */
export async function look(path: string): Promise<Stats | undefined> {
	try {
		return await statFile(path);
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return undefined;
		throw error;
	}
}

/**
 * A second name is given by the disk in one step, and only where nothing is. Where the disk knows none, the name is taken
 * by an empty file first, and only what somebody writes into that very file in the moment before it is replaced is lost.
 */
export async function placeOnNothing(
	temporary: string,
	place: string,
	target: string,
	giveName: (from: string, to: string) => Promise<void> = linkFile,
): Promise<void> {
	try {
		await giveName(temporary, place);
		await removeFile(temporary).catch(() => undefined);
		return;
	} catch (error) {
		if (codeOf(error) === 'EEXIST') throw changed(target, error);
		if (!NO_LINKS.has(codeOf(error))) throw error;
	}
	try {
		await (await open(place, 'wx')).close();
	} catch (error) {
		throw codeOf(error) === 'EEXIST' ? changed(target, error) : error;
	}
	try {
		await renameFile(temporary, place);
	} catch (error) {
		await removeFile(place).catch(() => undefined);
		throw error;
	}
}

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code);

export function changed(target: string, cause?: unknown): PlaceChangedError {
	return new PlaceChangedError(
		`"${target}" was changed by someone else in the meantime, and was left as it is`,
		{ description: 'Run it again: it then starts from what is there now.', cause },
	);
}
