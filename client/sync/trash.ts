import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { LocalFileError } from '../api/errors';
import { isStill, look, PlaceChangedError } from '../transfer/download/place';
import { asLocalError } from '../transfer/local-error';
import { KeyedLock } from '../transfer/upload/keyed-lock';
import type { SyncFolder } from './folder';
import { numberedName, showName } from './names';
import { TRASH_FOLDER } from './own-files';
import type { LocalFile } from './trees';

const DAY = 24 * 60 * 60 * 1000;

/**
 * What a sync removes locally: `.bdd-file-trash/<date>/` in the folder itself, with the files' own paths below. Nothing in it is
 * ever replaced, and it is never synced.
 */
export class Trash {
	private readonly turns = new KeyedLock();

	constructor(
		private readonly folder: SyncFolder,
		/** How long a file stays; 0 removes it at once. */
		private readonly days: number,
		private readonly now: () => number = Date.now,
	) {}

	/**
	 * Moves a file away, if it is still the one that was planned to be.
	 *
	 * @throws PlaceChangedError when it is not, LocalFileError when the disk refuses
	 */
	async take(file: LocalFile): Promise<void> {
		// One after the other: the free name that one has found may be what another finds, or has.
		await this.turns.run(TRASH_FOLDER, () => this.takeNow(file));
	}

	private async takeNow(file: LocalFile): Promise<void> {
		const path = this.folder.pathOf(file.path);
		await this.folder.assertInside(file.path);
		if (!(await isStill(path, file))) throw changed(path);
		try {
			const target = await this.freePlace(file);
			await rename(path, this.folder.pathOf(target));
			if (this.days === 0) await rm(this.folder.pathOf(target), { force: true });
		} catch (error) {
			throw asLocalError(`Moving ${showName(path)} to the trash`, error);
		}
	}

	/** Removes what has been in it for long enough. What cannot be removed stays, and the next sync tries again. */
	async empty(): Promise<void> {
		const trash = this.folder.pathOf(TRASH_FOLDER);
		const dates = await readdir(trash).catch(() => []);
		if (dates.length === 0 || !(await lstat(trash)).isDirectory()) return;
		for (const date of dates) {
			const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : NaN;
			// A day is over when its last file has been in it for long enough.
			if (!(day + (this.days + 1) * DAY <= this.now()) && this.days > 0) continue;
			if (Number.isNaN(day) || !this.folder.isAllowed(`${TRASH_FOLDER}/${date}`)) continue;
			await rm(join(trash, date), { recursive: true, force: true }).catch(() => undefined);
		}
	}

	/** A path in the trash under which nothing is yet, in a folder that is there. */
	private async freePlace({ path, name }: LocalFile): Promise<string> {
		const date = new Date(this.now()).toISOString().slice(0, 10);
		const folder = posix.join(TRASH_FOLDER, date, posix.dirname(path));
		for (let number = 1; ; number++) {
			const candidate = number === 1 ? name : numberedName(name, number, 1);
			if (candidate === undefined) throw new Error('no name is free');
			const target = posix.join(folder, candidate);
			if (!this.folder.isAllowed(target)) {
				throw new LocalFileError(`${showName(this.folder.pathOf(target))} is not allowed as a local path`, {
					description:
						'What is removed goes there. Allow it, or switch the option "Propagate Deletions" off.',
				});
			}
			if (number === 1) await this.makeFolder(folder);
			if ((await look(this.folder.pathOf(target))) === undefined) return target;
		}
	}

	/** Folder by folder, so that a link in the way is found and not followed. */
	private async makeFolder(relative: string): Promise<void> {
		const above = posix.dirname(relative);
		if (above !== '.') await this.makeFolder(above);
		const path = this.folder.pathOf(relative);
		try {
			await mkdir(path);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
			if ((await lstat(path)).isDirectory()) return;
			throw new LocalFileError(
				`${showName(dirname(path))} cannot hold the trash: ${showName(path)} is not a folder`,
				{
					description: 'This name is reserved for what a sync removes. Remove what is in its place.',
					cause: error,
				},
			);
		}
	}
}

function changed(path: string): PlaceChangedError {
	return new PlaceChangedError(`${showName(path)} was changed in the meantime, and was left as it is`, {
		description: 'Run the sync again: it then starts from what is there now.',
	});
}
