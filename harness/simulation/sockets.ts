import { Duplex } from 'node:stream';

import type { Owner, VirtualClock } from './clock';

/** One end of a connection in memory: as much of a `net.Socket` as Node's http and the client ask of one. */
class SimulatedSocket extends Duplex {
	bytesRead = 0;
	bytesWritten = 0;
	readonly remoteAddress = '127.0.0.1';
	/** Undefined once the connection is cut for this end. */
	other: SimulatedSocket | undefined;
	/** Bytes and the end arrive one after the other. */
	private arrivesAt = 0;
	private wants: (() => void) | undefined;

	/** @param owner whose end it is; undefined for the service's */
	constructor(
		private readonly clock: VirtualClock,
		readonly owner: Owner | undefined,
		private readonly delayMs: () => number,
	) {
		super({ allowHalfOpen: true });
		// What breaks is somebody's to see who uses it.
		this.on('error', () => undefined);
	}

	override _read(): void {
		this.clock.activity += 1;
		const { wants } = this;
		this.wants = undefined;
		wants?.();
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
		this.bytesWritten += chunk.length;
		this.toOther((other) => other.receive(chunk, done));
	}

	override _final(done: (error?: Error | null) => void): void {
		this.toOther((other) => void other.push(null));
		done();
	}

	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		this.clock.activity += 1;
		const { other } = this;
		this.other = undefined;
		if (other !== undefined) this.deliver(other, () => other.broken());
		done(error);
	}

	/** The connection is gone, and this end hears nothing of it: its process is dead. */
	cut(): void {
		this.wants = undefined;
		const { other } = this;
		this.other = undefined;
		if (other === undefined) return;
		other.other = undefined;
		other.destroy(reset());
	}

	setKeepAlive(): this {
		return this;
	}
	setNoDelay(): this {
		return this;
	}
	setTimeout(): this {
		return this;
	}
	ref(): this {
		return this;
	}
	unref(): this {
		return this;
	}

	private broken(): void {
		this.other = undefined;
		if (this.readableEnded && this.writableFinished) this.destroy();
		else this.destroy(reset());
	}

	private receive(chunk: Buffer, done: () => void): void {
		this.bytesRead += chunk.length;
		if (this.push(chunk)) done();
		else this.wants = done;
	}

	private toOther(work: (other: SimulatedSocket) => void): void {
		const { other } = this;
		if (other === undefined) return;
		this.deliver(other, () => {
			if (!other.destroyed) work(other);
		});
	}

	private deliver(other: SimulatedSocket, work: () => void): void {
		other.arrivesAt = Math.max(other.arrivesAt, this.clock.now + this.delayMs());
		this.clock.at(other.arrivesAt, other.owner, work);
	}
}

/** Both ends of a new connection. */
export function connection(
	clock: VirtualClock,
	client: Owner,
	delayMs: () => number,
): { near: SimulatedSocket; far: SimulatedSocket } {
	const near = new SimulatedSocket(clock, client, delayMs);
	const far = new SimulatedSocket(clock, undefined, delayMs);
	[near.other, far.other] = [far, near];
	return { near, far };
}

const reset = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
