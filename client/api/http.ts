import type { AxiosHeaders, InternalAxiosRequestConfig } from 'axios';
import type FormData from 'form-data';
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';

import { makeAgents } from './agents';
import { connectionError, noAddress } from './connection-error';
import { BddFileError, ServiceError } from './errors';
import { HttpAnswer } from './http-answer';
import { notAllowed, safeLookup, type HttpOptions } from './network';
import { Watch } from './watch';

/** A request body and its exact length in bytes. */
export type RequestBody =
	| { type: 'application/json'; data: string }
	| {
			type: 'form';
			data: FormData;
			/** Small forms are sent as one buffer, without the cost of streams. */
			buffered: boolean;
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

const MAX_REDIRECTS = 5;
const ANSWER_FLOOR_MS = 30_000;

/**
 * axios' Node adapter, called directly: merging defaults, interceptors and transforms, none of which is used here, would
 * cost as much as a small request itself. Loaded with the first request, as it costs more than all else that n8n loads of us.
 */
let loaded: ReturnType<typeof loadAxios> | undefined;
async function loadAxios() {
	const { default: axios, AxiosHeaders } = await import('axios');
	const makeHeaders = (headers: Record<string, string>) => new AxiosHeaders(headers);
	return { sendByAxios: axios.getAdapter('http'), makeHeaders };
}

const HEADERS = { Accept: '*/*', 'Accept-Encoding': 'identity', 'User-Agent': 'n8n-nodes-bdd-file' };
/** What another host may learn of a request that is redirected to it; all else is between the service and us. */
const FOR_ANYBODY = new Set(['Range', 'If-Range']);

/**
 * One HTTP client for one set of connection settings: keep-alive, streaming both ways, no redirect ever replays a body
 * or carries our headers to another host, and a timeout that means "no progress".
 */
export class HttpClient {
	private readonly agents: ReturnType<typeof makeAgents>;
	private readonly defaults: Omit<InternalAxiosRequestConfig, 'headers'>;

	constructor(private readonly options: HttpOptions) {
		const lookup = options.network?.lookup;
		this.agents = makeAgents({
			rejectUnauthorized: !options.allowUnauthorizedCerts,
			...(lookup && { lookup: safeLookup(lookup) }),
		});
		this.defaults = {
			...this.agents,
			// The layer that follows redirects would keep the whole body in memory to replay it.
			maxRedirects: 0,
			// -1 is "no limit" without the counting stream that any other value, Infinity included, puts in between.
			maxBodyLength: -1,
			maxContentLength: -1,
			responseType: 'stream',
			validateStatus: () => true,
			// Bytes must arrive as they are stored, so that lengths and offsets mean something.
			decompress: false,
			// Without one in the environment there is nothing to look for with every request.
			...(!namesProxy(process.env) && { proxy: false }),
		};
	}

	/**
	 * Sends one request and resolves with its answer as soon as the headers are there, whatever the status. The answer's
	 * body must be read or discarded.
	 *
	 * @throws ConnectionError, StalledError, CancelledError, ServiceError for a redirect that leads nowhere,
	 * InvalidInputError for an address that the policy refuses, or the error of the body's own source
	 */
	async send(request: HttpRequest): Promise<HttpAnswer> {
		const { action, method } = request;
		let { url, headers = {} } = request;
		let redirectedTo: string | undefined;
		for (let redirects = 0; ; redirects += 1) {
			const answer = await this.exchange({ ...request, url, headers }, redirectedTo);
			const location = answer.header('location');
			if (location === undefined || ![301, 302, 303, 307, 308].includes(answer.status)) return answer;
			answer.discard();
			if (redirects === MAX_REDIRECTS) throw tooManyRedirects(action, answer.status);
			const target = redirectTarget(location, url, action);
			if (method !== 'GET') throw notRepeated(action, target.origin, answer.status);
			if (target.origin !== new URL(url).origin) {
				redirectedTo = target.origin;
				headers = Object.fromEntries(Object.entries(headers).filter(([name]) => FOR_ANYBODY.has(name)));
			}
			url = target.href;
		}
	}

	/** Closes every connection. Requests under way fail. */
	close(): void {
		this.agents.httpAgent.destroy();
		this.agents.httpsAgent.destroy();
	}

	private async exchange(request: HttpRequest, redirectedTo: string | undefined): Promise<HttpAnswer> {
		const { action, url, body, method } = request;
		const watch = new Watch(request);
		// An unfinished body cannot have been processed: its announced length never arrived.
		let bodySent = body?.type !== 'form' || body.buffered;
		let sourceError: unknown;
		let outgoing: http.ClientRequest | undefined;
		if (body?.type === 'form') {
			// Before anything is waited for: the source may fail at any time.
			body.data.on('error', (error: unknown) => (sourceError = error)).once('end', () => (bodySent = true));
		}
		const send = (options: https.RequestOptions, onAnswer: (answer: http.IncomingMessage) => void) => {
			// The adapter rejects for a signal that has fired before, and sends all the same.
			if (watch.controller.signal.aborted) throw new Error('aborted');
			outgoing = (options.protocol === 'https:' ? https : http).request(options, onAnswer);
			watch.follow(outgoing, body && (this.options.answerFloorMs ?? ANSWER_FLOOR_MS));
			return outgoing;
		};
		try {
			watch.start();
			const { sendByAxios, makeHeaders } = await (loaded ??= loadAxios());
			await this.allow(url, action, watch);
			if (sourceError !== undefined) throw new Error('the source failed');
			const answer = await sendByAxios({
				...this.defaults,
				method,
				url,
				...payload(request, makeHeaders),
				signal: watch.controller.signal,
				transport: { request: send },
			});
			const stream = answer.data as Readable;
			const answered: Record<string, unknown> = answer.headers;
			// An answer that comes before the body is through means that the service wants no more of it.
			return new HttpAnswer(answer.status, answered, stream, watch, action, redirectedTo, () => {
				if (!bodySent) outgoing?.destroy();
			});
		} catch (cause) {
			watch.stop();
			const heard = (outgoing?.socket?.bytesRead ?? 0) > 0;
			throw (
				watch.reason() ??
				(sourceError instanceof BddFileError
					? sourceError
					: connectionError({ action, url, bodySent, heard }, cause))
			);
		}
	}

	/** Asks the policy, which may take its time, or never answer. */
	private async allow(url: string, action: string, watch: Watch): Promise<void> {
		const { network } = this.options;
		if (!network) return;
		try {
			await watch.until((async () => await network.validateUrl(url))());
		} catch (cause) {
			throw notAllowed(action, url, cause);
		}
	}
}

/** `HTTP_PROXY`, `all_proxy` and their like; what is none of them, such as `no_proxy` alone, costs a look and does no harm. */
const namesProxy = (environment: NodeJS.ProcessEnv) =>
	Object.keys(environment).some((name) => /proxy$/i.test(name));

/** A request's headers and body, as axios takes them. */
function payload(
	{ headers: own, body }: HttpRequest,
	makeHeaders: (headers: Record<string, string>) => AxiosHeaders,
): { headers: AxiosHeaders; data?: unknown } {
	const headers: Record<string, string> = { ...HEADERS, ...own };
	if (body === undefined) return { headers: makeHeaders(headers) };
	if (body.type === 'application/json') {
		headers['Content-Type'] = body.type;
		return { headers: makeHeaders(headers), data: body.data };
	}
	headers['Content-Length'] = String(body.data.getLengthSync());
	Object.assign(headers, body.data.getHeaders());
	return { headers: makeHeaders(headers), data: body.buffered ? body.data.getBuffer() : body.data };
}

function redirectTarget(location: string, url: string, action: string): URL {
	const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
	if (!target || !/^https?:$/.test(target.protocol)) throw noAddress(action);
	// What a link says of its user is not for us to log in with.
	target.username = target.password = '';
	return target;
}

const tooManyRedirects = (action: string, status: number) =>
	new ServiceError(`${action} failed: the service redirects in a circle`, {
		status,
		serviceMessage: 'too many redirects',
		description: 'Check the base URL of the credential, and the gateway in front of the service.',
	});

/** What changes something is not sent to where a redirect leads: it may have been done, or be done twice. */
const notRepeated = (action: string, origin: string, status: number) =>
	new ServiceError(
		`${action} failed: the service redirects to ${origin} instead of doing it (HTTP ${status})`,
		{
			status,
			serviceMessage: 'redirected',
			description: 'If that is where the service is now, set the base URL of the credential to it.',
		},
	);
