import { jsonOf, Sides } from './sync-sides';
import { startWorld, type World } from './world';

let world: World;
let sides: Sides;
beforeAll(async () => (world = await startWorld()));
beforeEach(async () => (sides = await Sides.open(world)));
afterEach(() => sides.close());
afterAll(() => world.close());

const contents = (files: string[]) => files.map((file) => file.slice(file.lastIndexOf(': ') + 2)).sort();

describe.each([{}, { propagateDeletes: true }])(
	'no file replaces another, a second run does nothing: %j',
	(options) => {
		it.each(['syncToLocal', 'syncBoth'] as const)('%s: three of one name in the chat', async (operation) => {
			for (const content of ['one', 'two', 'three']) await sides.add('a.txt', content);
			const items = jsonOf(await sides.run(operation, options));

			expect(items.map(({ status }) => status)).toEqual(['success', 'success', 'success']);
			expect(contents(await sides.locals())).toEqual(['one', 'three', 'two']);
			expect(await sides.locals()).toContain('a.txt: one');
			expect(contents(await sides.remotes())).toEqual(['one', 'three', 'two']);
			await sides.assertStable(operation, options);
		});

		it('syncBoth: two of one name in the chat, and another one in the folder', async () => {
			for (const content of ['one', 'two']) await sides.add('a.txt', content);
			await sides.write('a.txt', 'mine');
			await sides.run('syncBoth', options);

			for (const side of [await sides.locals(), await sides.remotes()])
				expect(contents(side)).toEqual(['mine', 'one', 'two']);
			expect(await sides.locals()).toContain('a.txt: mine');
			await sides.assertStable('syncBoth', options);
		});

		it('syncToRemote: one name in several subfolders', async () => {
			for (const folder of ['x', 'y', 'z']) await sides.write(`${folder}/a.txt`, `of ${folder}`);
			await sides.run('syncToRemote', { ...options, ifExists: 'skipUnchanged' });

			expect(contents(await sides.remotes())).toEqual(['of x', 'of y', 'of z']);
			await sides.assertStable('syncToRemote', { ...options, ifExists: 'skipUnchanged' });
		});

		it.each(['syncToLocal', 'syncBoth'] as const)(
			'%s: names that differ in case or composition only, on a disk that tells them apart',
			async (operation) => {
				const names = ['\u00e9.txt', 'e\u0301.txt', 'a.txt', 'A.txt'];
				for (const [index, name] of names.entries()) await sides.put(name, String(index));
				await sides.run(operation, options);

				expect(await sides.locals()).toEqual(names.map((name, index) => `${name}: ${index}`).sort());
				await sides.assertStable(operation, options);
			},
		);
	},
);
