import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, statfs, utimes, writeFile, lstat } from 'node:fs/promises';
import { join } from 'node:path';

import { fileContent, fileName, UPLOAD_TIME } from './messages';

export const MIB = 1024 * 1024;
const LARGE_BLOCK = 16 * MIB;
const AT_ONCE = 64;

/** A size in MiB, in words. */
export const sizeInWords = (mebibytes: number): string =>
	mebibytes % 1024 === 0 ? `${mebibytes / 1024} GiB` : `${mebibytes} MiB`;

/**
 * Makes a folder of small files, from number `from` on.
 *
 * @param options.asUploaded gives them the upload time of the service's, so that a sync takes them as unchanged
 */
export async function makeSmallFiles(
	folder: string,
	options: { from?: number; count: number; size: number; asUploaded?: boolean },
): Promise<void> {
	const { from = 0, count, size, asUploaded = false } = options;
	await mkdir(folder, { recursive: true });
	const time = new Date(UPLOAD_TIME);
	for (let start = from; start < from + count; start += AT_ONCE) {
		const numbers = Array.from({ length: Math.min(AT_ONCE, from + count - start) }, (_, i) => start + i);
		await Promise.all(
			numbers.map(async (number) => {
				const path = join(folder, fileName(number));
				await writeFile(path, fileContent(number, size));
				if (asUploaded) await utimes(path, time, time);
			}),
		);
	}
}

/** Makes one large file that no disk can compress away. */
export async function makeLargeFile(path: string, mebibytes: number): Promise<void> {
	const block = randomBytes(LARGE_BLOCK);
	const file = await open(path, 'wx');
	try {
		for (let left = mebibytes * MIB; left > 0; left -= block.length) {
			await file.writeFile(left < block.length ? block.subarray(0, left) : block);
		}
	} finally {
		await file.close();
	}
}

/** What is in a folder, but for the hidden things that syncs keep there for themselves. */
export async function namesIn(folder: string): Promise<string[]> {
	return (await readdir(folder)).filter((name) => !name.startsWith('.bdd-file-'));
}

/** @throws when a folder does not hold exactly so many regular files, of so many bytes in all */
export async function assertFolder(folder: string, files: number, bytes: number): Promise<void> {
	const names = await namesIn(folder);
	let total = 0;
	for (let start = 0; start < names.length; start += AT_ONCE) {
		const stats = await Promise.all(
			names.slice(start, start + AT_ONCE).map((name) => lstat(join(folder, name))),
		);
		total += stats.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
	}
	if (names.length !== files || total !== bytes) {
		throw new Error(`The folder has ${names.length} files of ${total} bytes, expected ${files} of ${bytes}`);
	}
}

/** @throws when the disk of `folder` has less room than this */
export async function assertRoom(folder: string, mebibytes: number, what: string): Promise<void> {
	const { bavail, bsize } = await statfs(folder);
	const free = (bavail * bsize) / MIB;
	if (free < mebibytes) {
		throw new Error(
			`${what} needs ${Math.ceil(mebibytes / 1024)} GiB of disk in ${folder}, and ${(free / 1024).toFixed(1)} GiB are free. ` +
				'Make room, or set TMPDIR to a folder on a larger disk.',
		);
	}
}

/** @throws when a file has another size, in bytes */
export async function assertSize(path: string, bytes: number): Promise<void> {
	const { size } = await lstat(path);
	if (size !== bytes) throw new Error(`The file has ${size} bytes, expected ${bytes}`);
}
