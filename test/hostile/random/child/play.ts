/** Plays one scenario: a liar, a folder, a client, the call; then everything that must hold. */
import { setTimeout as delay } from 'node:timers/promises';

import { isBddFileError, type BddFileClient } from '../../../../client';
import { Liar, MOST_REQUESTS } from '../liar/liar';
import type { LocalFile, Scenario, Verdict, Violation } from '../scenario';
import { judgeAlive } from './alive';
import { longestTime } from './bounds';
import { clientOf, makeCall, SOURCE_NAME, TARGET_NAME, type Ending } from './call';
import { Disk } from './disk';
import { judgeEnding } from './endings';
import { judgeDisk, judgeTruth } from './truth';

/** How long the client may take to take its hands off the wire, once a call has ended or the client is closed. */
const GRACE_MS = 1_500;

/** @param base an existing folder for the scenario's own */
export async function play(scenario: Scenario, base: string): Promise<Verdict> {
	const { call, client: settings, cancelAfterMs, world } = scenario;
	const disk = await Disk.create(base, localFiles(scenario));
	const liar = await Liar.start(renamed(scenario, disk));
	const log: string[] = [];
	const violations: Violation[] = [];
	const add = (found: readonly Violation[]) => void violations.push(...found);
	const startedAt = Date.now();
	let endings: Ending[] = [];
	let client: BddFileClient | undefined;
	try {
		client = clientOf(scenario, liar.url, log);
		const stop = new AbortController();
		const cancel = cancelAfterMs === null ? undefined : setTimeout(() => stop.abort(), cancelAfterMs);
		const options = { signal: stop.signal, timeout: settings.timeout, maxTries: settings.maxTries };
		const calling = makeCall(call, { client, liar, disk, options });
		const tooLong = await outlasts(calling, () => startedAt + longestTime(settings, liar.seen));
		clearTimeout(cancel);
		if (tooLong) {
			add([{ rule: 'a call that does not end', detail: `${Date.now() - startedAt} ms, then cancelled` }]);
			stop.abort();
			const latest = Date.now() + GRACE_MS;
			if (await outlasts(calling, () => latest))
				add([{ rule: 'a call that cannot be cancelled', detail: `${GRACE_MS} ms after the signal` }]);
			client.close();
		}
		endings = await Promise.race([calling, delay(GRACE_MS).then((): Ending[] => [])]);
		for (const ending of endings) add(judgeEnding(call.method, ending, log));
		if (liar.seen.requests > MOST_REQUESTS)
			add([{ rule: 'requests without end', detail: `${liar.seen.requests}` }]);
		add(liar.seen.carried.map((name) => ({ rule: 'a header carried to another host', detail: name })));
		add(await judgeSockets(liar, client));
		await liar.settled();
		add(judgeDisk(scenario, disk, endings, await disk.now()));
		if (world === 'honest' && !tooLong) {
			add(await judgeTruth(scenario, liar, disk, endings));
			add(judgeAlive(scenario, liar, endings));
		}
	} catch (error) {
		// A base URL that the client does not take: an ending, too.
		if (!isBddFileError(error) || client) throw error;
		add(judgeEnding(call.method, { error }, log).filter(({ rule }) => !rule.startsWith('a message that')));
	} finally {
		client?.close();
		await liar.stop();
		await disk.remove();
	}
	const trace = [
		...liar.seen.trace,
		...endings.map(shown),
		...log.slice(0, 20).map((line) => `log: ${line}`),
	];
	return { violations, trace, ms: Date.now() - startedAt, requests: liar.seen.requests };
}

function localFiles({ call }: Scenario): LocalFile[] {
	if (call.method === 'syncToLocal' || call.method === 'syncToRemote') return call.local;
	if (call.method === 'upload')
		return call.source === 'disk' ? [{ name: SOURCE_NAME, nested: false, content: call.content }] : [];
	const replaces = call.method === 'downloadToFile' && call.replaces;
	return replaces ? [{ name: TARGET_NAME, nested: false, content: 3 }] : [];
}

/** The scenario with the places of this run in its names. */
function renamed(scenario: Scenario, disk: Disk): Scenario {
	const files = scenario.service.files.map((file) => ({ ...file, name: disk.named(file.name) }));
	return { ...scenario, service: { ...scenario.service, files } };
}

/** Whether `work` is still under way at a moment that is asked for again and again. */
async function outlasts(work: Promise<unknown>, until: () => number): Promise<boolean> {
	const end = work.then(() => true);
	for (;;) {
		if (await Promise.race([end, delay(100, false)])) return false;
		if (Date.now() >= until()) return true;
	}
}

/** After a call nothing is under way; once the client is closed no socket is open. */
async function judgeSockets(liar: Liar, client: BddFileClient): Promise<Violation[]> {
	const violations: Violation[] = [];
	if (!(await becomes(() => liar.open.size === 0, liar))) {
		const detail = [...liar.open.values()].slice(0, 3).join(' | ');
		violations.push({ rule: 'a request goes on after the call', detail });
	}
	client.close();
	if (!(await becomes(() => liar.sockets.size === 0, liar)))
		violations.push({ rule: 'a socket is open after close', detail: `${liar.sockets.size}` });
	return violations;
}

async function becomes(condition: () => boolean, liar: Liar): Promise<boolean> {
	const until = Date.now() + GRACE_MS;
	while (!condition()) {
		if (Date.now() >= until) return false;
		liar.drain();
		await delay(10);
	}
	return true;
}

function shown(ending: Ending): string {
	if ('value' in ending) return `result: ${JSON.stringify(ending.value ?? null).slice(0, 1_500)}`;
	const { error } = ending;
	return `error: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}
