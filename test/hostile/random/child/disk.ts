/** The disk of one scenario: a folder for the call, and beside it what no call may touch. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { bytesOf } from '../content';
import type { LocalFile } from '../scenario';

/** What a name in a scenario may begin with to mean a place outside the folder. */
const OUTSIDE = '{outside}';

export class Disk {
	private constructor(
		private readonly root: string,
		/** The folder of the call. */
		readonly folder: string,
		/** Files that were there before the call: absolute path to MD5. */
		readonly before: ReadonlyMap<string, string>,
	) {}

	/** @param base an existing folder */
	static async create(base: string, files: readonly LocalFile[]): Promise<Disk> {
		const root = await mkdtemp(join(base, 'scenario-'));
		const folder = join(root, 'deep', 'folder');
		await mkdir(join(folder, 'nested'), { recursive: true });
		await mkdir(join(root, 'outside'));
		await writeFile(join(root, 'outside', 'keep.txt'), 'nobody may touch this');
		await writeFile(join(root, 'deep', 'keep.txt'), 'nor this');
		for (const file of files) {
			await writeFile(join(folder, file.nested ? 'nested' : '', file.name), bytesOf(file.content));
		}
		return new Disk(root, folder, await digestTree(root));
	}

	/** A name of the scenario, with the placeholder filled. */
	named(name: string): string {
		return name.replace(OUTSIDE, join(this.root, 'outside'));
	}

	/** Every file as it is now: absolute path to MD5. */
	async now(): Promise<Map<string, string>> {
		return await digestTree(this.root);
	}

	/** What of a reading lies outside the folder and is not as it was before. */
	changedOutside(now: ReadonlyMap<string, string>): string[] {
		const paths = new Set([...now.keys(), ...this.before.keys()]);
		return [...paths]
			.filter((path) => relative(this.folder, path).startsWith('..'))
			.filter((path) => now.get(path) !== this.before.get(path))
			.map((path) => relative(this.root, path));
	}

	/** Our own unfinished files in a reading. */
	temporaries(now: ReadonlyMap<string, string>): string[] {
		const left = [...now.keys()].filter((path) => /\.bdd-file-[^/]*\.part$/.test(path));
		return left.filter((path) => !this.before.has(path)).map((path) => relative(this.root, path));
	}

	async remove(): Promise<void> {
		await rm(this.root, { recursive: true, force: true });
	}
}

/** Read as a stream: a call may have written a file of any size. */
export async function md5OfFile(path: string): Promise<string | undefined> {
	const hash = createHash('md5');
	try {
		for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
	} catch {
		return undefined;
	}
	return hash.digest('hex');
}

async function digestTree(root: string): Promise<Map<string, string>> {
	const entries = await readdir(root, { recursive: true, withFileTypes: true });
	const files = new Map<string, string>();
	for (const entry of entries) {
		const path = join(entry.parentPath, entry.name);
		if (entry.isFile()) files.set(path, (await md5OfFile(path)) ?? '');
	}
	return files;
}
