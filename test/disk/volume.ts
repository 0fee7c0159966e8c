import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A mounted file system. */
export interface Volume {
	/** Where it is mounted. */
	readonly folder: string;
	/** Unmounts it and removes every trace. */
	close(): Promise<void>;
}

/**
 * An exFAT file system in a file: it keeps the case of names and does not tell them apart by it, as the disks of Windows
 * and macOS do, and has no modes and no owners. Needs root, `exfat-fuse` and `exfatprogs` (see
 * scripts/ci-prerequisites.sh).
 *
 * @throws when one of them is missing: a suite that cannot run fails
 */
export async function mountExfat(): Promise<Volume> {
	return await mounted(async (folder, base) => {
		const image = path.join(base, 'image');
		const file = await open(image, 'w');
		await file.truncate(32 * 1024 * 1024);
		await file.close();
		await run('mkfs.exfat', [image]);
		const device = (await run('losetup', ['--find', '--show', image])).stdout.trim();
		try {
			await run('mount.exfat-fuse', [device, folder]);
		} catch (error) {
			await run('losetup', ['--detach', device]);
			throw error;
		}
		return async () => await detach(device);
	});
}

/** An empty disk that nobody can write to, root included. Needs root. */
export async function mountReadOnly(): Promise<Volume> {
	return await mounted(async (folder) => {
		await run('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder]);
		return () => Promise.resolve();
	});
}

/** @param mount mounts something on a folder, may put files beside it, and gives what is to be done after the unmount */
async function mounted(
	mount: (folder: string, base: string) => Promise<() => Promise<void>>,
): Promise<Volume> {
	const base = await mkdtemp(path.join(tmpdir(), 'bdd-file-disk-'));
	try {
		const folder = await mkdtemp(path.join(base, 'volume-'));
		const afterwards = await mount(folder, base);
		return {
			folder,
			close: async () => {
				await run('umount', [folder]);
				try {
					await afterwards();
				} finally {
					await rm(base, { recursive: true });
				}
			},
		};
	} catch (error) {
		await rm(base, { recursive: true });
		throw error;
	}
}

/**
 * A file system's process lets go of the device a moment after the unmount.
 *
 * @throws when it has not after five seconds, with what the system says
 */
async function detach(device: string): Promise<void> {
	for (let tries = 1; ; tries += 1) {
		try {
			await run('losetup', ['--detach', device]);
			return;
		} catch (error) {
			if (tries === 50) throw error;
		}
		await delay(100);
	}
}
