import { Readable } from 'node:stream';

import { connectionError } from './connection-error';
import { ServiceError } from './errors';
import type { Watch } from './watch';

/** More than any listing page or error; a guard against a service that streams something else. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;

/** The answer to one request: its head, and its body to be read once. */
export class HttpAnswer {
	constructor(
		readonly status: number,
		private readonly headers: Record<string, unknown>,
		private readonly body: Readable,
		private readonly watch: Watch,
		private readonly action: string,
		private readonly reusable: () => boolean = () => true,
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
		let complete = false;
		try {
			this.watch.start();
			for await (const chunk of this.body as AsyncIterable<Buffer>) {
				// The consumer's time is not the service's: the clock stands while the consumer works.
				this.watch.pause();
				yield chunk;
				this.watch.start();
			}
			complete = true;
		} catch (cause) {
			throw this.watch.reason() ?? connectionError(this.action, cause, true);
		} finally {
			this.finish(complete);
		}
	}

	/** The whole body, for answers that are known to be short: cheaper than `bytes`, and else the same. */
	async buffer(): Promise<Buffer> {
		const { body, watch, action } = this;
		const chunks: Buffer[] = [];
		let bytes = 0;
		let complete = false;
		try {
			watch.start();
			await new Promise<void>((resolve, reject) => {
				body.on('data', (chunk: Buffer) => {
					watch.touch();
					chunks.push(chunk);
					bytes += chunk.length;
					if (bytes > MAX_BUFFERED_BYTES) reject(this.tooLong());
				});
				body.once('end', resolve).once('error', reject);
				body.once('close', () => reject(new Error('aborted')));
			});
			complete = true;
		} catch (cause) {
			throw watch.reason() ?? connectionError(action, cause, true);
		} finally {
			this.finish(complete);
		}
		return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes);
	}

	/** The whole body as text. */
	async text(): Promise<string> {
		return (await this.buffer()).toString('utf8');
	}

	/** The same answer with a body to be read once more, after `buffer` has read it. */
	replay(body: Buffer): HttpAnswer {
		const stream = Readable.from([body], { objectMode: false });
		return new HttpAnswer(this.status, this.headers, stream, this.watch, this.action);
	}

	/** Drops the body and its connection. */
	discard(): void {
		this.finish(false);
	}

	private finish(complete: boolean): void {
		this.watch.stop();
		if (!complete) this.body.destroy();
		if (!this.reusable()) this.watch.controller.abort();
	}

	private tooLong(): ServiceError {
		return new ServiceError(`${this.action} failed: the answer is far too long for this request`, {
			status: this.status,
			serviceMessage: 'answer too long',
			description: 'Check that the base URL of the credential is that of a BDD file service.',
		});
	}
}
