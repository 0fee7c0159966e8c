import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createPlainServer, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { types } from 'node:util';

import { BddFileClient, type ClientOptions } from '../../client';

/** A server on 127.0.0.1 that does what a test says, and closes with it. */
export interface OddServer {
	url: string;
	/** Every request, in the order of arrival. */
	requests: IncomingMessage[];
	/** Bytes that were written to connections, in all. */
	written(): number;
	/** Resolves when no connection is open; rejects after 10 seconds. */
	untilQuiet(): Promise<void>;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs after the test, the latest first, whatever becomes of the test. */
export const afterThisTest = (cleanup: () => unknown): void => void cleanups.push(cleanup);

/** Answers over HTTP. */
export async function oddServer(listener: RequestListener): Promise<OddServer> {
	// An idle connection is the client's to close.
	return await listening(createServer({ keepAliveTimeout: 60_000 }, listener), 'http', '127.0.0.1');
}

/** Answers over TLS, with a certificate that nobody has signed. */
export async function secureServer(listener: RequestListener): Promise<OddServer> {
	const pem = readFileSync(path.join(__dirname, 'fixtures/self-signed-test-only.pem'));
	return await listening(createSecureServer({ key: pem, cert: pem }, listener), 'https', 'localhost');
}

/** Writes these bytes, whatever it is asked. */
export async function rawServer(answer: string | Buffer): Promise<OddServer> {
	const server = createPlainServer((socket) => {
		socket.on('error', () => undefined);
		socket.once('data', () => socket.end(answer, 'latin1'));
	});
	return await listening(server, 'http', '127.0.0.1');
}

async function listening(server: Server, protocol: string, host: string): Promise<OddServer> {
	const sockets = new Set<Socket>();
	const all: Socket[] = [];
	const requests: IncomingMessage[] = [];
	server.on(protocol === 'https' ? 'secureConnection' : 'connection', (socket: Socket) => {
		sockets.add(socket);
		all.push(socket);
		// A client that leaves is what these tests are about.
		socket.on('error', () => undefined);
		socket.once('close', () => sockets.delete(socket));
	});
	server.on('request', (request: IncomingMessage) => requests.push(request));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	afterThisTest(async () => {
		for (const socket of sockets) socket.destroy();
		await new Promise((resolve) => server.close(resolve));
	});
	return {
		url: `${protocol}://${host}:${(server.address() as AddressInfo).port}`,
		requests,
		written: () => all.reduce((bytes, socket) => bytes + socket.bytesWritten, 0),
		untilQuiet: async () => {
			const late = AbortSignal.timeout(10_000);
			const closed = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
			await Promise.race([
				Promise.all(closed),
				once(late, 'abort').then(() => Promise.reject(new Error(`${sockets.size} connections are open`))),
			]);
		},
	};
}

export const USER = '1955228426376908801';

/** A client of this server, closed with the test. */
export function clientOf({ url }: { url: string }, options: Partial<ClientOptions> = {}): BddFileClient {
	const patience = { settle: 0.2, answer: 1, retry: 0.01 };
	const client = new BddFileClient({ baseUrl: url, userId: USER, patience, ...options });
	afterThisTest(() => client.close());
	return client;
}

/** What a call failed with. */
export async function failureOf(call: Promise<unknown>): Promise<Error> {
	const outcome: unknown = await call.then(
		() => undefined,
		(error: unknown) => error,
	);
	// Not `instanceof`: jest has an Error of its own, besides Node's.
	if (types.isNativeError(outcome)) return outcome;
	throw new Error(`It did not fail, or with something that is no error: ${String(outcome)}`);
}
