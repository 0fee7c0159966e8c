import type { IDataObject } from 'n8n-workflow';

import { faults } from '../../harness/fault-proxy';
import { jsonOf, linesOf, OPERATIONS, Sides } from './sync-sides';
import { PROXIED, startWorld, step, sync, type SyncOperation, type World } from './world';

let world: World;
let sides: Sides;
beforeAll(async () => (world = await startWorld()));
beforeEach(async () => {
	world.proxy.clearScript();
	sides = await Sides.open(world);
});
afterEach(() => sides.close());
afterAll(() => world.close());

/** `a` is equal on both sides, `b` only in the folder, `c` only in the chat. */
async function abc(): Promise<void> {
	await sides.write('a', 'same');
	await sides.put('a', 'same');
	await sides.write('b', 'of b');
	await sides.put('c', 'of c');
}

/** The service refuses uploads of these names. */
function refuse(...names: string[]): void {
	world.proxy.script({
		on: 'POST /uploadSimpleFile',
		params: ({ filename }) => names.includes(String(filename)),
		times: Infinity,
		fault: faults.answer(200, { body: { code: 7, data: null, message: 'quota exceeded' } }),
	});
}

const ITEMS: Record<SyncOperation, string[]> = {
	syncToLocal: ['a: skipped unchanged', 'c: success downloaded'],
	syncToRemote: ['a: skipped unchanged', 'b: success uploaded'],
	syncBoth: ['a: skipped unchanged', 'b: success uploaded', 'c: success downloaded'],
};

/** By default an upload leaves every name that the chat has, whatever its content, so nobody knows what is unchanged. */
const COMPARING: Record<SyncOperation, IDataObject> = {
	syncToLocal: {},
	syncToRemote: { ifExists: 'skipUnchanged' },
	syncBoth: {},
};

describe('Output', () => {
	it.each(OPERATIONS)('%s all: an item for each file, status and action first', async (operation) => {
		await abc();
		const run = await sides.run(operation, { ...COMPARING[operation], output: 'all' });

		expect(linesOf(run)).toEqual(ITEMS[operation]);
		for (const json of jsonOf(run)) expect(Object.keys(json).slice(0, 2)).toEqual(['status', 'action']);
	});

	it.each(OPERATIONS)('%s changes: the same without unchanged ones', async (operation) => {
		await abc();
		expect(await sides.sync(operation, { ...COMPARING[operation], output: 'changes' })).toEqual(
			ITEMS[operation].slice(1),
		);

		const run = await sides.run(operation, { ...COMPARING[operation], output: 'changes' });
		expect(jsonOf(run)).toEqual([]);
		expect(run.hints('Sync')).toEqual([
			expect.objectContaining({
				type: 'info',
				message: expect.stringMatching(/^Nothing has changed, so no item comes out.*"Summary"/) as string,
			}),
		]);
	});

	it('syncToRemote changes, as it is by default: no item for a name that the chat has', async () => {
		await abc();
		await sides.write('other', 'mine');
		await sides.put('other', 'theirs');
		expect(await sides.sync('syncToRemote')).toEqual([
			'a: skipped none',
			'b: success uploaded',
			'other: skipped none',
		]);
		const run = await sides.run('syncToRemote', { output: 'changes' });
		expect(jsonOf(run)).toEqual([]);
		expect(run.hints('Sync')).toHaveLength(1);
		expect(jsonOf(await sides.run('syncToRemote', { output: 'summary' }))).toMatchObject([
			{ total: 3, unchanged: 0, skipped: 3, uploaded: 0 },
		]);
	});

	it.each(OPERATIONS)(
		'%s summary: what was not deleted is counted by its reason, and said',
		async (operation) => {
			await abc();
			await sides.sync('syncBoth', { propagateDeletes: true });
			if (operation !== 'syncToRemote') {
				await sides.dropRemote('a');
				await sides.write('a', 'edited');
			}
			if (operation !== 'syncToLocal') {
				await sides.dropLocal('b');
				await sides.put('b', 'newer');
			}
			const run = await sides.run(operation, { propagateDeletes: true, output: 'summary' });
			const [summary] = jsonOf(run);
			const [reason, words] = {
				syncToLocal: ['changedLocally', 'changed in the folder since the last sync'],
				syncToRemote: ['changedRemotely', 'the chat has another file of that name since the last sync'],
				// What was edited comes back, so nothing is left to be told.
				syncBoth: [undefined, undefined],
			}[operation];
			expect(summary?.notDeleted).toEqual(reason && { [reason]: 1 });
			expect(run.hints('Sync').map(({ message }) => message)).toEqual(
				reason
					? [
							`Not deleted, although gone on the other side: 1 file. 1 (${words ?? ''}). ` +
								'The field "notDeleted" has the counts too.',
						]
					: [],
			);
		},
	);

	it.each(OPERATIONS)('%s summary: one item with the counts', async (operation) => {
		await abc();
		const [down, up] = [operation !== 'syncToRemote' ? 1 : 0, operation !== 'syncToLocal' ? 1 : 0];
		const run = await sides.run(operation, { ...COMPARING[operation], output: 'summary' });

		expect(jsonOf(run)).toEqual([
			{
				status: 'success',
				chatId: sides.chatId,
				localDirectory: sides.folder,
				total: 1 + down + up,
				uploaded: up,
				downloaded: down,
				deleted: 0,
				conflicts: 0,
				unchanged: 1,
				skipped: 0,
				failed: 0,
				bytes: 4 * (down + up),
				seconds: expect.any(Number) as number,
				failures: [],
			},
		]);
		expect(run.items('Sync')[0]?.pairedItem).toEqual({ item: 0 });
		expect(run.hints('Sync')).toEqual([]);
	});

	it.each(OPERATIONS)(
		'%s summary of an empty chat and folder: one item, so that a loop goes on',
		async (operation) => {
			expect(
				jsonOf(await sides.run(operation, { ...COMPARING[operation], output: 'summary' })),
			).toMatchObject([{ status: 'success', total: 0 }]);
			const all = await sides.run(operation);
			expect(jsonOf(all)).toEqual([]);
			expect(all.hints('Sync')).toEqual([
				expect.objectContaining({ message: expect.stringMatching(/^There is no file to sync/) as string }),
			]);
		},
	);

	it('summary of 400 files of which 40 fail is under 10 KB, and goes to Failed', async () => {
		for (let index = 0; index < 400; index++) {
			// No local file can have this name: it is refused with a sentence of its own.
			const filename =
				index % 10 === 0 ? `../${'long'.repeat(10)}-${index}` : `${'file'.repeat(10)}-${index}`;
			await world.service.addFile({ filename, chatId: sides.chatId });
		}
		const run = await sides.run(
			'syncToLocal',
			{ output: 'summary' },
			{ parameters: { splitByStatus: true } },
		);
		const [succeeded, skipped, failed] = run.outputs('Sync').map((items) => items.map(({ json }) => json));

		expect([succeeded, skipped]).toEqual([[], []]);
		expect(failed).toMatchObject([{ status: 'failed', total: 400, downloaded: 360, failed: 40 }]);
		expect(failed?.[0]?.failures).toHaveLength(20);
		expect(JSON.stringify(run.raw.data.resultData.runData.Sync).length).toBeLessThan(10_000);
		expect(run.hints('Sync').map(({ message }) => message)).toEqual([
			'40 of 400 files failed. The field "failures" holds the first ones with their reasons.',
		]);
	}, 120_000);

	it('summary without a failure goes to Success', async () => {
		await abc();
		const run = await sides.run('syncBoth', { output: 'summary' }, { parameters: { splitByStatus: true } });
		expect(run.outputs('Sync').map(({ length }) => length)).toEqual([1, 0, 0]);
	});

	it.each(OPERATIONS)('%s: a dry run gives the same actions and changes nothing', async (operation) => {
		await abc();
		const before = [await sides.locals(), await sides.remotes(), await sides.own()];
		const actions = async (dryRun: boolean) =>
			jsonOf(await sides.run(operation, { dryRun })).map(({ fileName, action }) => [fileName, action]);
		const planned = await actions(true);

		expect([await sides.locals(), await sides.remotes(), await sides.own()]).toEqual(before);
		expect(planned).toEqual(await actions(false));
	});
});

describe('Fail If Any File Failed', () => {
	it('everything else is done first; the error has the counts and the first reasons', async () => {
		for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await sides.write(name, name);
		refuse('a', 'b', 'c', 'd');
		const run = await sides.run('syncToRemote', { failIfAnyFailed: true }, { settings: PROXIED });

		expect(run.status).toBe('error');
		expect(run.error?.message).toBe(
			`4 of 6 files failed in the sync of chat "${sides.chatId}" with the folder "${sides.folder}"`,
		);
		expect(run.error?.description).toMatch(
			/^a: .*quota exceeded.* b: .* c: .* And 1 more\. Everything else was done/,
		);
		expect(await sides.remotes()).toEqual(['e: e', 'f: f']);
	});

	it('off, or without a failure, the node succeeds', async () => {
		await sides.write('a', 'a');
		refuse('a');
		expect((await sides.run('syncToRemote', {}, { settings: PROXIED })).status).toBe('success');
		expect((await sides.run('syncToRemote', { failIfAnyFailed: 'true' })).status).toBe('success');
	});

	it('with the output of a summary too', async () => {
		await sides.write('a', 'a');
		refuse('a');
		const { error } = await sides.run(
			'syncBoth',
			{ failIfAnyFailed: true, output: 'summary' },
			{ settings: PROXIED },
		);
		expect(error?.message).toMatch(/^1 of 1 file failed/);
		expect(error?.description).toMatch(/^a: .*quota exceeded/);
	});

	it('with several input items, the others are synced before the node fails', async () => {
		const other = await Sides.open(world);
		await sides.write('a', 'a');
		await other.write('b', 'b');
		refuse('a');
		const input = [sides, other].map(({ chatId, folder }) => ({ json: { chatId, folder } }));
		const parameters = {
			...sync('syncToRemote', '={{ $json.folder }}', { options: { failIfAnyFailed: true } }),
			chatId: '={{ $json.chatId }}',
		};
		const run = await world.run([step('Sync', parameters, PROXIED)], { input });

		expect(run.error?.message).toMatch(/^1 of 1 file failed/);
		expect(run.error).toMatchObject({ context: { itemIndex: 0 } });
		expect(await other.remotes()).toEqual(['b: b']);
		other.close();
	});

	it.each([
		['continueRegularOutput', ['success', 'failed', 'failed'], 0],
		['continueErrorOutput', ['success', 'failed'], 1],
	] as const)(
		'with On Error %s the files are items and the failure is one more',
		async (onError, first, second) => {
			await sides.write('a', 'a');
			await sides.write('b', 'b');
			refuse('b');
			const settings = { ...PROXIED, onError };
			const run = await sides.run('syncToRemote', { failIfAnyFailed: true }, { settings });

			expect(run.status).toBe('success');
			expect(run.items('Sync', 0).map(({ json }) => json.status)).toEqual(first);
			expect(run.items('Sync', 1)).toHaveLength(second);
		},
	);
});

describe('values from expressions', () => {
	it.each([
		['propagateDeletes', 'maybe', 'Propagate Deletions must be true or false'],
		['maxDelete', -1, 'Max Delete (%) must be a number from 0 to 100'],
		['trashDays', 'soon', 'Days in Trash must be a number from 0 to 36500'],
		['ifRunning', 'later', 'If Already Running is unknown: "later"'],
		['output', 'some', 'Output is unknown: "some"'],
		['failIfAnyFailed', '', 'Fail If Any File Failed must be true or false'],
	])('%s: %j is refused in the words of the panel, before a request', async (option, value, message) => {
		world.forgetRequests();
		for (const operation of OPERATIONS) {
			expect((await sides.run(operation, { [option]: value })).error?.message).toBe(message);
		}
		expect(world.requests).toEqual([]);
	});
});
