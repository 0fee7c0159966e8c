/** A child process that plays scenarios, several at once. */
import { fork, type ChildProcess } from 'node:child_process';

import type { News, Order } from '../child/main';
import type { Incident } from '../child/watch';
import type { Scenario, Verdict } from '../scenario';

const HEAP_MIB = 160;
const KEPT_OUTPUT = 3_000;

/** A process that does not turn its event loop for this long is ended. */
const LONGEST_SILENCE_MS = 5_000;

/** The process died, of memory for example, or had to be ended, while this scenario was under way. */
export class Died extends Error {
	constructor(
		readonly rule: string,
		detail: string,
	) {
		super(detail);
	}
}

interface Waiting {
	resolve: (verdict: Verdict) => void;
	reject: (error: Error) => void;
}

export class Company {
	private readonly waiting = new Map<number, Waiting>();
	private readonly given = new Map<number, string>();
	private readonly child: ChildProcess;
	private readonly ready: Promise<void>;
	private readonly guard: NodeJS.Timeout;
	private heardAt = Infinity;
	private output = '';
	private count = 0;
	dead = false;

	/** @param onIncident hears of what concerns the whole process, with the keys of the scenarios that may have done it */
	constructor(
		program: string,
		folder: string,
		private readonly onIncident: (incident: Incident, keys: string[]) => void,
	) {
		const execArgv = [`--max-old-space-size=${HEAP_MIB}`, '--enable-source-maps', '--expose-gc'];
		this.child = fork(program, [folder], { execArgv, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
		for (const stream of [this.child.stdout, this.child.stderr])
			stream?.setEncoding('utf8').on('data', (text: string) => {
				this.output = (this.output + text).slice(-KEPT_OUTPUT);
			});
		this.guard = setInterval(() => this.look(), 1_000);
		this.ready = new Promise((resolve, reject) => {
			this.child.on('message', (news: News) => this.hear(news, resolve));
			this.child.once('close', (code, signal) => {
				const why = /FATAL ERROR[^\n]*/.exec(this.output)?.[0] ?? this.output;
				this.end(new Died('the process dies', `${code ?? signal ?? ''} ${why}`.trim()));
				reject(new Error(`The child process did not start: ${why}`));
			});
		});
		this.ready.catch(() => undefined);
	}

	private hear(news: News, ready: () => void): void {
		this.heardAt = performance.now();
		switch (news.kind) {
			case 'alive':
				return;
			case 'ready':
				ready();
				return;
			case 'verdict':
				this.waiting.get(news.number)?.resolve(news.verdict);
				this.waiting.delete(news.number);
				return;
			case 'incident':
				this.onIncident(
					news.incident,
					news.incident.suspects.map((number) => this.given.get(number) ?? ''),
				);
		}
	}

	/** Ends a process that is deaf. */
	private look(): void {
		const silence = performance.now() - this.heardAt;
		if (silence < LONGEST_SILENCE_MS) return;
		this.end(
			new Died('the event loop stands still', `for ${Math.round(silence)} ms, then the process was ended`),
		);
		this.child.kill('SIGKILL');
	}

	private end(reason: Died): void {
		this.dead = true;
		clearInterval(this.guard);
		for (const { reject } of this.waiting.values()) reject(reason);
		this.waiting.clear();
	}

	/**
	 * @param key names the scenario in incidents
	 * @throws Died
	 */
	async play(key: string, scenario: Scenario): Promise<Verdict> {
		await this.ready;
		const number = (this.count += 1);
		this.given.set(number, key);
		return await new Promise((resolve, reject) => {
			if (this.dead) throw new Died('the process dies', 'it was dead already');
			this.waiting.set(number, { resolve, reject });
			const order: Order = { number, scenario };
			this.child.send(order);
		});
	}

	async stop(): Promise<void> {
		clearInterval(this.guard);
		if (this.child.exitCode !== null || this.child.signalCode !== null) return;
		const closed = new Promise((resolve) => this.child.once('close', resolve));
		this.child.kill('SIGKILL');
		await closed;
	}
}
