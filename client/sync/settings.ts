import { isAbsolute, resolve } from 'node:path';
import { InvalidInputError } from '../api/errors';
import type { CallOptions } from '../types';
import { showName } from './names';

/** The part of the options that goes with every request. */
export function callOptions({ userId, signal, timeout, maxTries }: CallOptions): CallOptions {
	return { userId, signal, timeout, maxTries };
}

/** @throws InvalidInputError for a path that would depend on where the process was started */
export function absoluteFolder(path: string): string {
	if (isAbsolute(path)) return resolve(path);
	throw new InvalidInputError(
		path === ''
			? 'The local folder is missing'
			: `The local folder ${showName(path)} is not an absolute path`,
		{ description: 'Give the whole path of the folder, such as /data/files.' },
	);
}

/** Why a path is not touched that the caller's `isPathAllowed` refuses. */
export const NOT_ALLOWED = 'This is not allowed as a local path';

export function allowEverything(): boolean {
	return true;
}
