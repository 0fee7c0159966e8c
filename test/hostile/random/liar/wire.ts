/** Puts messages on a socket as the scenario wants them: whole, dripping, cut, stalled, without end. */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import type { Message } from './message';
import type { Flow } from '../scenario';

/** An endless body ends here all the same: beyond what any call may hold in memory. */
const ENDLESS_BYTES = 130 * 1024 * 1024;

/** Resolves when everything was written, or when the socket is gone; `stalled` when the rest never comes. */
export async function send(socket: Socket, message: Message, flow: Flow): Promise<'sent' | 'stalled'> {
	const { bytes } = message;
	const until = (at: number) => bytes.subarray(0, Math.floor(at * bytes.length));
	switch (flow.kind) {
		case 'whole':
			await write(socket, bytes);
			break;
		case 'drip': {
			const size = Math.max(1, Math.ceil(bytes.length / flow.pieces));
			for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
				await write(socket, bytes.subarray(at, at + size));
				await delay(flow.everyMs);
			}
			break;
		}
		case 'cut':
			await write(socket, until(flow.at));
			close(socket, flow.how);
			return 'sent';
		case 'stall':
			await write(socket, until(flow.at));
			return 'stalled';
	}
	if (message.endless) await writeEndless(socket, message.endless);
	if (message.closes) close(socket, 'fin');
	return 'sent';
}

/** `rst` is what a killed process leaves; what was written before may be lost with it, as it is in life. */
export function close(socket: Socket, how: 'fin' | 'rst'): void {
	if (how === 'fin') socket.end();
	else socket.resetAndDestroy();
}

async function writeEndless(socket: Socket, unit: Buffer): Promise<void> {
	for (let written = 0; written < ENDLESS_BYTES && !socket.destroyed; written += unit.length)
		await write(socket, unit);
	close(socket, 'rst');
}

/** Waits for room, so that the liar itself holds no memory. */
async function write(socket: Socket, bytes: Buffer): Promise<void> {
	if (socket.destroyed || !socket.writable || bytes.length === 0) return;
	await new Promise<void>((resolve) => {
		const done = () => {
			socket.off('close', done);
			resolve();
		};
		socket.once('close', done);
		socket.write(bytes, done);
	});
}
