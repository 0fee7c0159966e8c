/** What the service sends back: a whole answer, or what a network does instead of one. */
export type Reaction = Answer | 'reset' | 'silence';

export interface Answer {
	status: number;
	headers?: Record<string, string>;
	/** Chunks are sent without a Content-Length, as fast as the client takes them. */
	body: string | Buffer | AsyncIterable<Buffer>;
}

const json = (status: number, value: unknown): Answer => ({
	status,
	headers: { 'Content-Type': 'application/json' },
	body: JSON.stringify(value),
});

/** The envelope of a success. */
export const ok = (data: unknown): Answer => json(200, { code: 0, data, message: null });

/** The envelope of a refusal. The status that goes with it is not documented. */
export const refused = (message: string, status = 200): Answer =>
	json(status, { code: 1, data: null, message });

/** One page of a listing. */
export const page = (total: unknown, items: readonly unknown[]): Answer => ok({ total, items });

/** A gateway's answer, or anything else that is no envelope. */
export const http = (status: number, body = '', headers: Record<string, string> = {}): Answer => ({
	status,
	headers: { 'Content-Type': 'text/html', ...headers },
	body,
});

/** A body that never ends, in chunks of 64 KiB. */
export const endless = (status = 200, headers: Record<string, string> = {}): Answer => ({
	status,
	headers: { 'Content-Type': 'application/octet-stream', ...headers },
	body: (async function* () {
		const chunk = Buffer.alloc(64 * 1024, 'x');
		for (;;) {
			yield chunk;
			await new Promise(setImmediate);
		}
	})(),
});
