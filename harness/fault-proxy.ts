import { Agent, createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { Exchange } from './fault-proxy/exchange';
import { RequestLog, type ProxiedRequest } from './fault-proxy/request-log';
import { isOn, Script, type On, type Rule } from './fault-proxy/script';

export { faults, type Fault, type Rule } from './fault-proxy/script';
export type { ProxiedRequest } from './fault-proxy/request-log';

const WAIT_MS = 10_000;

/** Shorter than the idle timeout of any service here, so that a pooled connection is not used as it is being closed. */
const UPSTREAM_IDLE_MS = 3_000;

export interface FaultProxyOptions {
	/** Origin of the service, such as `http://127.0.0.1:2015`. A path in it is ignored: the client sends the whole path. */
	target: string;
}

/**
 * A reverse proxy on loopback that breaks things by script. Nothing happens by chance: without a script and without
 * latency it passes everything on, streaming both ways, the `Host` header unchanged (a service that builds signed links
 * from it makes links that lead through the proxy).
 */
export interface FaultProxy {
	/** Origin clients connect to. */
	readonly url: string;
	/** Every request in the order of arrival. The records are live. */
	readonly requests: readonly ProxiedRequest[];
	/** Adds rules behind those already there. */
	script(...rules: Rule[]): void;
	/** Forgets all rules; exchanges under way keep theirs. */
	clearScript(): void;
	/** Rules with turns left. A scenario that went as scripted leaves none. */
	unusedRules(): Rule[];
	/** Requests that `on` names, in the order of arrival. */
	matching(on: On): ProxiedRequest[];
	/**
	 * Makes every round trip cost `ms`: each request, on kept-alive connections too, and each new connection (whose
	 * handshake is a round trip) with its first request. Throughput is not limited.
	 */
	latency(ms: number): void;
	/** `true`: breaks all connections and refuses new ones, as a stopped service does. `false`: listens again. */
	refuse(refused: boolean): Promise<void>;
	/** Number of client connections, idle ones included. See `waitForNoSockets` for stalled ones. */
	openSockets(): number;
	/** Number of exchanges that have not ended, stalled ones included. */
	openRequests(): number;
	/**
	 * Waits for the `nth` request (from 1) that `on` names: for its arrival, or until `reached` is true of its record, such
	 * as `(r) => r.responseBytes >= 1000`, `(r) => r.serviceStatus !== undefined` or `(r) => r.fault === 'stallAnswer'`.
	 *
	 * @throws after 10 s, with a list of what came instead
	 */
	waitFor(on: On, nth?: number, reached?: (request: ProxiedRequest) => boolean): Promise<ProxiedRequest>;
	/** Waits until `condition`, which is asked again after everything that happens. Throws after `timeoutMs` (10 s). */
	waitUntil(condition: () => boolean, what: string, timeoutMs?: number): Promise<void>;
	/**
	 * Waits until no client connection is open. Exchanges whose body is stalled read on and forget what they read: a
	 * connection with unread data does not show that its other side has gone. Throws after `timeoutMs` (10 s).
	 */
	waitForNoSockets(timeoutMs?: number): Promise<void>;
	/** Breaks all connections, on both sides, and ends all waits. */
	close(): Promise<void>;
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
	const target = new URL(options.target);
	let latencyMs = 0;
	let connections = 0;
	const log = new RequestLog();
	const script = new Script();
	const agent = new Agent({ keepAlive: true, maxFreeSockets: 256, timeout: UPSTREAM_IDLE_MS });
	/** Every client connection: its number and the last request it carried. */
	const sockets = new Map<Socket, { number: number; request?: IncomingMessage }>();

	// Timeouts are the business of the client and the service; a proxy that stalls on purpose has none.
	const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
	server.on('connection', (socket: Socket) => {
		sockets.set(socket, { number: ++connections });
		socket.once('close', () => {
			sockets.delete(socket);
			log.changed();
		});
	});
	server.on('request', (request, response) => {
		const connection = sockets.get(request.socket);
		const reused = connection?.request !== undefined;
		if (connection) connection.request = request;
		const record = log.begin(request, connection?.number ?? 0, reused);
		const exchange = new Exchange({ log, script, agent, target }, request, response, record);
		exchange.run(reused ? latencyMs : 2 * latencyMs).catch((error: unknown) => {
			// Nothing in an exchange should throw but a rule's own predicate; whoever waits must learn of it.
			log.fail(error instanceof Error ? error : new Error(String(error)));
			request.socket.destroy();
		});
	});

	let port = 0;
	const listen = async () => {
		server.listen(port, '127.0.0.1');
		await once(server, 'listening');
		({ port } = server.address() as AddressInfo);
	};
	const stop = async () => {
		if (!server.listening) return;
		const closed = once(server, 'close');
		server.close();
		for (const socket of sockets.keys()) socket.destroy();
		await closed;
	};
	await listen();

	return {
		url: `http://127.0.0.1:${port}`,
		requests: log.requests,
		script: (...rules) => script.add(rules),
		clearScript: () => script.clear(),
		unusedRules: () => script.unused(),
		matching: (on) => log.requests.filter((request) => isOn(on, request)),
		latency: (ms) => void (latencyMs = ms),
		refuse: async (refused) => {
			if (refused) await stop();
			else if (!server.listening) await listen();
		},
		openSockets: () => sockets.size,
		openRequests: () => log.requests.filter(({ outcome }) => outcome === 'open').length,
		waitFor: async (on, nth = 1, reached = () => true) =>
			await log.until(
				() => {
					const request = log.requests.filter((each) => isOn(on, each))[nth - 1];
					return request && reached(request) && request;
				},
				`request ${nth} on ${String(on)}`,
				WAIT_MS,
			),
		waitUntil: async (condition, what, timeoutMs = WAIT_MS) => {
			await log.until(condition, what, timeoutMs);
		},
		waitForNoSockets: async (timeoutMs = WAIT_MS) => {
			for (const { request } of sockets.values()) request?.resume();
			await log.until(() => sockets.size === 0, 'no open client connection', timeoutMs);
		},
		close: async () => {
			log.fail(new Error('the fault proxy was closed'));
			await stop();
			agent.destroy();
		},
	};
}
