import { mapBounded as mapAll } from '../api/bounded';
import { CancelledError } from '../api/errors';
import { throwIfCancelled } from './failures';

/** Directory reads, stats and hashes at once: some more than Node's four disk threads, so that none of them waits for us. */
export const DISK_CONCURRENCY = 16;

/**
 * Maps with bounded concurrency and keeps the order. After the first failure or cancellation nothing new is started, and
 * it rejects only when what was running has ended, so that nobody finds it still at work on the disk.
 */
export async function mapBounded<T, R>(
	items: readonly T[],
	{ concurrency, signal }: { concurrency: number; signal: AbortSignal | undefined },
	work: (item: T) => Promise<R>,
): Promise<R[]> {
	const results = await mapAll(items, concurrency, async (item) => {
		throwIfCancelled(signal);
		return await work(item);
	}).catch((error: unknown) => {
		throwIfCancelled(signal);
		throw error;
	});
	throwIfCancelled(signal);
	return results;
}

/**
 * One file of many: its failure is its own, and `onFailure` says what it comes to. Cancellation is everybody's and passes;
 * what else an aborted transfer throws is dropped with all results by `mapBounded`.
 */
export async function ownFailure<R>(work: () => Promise<R>, onFailure: (cause: unknown) => R): Promise<R> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof CancelledError) throw error;
		return onFailure(error);
	}
}
