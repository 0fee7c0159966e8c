import { setTimeout as sleep } from 'node:timers/promises';

import type { RunningQueue } from '../../harness/n8n-host';
import type { Chance } from '../../harness/simulation/chance';

type Victim = 'main' | `worker ${number}`;

/** One end by SIGKILL. */
export interface Kill {
	victim: Victim;
}

/** Kills n8n's processes at random moments, and starts them again. */
export class Kills {
	readonly list: Kill[] = [];

	constructor(
		private readonly n8n: RunningQueue,
		private readonly chance: Chance,
		private readonly onStart: () => void,
	) {}

	/**
	 * Until `stopped`: then what was killed is up again.
	 *
	 * @param everyS seconds between two kills, on average
	 */
	async run(everyS: number, stopped: AbortSignal): Promise<void> {
		for (;;) {
			const pause = everyS * (0.5 + this.chance.next()) * 1000;
			await sleep(pause, undefined, { signal: stopped }).catch(() => undefined);
			if (stopped.aborted) return;
			const index = this.chance.below(this.n8n.workers.length + 1) - 1;
			this.list.push({ victim: index < 0 ? 'main' : `worker ${index + 1}` });
			await (index < 0 ? this.n8n.process : this.n8n.workers[index])?.kill();
			// Sometimes an administrator is quick.
			await sleep(this.chance.below(4000));
			await (index < 0 ? this.n8n.startMain() : this.n8n.startWorker(index));
			this.onStart();
		}
	}
}
