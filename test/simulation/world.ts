import fs from 'node:fs';
import path from 'node:path';
import type vm from 'node:vm';

import { Chance } from '../../harness/simulation/chance';
import { VirtualClock } from '../../harness/simulation/clock';
import type { DiskCall } from '../../harness/simulation/disk';
import type { Machine, Surroundings } from '../../harness/simulation/machine';
import { Arrivals } from './arrivals';
import { Chat, type StoredFile } from './chat';
import { CHAT } from './endpoints';
import type { Event, History } from './history';
import { Locks } from './locks';
import { People } from './people';
import { type Run, runSync } from './schedule';
import { Service } from './service';
import { Trigger } from './trigger';
import { messageOf, type Ran, Workers } from './workers';
import { WorldDisk } from './world-disk';

const EPOCH = Date.parse('2025-03-01T00:00:00Z');

/** One world in this process: a chat, folders, processes of n8n, people, and a clock that they all live by. */
export class World implements Surroundings {
	readonly clock = new VirtualClock(EPOCH);
	readonly chance: Chance;
	readonly chat: Chat;
	readonly service: Service;
	readonly people: People;
	readonly trigger: Trigger;
	readonly folders: string[];
	readonly temporary: string;
	readonly story: string[] = [];
	readonly violations: string[] = [];
	readonly arrivals: Arrivals;
	readonly setup: History['setup'];
	private readonly locks: Locks;
	private readonly disk: WorldDisk;
	private readonly workers: Workers;

	constructor(
		private readonly history: History,
		program: vm.Script,
		root: string,
	) {
		const { setup, seed } = history;
		this.setup = setup;
		this.chance = new Chance(seed ^ 0x5eed);
		this.folders = setup.folders.map((_, index) => path.join(root, `folder-${index}`));
		this.temporary = path.join(root, 'temporary');
		for (const folder of [...this.folders, this.temporary]) fs.mkdirSync(folder);
		this.chat = new Chat(this.clock, setup.service, seed % 2 === 1, (file) => this.onArrival(file));
		this.trigger = new Trigger(this.chat, setup.trigger, (what) => this.violate(what));
		this.service = new Service({
			clock: this.clock,
			chance: this.chance,
			chat: this.chat,
			setup: { ...setup.service, verifies: setup.service.hashes && setup.options.verify !== false },
			note: (what) => this.note(what),
			onDelete: (machine, id) => this.onDelete(machine, id),
		});
		this.people = new People(this.clock, this.chat, this.folders, setup);
		this.arrivals = new Arrivals(this.chat, this.people, setup, (what) => this.violate(what));
		this.locks = new Locks(this.clock, this.temporary, (what) => this.violate(what));
		this.disk = new WorldDisk(this.clock, this.chance, this.locks, this.people);
		this.workers = new Workers(setup.workers, program, this, (what) => this.note(what));
	}

	/** Plays all events, until nothing runs any more. */
	async play(): Promise<void> {
		await this.until(this.poll(), 'the activation');
		for (const event of this.history.events) this.clock.at(event.at, undefined, () => this.happen(event));
		const last = this.history.events.at(-1)?.at ?? 0;
		while (this.clock.now <= last || this.workers.isRunning) {
			if (!(await this.clock.step())) break;
			if (this.clock.now > last + HANGS_MS) {
				this.violate('something never ends');
				return;
			}
		}
	}

	/** Goes on until the work is done. */
	async until<T>(work: Promise<T>, what: string): Promise<T | undefined> {
		let result: { value: T } | undefined;
		let failure: { error: unknown } | undefined;
		work.then(
			(value) => (result = { value }),
			(error: unknown) => (failure = { error }),
		);
		const isOver = () => result !== undefined || failure !== undefined;
		const from = this.clock.now;
		// It first does what needs no time.
		await this.clock.rest();
		while (!isOver()) {
			if (!(await this.clock.step()) || this.clock.now > from + HANGS_MS) {
				this.violate(`${what} never ends`);
				return undefined;
			}
		}
		if (failure) throw failure.error;
		return result?.value;
	}

	async pass(ms: number): Promise<void> {
		const end = this.clock.in(ms, undefined, () => undefined);
		while (!end.isDone) await this.clock.step();
	}

	/** From now on nothing goes wrong. */
	calm(): void {
		this.service.recover();
		this.disk.heal();
		this.chat.isBehind(0, 0);
		this.workers.calm();
	}

	async sync(
		folder: number,
		worker: number,
		run: Pick<Run, 'dryRun' | 'isLast' | 'isAllowed'>,
	): Promise<Ran> {
		const operation = this.setup.folders[folder];
		const localDirectory = this.folders[folder] ?? '';
		const what = `${run.dryRun === true ? 'dry ' : ''}sync ${operation} of folder ${folder}`;
		const ran = await this.workers.run(worker, what, async (client, signal) =>
			runSync(client, operation, this.setup, { chatId: CHAT, localDirectory, signal, ...run }),
		);
		this.arrivals.hear(ran.items.map(({ error = '' }) => error));
		return ran;
	}

	async poll(): Promise<void> {
		const worker = this.workers.at(0);
		const { machine, program } = worker;
		const about = this.workers.about('poll', machine);
		try {
			const ids = await this.workers.alive(worker, this.trigger.poll(machine, program, 'workflow'));
			this.note(`${about} gave ${ids.join(', ') || 'nothing'}`);
		} catch (error) {
			this.note(`${about} failed: ${messageOf(error)}`);
		}
	}

	violate(what: string): void {
		this.note(`!! ${what}`);
		this.violations.push(what);
	}

	note(what: string): void {
		const { now } = this.clock;
		this.story.push(`${(now / 1000).toFixed(3).padStart(12)} ${what}`);
	}

	/**
	 * A sync one way replaces all each time, where it is told to, and to remote where nothing says what is the same, and
	 * nothing is remembered.
	 */
	get replacesAll(): boolean {
		const { folders, options, service } = this.setup;
		const seesNothing = folders.includes('toRemote') && !service.hashes && !options.propagateDeletes;
		switch (options.ifExists) {
			case 'overwrite':
				return folders.some((operation) => operation !== 'both');
			case 'skipUnchanged':
				return seesNothing;
			case 'skip':
				return false;
		}
	}

	/** What nobody has closed. */
	get leftOpen(): string[] {
		return this.workers.leftOpen;
	}

	connect(machine: Machine) {
		return this.service.connect(machine);
	}

	beforeDisk(machine: Machine, call: DiskCall): void {
		this.disk.before(machine, call);
	}

	onDiskDone(machine: Machine, call: DiskCall): void {
		this.disk.after(machine, call);
	}

	onDeath(machine: Machine): void {
		this.workers.died(machine);
	}

	private happen(event: Event): void {
		const worker = 'worker' in event ? this.workers.at(event.worker) : undefined;
		switch (event.do) {
			case 'sync':
				return void this.sync(event.folder % this.folders.length, event.worker, { dryRun: event.dry });
			case 'poll':
				return void this.poll();
			case 'upload':
				return void this.upload(event.name, event.worker);
			case 'fault':
				return void this.service.faults.push({ ...event });
			case 'outage':
				this.note(`the service is down for ${event.ms} ms`);
				this.service.isDown(event.ms);
				return;
			case 'lag':
				this.note(`lists are ${event.ms} ms behind`);
				this.chat.isBehind(event.ms, event.for);
				return;
			case 'fullDisk':
				this.note('the disk is full');
				this.disk.isFull(event.for);
				return;
			case 'refuse': {
				const { folder, code, percent, reads } = event;
				const what = reads ? 'calls' : 'changes';
				this.note(`folder ${folder} refuses ${percent} % of ${what} by ${code} for ${event.for} ms`);
				this.disk.refuses(this.folders[folder] ?? '', event);
				return;
			}
			case 'clock':
				if (worker) this.workers.setClock(worker, event.by);
				this.note(`${worker?.machine.name}'s clock jumps by ${event.by} ms`);
				return;
			case 'freeze':
				this.note(`${worker?.machine.name} freezes for ${event.ms} ms`);
				return worker?.machine.freeze(event.ms, event.sleeps);
			case 'kill':
				if (worker) worker.machine.diesAt = worker.machine.steps + event.after;
				return;
			case 'stop':
				for (const run of worker?.runs ?? []) run.abort();
				return;
			case 'purge':
				this.note(
					`everything goes from ${event.folder === undefined ? 'the chat' : `folder ${event.folder}`}`,
				);
				this.people.purge(event.folder);
				return;
			case 'crowd':
				this.people.bringCrowd(event.files);
				this.note(`${event.files} files come into the chat`);
				return;
			case 'write':
			case 'delete':
			case 'rename':
			case 'touch':
			case 'put':
			case 'add':
			case 'drop': {
				const done = this.people.act(event);
				if (done !== undefined) this.note(`somebody: ${event.do} ${event.name}: ${done}`);
			}
		}
	}

	private async upload(name: string, worker: number): Promise<void> {
		const content = this.people.content();
		this.arrivals.begins(name, content);
		const { error } = await this.workers.run(
			worker,
			`upload ${name}: ${content}`,
			async (client, signal, { bufferSource }) => {
				const { mode } = this.setup.options;
				await client.upload(bufferSource(name, Buffer.from(content)), { chatId: CHAT, mode, signal });
				return [];
			},
		);
		if (error === undefined) this.arrivals.succeeds(name, content);
	}

	/** Only syncs delete, and only those of a folder that goes up. */
	private onDelete(machine: Machine, id: string): void {
		const up = this.folders.filter((_, index) => this.setup.folders[index] !== 'toLocal');
		const [folder] = up;
		if (folder !== undefined && up.length === 1 && machine.isAlive)
			this.locks.judgeDeletion(
				machine,
				folder,
				id,
				(since) => this.service.isFresh(id, machine) || this.service.wasDownAfter(since),
			);
	}

	private onArrival(file: StoredFile): void {
		this.note(`  (${file.id} ${file.name}: ${file.content.toString()} arrives)`);
		this.arrivals.add(file);
	}
}

/** Whatever goes on for so long goes on for ever. */
const HANGS_MS = 24 * 3600_000;
