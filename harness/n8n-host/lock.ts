import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { isErrorCode } from './errors';
import type { Report } from './report';

const HEARTBEAT_MS = 5_000;
const STALE_MS = 60_000;
const POLL_MS = 500;
const REPORT_MS = 10_000;

export interface LockOptions {
	/** How long to wait for another process, in milliseconds. */
	timeoutMs: number;
	/** Told every ten seconds that the lock is held by somebody else. */
	report: Report;
}

/**
 * Runs `work` while holding the lock file at `path`, so that of several processes on this machine one does it.
 *
 * The holder touches the file every few seconds: a lock that nobody has touched for a minute belongs to a process that
 * is gone (killed, or the machine restarted) and is taken over. Two processes that take over the same stale lock at the
 * same instant can both believe they hold it, so `work` must publish its result atomically.
 *
 * @throws when the lock was not free within `timeoutMs`, or whatever `work` throws.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
	const token = `${String(process.pid)} ${randomUUID()}`;
	await acquire(path, token, options);
	const heartbeat = setInterval(() => {
		const now = new Date();
		// Gone only when somebody took it over; then there is nothing to keep fresh.
		utimes(path, now, now).catch(() => undefined);
	}, HEARTBEAT_MS);
	heartbeat.unref();
	try {
		return await work();
	} finally {
		clearInterval(heartbeat);
		if ((await readIfThere(path)) === token) await rm(path, { force: true });
	}
}

async function acquire(path: string, token: string, { timeoutMs, report }: LockOptions): Promise<void> {
	const start = Date.now();
	let lastReport = start;
	while (!(await create(path, token))) {
		await removeIfStale(path);
		const now = Date.now();
		if (now - start > timeoutMs) {
			throw new Error(`${path} is still held by another process (${(await readIfThere(path)) ?? 'unknown'})`);
		}
		if (now - lastReport > REPORT_MS) {
			report(`Waiting for another process that holds ${path}`);
			lastReport = now;
		}
		await sleep(POLL_MS);
	}
}

async function create(path: string, token: string): Promise<boolean> {
	try {
		const file = await open(path, 'wx');
		await file.writeFile(token);
		await file.close();
		return true;
	} catch (error) {
		if (isErrorCode(error, 'EEXIST')) return false;
		throw error;
	}
}

async function removeIfStale(path: string): Promise<void> {
	try {
		if (Date.now() - (await stat(path)).mtimeMs < STALE_MS) return;
		// The rename decides between several that found it stale: only one of them gets the file.
		const aside = `${path}.stale-${randomUUID()}`;
		await rename(path, aside);
		await rm(aside, { force: true });
	} catch (error) {
		if (!isErrorCode(error, 'ENOENT')) throw error;
	}
}

async function readIfThere(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, 'utf8');
	} catch (error) {
		if (isErrorCode(error, 'ENOENT')) return undefined;
		throw error;
	}
}
