import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hasCode } from '../errors';

const held = new Set<string>();

/**
 * Reserves a data folder for this process. Two services on one folder would each compact the other's journal away.
 * The lock of a process that is gone (a kill) does not count.
 * @returns a function that gives the folder free again.
 * @throws when another service uses the folder.
 */
export const lockFolder = (folder: string): (() => void) => {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const path = join(resolve(folder), 'lock');
	const owner = ownerOf(path);
	if (held.has(path) || (owner !== null && owner !== process.pid && isAlive(owner)))
		throw new Error(`The data folder ${folder} is in use by process ${owner ?? process.pid}`);
	writeFileSync(path, `${process.pid}\n`);
	held.add(path);
	return () => {
		if (held.delete(path)) rmSync(path, { force: true });
	};
};

const ownerOf = (path: string): number | null => {
	try {
		const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
		return pid > 0 ? pid : null;
	} catch {
		return null;
	}
};

const isAlive = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// Not ours to signal, yet there.
		return hasCode(error, 'EPERM');
	}
};
