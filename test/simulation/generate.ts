import { Chance } from '../../harness/simulation/chance';
import type { Event, History, Operation, Setup } from './history';
import { refusals, trouble } from './troubles';

const HOUR = 3600_000;
const DAY = 24 * HOUR;

/** Few names, so that people get into each other's way. */
const NAMES = ['a.txt', 'b.txt', 'c.txt', 'd', 'e.md', 'A.txt'];

/** Of them `d` is a file's name too. */
const SUBFOLDERS = ['sub', 'sub/deep', 'd', 'other'];
const BELOW = ['sub/a.txt', 'sub/b.txt', 'sub/deep/a.txt', 'sub/deep/c.txt', 'd/a.txt', 'other/e.md'];

const PATTERNS = [['*.txt'], ['[a-c]*', 'e*'], ['d*'], ['*.md', 'A*'], ['sub/**']];

/** How long a history is, how often its schedules run, how many things people do in it, and how many go wrong. */
const SPANS = [
	{ weight: 52, days: 0.1, syncs: [4, 12], acts: [4, 16], troubles: [0, 12] },
	{ weight: 30, days: 2, syncs: [10, 24], acts: [8, 25], troubles: [0, 16] },
	{ weight: 16, days: 40, syncs: [20, 45], acts: [10, 40], troubles: [0, 25] },
	{ weight: 2, days: 365, syncs: [365, 365], acts: [150, 200], troubles: [40, 80] },
] as const;

/** A number is a history. */
export function generate(seed: number): History {
	const chance = new Chance(seed);
	const span = weighted(chance);
	const setup = anySetup(chance);
	const between = ([from, to]: readonly [number, number]) => from + chance.below(to - from + 1);
	const length = span.days * DAY;
	const events: Event[] = [];

	const syncs = between(span.syncs);
	const syncTimes: number[] = [];
	const hasSubfolders = chance.percent(35);
	const folder = () => chance.below(setup.folders.length);
	const worker = () => chance.below(setup.workers);
	for (let run = 0; run < syncs; run++) {
		const begins = ((run + 0.5) * length) / syncs;
		syncTimes.push(begins);
		for (let index = 0; index < setup.folders.length; index++) {
			const at = begins + (index * length) / syncs / 2;
			events.push({ at, do: 'sync', worker: worker(), folder: index });
			// Two workers, or a schedule that is faster than a sync.
			if (chance.percent(12))
				events.push({ at: at + chance.below(4000), do: 'sync', worker: worker(), folder: index });
			if (chance.percent(5))
				events.push({ at: at + chance.below(4000), do: 'sync', worker: worker(), folder: index, dry: true });
		}
		if (chance.percent(70)) events.push({ at: begins + chance.below(length / syncs), do: 'poll' });
		if (chance.percent(10)) events.push({ at: begins + chance.below(4000), do: 'poll' });
	}

	/** Mostly while something runs. */
	const moment = () => {
		const soon = chance.of([300, 2000, 15_000]);
		return chance.percent(60) ? chance.of(syncTimes) - 50 + chance.below(soon) : chance.below(length);
	};
	for (let acts = between(span.acts); acts > 0; acts--)
		events.push(act(chance, Math.max(0, moment()), folder(), worker(), hasSubfolders));
	// People who come back to the same file right before and while a sync has it in hand.
	for (let bursts = Math.ceil(between(span.acts) / 4); bursts > 0; bursts--)
		events.push(...burst(chance, chance.of(syncTimes), folder(), hasSubfolders));
	for (let troubles = between(span.troubles); troubles > 0; troubles--)
		events.push(trouble(chance, Math.max(0, moment()), worker()));
	events.push(...drafts(chance, syncTimes));
	if (chance.percent(20)) events.push(...refusals(chance, syncTimes, folder()));
	if (chance.percent(15)) events.push(...purge(chance, syncTimes, folder()));
	const isWatchedOnly = chance.percent(4);
	if (isWatchedOnly) setup.folders = [];
	// More than the trigger knows one by one.
	if (isWatchedOnly) events.push({ at: chance.of(syncTimes), do: 'crowd', files: 500 + chance.below(400) });
	const possible = isWatchedOnly ? events.filter((event) => !('folder' in event)) : events;
	possible.sort((a, b) => a.at - b.at);
	// A rule that gives up a side also gives up an edit where a sync cannot know that the other side's version is its own.
	const isSure = setup.options.conflict !== 'keepBoth' && chance.percent(40);
	if (isSure) setup.service.hashes = true;
	else setup.options.conflict = 'keepBoth';
	const kept = isSure ? possible.filter((event) => !FORGETS.has(event.do)) : possible;
	for (const event of kept) event.at = Math.round(event.at);
	return { seed, setup, events: kept };
}

/** After these a sync may not have written down what it did. */
const FORGETS: ReadonlySet<Event['do']> = new Set(['kill', 'stop', 'freeze', 'fullDisk', 'refuse', 'clock']);

/** Somebody edits a file right before syncs; processes that run them die while they have it in hand. */
function drafts(chance: Chance, syncTimes: readonly number[]): Event[] {
	return Array.from({ length: 2 + chance.below(3) }, () => chance.of(syncTimes)).flatMap((sync): Event[] => [
		{ at: Math.max(0, sync - 1 - chance.below(2000)), do: 'write', folder: 0, name: 'draft.txt' },
		...(chance.percent(50)
			? [
					{
						at: Math.max(0, sync - 0.5),
						do: 'kill',
						worker: chance.below(3),
						after: 20 + chance.below(180),
					} as const,
				]
			: []),
	]);
}

/** More files than may go without a question, and then they go. */
function purge(chance: Chance, syncTimes: readonly number[], folder: number): Event[] {
	const [come = 0, go = 0] = [chance.of(syncTimes), chance.of(syncTimes)].sort((a, b) => a - b);
	return [
		{ at: Math.max(0, come - chance.below(2000)), do: 'crowd', files: 8 + chance.below(12) },
		{
			at: go + chance.below(HOUR),
			do: 'purge',
			...(chance.percent(50) && { folder }),
		},
	];
}

function weighted(chance: Chance): (typeof SPANS)[number] {
	let left = chance.below(100);
	return SPANS.find(({ weight }) => (left -= weight) < 0) ?? SPANS[0];
}

function anySetup(chance: Chance): Setup {
	const folders = chance.of<Operation[]>([
		['both'],
		['both'],
		['both'],
		['toLocal'],
		['toRemote'],
		['both', 'both'],
		['toRemote', 'toLocal'],
		['toRemote', 'toRemote'],
		['both', 'toLocal'],
		['both', 'toRemote'],
	]);
	const senders = folders.filter((operation) => operation === 'toRemote').length;
	const directories = chance.percent(70);
	return {
		folders,
		workers: 1 + chance.below(3),
		trigger: {
			watch: directories && chance.percent(40) ? 'directory' : 'chat',
			downloadFiles: chance.percent(40),
		},
		options: {
			propagateDeletes: chance.percent(60),
			// Two that replace what is there replace each other's files for ever.
			ifExists: senders > 1 ? 'skip' : chance.of(['skip', 'skipUnchanged', 'skipUnchanged', 'overwrite']),
			mode: chance.of(['simple', 'auto', 'multipart']),
			ifRunning: chance.of(['wait', 'wait', 'skip', 'fail']),
			concurrency: chance.of([1, 3, 24]),
			trashDays: chance.of([30, 30, 1, 0]),
			maxDelete: chance.of([50, 50, 0, 100]),
			// A calm service answers in less.
			...(chance.percent(30) && { timeout: chance.of([10, 300]) }),
			conflict: chance.of(['keepBoth', 'keepBoth', 'newest', 'local', 'remote']),
			duplicateNames: chance.of(['renameById', 'renameById', 'newest', 'fail']),
			output: chance.of(['all', 'all', 'changes', 'summary']),
			verify: chance.percent(85),
			recursive: chance.percent(75),
			...(chance.percent(12) && { include: chance.of(PATTERNS) }),
			...(chance.percent(12) && { exclude: chance.of(PATTERNS) }),
		},
		service: {
			hashes: chance.percent(80),
			directories,
			zone: chance.percent(70),
			newest: chance.of(['first', 'last']),
			mergeMs: chance.of([0, 0, 500, 4000]),
		},
	};
}

function act(chance: Chance, at: number, folder: number, worker: number, hasSubfolders: boolean): Event {
	const name = chance.of(NAMES);
	if (hasSubfolders && chance.percent(40)) return actBelow(chance, at, folder);
	const what = chance.of([
		'write',
		'write',
		'write',
		'put',
		'put',
		'put',
		'add',
		'upload',
		'delete',
		'drop',
		'rename',
		'touch',
	] as const);
	switch (what) {
		case 'write':
		case 'delete':
		case 'touch':
			return { at, do: what, folder, name };
		case 'rename':
			return { at, do: what, folder, name, to: chance.of(NAMES) };
		case 'upload':
			return { at, do: what, worker, name };
		case 'put':
		case 'add':
		case 'drop':
			return { at, do: what, name };
	}
}

/** In subfolders, with them, and to and from them. */
function actBelow(chance: Chance, at: number, folder: number): Event {
	const name = chance.of(BELOW);
	switch (chance.of(['write', 'write', 'write', 'delete', 'touch', 'rename', 'remove', 'move'] as const)) {
		case 'write':
			return { at, do: 'write', folder, name };
		case 'delete':
			return { at, do: 'delete', folder, name };
		case 'touch':
			return { at, do: 'touch', folder, name };
		case 'rename': {
			const [from, to] = [chance.of([...BELOW, ...NAMES]), chance.of([...BELOW, ...NAMES])];
			return { at, do: 'rename', folder, name: from, to };
		}
		case 'remove':
			return { at, do: 'delete', folder, name: chance.of(SUBFOLDERS) };
		case 'move':
			return { at, do: 'rename', folder, name: chance.of(SUBFOLDERS), to: chance.of(SUBFOLDERS) };
	}
}

function burst(chance: Chance, sync: number, folder: number, hasSubfolders: boolean): Event[] {
	const name = chance.of(NAMES);
	const inFolder = hasSubfolders && chance.percent(40) ? chance.of(BELOW) : name;
	const times = [
		-1 - chance.below(2000),
		...Array.from({ length: 1 + chance.below(2) }, () => 2 ** (chance.next() * 12)),
	];
	return times.map((after) => {
		const at = Math.max(0, sync + after);
		return chance.percent(50)
			? { at, do: chance.of(['write', 'write', 'delete'] as const), folder, name: inFolder }
			: { at, do: chance.of(['put', 'put', 'drop'] as const), name };
	});
}
