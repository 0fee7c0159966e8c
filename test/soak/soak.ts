import { setTimeout as sleep } from 'node:timers/promises';

import { isUnfinished } from '../../harness/n8n-host';
import { Chance } from '../../harness/simulation/chance';
import { checkEvents, checkMessages, watchedFiles } from './check-events';
import { checkSync, findLeftovers } from './check-syncs';
import { Contents } from './contents';
import { allExecutions, errorOf, isEndedByKill, type Execution } from './executions';
import { Faults } from './faults';
import { Kills } from './kills';
import { Measure, openSockets } from './measure';
import { Messages } from './messages';
import { People } from './people';
import type { SoakResult } from './result';
import { settle } from './settle';
import { Witness } from './witness';
import { openWorld, type SoakWorld } from './world';

/** A file every second or so, of people and of messages. */
const LONGEST_PAUSE_MS = 2200;
const MESSAGES_PERCENT = 20;

const SAMPLE_MS = 5000;
const PROGRESS_MS = 10_000;

/** n8n makes its first polls and syncs in peace: what was there before is no event. */
const FIRST_LOOKS_MS = 20_000;

export interface SoakOptions {
	minutes: number;
	seed: number;
	/** Seconds between two kills, on average; 0 for none. */
	killEvery: number;
	/** Whether there are faults. */
	faulty: boolean;
	report: (line: string) => void;
	/** Ends it early, without a result. */
	stopped: AbortSignal;
}

/**
 * The real n8n in queue mode under abuse, and what it was after that. Everything it starts has ended when this settles.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
	const world = await openWorld(options.report);
	try {
		options.stopped.throwIfAborted();
		return await live(world, options);
	} finally {
		await world.close();
	}
}

async function live(world: SoakWorld, options: SoakOptions): Promise<SoakResult> {
	const { n8n, service, proxy, desk } = world;
	const { minutes, seed, report, stopped } = options;
	// Each has a generator of its own, so that one's luck is not another's.
	const chance = (salt: number): Chance => new Chance(seed * 1000 + salt);
	const contents = new Contents(chance(1));
	const people = new People(service, n8n.sharedFolder, desk, contents, chance(2));
	const messages = new Messages(() => n8n.url, contents, chance(3));
	const faults = new Faults(proxy, chance(4));
	const measure = new Measure(n8n);
	const witness = new Witness(n8n);
	const kills = new Kills(n8n, chance(5), () => void measure.sample());

	await people.begin();
	await world.activate();
	await sleep(FIRST_LOOKS_MS, undefined, { signal: stopped });
	const earlier = new Set(watchedFiles(service).map(({ id }) => id));
	const databaseBefore = await n8n.databaseBytes();
	const socketsBefore = [await openSockets(n8n), proxy.openSockets()] as const;

	const started = Date.now();
	const over = new AbortController();
	const timer = setTimeout(() => over.abort(), minutes * 60_000);
	const end = AbortSignal.any([over.signal, stopped]);
	const sampling = setInterval(() => void measure.sample(), SAMPLE_MS);
	const telling = setInterval(() => report(progress()), PROGRESS_MS);
	const progress = (): string =>
		`${((Date.now() - started) / 60_000).toFixed(1)} of ${String(minutes)} min: ${String(people.acts)} acts, ` +
		`${String(messages.sent.length)} messages, ${String(faults.total)} faults, ${String(kills.list.length)} kills, ` +
		`${String(watchedFiles(service).length)} files in the watched chat`;
	const witnessed = new AbortController();
	const witnessing = witness.run(witnessed.signal);
	const settled: { quietAfter?: number | undefined } = {};
	if (options.faulty) faults.start();
	const rhythm = chance(6);
	const acting = (async () => {
		while (!end.aborted) {
			if (rhythm.percent(MESSAGES_PERCENT)) messages.send();
			else await people.act();
			await sleep(rhythm.below(LONGEST_PAUSE_MS), undefined, { signal: end }).catch(() => undefined);
		}
	})();
	const killing = options.killEvery > 0 ? kills.run(options.killEvery, end) : undefined;
	try {
		await Promise.all([acting, killing]);
		stopped.throwIfAborted();
		faults.stop();
		report('People, faults and kills have stopped; n8n goes on until it is quiet');
		settled.quietAfter = await settle(world, stopped);
		await messages.settled();
	} finally {
		clearTimeout(timer);
		// When one of them has failed, the other must not go on in a world that is closed.
		over.abort();
		await Promise.allSettled([acting, killing]);
		witnessed.abort();
		await witnessing;
		clearInterval(sampling);
		clearInterval(telling);
	}

	report('Checking');
	const { rest, sharedFolder } = n8n;
	const sockets: SoakResult['sockets'] = {
		n8n: [socketsBefore[0], await openSockets(n8n)],
		service: [socketsBefore[1], proxy.openSockets()],
	};
	const databaseGrowth = (await n8n.databaseBytes()) - databaseBefore;
	const slopes = { main: measure.slope('main'), workers: measure.slope('workers') };
	// A sync that runs at this moment could be in the middle of something.
	for (const { id } of await activeWorkflows(world))
		await rest.request('POST', `/rest/workflows/${id}/deactivate`);
	let executions = await allExecutions(rest);
	for (let tries = 0; executions.some(isUnfinished) && tries < 30; tries++) {
		await sleep(1000, undefined, { signal: stopped });
		executions = await allExecutions(rest);
	}
	const check = (sync: keyof SoakResult['syncs']) =>
		checkSync(service, sharedFolder, sync, people.ledgers[sync]);
	return {
		seed,
		minutes,
		quietAfter: settled.quietAfter,
		executions: tally(executions.map(({ workflowName, status }) => `${workflowName} ${status}`)),
		errors: tally(await errorsIn(world, executions)),
		acts: people.acts,
		files: people.acts + messages.sent.length,
		bytes: people.bytes + messages.bytes,
		faults: Object.fromEntries(faults.counts),
		kills: kills.list,
		events: await checkEvents(rest, service, sharedFolder, executions, earlier, witness.seen),
		messages: await checkMessages(service, messages.sent),
		syncs: { toLocal: await check('toLocal'), toRemote: await check('toRemote'), both: await check('both') },
		leftovers: await findLeftovers(service, sharedFolder),
		databaseGrowth,
		slopes,
		sockets,
	};
}

async function activeWorkflows({ n8n }: SoakWorld): Promise<Array<{ id: string }>> {
	return (await n8n.rest.request('GET', '/rest/workflows')) as Array<{ id: string }>;
}

async function errorsIn({ n8n }: SoakWorld, executions: readonly Execution[]): Promise<string[]> {
	const words: string[] = [];
	for (const execution of executions) {
		if (execution.status === 'success') continue;
		const error = await errorOf(n8n.rest, execution);
		if (!isEndedByKill(execution, error))
			words.push(`${execution.workflowName} ${execution.status}: ${error}`);
	}
	return words;
}

function tally(words: readonly string[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const word of [...words].sort()) counts[word] = (counts[word] ?? 0) + 1;
	return counts;
}
