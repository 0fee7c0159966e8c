import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What Node passes when a connection is made; its own types leave it open. */
type Connect = Parameters<http.Agent['createConnection']>;

/** Closed before the 5 seconds after which common servers close it: a request on a dying connection is an ambiguous one. */
const IDLE_SOCKET_MS = 4_000;
const KEEP_ALIVE_MS = 60_000;

export interface AgentOptions {
	lookup?: https.AgentOptions['lookup'];
	rejectUnauthorized?: boolean;
}

/** The pools of connections that are kept alive, to be destroyed by whoever made them: what comes later is closed once it is done. */
export function makeAgents(options: AgentOptions): { httpAgent: http.Agent; httpsAgent: https.Agent } {
	const all = { ...options, keepAlive: true, timeout: IDLE_SOCKET_MS };
	return { httpAgent: ours(new http.Agent(all)), httpsAgent: ours(new https.Agent(all)) };
}

function ours<Agent extends http.Agent>(agent: Agent): Agent {
	const connect = agent.createConnection.bind(agent);
	const keep = agent.keepSocketAlive.bind(agent) as (socket: Duplex) => boolean;
	const destroy = agent.destroy.bind(agent);
	let isDestroyed = false;
	Object.assign(agent, {
		createConnection: (...args: Connect) => toldOnce(connect(...args)),
		keepSocketAlive: (socket: Duplex) => !isDestroyed && keep(socket),
		destroy: () => {
			isDestroyed = true;
			destroy();
		},
	});
	return agent;
}

/**
 * A connection whose system looks now and then whether the other side is still there. Node and axios would tell it so again with
 * every request, by eight calls of the system, which is much of what a small request costs.
 */
function toldOnce<Connection>(connection: Connection): Connection {
	const socket = connection as Partial<Socket>;
	socket.setKeepAlive?.(true, KEEP_ALIVE_MS);
	socket.setKeepAlive = () => socket as Socket;
	return connection;
}
