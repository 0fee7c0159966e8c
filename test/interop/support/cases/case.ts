import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Peer } from '../peers';
import { namesIn, type Place } from '../place';

/**
 * What the published client promises, in its guide (README), in the descriptions of its methods, and in the seven tests
 * that its source distribution has; each as something that either client can be asked to do. 0.7.6 has the same texts
 * and tests as 0.7.5, and those of 0.5.1 say less. What cannot be said to ours, such as a path and a stream at once,
 * has no row.
 */
export type Case = {
	from: 'guide' | 'method' | 'test';
	/** What is promised, in our words. */
	says: string;
	/** Does it with one of the two clients. @returns what can be seen of it */
	run: (peer: Peer, place: Place) => Promise<unknown>;
} & (
	| { both: unknown }
	/** Not the same, on purpose. */
	| { theirs: unknown; ours: unknown; because: string }
);

export const OTHER_USER = '42';
export const NOT_A_FILE = '999999';

/** What becomes of it: `done`, or the kind of its error, and what was being done. */
export async function outcomeInWords(peer: Peer, work: Promise<unknown>) {
	try {
		await work;
		return { kind: 'done' };
	} catch (error) {
		return peer.describe(error);
	}
}

export const outcome = async (peer: Peer, work: Promise<unknown>) => (await outcomeInWords(peer, work)).kind;

/** What comes next is later by any clock that tells milliseconds. */
export async function aMoment(): Promise<void> {
	for (const now = Date.now(); Date.now() === now;)
		await new Promise<void>((resolve) => setImmediate(resolve));
}

export const fileIn = async (folder: string, name: string, content: string | Buffer) => {
	await writeFile(join(folder, name), content);
	return join(folder, name);
};

/** A file of zeros, which takes no room. */
export const sparse = async (folder: string, size: number) => {
	const path = await fileIn(folder, 'large.bin', '');
	await truncate(path, size);
	return path;
};

/** Uploads a small file, as most cases begin. */
export async function uploaded(peer: Peer, place: Place, content = 'content') {
	const path = await fileIn(await place.folder(), 'a.txt', content);
	await peer.upload({ path, chat: place.chat });
	return place.inChat().at(-1)?.id ?? '';
}

export const readAll = async (folder: string) =>
	Object.fromEntries(
		await Promise.all(
			(await namesIn(folder)).map(
				async (name) => [name, await readFile(join(folder, name), 'utf8')] as const,
			),
		),
	);

export const chatNow = async (place: Place) =>
	await Promise.all(
		place
			.inChat()
			.map(async ({ id, filename, status }) => [
				filename,
				status === 'ok' ? (await place.service.readFile(id)).toString() : status,
			]),
	);
