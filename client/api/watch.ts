import { type BddFileError, StalledError } from './errors';
import { cancelled } from './retry';

/** What a watch must know of the request it guards. */
export interface Watched {
	/** The beginning of a sentence. */
	action: string;
	signal?: AbortSignal | undefined;
	/** Milliseconds without a byte in either direction until the request is given up. */
	timeoutMs: number;
}

/** Ends a request when the caller cancels or when nothing has moved for the timeout, and remembers which it was. */
export class Watch {
	readonly controller = new AbortController();
	private stalled = false;
	private timer: NodeJS.Timeout | undefined;
	private readonly onAbort = () => this.controller.abort();

	constructor(private readonly request: Watched) {
		if (request.signal?.aborted) this.controller.abort();
		else request.signal?.addEventListener('abort', this.onAbort, { once: true });
	}

	start(): void {
		this.timer ??= setTimeout(() => {
			this.stalled = true;
			this.controller.abort();
		}, this.request.timeoutMs);
		this.timer.refresh();
	}

	/** Something moved. */
	touch(): void {
		this.timer?.refresh();
	}

	pause(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
	}

	stop(): void {
		this.pause();
		this.request.signal?.removeEventListener('abort', this.onAbort);
	}

	/** The error that explains why this watch ended the request, if it did. */
	reason(): BddFileError | undefined {
		const { action, signal, timeoutMs } = this.request;
		if (signal?.aborted) return cancelled(action, signal.reason);
		if (!this.stalled) return undefined;
		return new StalledError(`${action} failed: nothing moved for ${timeoutMs / 1000} seconds`, {
			description: 'The service or the network hangs. Try again later, or raise the option "Timeout".',
		});
	}
}
