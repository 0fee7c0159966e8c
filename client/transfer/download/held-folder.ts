import { close, constants, open } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { linuxPathOf } from '../real-path';

const [openFolder, closeFolder] = [promisify(open), promisify(close)];

/** A folder that is written to, so that it stays the same folder whatever is put in its place meanwhile. */
export interface HeldFolder {
	/** All links followed. */
	readonly realPath: string;
	/** Whether `pathOf` leads to this very folder whatever happens; otherwise `isSame` has to be asked after a write too. */
	readonly isPinned: boolean;
	/** Where an entry of it is reached. */
	pathOf(name: string): string;
	/** Whether its path still leads to it. */
	isSame(): Promise<boolean>;
	/** To be called once, in the end. */
	release(): Promise<void>;
}

/** The folders being written to, by path: many small files share one handle. */
const held = new Map<string, { folder: Promise<HeldFolder>; users: number }>();

/**
 * Holds a folder. Linux reaches the entries of an open folder through its handle; elsewhere its real path, device and
 * inode are compared.
 */
export async function holdFolder(folderPath: string): Promise<HeldFolder> {
	const entry = held.get(folderPath) ?? { folder: openHeld(folderPath), users: 0 };
	held.set(folderPath, entry);
	entry.users += 1;
	const letGo = () => {
		entry.users -= 1;
		if (entry.users === 0 && held.get(folderPath) === entry) held.delete(folderPath);
		return entry.users === 0;
	};
	const folder = await entry.folder.catch((error: unknown) => {
		letGo();
		throw error;
	});
	return {
		...folder,
		release: async () => {
			if (letGo()) await folder.release();
		},
	};
}

async function openHeld(folderPath: string): Promise<HeldFolder> {
	return (
		(process.platform === 'linux' ? await pinned(folderPath) : undefined) ?? (await compared(folderPath))
	);
}

/** Undefined where there is no `/proc`, or where the folder may be written to but not read. */
async function pinned(folderPath: string): Promise<HeldFolder | undefined> {
	let handle: number;
	try {
		handle = await openFolder(folderPath, constants.O_RDONLY | constants.O_DIRECTORY);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined;
		throw error;
	}
	const realPath = linuxPathOf(handle);
	if (realPath === undefined) {
		await closeFolder(handle);
		return undefined;
	}
	return {
		realPath,
		isPinned: true,
		pathOf: (name) => `/proc/self/fd/${handle}/${name}`,
		// The system knows it from memory: a moved folder has another path, a removed one is marked.
		isSame: () => Promise.resolve(linuxPathOf(handle) === realPath),
		release: async () => await closeFolder(handle),
	};
}

/** Exported for the systems that tests do not run on. */
export async function compared(folderPath: string): Promise<HeldFolder> {
	const look = async () => {
		const [realPath, { dev, ino }] = await Promise.all([realpath(folderPath), stat(folderPath)]);
		return { realPath, identity: [realPath, dev, ino].join() };
	};
	const before = await look();
	return {
		realPath: before.realPath,
		isPinned: false,
		pathOf: (name) => path.join(before.realPath, name),
		isSame: async () =>
			await look().then(
				({ identity }) => identity === before.identity,
				() => false,
			),
		release: () => Promise.resolve(),
	};
}
