import { once } from 'node:events';
import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

import type { Answer, Reaction } from './answers';
import { Endpoints, type Nature } from './endpoints';
import { parseForm } from './form';
import { Store } from './store';

export type Endpoint = Exclude<keyof Endpoints, 'constructor'>;

/** One request, received completely. */
export interface Call {
	endpoint: Endpoint;
	path: string;
	query: URLSearchParams;
	headers: IncomingHttpHeaders;
	user: string;
	/** As it was sent. */
	body: Buffer;
	/** The JSON body, or the form's field `params`. */
	params: Record<string, unknown>;
	files: Map<string, Buffer>;
}

/**
 * What an endpoint does instead of its usual work: `work` does that and gives its answer. It may be called before,
 * after or instead of answering, later (`service.later`), or never.
 */
export type Behaviour = (work: () => Answer, call: Call) => Reaction | Promise<Reaction>;

/** A request body on its way in. */
export interface Incoming {
	endpoint: Endpoint;
	/** Bytes read so far, head excluded. */
	received: number;
	/** Breaks the connection. */
	cut: () => void;
}

/** A file service on 127.0.0.1 that is right in everything, until a test says otherwise in a line. */
export class HostileService {
	readonly store = new Store();
	readonly nature: Nature = { clockOffset: 0, hasDate: true, show: (record) => record };
	/** Every request that was received completely, in order. */
	readonly calls: Call[] = [];
	/** Bodies of requests read at most this fast. Bytes per second. */
	bytesPerSecond = Infinity;
	/** Keeps neither request bodies nor contents, for tests with much of both. */
	forgetful = false;
	/** Called for every chunk of a request body. */
	onBody: (incoming: Incoming) => void | Promise<void> = () => undefined;
	private readonly endpoints = new Endpoints(this.store, this.nature, () => this.url);
	private readonly behaviours = new Map<string, Behaviour>();
	private readonly sockets = new Set<Socket>();
	private readonly pending = new Set<Promise<void>>();
	private readonly stopped = new AbortController();
	private readonly answering = new Map<Endpoint, number>();
	private readonly most = new Map<Endpoint, number>();

	private constructor(private readonly server: Server) {
		server.on('connection', (socket) => {
			this.sockets.add(socket);
			socket.once('close', () => this.sockets.delete(socket));
		});
		server.on('request', (request, response) => {
			// A connection that breaks ends its request; there is nobody left to tell.
			this.serve(request, response).catch(() => response.destroy());
		});
	}

	static async start(): Promise<HostileService> {
		const server = createServer({ keepAliveTimeout: 60_000 });
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return new HostileService(server);
	}

	get port(): number {
		return (this.server.address() as AddressInfo).port;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** From now on, every request to this endpoint; `times` for the next ones only. */
	on(endpoint: Endpoint, behaviour: Behaviour, times = Infinity): void {
		let left = times;
		this.behaviours.set(endpoint, (work, call) => ((left -= 1) >= 0 ? behaviour(work, call) : work()));
	}

	/** As servers before 0.7 are. */
	withoutDirectories(): void {
		const unknown = { status: 404, body: '{"detail":"Not Found"}' };
		this.on('listDirectories', () => unknown);
		this.on('listFilesInDirectory', () => unknown);
	}

	/** Does something after some milliseconds; `settled` waits for it. */
	later(ms: number, work: () => unknown): void {
		const job = delay(ms, undefined, { signal: this.stopped.signal }).then(
			() => void work(),
			() => undefined,
		);
		this.pending.add(job);
		void job.finally(() => this.pending.delete(job));
	}

	/** Resolves when nothing that was put off with `later` is outstanding. */
	async settled(): Promise<void> {
		while (this.pending.size > 0) await Promise.all(this.pending);
	}

	count(endpoint: Endpoint): number {
		return this.calls.filter((call) => call.endpoint === endpoint).length;
	}

	/** How many requests to this endpoint were under way at once, at most, from their first byte to their answer. */
	mostAtOnce(endpoint: Endpoint): number {
		return this.most.get(endpoint) ?? 0;
	}

	openSockets(): number {
		return this.sockets.size;
	}

	async close(): Promise<void> {
		this.stopped.abort();
		for (const socket of this.sockets) socket.destroy();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = new URL(request.url ?? '/', this.url);
		const name = url.pathname.split('/')[1] ?? '';
		const endpoint = name as Endpoint;
		if (name === 'constructor' || typeof Endpoints.prototype[endpoint] !== 'function') {
			response.writeHead(404).end();
			return;
		}
		this.under(endpoint, 1);
		response.once('close', () => this.under(endpoint, -1));
		const call = await this.receive(request, url, endpoint);
		if (this.forgetful) this.calls.push({ ...call, body: Buffer.alloc(0), files: new Map() });
		else this.calls.push(call);
		const work = () => this.endpoints[endpoint](call);
		const reaction = await (this.behaviours.get(endpoint) ?? work)(work, call);
		if (reaction === 'reset') request.socket.resetAndDestroy();
		else if (reaction !== 'silence') await this.answer(response, reaction);
	}

	private async receive(request: IncomingMessage, url: URL, endpoint: Endpoint): Promise<Call> {
		const chunks: Buffer[] = [];
		let received = 0;
		const startedAt = Date.now();
		for await (const chunk of request as AsyncIterable<Buffer>) {
			chunks.push(chunk);
			received += chunk.length;
			await this.onBody({ endpoint, received, cut: () => request.socket.resetAndDestroy() });
			const early = (received / this.bytesPerSecond) * 1000 - (Date.now() - startedAt);
			if (early > 0) await delay(early, undefined, { signal: this.stopped.signal });
		}
		const body = Buffer.concat(chunks, received);
		const { headers } = request;
		const isForm = headers['content-type']?.startsWith('multipart/form-data') ?? false;
		const form = isForm ? await parseForm(headers, body) : undefined;
		const text = form ? form.fields.get('params') : body.toString();
		return {
			endpoint,
			path: url.pathname,
			query: url.searchParams,
			headers,
			user: String(headers['x-user-id']),
			body,
			params: text ? (JSON.parse(text) as Record<string, unknown>) : {},
			files: form?.files ?? new Map<string, Buffer>(),
		};
	}

	private async answer(response: ServerResponse, { status, headers = {}, body }: Answer): Promise<void> {
		response.sendDate = false;
		if (this.nature.hasDate) {
			response.setHeader('Date', new Date(Date.now() + this.nature.clockOffset).toUTCString());
		}
		if (typeof body === 'string' || Buffer.isBuffer(body)) {
			response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers }).end(body);
			return;
		}
		response.writeHead(status, headers);
		await pipeline(body, response);
	}

	private under(endpoint: Endpoint, change: 1 | -1): void {
		const now = (this.answering.get(endpoint) ?? 0) + change;
		this.answering.set(endpoint, now);
		this.most.set(endpoint, Math.max(now, this.mostAtOnce(endpoint)));
	}
}
