import axios, { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import type FormData from 'form-data';
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';

import { connectionError } from './connection-error';
import { BddFileError, ServiceError } from './errors';
import { HttpAnswer } from './http-answer';
import type { HttpOptions } from './network';
import { Watch } from './watch';

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
