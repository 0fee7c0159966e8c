import { randomUUID } from 'node:crypto';
import { lstat, open, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { clashing, type DiskNames, exactName, foldedName, type NameKey, nameKeyOf } from './disk-names';
import { temporaryFile } from './own-files';

/**
 * How the folder's disk compares names: the folder is asked, not the platform, as a network share or a mounted image may know
 * no case under Linux. It is asked only where it makes a difference.
 *
 * @param names all that the sync deals with
 * @param existing gives those that are in the folder now
 * @param mayWrite false for a dry run, which only looks at what is there
 */
export async function diskNames(
	directory: string,
	names: Iterable<string>,
	existing: () => readonly string[],
	mayWrite: boolean,
): Promise<NameKey> {
	if (clashing(names, foldedName).size === 0) return exactName;
	const there = existing();
	const asked =
		(mayWrite ? await askByWriting(directory) : undefined) ?? (await askByLooking(directory, there));
	return nameKeyOf(asked, there);
}

/** Both letters are written in two ways each: by case, and composed or not. */
const PROBE = { name: '\u00e9a', inOtherCase: '\u00c9A', inOtherForm: 'e\u0301a' };

/** Undefined where nothing can be written. */
async function askByWriting(directory: string): Promise<DiskNames | undefined> {
	const unique = randomUUID();
	const path = (probe: string) => join(directory, temporaryFile(`${unique}-${probe}`));
	try {
		await (await open(path(PROBE.name), 'wx')).close();
	} catch {
		return undefined;
	}
	try {
		return {
			ignoresCase: await exists(path(PROBE.inOtherCase)),
			ignoresForm: await exists(path(PROBE.inOtherForm)),
		};
	} finally {
		await unlink(path(PROBE.name)).catch(() => undefined);
	}
}

/** What is there answers to its name in other letters, or does not. Without an answer the cautious one is taken. */
async function askByLooking(directory: string, existing: readonly string[]): Promise<DiskNames> {
	const ask = async (inOther: (name: string) => string): Promise<boolean | undefined> => {
		const names = new Set(existing);
		const name = existing.find((candidate) => !names.has(inOther(candidate)));
		// No entry has that name, so what answers to it is this one; not every disk gives it the same inode.
		if (name !== undefined) return await exists(join(directory, inOther(name)));
		const own = basename(directory);
		if (inOther(own) === own) return undefined;
		return await isSameFile(directory, join(dirname(directory), inOther(own)));
	};
	const ignoresCase = (await ask(inOtherCase)) ?? true;
	const ignoresForm = (await ask(inOtherForm)) ?? ignoresCase;
	return { ignoresCase, ignoresForm };
}

/** Only plain letters, about which all disks agree. */
const inOtherCase = (name: string) =>
	name.replace(/[a-z]/gi, (letter) =>
		letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
	);

const inOtherForm = (name: string) => {
	const composed = name.normalize('NFC');
	return composed === name ? name.normalize('NFD') : composed;
};

async function exists(path: string): Promise<boolean> {
	return (await lstat(path).catch(() => undefined)) !== undefined;
}

async function isSameFile(path: string, other: string): Promise<boolean> {
	const [first, second] = await Promise.all([path, other].map((each) => lstat(each).catch(() => undefined)));
	return first !== undefined && second !== undefined && first.dev === second.dev && first.ino === second.ino;
}
