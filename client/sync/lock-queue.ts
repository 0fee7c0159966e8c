import { cancelled } from '../api/retry';
import type { LockOwner } from './lock-record';

interface Turn {
	owner: LockOwner;
	start: () => void;
}

/** Those of this process who want the same folder. The first of each line competes with other processes, or has it. */
const lines = new Map<string, Turn[]>();

/** Who of this process has the folder or is first in line for it. */
export function firstInLine(place: string): LockOwner | undefined {
	return lines.get(place)?.[0]?.owner;
}

/**
 * First come, first served, and without delay, while who waits for another process has to look again and again.
 *
 * @returns a function that lets the next one start; to be called once
 * @throws CancelledError when the signal fires before the turn comes
 */
export async function takeTurn(
	place: string,
	owner: LockOwner,
	signal: AbortSignal | undefined,
): Promise<() => void> {
	const line = lines.get(place) ?? [];
	lines.set(place, line);
	const turn: Turn = { owner, start: () => undefined };
	line.push(turn);
	const leave = () => {
		line.splice(line.indexOf(turn), 1);
		if (line.length === 0) lines.delete(place);
		// Whoever has started hears it again, which does nothing.
		line[0]?.start();
	};
	if (line[0] === turn) return leave;
	const started = new AbortController();
	try {
		await new Promise<void>((resolve, reject) => {
			turn.start = resolve;
			signal?.addEventListener('abort', () => reject(cancelled('Waiting for the folder', signal.reason)), {
				once: true,
				signal: started.signal,
			});
		});
	} catch (error) {
		leave();
		throw error;
	} finally {
		started.abort();
	}
	return leave;
}
