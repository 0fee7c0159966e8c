import { LockLostError } from '../../client/sync/lock-errors';
import { contend } from '../../client/sync/lock-contest';
import type { Clock, LockTiming, NumberedFiles, Party } from '../../client/sync/lock-generations';
import { recordText } from '../../client/sync/lock-record';

/**
 * The lock's own code on a disk in memory, where one operation happens at a time and somebody else decides which. So every
 * order in which the operations of several processes can happen can be tried. A process that is not chosen for a while is
 * one that sleeps, and one that is never chosen again has crashed.
 */

export interface Scenario {
	/** The highest number at the beginning, of an owner that is dead or has given back. None: a new folder. */
	before?: { number: number; released: boolean };
	/** What each process does; all begin by competing for the lock. */
	processes: readonly Behaviour[];
	/** One tick is a millisecond. No time passes after the last one. */
	ticks: number;
	/** A listing may be as old as the process's own last creation or removal. */
	staleListings?: boolean;
	/** A file that exists may not be found when it is read. */
	missedReads?: boolean;
	timing: LockTiming;
}

export interface Behaviour {
	/** How often it proves that it owns the folder, once it does. */
	proofs: number;
	releases: boolean;
	/** Both its clocks stand still, as the steady one does while a machine sleeps. */
	clockStands?: boolean;
}

/** One thing that can happen next. */
export interface Choice {
	/** The same for the same thing in every run. */
	name: string;
	process: string | undefined;
	happen(): void;
}

/** Two processes own the folder, or one owns what it cannot own. */
export class Violation extends Error {}

interface Process {
	name: string;
	behaviour: Behaviour;
	/** What it waits for, with all the ways in which that can end. */
	pending: Map<string, () => Choice[]>;
	/** All that it has learned so far, which is all that its further behaviour depends on. */
	history: string;
	state: 'competing' | 'owner' | 'over';
	/** The last number that it has created, and when it asked for that. */
	created: number;
	askedAt: number;
	/** When it asked for the number by which it believes to own the folder. */
	wonAt: number;
	/** Its listings are not older than this version of the folder. */
	ownChange: number;
}

/** One run of a scenario, driven choice by choice. */
export class Simulation {
	/** How often the lock was won, and lost, so far. */
	wins = 0;
	losses = 0;
	private tick = 0;
	private highestEver: number;
	private readonly files = new Map<number, string>();
	/** The folder's numbers after each change. */
	private readonly versions: number[][] = [];
	private readonly processes: Process[];
	private failure: unknown;

	constructor(private readonly scenario: Scenario) {
		const { before } = scenario;
		this.highestEver = before?.number ?? 0;
		if (before) this.files.set(before.number, recordText(OWNER, before.released));
		this.versions.push([...this.files.keys()]);
		this.processes = scenario.processes.map((behaviour, index) => ({
			name: `P${index}`,
			behaviour,
			pending: new Map<string, () => Choice[]>(),
			history: '',
			state: 'competing',
			created: 0,
			askedAt: 0,
			wonAt: 0,
			ownChange: 0,
		}));
		for (const process of this.processes) {
			this.live(process).catch((error: unknown) => (this.failure ??= error));
		}
	}

	/** Resolves when every process waits for a choice, or has ended. */
	async settle(): Promise<void> {
		// A tick comes after all that promises have to do.
		await new Promise<void>((resolve) => process.nextTick(resolve));
		if (this.failure instanceof Error) throw this.failure;
	}

	choices(): Choice[] {
		const choices = this.processes.flatMap(({ pending }) => [...pending.values()].flatMap((ways) => ways()));
		const isOver = this.processes.every(({ pending }) => pending.size === 0);
		if (this.tick >= this.scenario.ticks || isOver) return choices;
		return [...choices, { name: 'tick', process: undefined, happen: () => (this.tick += 1) }];
	}

	/** Two runs with the same key can go on in the same ways, and in no others. */
	key(): string {
		const versions = (from: number) =>
			this.scenario.staleListings === true ? this.versions.slice(from) : [];
		// Two that behave the same are interchangeable.
		const processes = this.processes.map(({ behaviour, history, state, askedAt, wonAt, ownChange }) =>
			JSON.stringify([behaviour, history, state, askedAt, wonAt, versions(ownChange)]),
		);
		return JSON.stringify([this.tick, [...this.files].sort(), processes.sort()]);
	}

	get now(): number {
		return this.tick;
	}

	/** The names of those that are in this state. */
	all(state: Process['state']): string[] {
		return this.processes.filter((process) => process.state === state).map(({ name }) => name);
	}

	private async live(process: Process): Promise<void> {
		const { proofs, releases } = process.behaviour;
		const lock = await contend(this.partyOf(process), {
			signal: undefined,
			onTaken: () => false,
			onDead: () => undefined,
		});
		if (lock === undefined) throw new Error('gave up although it was told to wait');
		this.owns(process);
		this.wins += 1;
		try {
			for (let proof = 0; proof < proofs; proof++) {
				await lock.prove();
				this.owns(process);
			}
			if (!releases) return;
			process.state = 'over';
			await lock.release();
		} catch (error) {
			if (!(error instanceof LockLostError)) throw error;
			process.state = 'over';
			this.losses += 1;
		}
	}

	/** What must hold whenever a process is told that it owns the folder. */
	private owns(process: Process): void {
		process.state = 'owner';
		process.wonAt = process.askedAt;
		if (process.created !== this.highestEver) {
			throw new Violation(`${process.name} owns ${process.created}, but ${this.highestEver} exists`);
		}
		const others = this.processes.filter((other) => other !== process && other.state === 'owner');
		for (const other of others) {
			if (this.tick - other.wonAt > this.scenario.timing.safeMs) continue;
			throw new Violation(`${other.name} still believes to own what ${process.name} owns`);
		}
	}

	private partyOf(process: Process): Party {
		const { timing } = this.scenario;
		return {
			directory: '/folder',
			files: this.filesOf(process),
			clock: this.clockOf(process),
			timing,
			owner: OWNER,
		};
	}

	private clockOf(process: Process): Clock {
		const now = () => {
			const time = process.behaviour.clockStands === true ? 0 : this.tick;
			process.history += `at ${time} `;
			return time;
		};
		return {
			steady: now,
			timeOfDay: now,
			pause: () => {
				const until = this.tick + this.scenario.timing.pollMs;
				process.history += `until ${until} `;
				return this.await(process, 'wakes', () => (this.tick < until ? [] : [['', () => undefined]]));
			},
		};
	}

	/** Each operation is one step, but for those that no disk does in one. */
	private filesOf(process: Process): NumberedFiles {
		const { files } = this;
		const step = <T>(what: string, work: () => T) => this.await(process, what, () => [['', work]]);
		const put = (number: number, text: string) =>
			step(`writes ${number}`, () => {
				if (files.has(number)) files.set(number, text);
			});
		return {
			list: () => this.await(process, 'lists', () => this.listings(process)),
			read: (number) => this.await(process, `reads ${number}`, () => this.readings(number)),
			create: async (number, text) => {
				process.askedAt = this.tick;
				const isNew = await step(`creates ${number}`, () => this.create(process, number));
				if (isNew) await put(number, text);
				return isNew;
			},
			write: async (number, text) => {
				await put(number, '');
				await put(number, text);
			},
			remove: (number) =>
				step(`removes ${number}`, () => {
					if (files.delete(number)) this.changed(process);
				}),
		};
	}

	private create(process: Process, number: number): boolean {
		if (this.files.has(number)) return false;
		this.files.set(number, '');
		this.changed(process);
		this.highestEver = Math.max(this.highestEver, number);
		process.created = number;
		return true;
	}

	private changed(by: Process): void {
		this.versions.push([...this.files.keys()]);
		by.ownChange = this.versions.length - 1;
	}

	/** What a listing may show at this moment. */
	private listings(process: Process): Way<number[]>[] {
		const oldest = this.scenario.staleListings === true ? process.ownChange : this.versions.length - 1;
		return this.versions.slice(oldest).map((numbers) => [` ${numbers.join()}`, () => numbers]);
	}

	private readings(number: number): Way<string | undefined>[] {
		const misses: Way<undefined>[] =
			this.scenario.missedReads === true ? [[' in vain', () => undefined]] : [];
		return [['', () => this.files.get(number)], ...misses];
	}

	/** Waits until one of the ways is chosen. */
	private await<T>(process: Process, what: string, ways: () => Way<T>[]): Promise<T> {
		return new Promise((resolve) => {
			const choose = ([label, work]: Way<T>): Choice => ({
				name: `${process.name} ${what}${label}`,
				process: process.name,
				happen: () => {
					process.pending.delete(what);
					const result = work();
					process.history += `${what}=${JSON.stringify(result)} `;
					resolve(result);
				},
			});
			process.pending.set(what, () => ways().map(choose));
		});
	}
}

/** One way in which an operation can end: how it differs from the others, and what it does. */
type Way<T> = [label: string, work: () => T];

/** The same for all: who it is decides nothing, and so must not tell situations apart. */
const OWNER = { host: 'simulation', process: 1, since: '2024-01-01T00:00:00.000Z', what: 'A sync' };
