import type { Event, History } from './history';
import type { Outcome } from './live';

/** Plays that are tried at most, and for how long. */
const MOST_PLAYS = 400;
const MOST_MS = 120_000;

/** What is said of a broken promise, without what differs from one play to the next. */
const kindOf = (violation: string | undefined) =>
	violation?.replace(/\d+/g, '0').split('\n')[0]?.slice(0, 30);

/**
 * Leaves out whatever is not needed for the same promise to be broken: large pieces first, then smaller ones, down to
 * single events (Zeller's ddmin, bounded).
 */
export async function shrink(
	history: History,
	play: (history: History) => Promise<Outcome>,
): Promise<History> {
	const sought = kindOf((await play(history)).violations[0]);
	let plays = 0;
	const until = Date.now() + MOST_MS;
	const mayGoOn = () => plays < MOST_PLAYS && Date.now() < until;
	const breaks = async (events: Event[]) => {
		plays += 1;
		return kindOf((await play({ ...history, events })).violations[0]) === sought;
	};
	let { events } = history;
	for (let size = Math.ceil(events.length / 2); size >= 1;) {
		let isSmaller = false;
		for (let start = 0; start < events.length && mayGoOn();) {
			const rest = [...events.slice(0, start), ...events.slice(start + size)];
			if (await breaks(rest)) {
				events = rest;
				isSmaller = true;
			} else start += size;
		}
		if (!mayGoOn()) break;
		if (size === 1 && !isSmaller) break;
		size = size === 1 ? 1 : Math.ceil(size / 2);
	}
	return { ...history, events };
}
