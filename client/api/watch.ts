import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

import { type BddFileError, StalledError } from './errors';
import { cancelled } from './retry';
import { untilAborted } from './until-aborted';

/** What a watch must know of the request it guards. */
export interface Watched {
	/** The beginning of a sentence. */
	action: string;
	signal?: AbortSignal | undefined;
	/** Milliseconds without a byte in either direction until the request is given up. */
	timeoutMs: number;
}

/** Until the answer is there, a request's progress is looked at so often within one timeout. */
const LOOKS = 4;

/** Ends a request when the caller cancels or when nothing has moved for the timeout, and remembers which it was. */
export class Watch {
	readonly controller = new AbortController();
	private limitMs: number;
	private movedAt = 0;
	/** Runs on while the clock stands, so that a request needs hardly more than one. */
	private timer: NodeJS.Timeout | undefined;
	private stands = true;
	/** The time was up at the last look. Once more, after the loop has turned: bytes may have waited for this process. */
	private lastLook = false;
	/** The milliseconds after which it gave up. */
	private stalledAfter: number | undefined;
	/** The request without an answer, and how far it was at the last look. */
	private waiting: ClientRequest | undefined;
	private position = '';
	private positionOf: (socket: Socket) => string = moved;
	private readonly onAbort = () => {
		clearTimeout(this.timer);
		this.timer = undefined;
		this.controller.abort();
	};

	constructor(private readonly request: Watched) {
		this.limitMs = request.timeoutMs;
		if (request.signal?.aborted) this.controller.abort();
		else request.signal?.addEventListener('abort', this.onAbort, { once: true });
	}

	/** The clock runs, from now on. */
	start(): void {
		this.touch();
		this.stands = false;
		if (this.timer === undefined) this.lookIn(this.limitMs / LOOKS);
	}

	/** Something moved. */
	touch(): void {
		this.movedAt = performance.now();
	}

	/**
	 * Watches a request on its way. What the system takes of it is progress, and so is each byte of the answer's head. Once
	 * it has taken the last byte of a body, megabytes may still be under way in its buffers, so that the wait for the answer is then
	 * at least `answerFloorMs`.
	 *
	 * @param answerFloorMs undefined for a request without a body
	 */
	follow(request: ClientRequest, answerFloorMs: number | undefined): void {
		this.waiting = request;
		// Sending a head takes no time that is worth watching.
		if (answerFloorMs === undefined) this.positionOf = ({ bytesRead }) => String(bytesRead);
		request.once('socket', (socket: Socket) => (this.position = this.positionOf(socket)));
		if (answerFloorMs !== undefined) {
			request.once('finish', () => {
				if (this.waiting === undefined) return;
				if (request.socket) this.position = this.positionOf(request.socket);
				this.limitMs = Math.max(this.request.timeoutMs, answerFloorMs);
				this.touch();
			});
		}
	}

	/** The clock stands. Called when the answer is there, too: from then on the plain timeout counts. */
	pause(): void {
		this.stands = true;
		this.waiting = undefined;
		this.lastLook = false;
		this.limitMs = this.request.timeoutMs;
	}

	stop(): void {
		this.pause();
		clearTimeout(this.timer);
		this.timer = undefined;
		this.request.signal?.removeEventListener('abort', this.onAbort);
	}

	/** What `work` gives, or a rejection as soon as this watch ends the request. */
	async until<T>(work: Promise<T>): Promise<T> {
		return await untilAborted(work, this.controller.signal);
	}

	/** The error that explains why this watch ended the request, if it did. */
	reason(): BddFileError | undefined {
		const { action, signal } = this.request;
		if (signal?.aborted) return cancelled(action, signal.reason);
		if (this.stalledAfter === undefined) return undefined;
		return new StalledError(`${action} failed: nothing moved for ${this.stalledAfter / 1000} seconds`, {
			description:
				'The service or the network hangs. Try again later, or raise the option "Timeout (Seconds)".',
		});
	}

	private lookIn(ms: number): void {
		this.timer = setTimeout(() => this.look(), ms);
	}

	private look(): void {
		this.timer = undefined;
		if (this.stands) return;
		if (this.waiting?.socket) {
			const position = this.positionOf(this.waiting.socket);
			if (position !== this.position) this.touch();
			this.position = position;
		}
		const left = this.limitMs - (performance.now() - this.movedAt);
		if (left > 0 || !this.lastLook) {
			this.lastLook = left <= 0;
			const next = this.waiting ? Math.min(left, this.limitMs / LOOKS) : left;
			this.lookIn(Math.max(1, Math.ceil(next)));
			return;
		}
		this.stalledAfter = this.limitMs;
		this.controller.abort();
	}
}

/**
 * How much of what was written to a socket the system has taken, and how much has come in, as something to compare. The size of the queue, by
 * which Node itself sees such progress (`net.Socket` and its timeout), tells of a part of a large write too.
 */
function moved(socket: Socket): string {
	const { _handle: handle } = socket as { _handle?: { writeQueueSize?: number } | null };
	return `${socket.bytesRead} ${socket.bytesWritten - socket.writableLength} ${handle?.writeQueueSize ?? 0}`;
}
