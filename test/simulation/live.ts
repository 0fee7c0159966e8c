import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type vm from 'node:vm';

import {
	eachEventOnce,
	eachUploadOnce,
	failsByRule,
	filesIn,
	nothingLeft,
	nothingLost,
	sidesEqual,
} from './checks';
import type { History } from './history';
import type { Run } from './schedule';
import type { Ran } from './workers';
import { World } from './world';

export interface Outcome {
	/** What should not have happened, in order. */
	violations: string[];
	/** What happened, line by line. */
	story: string[];
	syncs: number;
	days: number;
}

const HOUR = 3600_000;
/** Held in memory where there is such a place. */
const BASE = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();

/** Plays a history to its end, lets everything come to rest, and looks whether all promises were kept. */
export async function live(history: History, program: vm.Script): Promise<Outcome> {
	const root = fs.mkdtempSync(path.join(BASE, 'simulation-'));
	const world = new World(history, program, root);
	const onRejection = (error: unknown) =>
		world.violate(`nobody handles: ${error instanceof Error ? error.stack : String(error)}`);
	process.on('unhandledRejection', onRejection);
	try {
		await world.play();
		if (world.violations.length === 0) await rest(world, root);
	} catch (error) {
		world.violate(error instanceof Error ? (error.stack ?? error.message) : String(error));
	} finally {
		process.off('unhandledRejection', onRejection);
		fs.rmSync(root, { recursive: true });
	}
	const { violations, story, clock } = world;
	const syncs = history.events.filter((event) => event.do === 'sync').length;
	return { violations, story, syncs, days: clock.now / 24 / HOUR };
}

/** Faults stop, people too, and the schedules run some more times. */
async function rest(world: World, root: string): Promise<void> {
	world.note('-- calm --');
	world.calm();
	await world.pass(HOUR);
	nothingLost(world);
	for (let rounds = 0; rounds < 1 + world.folders.length; rounds++) await syncEach(world);
	nothingLost(world);
	sidesEqual(world);
	if (!world.replacesAll) await syncInVain(world);
	for (let polls = 0; polls < 3; polls++) {
		await world.pass(1.02 * HOUR);
		await world.until(world.poll(), 'a poll');
	}
	eachEventOnce(world);
	eachUploadOnce(world);
	await world.pass(32 * 24 * HOUR);
	await syncEach(world);
	await world.pass(1000);
	// Nobody has looked into the trash.
	nothingLost(world);
	nothingLeft(world, root);
}

/** One run of each schedule, without faults. @returns what was done, but for what is as it was */
async function syncEach(world: World): Promise<string[]> {
	const changes: string[] = [];
	for (const [folder] of world.folders.entries()) {
		const expected = await syncForNothing(world, folder, { dryRun: true });
		// A person is asked, and allows it.
		const isAllowed = isRefusal(expected);
		if (isAllowed) await syncForNothing(world, folder, {});
		const ran = await calmSync(world, folder, { isAllowed });
		if (ran === undefined) break;
		if (ran.error !== undefined) world.violate('a sync fails without a fault');
		for (const { status, fileName, action, error } of ran.items) {
			if (status === 'failed' && !failsByRule(world, folder, fileName))
				world.violate(`${fileName} fails without a fault: ${error}`);
			if (action === 'unchanged' && world.setup.options.output === 'changes')
				world.violate(`${fileName} comes out although it is unchanged`);
		}
		const [said, done] = [expected, ran].map(changesIn);
		// Without hashes a run alone finds out that what looks like a conflict is none.
		if (!isAllowed && world.setup.service.hashes && said?.join() !== done?.join())
			world.violate(`a dry run says ${said?.join(', ')}, the run does ${done?.join(', ')}`);
		changes.push(...(done ?? []));
		await world.pass(10_000);
	}
	return changes;
}

const calmSync = (world: World, folder: number, run: Pick<Run, 'dryRun' | 'isAllowed'>) =>
	world.until(world.sync(folder, 0, { ...run, isLast: true }), `the sync of folder ${folder}`);

/** A dry run, or one that is refused: it changes nothing. */
async function syncForNothing(
	world: World,
	folder: number,
	run: Pick<Run, 'dryRun'>,
): Promise<Ran | undefined> {
	const before = sidesOf(world);
	const ran = await calmSync(world, folder, run);
	if (before !== sidesOf(world)) world.violate(`a sync for nothing changes ${before} to ${sidesOf(world)}`);
	if (run.dryRun !== true && !isRefusal(ran)) world.violate('what a dry run refuses is done');
	return ran;
}

const isRefusal = (ran: Ran | undefined) =>
	(ran?.error as Error | undefined)?.name === 'TooManyDeletionsError';

const changesIn = (ran: Ran | undefined) =>
	(ran?.items ?? [])
		.filter(({ action }) => action !== 'unchanged' && action !== 'none')
		.map(({ fileName, action }) => `${fileName} is ${action}`)
		.sort();

const sidesOf = (world: World) =>
	JSON.stringify([world.folders.map(filesIn), world.chat.files.map(({ id }) => id)]);

/** Once more, and nothing is done: no request but for lists, no change on either side. */
async function syncInVain(world: World): Promise<void> {
	const before = sidesOf(world);
	const requests = world.service.requests.length;
	for (const change of await syncEach(world)) world.violate(`${change} once more`);
	const asked = world.service.requests.slice(requests).filter((endpoint) => endpoint !== 'listChatFiles');
	if (asked.length > 0) world.violate(`a sync with nothing to do asks for ${asked.join(', ')}`);
	if (before !== sidesOf(world))
		world.violate(`a sync with nothing to do changes ${before} to ${sidesOf(world)}`);
}
