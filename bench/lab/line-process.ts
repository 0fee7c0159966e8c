/**
 * A line with a speed, in a process of its own: `line.js <URL of the service> <JSON of a Line>`. It passes bytes on,
 * whatever they are, sends its URL over Node's channel between processes, and ends when the channel is closed.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Line } from './messages';

/** A timer comes up to so much too late, which the next bytes make up for. Milliseconds. */
const SLACK_MS = 5;
/** What one connection may have on its way in one direction: more than any line here holds. */
const WINDOW_BYTES = 8 * 1024 * 1024;

/** Bytes one after the other, so many per second in all. Whoever asks first is served first. */
class Pace {
	private freeAt = 0;

	constructor(private readonly bytesPerSecond: number) {}

	async pass(bytes: number): Promise<void> {
		const begin = Math.max(this.freeAt, performance.now() - SLACK_MS);
		this.freeAt = begin + (bytes / this.bytesPerSecond) * 1000;
		await until(this.freeAt);
	}
}

async function until(time: number): Promise<void> {
	const ms = time - performance.now();
	if (ms >= 1) await sleep(ms);
}

/** Resolves when a socket takes more, or is closed and never will. */
async function hasRoom(socket: Socket): Promise<void> {
	await new Promise<void>((resolve) => {
		const go = () => {
			socket.off('drain', go).off('close', go);
			resolve();
		};
		socket.on('drain', go).on('close', go);
	});
}

/** One direction of one connection. What has passed the paces arrives `delayMs` later. */
async function relay(from: Socket, to: Socket, paces: readonly Pace[], delayMs: number): Promise<void> {
	let onTheWay = 0;
	let arrived = Promise.resolve();
	const deliver = async (chunk: Buffer, due: number, before: Promise<void>) => {
		await before;
		await until(due);
		if (!to.destroyed && !to.write(chunk)) await hasRoom(to);
		onTheWay -= chunk.length;
	};
	// Its end is that of one direction only.
	const chunks = from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
	for await (const chunk of chunks) {
		for (const pace of paces) await pace.pass(chunk.length);
		onTheWay += chunk.length;
		arrived = deliver(chunk, performance.now() + delayMs, arrived);
		if (onTheWay > WINDOW_BYTES) await arrived;
	}
	await arrived;
	to.end();
}

async function main(): Promise<void> {
	const [target = '', text = ''] = process.argv.slice(2);
	const { hostname, port } = new URL(target);
	const { bytesPerSecond, perConnection, roundTripMs } = JSON.parse(text) as Line;
	const sharedBy = () => (bytesPerSecond === undefined ? [] : [new Pace(bytesPerSecond)]);
	const [up, down] = [sharedBy(), sharedBy()];
	const own = () => (perConnection === undefined ? [] : [new Pace(perConnection)]);
	const sockets = new Set<Socket>();
	const server = createServer({ allowHalfOpen: true }, (client) => {
		const service = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
		for (const [one, other] of [
			[client, service],
			[service, client],
		] as const) {
			sockets.add(one);
			one.setNoDelay(true);
			one.on('error', () => other.destroy());
			one.once('close', () => sockets.delete(one));
		}
		const run = async () => {
			// The handshake is a round trip.
			await sleep(roundTripMs);
			await Promise.all([
				relay(client, service, [...own(), ...up], roundTripMs / 2),
				relay(service, client, [...own(), ...down], roundTripMs / 2),
			]);
		};
		run().catch(() => {
			client.destroy();
			service.destroy();
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	process.once('disconnect', () => {
		server.close();
		for (const socket of sockets) socket.destroy();
	});
	process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

main().catch((error: unknown) => {
	console.error(error);
	process.exit(1);
});
