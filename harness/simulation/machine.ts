import fs from 'node:fs';
import crypto from 'node:crypto';
import http from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import timers from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import vm from 'node:vm';

import type { Chance } from './chance';
import type { Entry, Owner, VirtualClock } from './clock';
import { type DiskCall, type DiskUser, simulatedDisk } from './disk';

/** What a process of the world may meet, decided by the world. */
export interface Surroundings {
	clock: VirtualClock;
	chance: Chance;
	/** The folder for temporary files of every machine. */
	temporary: string;
	/** A new connection to the host; throws or destroys what cannot be connected. */
	connect(machine: Machine): Duplex;
	/** Asked right before a system call has its effect; what it throws, the call fails with. */
	beforeDisk(machine: Machine, call: DiskCall): void;
	onDiskDone(machine: Machine, call: DiskCall): void;
	onDeath(machine: Machine): void;
}

/**
 * A process of its own in this process: the program is evaluated anew, with a clock, timers, random numbers, a disk and
 * connections of its own. It can be killed between any two things that it does: from then on nothing of it happens any
 * more, and what it waits for never comes, so that no `catch` and no `finally` of it runs.
 */
export class Machine implements Owner, DiskUser {
	isAlive = true;
	frozenUntil = 0;
	frozenFrom = 0;
	/** How far its time of day is off. Milliseconds. */
	clockError = 0;
	/** Files that are open. */
	readonly files = new Set<number>();
	/** Timers that run. */
	readonly timers = new Set<Timer>();
	/** Connections that are open. */
	readonly sockets = new Set<Duplex & { cut(): void }>();
	/** System calls and messages so far. */
	steps = 0;
	/** It dies at this step. */
	diesAt = Infinity;
	/** How long it slept with its steady clock standing still. */
	private slept = 0;

	constructor(
		readonly name: string,
		readonly around: Surroundings,
	) {}

	get timeOfDay(): number {
		return Math.floor(this.around.clock.timeOfDay + this.clockError);
	}

	get steady(): number {
		return this.around.clock.now - this.slept;
	}

	/**
	 * Nothing happens to it for so long.
	 *
	 * @param sleeps its steady clock stands still too, as that of a machine that sleeps
	 */
	freeze(ms: number, sleeps: boolean): void {
		if (this.frozenUntil < this.around.clock.now) this.frozenFrom = this.around.clock.now;
		this.frozenUntil = Math.max(this.frozenUntil, this.around.clock.now + ms);
		if (sleeps) this.slept += ms;
	}

	/** Counts a step. @returns false for who is dead, by this step or before */
	step(): boolean {
		if (!this.isAlive) return false;
		this.steps += 1;
		if (this.steps >= this.diesAt) this.die();
		return this.isAlive;
	}

	die(): void {
		if (!this.isAlive) return;
		this.isAlive = false;
		// The operating system closes what was open.
		for (const file of this.files) fs.closeSync(file);
		this.files.clear();
		for (const socket of this.sockets) socket.cut();
		this.sockets.clear();
		this.timers.clear();
		this.around.onDeath(this);
	}

	call<T>(effect: () => T, about: DiskCall): Promise<T> {
		const { clock, chance } = this.around;
		return new Promise<T>((resolve, reject) => {
			if (!this.step()) return;
			clock.in(chance.next() * DISK_MS, this, () => {
				let settle: () => void;
				try {
					this.around.beforeDisk(this, about);
					const result = effect();
					this.around.onDiskDone(this, about);
					settle = () => resolve(result);
				} catch (error) {
					settle = () => reject(asError(error));
				}
				if (this.step()) settle();
			});
		});
	}

	/** @returns what the program exports */
	evaluate(program: vm.Script): unknown {
		const require = createRequire(__filename);
		const disk = simulatedDisk(this);
		const modules: Record<string, unknown> = {
			'node:fs': disk.fs,
			'node:fs/promises': disk.promises,
			'node:os': { ...os, tmpdir: () => this.around.temporary },
			'node:timers/promises': { ...timers, setTimeout: this.delay },
			'node:crypto': { ...crypto, randomUUID: () => this.around.chance.uuid() },
			'node:http': { ...http, Agent: this.agent() },
		};
		const given: Record<string, unknown> = {
			require: (name: string): unknown => modules[name] ?? require(name),
			module: { exports: {} },
			// Each look into the real environment costs, and it says nothing about this process.
			process: Object.create(process, { env: { value: {} }, pid: { value: 1 } }),
			Date: this.date(),
			Math: Object.create(Math, { random: { value: () => this.around.chance.next() } }),
			performance: { now: () => this.steady },
			setTimeout: (run: () => void, ms = 0) => new Timer(this, run, ms, false),
			setInterval: (run: () => void, ms = 0) => new Timer(this, run, ms, true),
			clearTimeout: (timer?: Timer) => timer?.clear(),
			clearInterval: (timer?: Timer) => timer?.clear(),
			AbortSignal: new Proxy(AbortSignal, {
				get: (target, name) => (name === 'timeout' ? this.timeout : (Reflect.get(target, name) as unknown)),
			}),
		};
		const work = program.runInThisContext() as (...values: unknown[]) => void;
		work(...GIVEN.map((name) => given[name]));
		return (given['module'] as { exports: unknown }).exports;
	}

	private readonly delay = (ms: number, value: unknown, options: { signal?: AbortSignal } = {}) =>
		new Promise((resolve, reject) => {
			const { signal } = options;
			const fail = () =>
				reject(Object.assign(new Error('The operation was aborted'), { name: 'AbortError' }));
			if (signal?.aborted === true) {
				fail();
				return;
			}
			const stop = () => {
				timer.clear();
				fail();
			};
			const timer = new Timer(
				this,
				() => {
					signal?.removeEventListener('abort', stop);
					resolve(value);
				},
				ms,
				false,
			);
			signal?.addEventListener('abort', stop, { once: true });
		});

	private readonly timeout = (ms: number): AbortSignal => {
		const controller = new AbortController();
		// Nobody clears it, and nothing waits for it.
		this.around.clock.in(ms, this, () => controller.abort(new DOMException('timeout', 'TimeoutError')));
		return controller.signal;
	};

	private date(): DateConstructor {
		const now = () => this.timeOfDay;
		return new Proxy(Date, {
			construct: (target, args: unknown[]) =>
				Reflect.construct(target, args.length === 0 ? [now()] : args) as Date,
			get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
		});
	}

	private agent(): typeof http.Agent {
		const connect = () => this.around.connect(this);
		return class extends http.Agent {
			override createConnection() {
				return connect() as never;
			}
		};
	}
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));

/** A system call takes up to so many milliseconds. */
const DISK_MS = 2;

/** What a program finds under these names is the machine's. */
const GIVEN = [
	'require', 'module', 'process', 'Date', 'Math', 'performance', 'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'AbortSignal',
]; // prettier-ignore

/** @param code a bundle in CommonJS */
export const programOf = (code: string, filename: string): vm.Script =>
	new vm.Script(`(function (${GIVEN.join(', ')}) { const exports = module.exports; ${code}\n})`, {
		filename,
	});

/** As much of Node's timers as the client uses. */
class Timer {
	private entry: Entry;

	constructor(
		private readonly machine: Machine,
		private readonly run: () => void,
		private readonly ms: number,
		private readonly repeats: boolean,
	) {
		machine.timers.add(this);
		this.entry = this.start();
	}

	clear(): void {
		this.machine.timers.delete(this);
		this.machine.around.clock.cancel(this.entry);
	}

	ref(): this {
		return this;
	}

	unref(): this {
		return this;
	}

	private start(): Entry {
		return this.machine.around.clock.in(Math.max(1, this.ms), this.machine, () => {
			if (this.repeats) this.entry = this.start();
			else this.machine.timers.delete(this);
			this.run();
		});
	}
}
