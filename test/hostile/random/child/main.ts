/**
 * The program of a child process: plays the scenarios that its parent sends, several at once, and tells how they ended.
 * It begins with a few quiet ones, so that what is loaded and compiled once is no growth of anybody's.
 */
import { play } from './play';
import { Watch, type Incident } from './watch';
import type { Scenario, Verdict } from '../scenario';
import { WARM_UP } from './warm-up';

/** From the parent. */
export interface Order {
	number: number;
	scenario: Scenario;
}

/** To the parent. */
export type News =
	| { kind: 'ready' }
	/** The event loop turns. */
	| { kind: 'alive' }
	| { kind: 'verdict'; number: number; verdict: Verdict }
	| { kind: 'incident'; incident: Incident };

const HEARTBEAT_MS = 500;

const [, , base = ''] = process.argv;
const tell = (news: News) => void process.send?.(news);

async function main(): Promise<void> {
	for (const scenario of WARM_UP) await play(scenario, base);
	globalThis.gc?.();
	const watch = new Watch((incident) => tell({ kind: 'incident', incident }));
	process.on('message', ({ number, scenario }: Order) => {
		watch.began(number);
		void play(scenario, base)
			.then((verdict) => {
				watch.ended(number);
				tell({ kind: 'verdict', number, verdict });
			})
			.catch((error: unknown) => {
				const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
				const violations = [{ rule: 'the suite itself is broken', detail }];
				tell({ kind: 'verdict', number, verdict: { violations, trace: [], ms: 0, requests: 0 } });
			});
	});
	setInterval(() => tell({ kind: 'alive' }), HEARTBEAT_MS);
	tell({ kind: 'ready' });
}

process.on('disconnect', () => process.exit());
void main();
