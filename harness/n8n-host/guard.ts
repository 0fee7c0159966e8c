/**
 * Cleans up after a process that may die without a word. Run as a program of its own: `tsx guard.ts [folder]`, with lines
 * on its standard input:
 *
 * - `watch <pid>`: a process group to end
 * - `forget <pid>`: it has ended by itself
 *
 * When the input ends, because its owner closed it or is gone in whatever way (a crash, `kill -9`, Ctrl-C in the middle
 * of a test), the guard ends the groups that are left, politely first, removes the folder, and ends with 0.
 */
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const POLITE_MS = 15_000;
const POLL_MS = 50;

async function main(folder: string | undefined): Promise<void> {
	const groups = new Set<number>();
	for await (const line of createInterface({ input: process.stdin })) {
		const [verb, pid] = line.split(' ');
		if (verb === 'watch') groups.add(Number(pid));
		else if (verb === 'forget') groups.delete(Number(pid));
	}
	await endGroups([...groups]);
	if (folder !== undefined)
		await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

async function endGroups(groups: readonly number[]): Promise<void> {
	const deadline = Date.now() + POLITE_MS;
	let left = groups.filter((pid) => signal(pid, 'SIGTERM'));
	while (left.length > 0 && Date.now() < deadline) {
		await sleep(POLL_MS);
		left = left.filter((pid) => signal(pid, 0));
	}
	for (const pid of left) signal(pid, 'SIGKILL');
}

/** Sends a signal (0 only asks) to a process group; false when there is no such group any more. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
	try {
		return process.kill(-pid, name);
	} catch {
		return false;
	}
}

void main(process.argv[2]);
