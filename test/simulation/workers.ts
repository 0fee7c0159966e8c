import type vm from 'node:vm';

import { Machine, type Surroundings } from '../../harness/simulation/machine';
import { BASE_URL } from './endpoints';
import type * as programModule from './program';

export type Program = typeof programModule;

/** What a person would hear of a run. */
export interface Ran {
	items: RanItem[];
	error: unknown;
}

export interface RanItem {
	status: string;
	action: string;
	fileName?: string;
	error?: string;
	reason?: string;
}

/** A process of n8n, and what it runs. */
interface Worker {
	machine: Machine;
	program: Program;
	clockError: number;
	runs: Set<AbortController>;
}

/** The processes of n8n. One that dies is started again. */
export class Workers {
	private readonly workers: Worker[];
	private count = 0;

	constructor(
		length: number,
		private readonly script: vm.Script,
		private readonly surroundings: Surroundings,
		private readonly note: (what: string) => void,
	) {
		this.workers = Array.from({ length }, () => this.start({ clockError: 0, runs: new Set() }));
	}

	get isRunning(): boolean {
		return this.workers.some(({ runs }) => runs.size > 0);
	}

	/** What nobody has closed. */
	get leftOpen(): string[] {
		return this.workers.flatMap(({ machine: { name, files, timers, sockets } }) => [
			...(files.size > 0 ? [`${name} has ${files.size} files open`] : []),
			...(timers.size > 0 ? [`${name} has ${timers.size} timers`] : []),
			...(sockets.size > 0 ? [`${name} has ${sockets.size} connections`] : []),
		]);
	}

	/** @param index of any size */
	at(index: number): Worker {
		const worker = this.workers[index % this.workers.length];
		if (worker === undefined) throw new Error('There is no worker');
		return worker;
	}

	/** From now on they live for ever. */
	calm(): void {
		for (const { machine } of this.workers) machine.diesAt = Infinity;
	}

	/** @param by milliseconds that its machine's time of day jumps */
	setClock(worker: Worker, by: number): void {
		worker.machine.clockError = worker.clockError += by;
	}

	died(machine: Machine): void {
		const index = this.workers.findIndex((worker) => worker.machine === machine);
		const worker = this.workers[index];
		if (worker === undefined) return;
		this.note(`${machine.name} is dead`);
		this.workers[index] = this.start({ ...worker, runs: new Set() });
	}

	/** One execution of a workflow. */
	async run(
		index: number,
		what: string,
		work: (
			client: InstanceType<Program['BddFileClient']>,
			signal: AbortSignal,
			program: Program,
		) => Promise<RanItem[]>,
	): Promise<Ran> {
		const worker = this.at(index);
		const { machine, program } = worker;
		const about = this.about(what, machine);
		const stop = new AbortController();
		const client = new program.BddFileClient({ baseUrl: BASE_URL, userId: '7' });
		try {
			const items = await this.alive(worker, work(client, stop.signal, program), stop);
			const changed = items.filter(({ action }) => action !== 'unchanged');
			this.note(`${about} ended: ${changed.map(shown).join(', ') || 'nothing'}`);
			return { items, error: undefined };
		} catch (error) {
			this.note(`${about} failed: ${messageOf(error)}`);
			return { items: [], error: error ?? new Error('without a word') };
		} finally {
			client.close();
		}
	}

	/** Ends when the work ends; never when the process dies. */
	async alive<T>(worker: Worker, work: Promise<T>, run = new AbortController()): Promise<T> {
		worker.runs.add(run);
		try {
			return await work;
		} finally {
			worker.runs.delete(run);
		}
	}

	about(what: string, machine: Machine): string {
		const about = `${what} by ${machine.name}`;
		this.note(about);
		return about;
	}

	private start({ clockError, runs }: Pick<Worker, 'clockError' | 'runs'>): Worker {
		const machine = new Machine(`process ${++this.count}`, this.surroundings);
		machine.clockError = clockError;
		return { machine, program: machine.evaluate(this.script) as Program, clockError, runs };
	}
}

const shown = ({ fileName, status, action, error, reason }: RanItem) =>
	`${fileName ?? ''} ${status} ${action}${(error ?? reason) ? ` (${error ?? reason})` : ''}`;

export const messageOf = (error: unknown) =>
	error instanceof Error ? `${error.name}: ${error.message}` : String(error);
