import { Worker } from 'node:worker_threads';

import { MIB } from './bytes';

/** What the thread is sent. Buffers go over and come back, so that nothing is allocated on the way. */
type Order = { id: number } & (
	{ algorithm: string; buffer: ArrayBuffer; length: number } | { end: 'digest' | 'discard' }
);
/** What it says: a buffer is free again, or a hash is ready. */
type Reply = { id: number } & ({ buffer: ArrayBuffer } | { hex: string });

/** The thread's own program: a text, as there is no file of it where tests and bundles run. */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const hashes = new Map();
parentPort.on('message', ({ id, algorithm, buffer, length, end }) => {
	if (buffer !== undefined) {
		const hash = hashes.get(id) ?? createHash(algorithm);
		hashes.set(id, hash.update(new Uint8Array(buffer, 0, length)));
		parentPort.postMessage({ id, buffer }, [buffer]);
		return;
	}
	if (end === 'digest') parentPort.postMessage({ id, hex: hashes.get(id).digest('hex') });
	hashes.delete(id);
});`;

/** One message for so many bytes costs hardly anything. */
const BUFFER_BYTES = MIB;
/** Of one hash on their way to the thread; whoever has more to hash waits. */
const BUFFERS = 4;

/** One thread for all hashes of this process. It ends with the last of them. */
class HashThread {
	private static running: HashThread | undefined;
	private readonly worker = new Worker(PROGRAM, {
		eval: true,
		// Nothing that n8n was started with concerns it.
		execArgv: [],
		env: {},
		resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 },
	});
	private readonly hashes = new Map<number, ThreadHash>();
	private lastId = 0;

	private constructor() {
		this.worker.on('message', (reply: Reply) => this.hashes.get(reply.id)?.hear(reply));
		this.worker.on('error', (cause) => this.fail(cause));
		this.worker.on('exit', () => this.fail(new Error('The thread that computes checksums has ended')));
	}

	static join(hash: ThreadHash): { thread: HashThread; id: number } {
		const thread = (HashThread.running ??= new HashThread());
		thread.lastId += 1;
		thread.hashes.set(thread.lastId, hash);
		return { thread, id: thread.lastId };
	}

	send(order: Order): void {
		this.worker.postMessage(order, 'buffer' in order ? [order.buffer] : []);
	}

	leave(id: number): void {
		this.hashes.delete(id);
		if (this.hashes.size > 0) return;
		if (HashThread.running === this) HashThread.running = undefined;
		void this.worker.terminate();
	}

	private fail(cause: Error): void {
		if (HashThread.running === this) HashThread.running = undefined;
		for (const hash of this.hashes.values()) hash.fail(cause);
	}
}

/** A hash that the thread computes while this one goes on. To be ended by `digest` or `discard`. */
export class ThreadHash {
	private readonly thread: HashThread;
	private readonly id: number;
	private readonly free: ArrayBuffer[] = [];
	private made = 0;
	private filling: Uint8Array<ArrayBuffer> | undefined;
	private filled = 0;
	private failure: Error | undefined;
	private onReply: (() => void) | undefined;
	private hex: string | undefined;

	constructor(private readonly algorithm: string) {
		({ thread: this.thread, id: this.id } = HashThread.join(this));
	}

	/** Takes a copy of the chunk; waits while the thread does not keep up. */
	async update(chunk: Uint8Array): Promise<void> {
		for (let at = 0; at < chunk.length;) {
			const buffer = (this.filling ??= await this.nextBuffer());
			const part = chunk.subarray(at, at + buffer.length - this.filled);
			buffer.set(part, this.filled);
			at += part.length;
			this.filled += part.length;
			if (this.filled === buffer.length) this.send(buffer);
		}
	}

	/** Lower-case hex. */
	async digest(): Promise<string> {
		try {
			// An empty buffer too: it makes the hash.
			this.send(this.filling ?? (await this.nextBuffer()));
			this.thread.send({ id: this.id, end: 'digest' });
			return await this.until(() => this.hex);
		} finally {
			this.thread.leave(this.id);
		}
	}

	/** Nobody wants to know. Does nothing after `digest`. */
	discard(): void {
		if (this.hex !== undefined) return;
		this.thread.send({ id: this.id, end: 'discard' });
		this.thread.leave(this.id);
		// Whoever still waits for a buffer hears that there will be none.
		this.fail(new Error('The checksum is not wanted any more'));
	}

	hear(reply: Reply): void {
		if ('buffer' in reply) this.free.push(reply.buffer);
		else this.hex = reply.hex;
		this.onReply?.();
	}

	fail(cause: Error): void {
		this.failure = cause;
		this.onReply?.();
	}

	private send({ buffer }: Uint8Array<ArrayBuffer>): void {
		const { id, algorithm, filled: length } = this;
		this.thread.send({ id, algorithm, buffer, length });
		this.filling = undefined;
		this.filled = 0;
	}

	private async nextBuffer(): Promise<Uint8Array<ArrayBuffer>> {
		if (this.free.length === 0 && this.made < BUFFERS) {
			this.made += 1;
			return new Uint8Array(BUFFER_BYTES);
		}
		return new Uint8Array(await this.until(() => this.free.pop()));
	}

	/** Waits for replies until there is what is asked for. */
	private async until<T>(take: () => T | undefined): Promise<T> {
		for (;;) {
			const taken = take();
			if (taken !== undefined) return taken;
			if (this.failure !== undefined) throw this.failure;
			await new Promise<void>((resolve) => (this.onReply = resolve));
		}
	}
}
