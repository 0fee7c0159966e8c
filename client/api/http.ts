import axios, { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import type FormData from 'form-data';
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';

import { BddFileError, ConnectionError, ServiceError, StalledError } from './errors';
import type { HttpOptions } from './network';
import { cancelled } from './retry';

/** A request body and its exact length in bytes. */
export type RequestBody =
	| { type: 'application/json'; data: string }
	| {
			type: 'form';
			data: FormData;
			/** Small forms are sent as one buffer, without the cost of streams. */
			buffered: boolean;
			/** Called with a callback that the body's source calls for every chunk; that is how progress is seen. */
			onProgress?: (progress: () => void) => void;
	  };

export interface HttpRequest {
	method: 'GET' | 'POST' | 'DELETE';
	url: string;
	headers?: Record<string, string>;
	body?: RequestBody;
	/** What is being done, as the beginning of a sentence. */
	action: string;
	signal?: AbortSignal | undefined;
	/** Milliseconds without a byte in either direction until the request is given up. */
	timeoutMs: number;
}

/** Closed before the 5 seconds after which common servers close it: a request on a dying connection is an ambiguous one. */
const IDLE_SOCKET_MS = 4_000;
const MAX_REDIRECTS = 5;
/** More than any listing page or error; a guard against a service that streams something else. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;

/**
 * axios' Node adapter, called directly: merging defaults, interceptors and transforms, none of which is used here, would
 * cost as much as a small request itself.
 */
const sendByAxios = axios.getAdapter('http');

const HEADERS = { Accept: '*/*', 'Accept-Encoding': 'identity', 'User-Agent': 'n8n-nodes-bdd-file' };

/**
 * One HTTP client for one set of connection settings: keep-alive, streaming both ways, no redirect ever replays a body
 * or carries our headers to another host, and a timeout that means "no progress".
 */
export class HttpClient {
	private readonly httpAgent: http.Agent;
	private readonly httpsAgent: https.Agent;
	private readonly defaults: InternalAxiosRequestConfig;

	constructor(private readonly options: HttpOptions) {
		const lookup = options.network?.lookup;
		const agentOptions = { keepAlive: true, timeout: IDLE_SOCKET_MS, ...(lookup && { lookup }) };
		this.httpAgent = new http.Agent(agentOptions);
		this.httpsAgent = new https.Agent({
			...agentOptions,
			rejectUnauthorized: !options.allowUnauthorizedCerts,
		});
		this.defaults = {
			httpAgent: this.httpAgent,
			httpsAgent: this.httpsAgent,
			// The layer that follows redirects would keep the whole body in memory to replay it.
			maxRedirects: 0,
			// -1 is "no limit" without the counting stream that any other value, Infinity included, puts in between.
			maxBodyLength: -1,
			maxContentLength: -1,
			responseType: 'stream',
			validateStatus: () => true,
			// Bytes must arrive as they are stored, so that lengths and offsets mean something.
			decompress: false,
			headers: new AxiosHeaders(),
		};
	}

	/**
	 * Sends one request and resolves with its answer as soon as the headers are there, whatever the status. The answer's
	 * body must be read or discarded.
	 *
	 * @throws ConnectionError, StalledError, CancelledError, or the error of the body's own source
	 */
	async send(request: HttpRequest): Promise<HttpAnswer> {
		let { url, headers = {} } = request;
		for (let redirects = 0; ; redirects += 1) {
			await this.options.network?.validateUrl(url);
			const answer = await this.exchange({ ...request, url, headers });
			const location = answer.header('location');
			const redirected = [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined;
			if (!redirected || request.method !== 'GET') return answer;
			answer.discard();
			if (redirects === MAX_REDIRECTS) {
				throw new ServiceError(`${request.action} failed: the service redirects in a circle`, {
					status: answer.status,
					serviceMessage: 'too many redirects',
					description: 'Check the base URL of the credential, and the gateway in front of the service.',
				});
			}
			const target = new URL(location, url);
			if (target.origin !== new URL(url).origin) headers = {};
			url = target.href;
		}
	}

	/** Closes every connection. Requests under way fail. */
	close(): void {
		this.httpAgent.destroy();
		this.httpsAgent.destroy();
	}

	private async exchange(request: HttpRequest): Promise<HttpAnswer> {
		const watch = new Watch(request);
		const body = request.body;
		// An unfinished body cannot have been processed: its announced length never arrived.
		let bodySent = true;
		let sourceError: unknown;
		let data: string | Buffer | FormData | undefined;
		const headers: Record<string, string> = { ...HEADERS, ...request.headers };
		if (body?.type === 'application/json') {
			data = body.data;
			headers['Content-Type'] = body.type;
		} else if (body) {
			headers['Content-Length'] = String(body.data.getLengthSync());
			Object.assign(headers, body.data.getHeaders());
			if (body.buffered) {
				data = body.data.getBuffer();
			} else {
				data = body.data;
				bodySent = false;
				body.onProgress?.(() => watch.touch());
				body.data.once('end', () => (bodySent = true));
				body.data.once('error', (error: unknown) => (sourceError = error));
			}
		}
		try {
			watch.start();
			const answer = await sendByAxios({
				...this.defaults,
				method: request.method,
				url: request.url,
				headers: new AxiosHeaders(headers),
				signal: watch.controller.signal,
				...(data !== undefined && { data }),
			});
			const stream = answer.data as Readable;
			const answered: Record<string, unknown> = answer.headers;
			// An answer that comes before the body is through means that the service wants no more of it.
			const reusable = () => bodySent;
			return new HttpAnswer(answer.status, answered, stream, watch, request.action, reusable);
		} catch (cause) {
			watch.stop();
			throw (
				watch.reason() ??
				(sourceError instanceof BddFileError ? sourceError : connectionError(request.action, cause, bodySent))
			);
		}
	}
}

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

/** Ends a request when the caller cancels or when nothing has moved for the timeout, and remembers which it was. */
class Watch {
	readonly controller = new AbortController();
	private stalled = false;
	private timer: NodeJS.Timeout | undefined;
	private readonly onAbort = () => this.controller.abort();

	constructor(private readonly request: HttpRequest) {
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

/** Failures before a connection stands: the request certainly never reached the service. */
const NEVER_SENT = new Set([
	'EADDRNOTAVAIL',
	'EAI_AGAIN',
	'ECONNREFUSED',
	'EHOSTDOWN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ENOTFOUND',
]);

const WORDS: Record<string, string> = {
	EAI_AGAIN: 'the name of the service could not be resolved',
	ECONNREFUSED: 'the service refused the connection',
	ECONNRESET: 'the connection broke',
	EHOSTUNREACH: 'the service cannot be reached',
	ENETUNREACH: 'the service cannot be reached',
	ENOTFOUND: 'the name of the service is unknown',
	EPIPE: 'the connection broke',
	ERR_STREAM_PREMATURE_CLOSE: 'the connection broke',
	ETIMEDOUT: 'the service did not answer the connection',
};

function connectionError(action: string, cause: unknown, bodySent: boolean): BddFileError {
	if (cause instanceof BddFileError) return cause;
	const { code, syscall, message } = describeCause(cause);
	// The original carries the whole request, signed link and headers included, which must not reach any log.
	const harmless = Object.assign(new Error(message), { code });
	if (code.includes('CERT') || code.startsWith('UNABLE_TO_') || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
		return new ServiceError(`${action} failed: the service's certificate is not trusted (${message})`, {
			status: 0,
			serviceMessage: message,
			description: 'Install the certificate authority, or allow unauthorized certificates in the credential.',
			cause: harmless,
		});
	}
	const neverSent = NEVER_SENT.has(code) || (code === 'ETIMEDOUT' && syscall === 'connect');
	const words = WORDS[code] ?? (message === 'aborted' ? 'the connection broke' : message);
	return new ConnectionError(`${action} failed: ${words}${code ? ` (${code})` : ''}`, {
		mayHaveArrived: bodySent && !neverSent,
		description: neverSent
			? 'Check that the service runs and that the base URL of the credential is right.'
			: 'The network or the service dropped the connection. Run it again; what is complete stays complete.',
		cause: harmless,
	});
}

function describeCause(cause: unknown): { code: string; syscall: string | undefined; message: string } {
	const error = cause as { code?: unknown; syscall?: unknown; message?: unknown; cause?: unknown };
	const inner = error.cause as { code?: unknown; syscall?: unknown } | undefined;
	const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
	return {
		code: text(inner?.code) ?? text(error.code) ?? '',
		syscall: text(inner?.syscall) ?? text(error.syscall),
		message: text(error.message) ?? String(cause),
	};
}
