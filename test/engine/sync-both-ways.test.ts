import { createHash } from 'node:crypto';
import { stat, utimes } from 'node:fs/promises';

import { jsonOf, linesOf, Sides } from './sync-sides';
import { startWorld, type World } from './world';

let world: World;
let sides: Sides;
beforeAll(async () => (world = await startWorld()));
beforeEach(async () => (sides = await Sides.open(world)));
afterEach(() => sides.close());
afterAll(() => world.close());

const idOf = (name: string) =>
	world.service.files().find(({ chatId, filename }) => chatId === sides.chatId && filename === name)?.id ??
	'';

/** `a.txt` was the same on both sides, and was edited on both since; the one of the chat later, unless it is said otherwise. */
async function editedOnBoth({ localIsLater = false } = {}): Promise<void> {
	await sides.write('a.txt', 'old');
	await sides.sync('syncBoth');
	if (localIsLater) await sides.put('a.txt', 'of the chat');
	await sides.write('a.txt', 'of the folder');
	if (!localIsLater) await sides.put('a.txt', 'of the chat');
}

it('copies what is new, replaces what changed, leaves what is equal, and does nothing the second time', async () => {
	for (const name of ['equal', 'edited here', 'edited there']) await sides.write(name, `old ${name}`);
	await sides.sync('syncBoth');
	await sides.write('edited here', 'new');
	await sides.put('edited there', 'new');
	await sides.write('new here', '1');
	await sides.put('new there', '2');

	expect(await sides.sync('syncBoth')).toEqual([
		'edited here: success uploaded',
		'edited there: success downloaded',
		'equal: skipped unchanged',
		'new here: success uploaded',
		'new there: success downloaded',
	]);
	const same = ['edited here: new', 'edited there: new', 'equal: old equal', 'new here: 1', 'new there: 2'];
	expect([await sides.locals(), await sides.remotes()]).toEqual([same, same]);
	await sides.assertStable('syncBoth', {}, 3);
});

it('a first run is a union: what is equal is taken in without a transfer', async () => {
	await sides.write('equal', 'same');
	await sides.put('equal', 'same');
	await sides.write('here', '1');
	await sides.put('there', '2');

	expect(await sides.sync('syncBoth')).toEqual([
		'equal: skipped unchanged',
		'here: success uploaded',
		'there: success downloaded',
	]);
	await sides.assertStable('syncBoth', {}, 3);
});

it('is about the files of the folder itself; a folder that is missing is made', async () => {
	await sides.write('sub/deep', '1');
	await sides.put('there', '2');

	expect(await sides.sync('syncBoth')).toEqual(['there: success downloaded']);
	expect(await sides.remotes()).toEqual(['there: 2']);
	const { folder } = sides;
	const run = await sides.run('syncBoth', {}, { parameters: { localDirectory: `${folder}/new/one` } });
	expect(linesOf(run)).toEqual(['there: success downloaded']);
	expect((await stat(`${folder}/new/one/there`)).isFile()).toBe(true);
});

describe('On Conflict', () => {
	it('keepBoth, as it is by default: both contents on both sides, and stable from then on', async () => {
		await editedOnBoth();
		const kept = `a (conflict ${idOf('a.txt')}).txt`;
		const [preview] = [jsonOf(await sides.run('syncBoth', { dryRun: true }))];
		const items = jsonOf(await sides.run('syncBoth'));

		const same = [`${kept}: of the chat`, 'a.txt: of the folder'].sort();
		expect([await sides.locals(), await sides.remotes()]).toEqual([same, same]);
		expect(items).toContainEqual(
			expect.objectContaining({
				status: 'success',
				action: 'conflict',
				fileName: 'a.txt',
				reason: expect.stringContaining(kept) as string,
			}),
		);
		expect(preview.map(({ fileName, action }) => [fileName, action])).toEqual(
			items.map(({ fileName, action }) => [fileName, action]),
		);
		await sides.assertStable('syncBoth', {}, 3);

		// Both are ordinary files from then on.
		await sides.write(kept, 'edited');
		expect(await sides.sync('syncBoth')).toEqual(
			[`${kept}: success uploaded`, 'a.txt: skipped unchanged'].sort(),
		);
	});

	it.each([
		['local', {}, 'of the folder'],
		['local', { localIsLater: true }, 'of the folder'],
		['remote', {}, 'of the chat'],
		['remote', { localIsLater: true }, 'of the chat'],
		['newest', {}, 'of the chat'],
		['newest', { localIsLater: true }, 'of the folder'],
	] as const)('%s %j: one content on both sides, said as a conflict', async (conflict, when, content) => {
		await editedOnBoth(when);
		expect(await sides.sync('syncBoth', { conflict })).toEqual(['a.txt: success conflict']);
		const same = [`a.txt: ${content}`];
		expect([await sides.locals(), await sides.remotes()]).toEqual([same, same]);
		await sides.assertStable('syncBoth', {}, 3);
	});

	it('different content at a first run is a conflict too', async () => {
		await sides.write('a', 'of the folder');
		await sides.put('a', 'of the chat');
		const kept = `a (conflict ${idOf('a')})`;
		await sides.sync('syncBoth');

		const same = [`${kept}: of the chat`, 'a: of the folder'].sort();
		expect([await sides.locals(), await sides.remotes()]).toEqual([same, same]);
		await sides.assertStable('syncBoth', {}, 3);
	});

	it('the same edit on both sides is none', async () => {
		await sides.write('a', 'old');
		await sides.sync('syncBoth');
		await sides.write('a', 'new');
		await sides.put('a', 'new');

		expect(await sides.sync('syncBoth')).toEqual(['a: skipped unchanged']);
		await sides.assertStable('syncBoth', {}, 3);
	});

	it('an unknown choice is refused in the words of the panel', async () => {
		const { error } = await sides.run('syncBoth', { conflict: 'mine' });
		expect(error?.message).toBe('On Conflict is unknown: "mine"');
	});
});

it('a file that was only touched is unchanged', async () => {
	await sides.write('a', 'same');
	await sides.sync('syncBoth');
	await utimes(sides.path('a'), new Date(), new Date());

	expect(await sides.sync('syncBoth')).toEqual(['a: skipped unchanged']);
	const [stored] = world.service.files().filter(({ chatId }) => chatId === sides.chatId);
	expect(stored?.hashcode).toBe(createHash('md5').update('same').digest('hex'));
});
