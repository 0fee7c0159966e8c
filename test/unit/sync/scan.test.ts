import { lstat, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { eachTestHas, short, type SyncWorld } from './world';

/** What a sync finds out before it decides. */

let world: SyncWorld;

eachTestHas((fresh) => (world = fresh));

/** The names that the chat's files would have in the folder. */
const places = async () =>
	(await world.toLocal({ dryRun: true })).map(({ localPath }) => String(localPath).split('/').at(-1)).sort();

it('a disk that may know no case is not asked by writing in a dry run: two names stay apart', async () => {
	await rename(world.folder, (world.folder = join(world.folder, '..', '1')));
	world.put('a', 'small');
	world.put('A', 'large');
	// Neither the folder nor anything in it has a letter, so there is nothing that would answer.
	expect(await places()).toEqual(['A (1001)', 'a']);
	expect(await world.own()).toEqual([]);
});

it('what is in the folder side by side is told apart there', async () => {
	await rename(world.folder, (world.folder = join(world.folder, '..', '1')));
	for (const name of ['a', 'A']) {
		await world.write(name, 'mine');
		world.put(name, 'mine');
	}
	expect(await places()).toEqual(['A', 'a']);
	expect((await world.both()).map(short).sort()).toEqual(['A: skipped unchanged', 'a: skipped unchanged']);
});

it('a folder that is still to be made takes every name as it is', async () => {
	world.folder = join(world.folder, 'new');
	const names = ['A', 'a', 'e\u0301', '\u00e9'];
	for (const name of names) world.put(name, name);
	expect(await places()).toEqual(names);
});

it('a memory that the policy does not allow is neither read nor written', async () => {
	await world.write('a', 'mine');
	await world.both();
	const [memory = ''] = await world.own();
	expect(memory).toContain('memory');
	await world.write('b', 'mine');
	const isPathAllowed = (path: string) => !path.includes('.bdd-file-memory');
	await world.dropLocal('a');
	// Without the memory nobody knows that it was here.
	const items = await world.both({ isPathAllowed, propagateDeletes: true });
	expect(items.map(short).sort()).toEqual(['a: success downloaded', 'b: success uploaded']);
});

it.each([
	['without a memory, by the time of its upload', {}, true],
	['in the memory, and its time stays', { propagateDeletes: true }, false],
])('what was found to be the same is known from then on: %s', async (_where, options, isMarked) => {
	await world.write('a', 'same');
	world.put('a', 'same');
	expect((await world.toLocal(options)).map(short)).toEqual(['a: skipped unchanged']);
	const uploadedMs = Date.parse(world.remote.files[0]?.upload_at ?? '');
	expect((await lstat(world.path('a'))).mtimeMs === uploadedMs).toBe(isMarked);
});
