import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { bundleChild, Syncing } from '../killed/process';
import { jsonOf, OPERATIONS, Sides } from './sync-sides';
import { PROXIED, startWorld, USER, type World } from './world';

/** If Already Running, while a process that is not n8n's syncs the same folder. */

let base: string;
let program: string;
let world: World;
let sides: Sides;
/** The other process, which is in the middle of its upload until it is told to go on. */
let other: Syncing;
let goOn: () => void;

beforeAll(async () => {
	base = await mkdtemp(join(tmpdir(), 'sync-running-'));
	[program, world] = [await bundleChild(base), await startWorld()];
});
afterAll(async () => {
	await world.close();
	await rm(base, { recursive: true });
});
beforeEach(async () => {
	sides = await Sides.open(world);
	await sides.write('a', 'content');
	world.proxy.clearScript();
	const wait = new Promise<void>((resolve) => (goOn = resolve));
	world.proxy.script({ on: 'POST /uploadSimpleFile', wait });
	const already = world.proxy.matching('POST /uploadSimpleFile').length;
	const { folder, chatId } = sides;
	other = new Syncing(program, {
		verb: 'syncChatFilesToRemote',
		baseUrl: world.proxy.url,
		userId: USER,
		folder,
		chatId,
		options: {},
	});
	await world.proxy.waitFor('POST /uploadSimpleFile', already + 1);
});
afterEach(async () => {
	goOn();
	await other.kill();
	sides.close();
});

/** Who has the folder and since when, as it is said. */
function owner(): RegExp {
	const [who, host] = [`Sync Folder to Chat \\(chat "${sides.chatId}"\\)`, JSON.stringify(hostname())];
	return new RegExp(
		`already running: ${who}, since 20\\d\\d-\\d\\d-\\d\\dT[\\d:.]+Z, in process ${other.pid} on ${host}$`,
	);
}

/** The other process ends as if nobody had come, and what it uploaded is there once. */
async function otherEnds(): Promise<void> {
	goOn();
	const { report, words } = await other.ended;
	expect([report?.items.map(({ action }) => action), words]).toEqual([['uploaded'], '']);
	expect(await sides.remotes()).toEqual(['a: content']);
}

it.each(['syncToRemote', 'syncBoth'] as const)(
	'%s waits: there is one upload, and it finds that there is nothing left to do',
	async (operation) => {
		const isOver = { value: false };
		const running = sides.run(operation, {}, { settings: PROXIED }).finally(() => (isOver.value = true));
		const lists = () => world.proxy.matching('/listChatFiles').length;
		const before = lists();
		// Whoever does not wait is through within this time: the same sync of another folder is.
		const elsewhere = await Sides.open(world);
		await elsewhere.sync(operation);
		elsewhere.close();
		expect([isOver.value, lists()]).toEqual([false, before]);

		await otherEnds();
		expect(jsonOf(await running)).toMatchObject([{ fileName: 'a', status: 'skipped' }]);
		expect(await sides.remotes()).toEqual(['a: content']);
		expect(world.proxy.matching('POST /uploadSimpleFile').at(-1)?.requestBytes).toBeGreaterThan(0);
	},
);

it.each(OPERATIONS)(
	'%s skips: one item that says why, and nothing is asked of the service',
	async (operation) => {
		world.forgetRequests();
		const output = { syncToLocal: 'all', syncToRemote: 'changes', syncBoth: 'summary' }[operation];
		const run = await sides.run(operation, { ifRunning: 'skip', output });
		expect(jsonOf(run)).toEqual([
			{
				status: 'skipped',
				action: 'none',
				reason: expect.stringMatching(owner()) as string,
				localDirectory: sides.folder,
			},
		]);
		expect(run.hints('Sync')).toEqual([]);
		expect(world.requests).toEqual([]);
		await otherEnds();
	},
);

it('skips: the item goes to the output of skipped ones', async () => {
	const parameters = { splitByStatus: true };
	const run = await sides.run('syncBoth', { ifRunning: 'skip', output: 'summary' }, { parameters });
	expect(run.outputs('Sync').map(({ length }) => length)).toEqual([0, 1, 0]);
	expect(run.items('Sync', 1)[0]?.pairedItem).toEqual({ item: 0 });
	await otherEnds();
});

it.each(OPERATIONS)('%s fails: the error says who has the folder, and since when', async (operation) => {
	world.forgetRequests();
	const { error } = await sides.run(operation, { ifRunning: 'fail' });
	expect(error?.message).toMatch(owner());
	expect(error?.message).toContain(`"${sides.folder}"`);
	expect(error?.description).toContain('"If Already Running"');
	expect(world.requests).toEqual([]);
	await otherEnds();
});

it('fails: with Continue it is one failed item', async () => {
	const settings = { onError: 'continueRegularOutput' as const };
	const run = await sides.run('syncBoth', { ifRunning: 'fail' }, { settings });
	expect(jsonOf(run)).toMatchObject([{ status: 'failed', error: expect.stringMatching(owner()) as string }]);
	await otherEnds();
});
