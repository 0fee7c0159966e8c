import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
	access,
	chmod,
	type FileHandle,
	lstat,
	mkdir,
	open,
	readdir,
	realpath,
	stat,
	unlink,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BddFileError, isBddFileError, LocalFileError } from '../api/errors';
import { folderError } from './failures';
import type { NumberedFiles } from './lock-generations';
import { LockPlaceGoneError } from './lock-errors';
import { MAX_RECORD_BYTES } from './lock-record';
import { showName } from './names';

/** Holds the lock files. A folder of its own: looking into it costs the same however many files are synced. */
const LOCK_FOLDER = '.bdd-file-lock';

/** What a disk says that can be read only, or only by this user. */
const UNWRITABLE: ReadonlySet<unknown> = new Set(['EROFS', 'EACCES', 'EPERM']);

/**
 * Where the lock of a folder lies: in the folder itself, so that whoever shares it sees it. Only when this user may not
 * write there, and `allowElsewhere`, it lies in the machine's temporary folder and holds on this machine. What decides is
 * the folder's own permission, which does not come and go, so that no two processes of one user look in two places.
 *
 * @returns the real path of the folder of lock files, which exists
 * @throws LocalFileError when there is no such folder, or no place for its lock
 */
export async function lockPlace(directory: string, allowElsewhere: boolean): Promise<string> {
	try {
		const folder = await realpath(directory);
		const inside = join(folder, LOCK_FOLDER);
		if (await makeInside(folder, inside, allowElsewhere)) return inside;
		return await makeElsewhere(folder);
	} catch (error) {
		throw lockError(directory, error);
	}
}

/** The disk refused something about the lock of this folder. */
export function lockError(directory: string, error: unknown, action = 'Locking'): BddFileError {
	return isBddFileError(error) ? error : folderError(action, directory, error);
}

/** @returns false when the folder cannot be written to and the lock may lie elsewhere */
async function makeInside(folder: string, inside: string, allowElsewhere: boolean): Promise<boolean> {
	try {
		await access(folder, constants.W_OK);
		await makeLockFolder(folder, inside);
		return true;
	} catch (error) {
		if (allowElsewhere && UNWRITABLE.has((error as NodeJS.ErrnoException).code)) return false;
		throw error;
	}
}

/** Under a name that all who want this folder make from its real path. */
async function makeElsewhere(folder: string): Promise<string> {
	const base = tmpdir();
	try {
		const hash = createHash('sha256').update(folder).digest('hex');
		const elsewhere = join(await realpath(base), `${LOCK_FOLDER}-${hash}`);
		await makeLockFolder(base, elsewhere);
		return elsewhere;
	} catch (error) {
		throw lockError(base, error, `Locking ${showName(folder)}, which can only be read, with`);
	}
}

/** Whoever may write into the folder around it may write into it: another user's process must meet the same lock. */
async function makeLockFolder(around: string, path: string): Promise<void> {
	try {
		await mkdir(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		// A link would lead to files that are not ours.
		if ((await lstat(path)).isDirectory()) return;
		throw new LocalFileError(`Locking with ${showName(path)} failed: it is not a folder`, {
			description: 'This name is reserved for the lock of syncs. Remove what is in its place.',
			cause: error,
		});
	}
	const { mode } = await stat(around);
	// Not every disk has permissions to set.
	await chmod(path, mode & 0o3777).catch(() => undefined);
}

/** The numbered files on a disk. Each operation opens by name, which is what makes network disks ask their server. */
export class NumberedFilesOnDisk implements NumberedFiles {
	constructor(private readonly folder: string) {}

	async list(): Promise<number[]> {
		const names = await readdir(this.folder).catch((error: unknown) => this.refused(error));
		return names.map(Number).filter((number, index) => isNumber(number, names[index]));
	}

	async read(number: number): Promise<string | undefined> {
		const file = await this.openExisting(number, constants.O_RDONLY);
		if (file === undefined) return undefined;
		try {
			const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_RECORD_BYTES), 0, MAX_RECORD_BYTES, 0);
			return buffer.toString('utf8', 0, bytesRead);
		} catch (error) {
			if (isGone(error)) return undefined;
			throw error;
		} finally {
			await close(file);
		}
	}

	async create(number: number, text: string): Promise<boolean> {
		if (!Number.isSafeInteger(number)) throw numbersAtEnd(this.folder);
		let file: FileHandle;
		try {
			file = await open(this.path(number), 'wx', 0o666);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
			return this.refused(error);
		}
		// The number is won by its creation. A full disk that has no room for the text takes nothing from that.
		await file.writeFile(text).catch(() => undefined);
		await close(file);
		return true;
	}

	async write(number: number, text: string): Promise<void> {
		const file = await this.openExisting(number, constants.O_WRONLY);
		if (file === undefined) return;
		try {
			await file.truncate(0);
			await file.writeFile(text);
		} finally {
			await close(file);
		}
	}

	async remove(number: number): Promise<void> {
		// What stays is lower than the highest, so nobody minds it, and the next owner tries again.
		await unlink(this.path(number)).catch(() => undefined);
	}

	/** @throws LockPlaceGoneError when the folder is not there any more */
	private refused(error: unknown): never {
		throw isGone(error) ? new LockPlaceGoneError(this.folder, error) : error;
	}

	private path(number: number): string {
		return join(this.folder, String(number));
	}

	private async openExisting(number: number, flags: number): Promise<FileHandle | undefined> {
		try {
			return await open(this.path(number), flags | constants.O_NOFOLLOW);
		} catch (error) {
			if (isGone(error)) return undefined;
			throw error;
		}
	}
}

function isNumber(number: number, name: string | undefined): boolean {
	return Number.isSafeInteger(number) && number > 0 && String(number) === name;
}

/** Reached by no sync, but by whoever puts a file of such a name there. */
function numbersAtEnd(folder: string): LocalFileError {
	return new LocalFileError(
		`Locking with ${showName(folder)} failed: a file in it has the highest possible number`,
		{
			description: 'Remove this folder while no sync is running.',
		},
	);
}

/** NFS says ESTALE for a file that another machine removed while it was being opened. */
function isGone(error: unknown): boolean {
	const { code } = error as NodeJS.ErrnoException;
	return code === 'ENOENT' || code === 'ESTALE';
}

/** What a network disk has to say when a lock file is closed concerns its text only. */
async function close(file: FileHandle): Promise<void> {
	await file.close().catch(() => undefined);
}
