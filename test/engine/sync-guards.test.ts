import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';

import { SecurityConfig } from '@n8n/config';
import { Container } from '@n8n/di';
import type { IDataObject } from 'n8n-workflow';

import { faults } from '../../harness/fault-proxy';
import { jsonOf, linesOf, OPERATIONS, Sides } from './sync-sides';
import { PROXIED, startWorld, type SyncOperation, type World } from './world';

const ON = { propagateDeletes: true };
const NAMES = Array.from({ length: 20 }, (_, index) => `file-${String(index).padStart(2, '0')}`);
const ALL = NAMES.map((name) => `${name}: of ${name}`);

let world: World;
let sides: Sides;
beforeAll(async () => (world = await startWorld()));
beforeEach(async () => {
	world.proxy.clearScript();
	sides = await Sides.open(world);
});
afterEach(() => sides.close());
afterAll(() => world.close());

/** Twenty files on both sides, and an earlier run has seen them. */
async function synced(operation: SyncOperation): Promise<void> {
	for (const name of NAMES) {
		if (operation === 'syncToLocal') await sides.put(name, `of ${name}`);
		else await sides.write(name, `of ${name}`);
	}
	await sides.sync(operation, ON);
	expect([await sides.locals(), await sides.remotes()]).toEqual([ALL, ALL]);
}

const deletions = (items: IDataObject[]) =>
	items.filter(({ action }) => action === 'deletedLocal' || action === 'deletedRemote');

describe('Max Delete', () => {
	it.each([
		['syncToLocal', 'in the chat'],
		['syncToRemote', 'in the folder'],
		['syncBoth', 'in the chat'],
		['syncBoth', 'in the folder'],
	] as const)(
		'%s, 15 of 20 files gone %s: nothing is done, the error has both numbers',
		async (operation, where) => {
			await synced(operation);
			for (const name of NAMES.slice(0, 15)) {
				if (where === 'in the chat') await sides.dropRemote(name);
				else await sides.dropLocal(name);
			}
			await sides.write('new here', '1');
			await sides.put('new there', '2');
			const before = [await sides.locals(), await sides.remotes()];

			for (const options of [ON, { ...ON, dryRun: true }]) {
				const { error } = await sides.run(operation, options);
				expect(error?.message).toMatch(/15 of the 20 files .* would be deleted in the .*, and at most 50 %/);
				expect(error?.description).toMatch(/Nothing was changed.*"Max Delete \(%\)" to 75 or more/);
			}
			expect([await sides.locals(), await sides.remotes()]).toEqual(before);

			// The way to allow it that the error names.
			expect(deletions(jsonOf(await sides.run(operation, { ...ON, maxDelete: 75 })))).toHaveLength(15);
		},
	);

	it('is read with its bounds', async () => {
		const { error } = await sides.run('syncBoth', { maxDelete: 101 });
		expect(error?.message).toBe('Max Delete (%) must be a number from 0 to 100');
	});
});

describe('nothing is deleted anywhere', () => {
	it.each(['syncToRemote', 'syncBoth'] as const)('%s: the folder was emptied', async (operation) => {
		await synced(operation);
		// As a person does it: our hidden files stay.
		for (const name of NAMES) await sides.dropLocal(name);
		const { error } = await sides.run(operation, ON);

		expect(error?.message).toMatch(/20 of the 20 files/);
		expect(await sides.remotes()).toEqual(ALL);
	});

	it.each(['syncToLocal', 'syncBoth'] as const)('%s: the chat was emptied', async (operation) => {
		await synced(operation);
		for (const name of NAMES) await sides.dropRemote(name);
		const { error } = await sides.run(operation, ON);

		expect(error?.message).toMatch(/20 of the 20 files/);
		expect(await sides.locals()).toEqual(ALL);
	});

	it.each(OPERATIONS)('%s: the folder is not mounted, its mount point is empty', async (operation) => {
		await synced(operation);
		await rename(sides.folder, `${sides.folder}-elsewhere`);
		await mkdir(sides.folder);
		const items = jsonOf(await sides.run(operation, ON));

		expect(deletions(items)).toEqual([]);
		expect(await sides.remotes()).toEqual(ALL);
		expect(await sides.locals()).toEqual(operation === 'syncToRemote' ? [] : ALL);
	});

	it('syncToRemote: the mount point is not there either', async () => {
		await synced('syncToRemote');
		await rename(sides.folder, `${sides.folder}-elsewhere`);
		const { error } = await sides.run('syncToRemote', ON);

		expect(error?.message).toMatch(/does not exist/);
		expect(await sides.remotes()).toEqual(ALL);
	});

	it.each(OPERATIONS)('%s: the memory was deleted', async (operation) => {
		await synced(operation);
		await rm(await sides.memory());
		await sides.dropLocal('file-00');
		await sides.dropRemote('file-01');
		const items = jsonOf(await sides.run(operation, ON));

		expect(deletions(items)).toEqual([]);
		expect(await sides.locals()).toContain('file-01: of file-01');
		expect(await sides.remotes()).toContain('file-00: of file-00');
	});

	it.each(OPERATIONS)('%s: the memory is damaged, and the error says what to do', async (operation) => {
		await synced(operation);
		const memory = await sides.memory();
		await writeFile(memory, (await readFile(memory, 'utf8')).slice(0, -10));
		await sides.dropLocal('file-00');
		await sides.dropRemote('file-01');
		const before = [await sides.locals(), await sides.remotes()];
		const { error } = await sides.run(operation, ON);

		expect(error?.message).toContain('.bdd-file-memory');
		expect(error?.description).toMatch(/remove "\.bdd-file-memory/);
		expect([await sides.locals(), await sides.remotes()]).toEqual(before);
	});

	it.each(['syncToLocal', 'syncBoth'] as const)(
		'%s: a file of the folder cannot be read',
		async (operation) => {
			await synced(operation);
			await sides.dropLocal('file-00');
			await sides.dropRemote('file-01');
			execFileSync('sh', ['-c', 'cd "$1" && printf x > "$(printf "x\\377")"', '-', sides.folder]);
			const run = await sides.run(operation, ON);

			expect(deletions(jsonOf(run))).toEqual([]);
			expect(jsonOf(run).filter(({ notDeleted }) => notDeleted === 'unreadableFolder')).toHaveLength(
				operation === 'syncBoth' ? 2 : 1,
			);
			expect(await readdir(sides.folder)).toContain('file-01');
			expect(await sides.remotes()).toContain('file-00: of file-00');
		},
	);

	it('syncToRemote: a subfolder cannot be read, and the output panel says so', async () => {
		await synced('syncToRemote');
		await sides.dropLocal('file-00');
		// Node cannot find a name that is not UTF-8, whoever asks: not even root, as a test may be.
		execFileSync('sh', ['-c', 'cd "$1" && mkdir "$(printf "sub\\377")"', '-', sides.folder]);
		const run = await sides.run('syncToRemote', ON);

		expect(deletions(jsonOf(run))).toEqual([]);
		expect(await sides.remotes()).toEqual(ALL);
		expect(run.hints('Sync').map(({ message }) => message)).toEqual([
			expect.stringMatching(/^1 of 21 files failed/) as string,
			expect.stringContaining(
				'cannot be read or is not allowed, and is not excluded, so nothing is deleted',
			) as string,
		]);
	});

	it.each(OPERATIONS)(
		"%s: something in the folder has a name that n8n's policy forbids",
		async (operation) => {
			await synced(operation);
			await sides.dropLocal('file-00');
			await sides.dropRemote('file-01');
			await rename(sides.path('file-02'), sides.path('.git'));
			const run = await sides.run(operation, ON);

			expect(deletions(jsonOf(run))).toEqual([]);
			expect(await sides.locals()).toContain('file-01: of file-01');
			expect(await sides.remotes()).toContain('file-00: of file-00');
			expect(await sides.remotes()).toContain('file-02: of file-02');
		},
	);

	it('syncToRemote: a subfolder is renamed so that n8n hides it, until it is excluded', async () => {
		await sides.write('sub/inside', 'of sub');
		await sides.write('outside', 'of folder');
		await sides.sync('syncToRemote', ON);
		await rename(sides.path('sub'), sides.path('.git'));
		const run = await sides.run('syncToRemote', ON);

		expect(linesOf(run)).toEqual(['.git: failed none', 'inside: skipped none', 'outside: skipped unchanged']);
		expect(await sides.remotes()).toEqual(['inside: of sub', 'outside: of folder']);
		expect(run.hints('Sync').map(({ message }) => message)).toEqual([
			expect.stringMatching(/^1 of 3 files failed/) as string,
			expect.stringContaining(
				'cannot be read or is not allowed, and is not excluded, so nothing is deleted',
			) as string,
		]);
		expect(await sides.sync('syncToRemote', { ...ON, exclude: '.git/**' })).toEqual([
			'inside: success deletedRemote',
			'outside: skipped unchanged',
		]);
	});

	it("syncToRemote: n8n's policy forbids a subfolder that was synced before", async () => {
		await sides.write('sub/inside', 'of sub');
		await sides.write('outside', 'of folder');
		await sides.sync('syncToRemote', ON);
		const policy = Container.get(SecurityConfig);
		const { blockFilePatterns } = policy;
		policy.blockFilePatterns = '/sub(/|$)';
		try {
			expect(deletions(jsonOf(await sides.run('syncToRemote', ON)))).toEqual([]);
		} finally {
			policy.blockFilePatterns = blockFilePatterns;
		}
		expect(await sides.remotes()).toEqual(['inside: of sub', 'outside: of folder']);
	});

	it.each(OPERATIONS)('%s: the list is cut short', async (operation) => {
		await synced(operation);
		await sides.dropLocal('file-00');
		const before = [await sides.locals(), await sides.remotes()];
		for (const fault of [
			faults.cutResponse(400, 'reset'),
			faults.cutResponse(400, 'fin'),
			faults.answer(200, { body: { code: 0, message: 'ok', data: { files: [], total: 20 } } }),
		]) {
			world.proxy.clearScript();
			world.proxy.script({ on: 'GET /listChatFiles', times: Infinity, fault });
			const { error } = await sides.run(operation, { ...ON, maxTries: 1 }, { settings: PROXIED });
			expect(error?.message).toContain(`Listing chat "${sides.chatId}"`);
		}
		expect([await sides.locals(), await sides.remotes()]).toEqual(before);
		expect(await readdir(sides.folder)).not.toContain('.bdd-file-trash');
	});
});
