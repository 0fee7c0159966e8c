import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Fault } from './script';

/** How an exchange ended, as seen from the client's connection. */
export type Outcome =
	/** Under way, or stalled. */
	| 'open'
	/** The client got a whole answer. */
	| 'complete'
	/** A fault broke the connection. */
	| 'cut'
	/** The client left before it had a whole answer. */
	| 'clientLeft'
	/** The service refused or broke the connection; the client's was reset. */
	| 'serviceLost';

/** What is known of one request. The record is live: it changes while the exchange goes on. */
export interface ProxiedRequest {
	/** 1 for the first request that arrived. */
	readonly order: number;
	readonly method: string;
	/** As the client sent it, without the query. */
	readonly path: string;
	readonly query: Readonly<Record<string, string>>;
	readonly headers: IncomingHttpHeaders;
	/** The `Range` header. */
	readonly range: string | undefined;
	/** Number of the client's connection, from 1. */
	readonly connection: number;
	/** Whether that connection carried a request before. */
	readonly reused: boolean;
	/**
	 * The decoded `params` field of a multipart body, or a JSON body (64 KiB at most). Integers beyond 2^53 are strings of
	 * their digits.
	 */
	params?: Readonly<Record<string, unknown>>;
	/** Body bytes taken from the client and passed on, or swallowed when the proxy answers by itself. */
	requestBytes: number;
	/** Whether the whole request body arrived. */
	requestComplete: boolean;
	/** What the service answered, once its head arrived. */
	serviceStatus?: number;
	/** What the client was told, once the head was sent. */
	status?: number;
	/** Body bytes sent to the client. */
	responseBytes: number;
	/** The fault that took effect. One that was scripted but never reached (a cut beyond the end) is not named. */
	fault?: Fault['kind'];
	outcome: Outcome;
}

interface Waiter {
	check: () => void;
	fail: (error: Error) => void;
}

/** Records every request, and lets tests wait for what they see in the records. */
export class RequestLog {
	readonly requests: ProxiedRequest[] = [];
	private readonly waiters = new Set<Waiter>();

	begin(request: IncomingMessage, connection: number, reused: boolean): ProxiedRequest {
		const target = new URL(request.url ?? '/', 'http://proxy.invalid');
		const record: ProxiedRequest = {
			order: this.requests.length + 1,
			method: request.method ?? '',
			path: target.pathname,
			query: Object.fromEntries(target.searchParams),
			headers: request.headers,
			range: request.headers.range,
			connection,
			reused,
			requestBytes: 0,
			requestComplete: false,
			responseBytes: 0,
			outcome: 'open',
		};
		this.requests.push(record);
		this.changed();
		return record;
	}

	/** To be called after every change that someone may wait for. */
	changed(): void {
		for (const waiter of this.waiters) waiter.check();
	}

	/**
	 * Resolves with the first value other than `undefined` and `false` that `look` returns.
	 *
	 * @param what completes "waited 5000 ms for ..." when `timeoutMs` pass without one
	 */
	async until<T>(look: () => T | undefined | false, what: string, timeoutMs: number): Promise<T> {
		return await new Promise<T>((resolve, reject) => {
			const leave = () => {
				clearTimeout(timer);
				this.waiters.delete(waiter);
			};
			const waiter: Waiter = {
				check: () => {
					const found = look();
					if (found === undefined || found === false) return;
					leave();
					resolve(found);
				},
				fail: (error) => {
					leave();
					reject(error);
				},
			};
			const timer = setTimeout(() => {
				waiter.fail(new Error(`waited ${timeoutMs} ms for ${what}; so far:\n${this.summary()}`));
			}, timeoutMs);
			this.waiters.add(waiter);
			waiter.check();
		});
	}

	/** Ends every wait with `error`. */
	fail(error: Error): void {
		for (const waiter of [...this.waiters]) waiter.fail(error);
	}

	private summary(): string {
		const lines = this.requests.map(
			({ order, method, path, requestBytes, status, responseBytes, outcome, fault }) =>
				`  ${order}. ${method} ${path} > ${requestBytes} B < ${status ?? '-'} ${responseBytes} B ${outcome}${fault ? ` (${fault})` : ''}`,
		);
		return lines.slice(-20).join('\n') || '  no request';
	}
}
