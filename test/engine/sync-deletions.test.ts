import { readdir } from 'node:fs/promises';

import { OPERATIONS, Sides, jsonOf } from './sync-sides';
import { startWorld, text, type SyncOperation, type World } from './world';

const ON = { propagateDeletes: true };

let world: World;
let sides: Sides;
beforeAll(async () => (world = await startWorld()));
beforeEach(async () => (sides = await Sides.open(world)));
afterEach(() => sides.close());
afterAll(() => world.close());

/** `a` and `b` are on both sides, and an earlier run of the operation has seen it. */
async function synced(operation: SyncOperation): Promise<void> {
	for (const name of ['a', 'b']) {
		if (operation === 'syncToLocal') await sides.put(name, `old ${name}`);
		else await sides.write(name, `old ${name}`);
	}
	await sides.sync(operation, ON);
	expect([await sides.locals(), await sides.remotes()]).toEqual([
		['a: old a', 'b: old b'],
		['a: old a', 'b: old b'],
	]);
}

/** What has happened to `a` since. */
const SINCE: Record<string, () => Promise<void>> = {
	'gone in the chat, local file unchanged': () => sides.dropRemote('a'),
	'gone in the chat, local file changed': async () => {
		await sides.dropRemote('a');
		await sides.write('a', 'edited');
	},
	"gone locally, chat's file unchanged": () => sides.dropLocal('a'),
	'gone locally, the chat has a newer one': async () => {
		await sides.dropLocal('a');
		await sides.put('a', 'newer');
	},
};

/** The item of `a`, and what is on each side afterwards besides `b`. */
interface Cell {
	item: string;
	local: string[];
	remote: string[];
}

const GONE = { local: [], remote: [] };

const TABLE: Array<[since: string, operation: SyncOperation, expected: Cell]> = [
	['gone in the chat, local file unchanged', 'syncToLocal', { item: 'success deletedLocal', ...GONE }],
	[
		'gone in the chat, local file unchanged',
		'syncToRemote',
		{ item: 'success uploaded', local: ['a: old a'], remote: ['a: old a'] },
	],
	['gone in the chat, local file unchanged', 'syncBoth', { item: 'success deletedLocal', ...GONE }],
	[
		'gone in the chat, local file changed',
		'syncToLocal',
		{ item: 'skipped none', local: ['a: edited'], remote: [] },
	],
	[
		'gone in the chat, local file changed',
		'syncToRemote',
		{ item: 'success uploaded', local: ['a: edited'], remote: ['a: edited'] },
	],
	[
		'gone in the chat, local file changed',
		'syncBoth',
		{ item: 'success uploaded', local: ['a: edited'], remote: ['a: edited'] },
	],
	[
		"gone locally, chat's file unchanged",
		'syncToLocal',
		{ item: 'success downloaded', local: ['a: old a'], remote: ['a: old a'] },
	],
	["gone locally, chat's file unchanged", 'syncToRemote', { item: 'success deletedRemote', ...GONE }],
	["gone locally, chat's file unchanged", 'syncBoth', { item: 'success deletedRemote', ...GONE }],
	[
		'gone locally, the chat has a newer one',
		'syncToLocal',
		{ item: 'success downloaded', local: ['a: newer'], remote: ['a: newer'] },
	],
	[
		'gone locally, the chat has a newer one',
		'syncToRemote',
		{ item: 'skipped none', local: [], remote: ['a: newer'] },
	],
	[
		'gone locally, the chat has a newer one',
		'syncBoth',
		{ item: 'success downloaded', local: ['a: newer'], remote: ['a: newer'] },
	],
];

describe('Propagate Deletions: since the last run', () => {
	it.each(TABLE)('%s: %s', async (since, operation, { item, local, remote }) => {
		await synced(operation);
		await SINCE[since]?.();

		const preview = await sides.run(operation, { ...ON, dryRun: true });
		const run = await sides.run(operation, ON);
		const items = jsonOf(run);
		const ofA = items.find(({ fileName }) => fileName === 'a');

		expect(`${text(ofA, 'status')} ${text(ofA, 'action')}`).toBe(item);
		expect(await sides.locals()).toEqual([...local, 'b: old b']);
		expect(await sides.remotes()).toEqual([...remote, 'b: old b']);
		// A dry run says the same before.
		const actions = (list: typeof items) => list.map(({ fileName, action }) => [fileName, action]);
		expect(actions(jsonOf(preview))).toEqual(actions(items));
		// What was kept is said: on the item and in the output panel.
		const kept = item === 'skipped none';
		expect(ofA?.reason !== undefined).toBe(kept);
		expect(run.hints('Sync').map(({ message }) => message)).toEqual(
			kept
				? [
						expect.stringMatching(
							/^Not deleted, although gone on the other side: 1 file\. 1 \(.+\)\./,
						) as string,
					]
				: [],
		);
	});

	it.each(OPERATIONS)('was never synced: %s never touches it', async (operation) => {
		await synced(operation);
		await sides.write('only here', '1');
		await sides.put('only there', '2');
		const before = [await sides.locals(), await sides.remotes()];
		const lines = await sides.sync(operation, ON);

		expect(lines.filter((line) => line.includes('deleted'))).toEqual([]);
		expect(await sides.locals()).toEqual(expect.arrayContaining(before[0] ?? []));
		expect(await sides.remotes()).toEqual(expect.arrayContaining(before[1] ?? []));
	});

	it.each(OPERATIONS)(
		'%s without the option: nothing is removed, what is gone comes back',
		async (operation) => {
			await synced(operation);
			await sides.dropRemote('a');
			await sides.dropLocal('b');
			await sides.sync(operation);

			const down = operation !== 'syncToRemote';
			const up = operation !== 'syncToLocal';
			expect(await sides.locals()).toEqual(['a: old a', ...(down ? ['b: old b'] : [])]);
			expect(await sides.remotes()).toEqual([...(up ? ['a: old a'] : []), 'b: old b']);
		},
	);
});

describe('Days in Trash', () => {
	it('what is removed from the folder lies in its trash, by date', async () => {
		await synced('syncBoth');
		await sides.dropRemote('a');
		await sides.sync('syncBoth', ON);

		const [date = ''] = await readdir(sides.path('.bdd-file-trash'));
		expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
		expect(await readdir(sides.path(`.bdd-file-trash/${date}`))).toEqual(['a']);
		// The trash is no part of what is synced.
		expect(await sides.sync('syncToRemote', ON)).toEqual(['b: skipped unchanged']);
	});

	it('0 removes it at once', async () => {
		await synced('syncToLocal');
		await sides.dropRemote('a');
		await sides.sync('syncToLocal', { ...ON, trashDays: 0 });

		expect((await sides.own()).filter((name) => name.endsWith('/a'))).toEqual([]);
		expect(await sides.locals()).toEqual(['b: old b']);
	});
});
