/**
 * The liar: an HTTP service on 127.0.0.1 and the object storage beside it. It keeps the truth in its store, and answers
 * each request as the scenario says. Answers are written to the bare socket, since no HTTP library would write them.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { serve, type Reply, type Service } from './endpoints';
import { Lists } from './lists';
import { lie, near, truth, type Message, type Surroundings } from './message';
import { receive, type Received } from './receive';
import { describe, isInDoubt, Observations } from './observations';
import { Store } from './store';
import { close, send } from './wire';
import {
	ENDPOINTS,
	SECRET,
	type Answer,
	type Behaviour,
	type Endpoint,
	type Header,
	type Scenario,
} from '../scenario';

/** A call that asks more often than this will not come to an end by itself. */
export const MOST_REQUESTS = 2_000;
/** How often a file may be said to be `merging`: who waits for it does right, and would wait for ever. */
const MOST_MERGING = 3;

export class Liar {
	readonly store: Store;
	readonly lists: Lists;
	readonly seen = new Observations();
	readonly sockets = new Set<Socket>();
	/** Requests that are being answered, or never will be, on sockets that are still open. */
	readonly open = new Map<IncomingMessage, string>();
	private readonly servers: Server[] = [];
	private readonly late = new Set<Promise<unknown>>();
	private readonly turn = new Map<Endpoint, number>();
	private readonly stopping = new AbortController();
	private service!: Service;
	private surroundings!: Surroundings;

	private constructor(private readonly scenario: Scenario) {
		this.store = new Store(scenario.service);
		this.lists = new Lists(this.store);
	}

	static async start(scenario: Scenario): Promise<Liar> {
		const liar = new Liar(scenario);
		const storage = await liar.listen(true);
		const self = await liar.listen(false);
		liar.service = { store: liar.store, lists: liar.lists, storage };
		const { basePath } = scenario.client;
		liar.surroundings = { self: `${self}${basePath ? BASE_PATH : ''}`, storage, always: [] };
		return liar;
	}

	/** The address of the service. */
	get url(): string {
		return this.surroundings.self;
	}

	/** Resolves when all work that was to be done late is done, and every merging is over. */
	async settled(): Promise<void> {
		while (this.late.size > 0) await Promise.all(this.late);
		const ready = Math.max(...[...this.store.files.values()].map(({ readyAt }) => readyAt), 0);
		await delay(Math.max(0, ready - Date.now()) + 1);
	}

	async stop(): Promise<void> {
		this.stopping.abort();
		for (const socket of this.sockets) socket.destroy();
		await Promise.all(
			this.servers.map((server) => new Promise((resolve) => server.close(() => resolve(undefined)))),
		);
	}

	/** Lets every request body in that nobody read, so that a closed connection is seen. */
	drain(): void {
		for (const request of this.open.keys()) request.resume();
	}

	private async listen(storage: boolean): Promise<string> {
		const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
		this.servers.push(server);
		server.on('connection', (socket) => {
			this.sockets.add(socket);
			socket.on('error', () => undefined).on('close', () => this.forget(socket));
		});
		server.on('clientError', (_, socket) => socket.destroy());
		server.on('request', (request) => {
			this.handle(request, storage).catch((error: unknown) => {
				if (!this.stopping.signal.aborted) throw error;
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	}

	private forget(socket: Socket): void {
		this.sockets.delete(socket);
		for (const request of this.open.keys()) if (request.socket === socket) this.open.delete(request);
	}

	private async handle(request: IncomingMessage, fromStorage: boolean): Promise<void> {
		const { socket } = request;
		const url = new URL(request.url ?? '/', 'http://liar');
		const endpoint = fromStorage ? 'storage' : endpointOf(url.pathname);
		const number = (this.seen.requests += 1);
		request.on('error', () => undefined);
		if (number > MOST_REQUESTS || endpoint === undefined) {
			this.seen.note(`${request.method ?? ''} ${url.pathname}: not answered`);
			close(socket, 'rst');
			return;
		}
		if (fromStorage) this.seen.lookForOurHeaders(request);
		const { rival } = this.scenario.service;
		if (rival?.atRequest === number) this.store.add(rival.file, 'others');
		if (endpoint === 'uploadSimpleFile' || endpoint === 'completeMultipartUpload') this.seen.uploads += 1;
		const behaviour = this.next(endpoint);
		const line = `${number}. ${endpoint}${shortQuery(url)}`;
		this.open.set(request, line);
		const startedAt = Date.now();
		const reply = await this.takeAndWork(request, endpoint, url, behaviour);
		if (reply === 'broken') {
			this.seen.note(`${line}: the request broke off`);
			this.open.delete(request);
			return;
		}
		if (behaviour.waitMs > 0) await delay(behaviour.waitMs);
		const { answer } = behaviour;
		this.seen.note(`${line}: work ${behaviour.work}, ${describe(answer, reply)}`);
		if (endpoint === 'deleteFile' && isInDoubt(answer))
			this.seen.deletionsInDoubt.add(url.searchParams.get('file_id') ?? '');
		const finished = await this.answer(socket, answer, reply, fromStorage);
		this.seen.activeMs += Date.now() - startedAt;
		if (finished) this.open.delete(request);
		else this.seen.silent += 1;
		// Whoever answered early takes the rest of the body in, as servers do.
		request.resume();
	}

	/** Takes in what the behaviour wants of the body, and does the work when it is to be done at once. */
	private async takeAndWork(
		request: IncomingMessage,
		endpoint: Endpoint,
		url: URL,
		{ read, work, waitMs, answer }: Behaviour,
	): Promise<Reply | undefined | 'broken'> {
		if (read === 'some') await new Promise((resolve) => request.once('data', resolve).once('close', resolve));
		if (read !== 'all') {
			request.pause();
			return undefined;
		}
		let received: Received;
		try {
			received = await receive(request, url.searchParams);
		} catch {
			return 'broken';
		}
		const serveIt = () => serve(this.service, endpoint, url.pathname, received);
		// Asking changes nothing, so that the truth is at hand for every answer that is made from it.
		if (work === 'now' || answer.kind === 'truth' || request.method === 'GET') return serveIt();
		if (work !== 'never') {
			const done = delay(waitMs + work).then(serveIt);
			this.late.add(done);
			void done.finally(() => this.late.delete(done));
		}
		return undefined;
	}

	/** @returns false when the request will never be answered completely, although its socket stays open */
	private async answer(
		socket: Socket,
		answer: Answer,
		reply: Reply | undefined,
		fromStorage: boolean,
	): Promise<boolean> {
		if (answer.kind === 'silence') return false;
		if (answer.kind === 'reset') {
			close(socket, answer.how);
			return true;
		}
		if (answer.kind === 'garbage') {
			socket.write(answer.text);
			return false;
		}
		const message = this.message(answer, reply ?? INVENTED, fromStorage);
		return (await send(socket, message, answer.flow)) === 'sent';
	}

	private message(
		answer: Answer & { kind: 'truth' | 'near' | 'lie' },
		reply: Reply,
		fromStorage: boolean,
	): Message {
		const surroundings = { ...this.surroundings, always: this.headers() };
		if (answer.kind !== 'truth') this.seen.countRetryAfter(answer.headers);
		if (answer.kind !== 'lie') this.countMerging(reply);
		switch (answer.kind) {
			case 'truth':
				return truth(reply, surroundings);
			case 'near':
				return near(reply, answer, surroundings);
			case 'lie':
				return lie(answer, fromStorage, surroundings);
		}
	}

	private countMerging(reply: Reply): void {
		if (reply.kind === 'json' && JSON.stringify(reply.body ?? null).includes('"merging"'))
			this.seen.merging += 1;
	}

	private next(endpoint: Endpoint): Behaviour {
		const behaviours = this.scenario.answers[endpoint] ?? [];
		const turn = this.turn.get(endpoint) ?? 0;
		this.turn.set(endpoint, turn + 1);
		const chosen = this.scenario.world === 'noise' ? turn % behaviours.length : turn;
		const behaviour = behaviours[chosen] ?? TRUTH;
		const { answer } = behaviour;
		const merging = answer.kind !== 'truth' && JSON.stringify(answer).includes('merging');
		if (merging) this.seen.merging += 1;
		return merging && this.seen.merging > MOST_MERGING ? TRUTH : behaviour;
	}

	private headers(): Header[] {
		const { clockMs, dateHeader } = this.scenario.service;
		const always: Header[] = [
			['Set-Cookie', `session=${SECRET}-cookie`],
			['X-Token', `${SECRET}-header`],
		];
		if (dateHeader === 'true') always.push(['Date', new Date(Date.now() + clockMs).toUTCString()]);
		if (dateHeader === 'garbage') always.push(['Date', 'Caturday, 99 Foo 99999']);
		return always;
	}
}

const BASE_PATH = '/api/file';

const TRUTH: Behaviour = {
	read: 'all',
	work: 'now',
	waitMs: 0,
	answer: { kind: 'truth', flow: { kind: 'whole' } },
};

/** What an answer near to the truth is made from when nothing was done. */
const INVENTED: Reply = { kind: 'json', status: 200, body: { code: 0, data: 7, message: null } };

function endpointOf(path: string): Endpoint | undefined {
	const name = path.slice(path.lastIndexOf('/') + 1);
	return ENDPOINTS.find((endpoint) => endpoint === name);
}

const shortQuery = ({ search }: URL) => (search.length > 90 ? `${search.slice(0, 90)}…` : search);
