import type { Chance } from '../../harness/simulation/chance';
import { ENDPOINTS, type Event, type FaultKind } from './history';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const COMMON: readonly FaultKind[] = [
	'lost',
	'busy',
	'lostAnswer',
	'badGateway',
	'late',
	'garbage',
	'stalled',
	'cut',
];

/** What every sync asks for. */
const OFTEN = ['uploadSimpleFile', 'downloadFile', 'listChatFiles', 'deleteFile'] as const;

export function trouble(chance: Chance, at: number, worker: number): Event {
	const what = chance.of([
		'fault',
		'fault',
		'fault',
		'fault',
		'fault',
		'kill',
		'kill',
		'outage',
		'lag',
		'fullDisk',
		'clock',
		'freeze',
		'stop',
	] as const);
	switch (what) {
		case 'fault': {
			const kind = chance.percent(70)
				? chance.of(COMMON)
				: chance.of(['refused', 'hangs', 'doubled', 'wrong'] as const);
			const on = chance.percent(20) ? '*' : chance.of([...OFTEN, ...OFTEN, ...ENDPOINTS]);
			return { at, do: what, on, what: kind, skip: chance.below(3), times: chance.of([1, 1, 1, 2, 5]) };
		}
		case 'kill':
			return { at, do: what, worker, after: 1 + chance.below(chance.of([30, 200])) };
		case 'outage':
			return { at, do: what, ms: chance.of([2 * SECOND, MINUTE, 3 * HOUR]) };
		case 'lag':
			return { at, do: what, ms: chance.of([500, 3 * SECOND]), for: chance.of([5 * SECOND, 10 * MINUTE]) };
		case 'fullDisk':
			return { at, do: what, for: chance.of([SECOND, 10 * SECOND, HOUR]) };
		case 'clock':
			return {
				at,
				do: what,
				worker,
				by: chance.of([-1, 1]) * chance.of([SECOND, 90 * SECOND, HOUR, 10 * HOUR]),
			};
		case 'freeze':
			return {
				at,
				do: what,
				worker,
				ms: chance.of([5 * SECOND, 40 * SECOND, 5 * MINUTE]),
				sleeps: chance.percent(50),
			};
		case 'stop':
			return { at, do: what, worker };
	}
}

/** A folder that may be read only, or not at all, or only sometimes, while it is synced. */
export function refusals(chance: Chance, syncTimes: readonly number[], folder: number): Event[] {
	return Array.from({ length: 1 + chance.below(3) }, () => ({
		at: Math.max(0, chance.of(syncTimes) - 1000 + chance.below(chance.of([1200, 10_000]))),
		do: 'refuse',
		folder,
		code: chance.of(['EACCES', 'EPERM', 'EROFS'] as const),
		percent: chance.of([100, 100, 30, 5]),
		reads: chance.percent(30),
		for: chance.of([200, SECOND, 10 * SECOND, HOUR]),
	}));
}
