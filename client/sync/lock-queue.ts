import { cancelled } from '../api/retry';
import { throwIfCancelled } from './failures';
import type { LockOwner } from './lock-record';

/** A place in the line of those of this process who want the same folder. */
export interface Turn {
	/** Who has the folder, as far as is known: whoever's turn it is, or someone of another process. */
	owner: LockOwner;
	/** Lets the next one start. To be called once. */
	leave(): void;
}

interface Place extends Turn {
	start: () => void;
}

/** The first of each line competes with other processes, or has the folder. */
const lines = new Map<string, Place[]>();

/** Who has the folder as far as this process knows, if somebody of it wants it. */
export function knownOwner(place: string): LockOwner | undefined {
	return lines.get(place)?.[0]?.owner;
}

/**
 * First come, first served, and without delay, while who waits for another process has to look again and again.
 *
 * @throws CancelledError when the signal fires before the turn comes
 */
export async function takeTurn(
	place: string,
	owner: LockOwner,
	signal: AbortSignal | undefined,
): Promise<Turn> {
	throwIfCancelled(signal);
	const line = lines.get(place) ?? [];
	lines.set(place, line);
	const turn: Place = {
		owner,
		start: () => undefined,
		leave: () => {
			line.splice(line.indexOf(turn), 1);
			if (line.length === 0) lines.delete(place);
			// Whoever has started hears it again, which does nothing.
			line[0]?.start();
		},
	};
	line.push(turn);
	if (line[0] === turn) return turn;
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
		turn.leave();
		throw error;
	} finally {
		started.abort();
	}
	return turn;
}
