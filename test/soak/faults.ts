import { faults, type Fault, type FaultProxy, type Rule } from '../../harness/fault-proxy';
import type { Chance } from '../../harness/simulation/chance';

interface Kind {
	name: string;
	/** Of all requests that no kind above has taken. */
	percent: number;
	fault?: Fault;
	/** Milliseconds before the request goes on. */
	wait?: number;
}

const KINDS: readonly Kind[] = [
	{ name: 'request cut', percent: 1.5, fault: faults.cutRequest(300) },
	{ name: 'answer cut', percent: 1.5, fault: faults.cutResponse(40) },
	{ name: 'answer lost, work done', percent: 2, fault: faults.dropAnswer() },
	{ name: 'reused connection cut', percent: 1, fault: faults.closeReused() },
	{ name: '503', percent: 2, fault: faults.answer(503) },
	{ name: 'slow, 0.4 s', percent: 3, wait: 400 },
	{ name: 'slow, 3 s', percent: 1, wait: 3000 },
];

/** Faults at random moments, counted by kind as they are chosen. */
export class Faults {
	readonly counts = new Map<string, number>(KINDS.map(({ name }) => [name, 0]));

	constructor(
		private readonly proxy: FaultProxy,
		private readonly chance: Chance,
	) {}

	start(): void {
		this.proxy.script(...KINDS.map((kind) => this.#rule(kind)));
	}

	stop(): void {
		this.proxy.clearScript();
	}

	get total(): number {
		return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
	}

	#rule({ name, percent, fault, wait }: Kind): Rule {
		return {
			on: '*',
			times: Infinity,
			when: () => {
				const chosen = this.chance.percent(percent);
				if (chosen) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
				return chosen;
			},
			...(fault === undefined ? {} : { fault }),
			...(wait === undefined ? {} : { wait }),
		};
	}
}
