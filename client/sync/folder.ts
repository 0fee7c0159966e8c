import { stat } from 'node:fs';
import { lstat, mkdir, realpath, unlink } from 'node:fs/promises';
import { dirname, posix } from 'node:path';
import { promisify } from 'node:util';
import { LocalFileError } from '../api/errors';
import { look } from '../transfer/download/place';
import { localFileError } from '../transfer/local-error';
import type { DownloadToFileOptions } from '../types';
import { folderError } from './failures';
import { pathIn, showName } from './names';
import { SharedLooks } from './shared-looks';

// The plain function: it is asked for each file, and that of `fs/promises` costs twice as much.
const statFolder = promisify(stat);

/**
 * A folder while it is changed. What was checked before may have been swapped for a link since, so each place is
 * looked at again at the moment in which something is read or written there.
 */
export class SyncFolder {
	private readonly ways = new SharedLooks((folder) => realpath(folder));
	private readonly identities = new SharedLooks(identityOf);

	private constructor(
		/** Absolute, as the caller named it. */
		readonly directory: string,
		/** Without links, as it was when the sync began. */
		private readonly real: string,
		/** What tells the folder from another one under the same path. */
		private readonly identity: string,
		private readonly isPathAllowed: (path: string) => boolean,
	) {}

	/** @throws LocalFileError when it is no folder, or not there */
	static async open(directory: string, isPathAllowed: (path: string) => boolean): Promise<SyncFolder> {
		try {
			const real = await realpath(directory);
			return new SyncFolder(directory, real, await identityOf(real), isPathAllowed);
		} catch (error) {
			throw folderError('Reading', directory, error);
		}
	}

	/** The absolute path of one that is relative to the folder. */
	pathOf(relative: string): string {
		return pathIn(this.directory, relative);
	}

	isAllowed(relative: string): boolean {
		return this.isPathAllowed(this.pathOf(relative));
	}

	/**
	 * @param relative a file of the folder, whose own folder may be gone too
	 * @throws LocalFileError as `assertInside`
	 */
	async isGone(relative: string): Promise<boolean> {
		const above = posix.dirname(relative);
		if (above !== '.' && (await this.isGone(above))) return true;
		await this.assertInside(relative);
		// What is not there was never found by a walk, and so nobody was asked whether it may be looked at.
		this.assertAllowed(this.pathOf(relative));
		try {
			return (await look(this.pathOf(relative))) === undefined;
		} catch (error) {
			throw localFileError(`Reading ${showName(this.pathOf(relative))}`, error);
		}
	}

	/**
	 * @param relative a file of the folder, which need not exist
	 * @param leadsTo where its own folder really is, all links followed, for who has it open
	 * @throws LocalFileError when the way to it leads elsewhere than it did, or where the caller allows nothing, or when
	 * another folder has taken the place of this one
	 */
	async assertInside(relative: string, leadsTo?: string): Promise<void> {
		await Promise.all([this.assertWay(relative, leadsTo), this.assertSame()]);
	}

	/** What is asked while a file is written there. An empty temporary file in a folder that nobody sees any more does no harm. */
	checkOf(relative: string): NonNullable<DownloadToFileOptions['check']> {
		return (realFolder, isComplete) =>
			isComplete ? this.assertInside(relative, realFolder) : this.assertWay(relative, realFolder);
	}

	/** Half of `assertInside`: of the way alone. */
	private async assertWay(relative: string, leadsTo?: string): Promise<void> {
		const above = dirname(this.pathOf(relative));
		const real =
			leadsTo ??
			(await this.ways.at(above).catch((error: unknown) => {
				throw localFileError(`Reading ${showName(above)}`, error);
			}));
		this.assertLeads(relative, real);
	}

	/**
	 * The same of a file that is open, so that nothing has to be asked of the disk.
	 *
	 * @param real where the file's own folder is, all links followed
	 */
	assertLeads(relative: string, real: string): void {
		const above = posix.dirname(relative);
		if (real !== (above === '.' ? this.real : pathIn(this.real, above)))
			throw swapped(this.pathOf(relative), `its folder now leads to ${showName(real)}`);
		// Where the folder was named by its real path, the caller was asked for this very one before; it may cost much.
		if (this.real !== this.directory) this.assertAllowed(pathIn(this.real, relative));
	}

	/** The other half: that no other folder has taken the place of this one. */
	async assertSame(): Promise<void> {
		const identity = await this.identities.at(this.real).catch((error: unknown) => {
			throw localFileError(`Reading ${showName(this.directory)}`, error);
		});
		if (identity !== this.identity)
			throw swapped(this.directory, 'the synced folder was replaced by another one');
	}

	private assertAllowed(path: string): void {
		if (!this.isPathAllowed(path)) throw swapped(path, `${showName(path)} is not allowed as a local path`);
	}
}

async function identityOf(directory: string): Promise<string> {
	const { dev, ino } = await statFolder(directory);
	return `${dev}:${ino}`;
}

function swapped(path: string, why: string): LocalFileError {
	return new LocalFileError(`${showName(path)} was not touched, because ${why}`, {
		description: 'Somebody changed the folder meanwhile. Check it, then run it again.',
	});
}

/**
 * Creates a folder, and those above it that are missing.
 *
 * @throws LocalFileError with the disk's own reason
 */
export async function createFolder(directory: string): Promise<void> {
	try {
		await makeFolder(directory);
	} catch (error) {
		throw folderError('Creating', directory, error);
	}
}

/** Node's `recursive` calls a read-only disk a missing folder, and never ends where nothing can be created, as in `/proc`. */
async function makeFolder(directory: string, isSecondTry = false): Promise<void> {
	try {
		await mkdir(directory);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'EEXIST' && (await statFolder(directory)).isDirectory()) return;
		if (code !== 'ENOENT' || isSecondTry || dirname(directory) === directory) throw error;
		await makeFolder(dirname(directory));
		await makeFolder(directory, true);
	}
}

/** A temporary file that nothing has touched for this long belongs to no run in progress. Milliseconds. */
const LEFTOVER_AGE = 24 * 60 * 60 * 1000;

/**
 * Removes temporary files that a killed run has left behind. Their age is the time of the last change of any kind: the
 * modification time is set to the upload time while a file is still temporary. A temporary file that cannot be removed
 * does no harm and stays.
 */
export async function removeLeftovers(folder: SyncFolder, temporaries: readonly string[]): Promise<void> {
	for (const name of temporaries) {
		const path = folder.pathOf(name);
		if (!folder.isAllowed(name)) continue;
		try {
			const { ctimeMs } = await lstat(path);
			if (Date.now() - ctimeMs > LEFTOVER_AGE) await unlink(path);
		} catch {
			// Gone already, or not ours to remove.
		}
	}
}
