import { Readable } from 'node:stream';

import { brokenAnswer } from './connection-error';
import { type BddFileError, ServiceError } from './errors';
import type { Watch } from './watch';

/** The answer to one request: its head, and its body to be read once. */
export class HttpAnswer {
	constructor(
		readonly status: number,
		private readonly headers: Record<string, unknown>,
		private readonly body: Readable,
		private readonly watch: Watch,
		private readonly action: string,
		/** The origin of another host, when the service has redirected there. */
		readonly redirectedTo: string | undefined,
		/** Ends a request whose body is still on its way, and with it the connection. */
		private readonly endRequest: () => void = () => undefined,
	) {
		watch.pause();
		// A body that breaks while nobody reads it yet must not bring the process down; the reader sees it again.
		body.on('error', () => undefined);
	}

	header(name: string): string | undefined {
		const value = this.headers[name];
		return typeof value === 'string' ? value : undefined;
	}

	/** `Content-Length` in bytes, if the service announced one. */
	get length(): number | undefined {
		const text = this.header('content-length');
		return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
	}

	/**
	 * The body, chunk by chunk. Ends only when all of it arrived; leaving the loop early closes the connection.
	 *
	 * @throws ConnectionError, StalledError, CancelledError
	 */
	async *bytes(): AsyncGenerator<Buffer, void, undefined> {
		try {
			this.watch.start();
			// Leaving the loop destroys the body, and so its connection.
			for await (const chunk of this.body as AsyncIterable<Buffer>) {
				// The consumer's time is not the service's: the clock stands while the consumer works.
				this.watch.pause();
				yield chunk;
				this.watch.start();
			}
		} catch (cause) {
			throw this.watch.reason() ?? brokenAnswer(this.action, cause);
		} finally {
			this.watch.stop();
		}
	}

	/**
	 * The whole body, for answers that are known to be short: cheaper than `bytes`, and else the same. What is longer is
	 * not read: its connection is closed.
	 *
	 * @param limit bytes
	 * @param tooLong the error for more than that, from the bytes that were announced or have arrived
	 */
	async buffer(
		limit: number,
		tooLong: (bytes: number) => BddFileError = () => this.tooLong(),
	): Promise<Buffer> {
		if (this.length !== undefined && this.length > limit) {
			this.discard();
			throw tooLong(this.length);
		}
		const bytes = await this.read(limit);
		if (bytes.length > limit) throw tooLong(bytes.length);
		return bytes;
	}

	/** The whole body as text; see `buffer`. */
	async text(limit: number): Promise<string> {
		return (await this.buffer(limit)).toString('utf8');
	}

	/** The body's first `limit` bytes as text. The rest is dropped, with its connection. */
	async beginning(limit: number): Promise<string> {
		return (await this.read(limit)).toString('utf8', 0, limit);
	}

	/** The whole body, when it is no longer than `limit` bytes; undefined otherwise, and then nothing of it is lost. */
	async shortBody(limit: number): Promise<Buffer | undefined> {
		const bytes = await this.read(limit, 'keep');
		if (bytes.length <= limit) return bytes;
		this.body.unshift(bytes);
		return undefined;
	}

	/** The same answer with a body to be read once more, after `shortBody` has read it. */
	replay(body: Buffer): HttpAnswer {
		const stream = Readable.from([body], { objectMode: false });
		return new HttpAnswer(this.status, this.headers, stream, this.watch, this.action, this.redirectedTo);
	}

	/** Drops the body and its connection. */
	discard(): void {
		this.finish(false);
	}

	/** The body up to its end, or a little more than `limit` bytes of it; then the rest is dropped or kept for later. */
	private async read(limit: number, rest: 'drop' | 'keep' = 'drop'): Promise<Buffer> {
		const { body, watch, action } = this;
		const chunks: Buffer[] = [];
		let bytes = 0;
		let end: 'complete' | 'more' | 'broken' = 'broken';
		try {
			watch.start();
			// It may have broken before anybody listened.
			if (body.destroyed) throw body.errored ?? new Error('aborted');
			end = await new Promise((resolve, reject) => {
				const take = (chunk: Buffer) => {
					watch.touch();
					chunks.push(chunk);
					bytes += chunk.length;
					if (bytes <= limit) return;
					body.pause().off('data', take);
					resolve('more');
				};
				body
					.on('data', take)
					.once('end', () => resolve('complete'))
					.once('error', reject);
				body.once('close', () => reject(new Error('aborted')));
			});
		} catch (cause) {
			throw watch.reason() ?? brokenAnswer(action, cause);
		} finally {
			if (end === 'more' && rest === 'keep') watch.pause();
			else this.finish(end === 'complete');
		}
		return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes);
	}

	private finish(complete: boolean): void {
		this.watch.stop();
		if (!complete) this.body.destroy();
		this.endRequest();
	}

	private tooLong(): ServiceError {
		return new ServiceError(`${this.action} failed: the answer is far too long for this request`, {
			status: this.status,
			serviceMessage: 'answer too long',
			description: 'Check that the base URL of the credential is that of a BDD file service.',
		});
	}
}
