import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { WorkflowFile } from '../../harness/engine';
import { EXAMPLE_CREDENTIAL } from '../../harness/n8n-host/examples';
import { jsonOf, Sides } from './sync-sides';
import { startWorld, type World } from './world';

/** Workflows as people saved them with the first version of the node; never to be changed. */
const SAVED = path.join(__dirname, 'first-version');

const FOLDER = '/home/node/.n8n-files';

let world: World;
beforeAll(async () => {
	world = await startWorld();
	world.credentials[EXAMPLE_CREDENTIAL.id] = world.credentials.local ?? {};
});
afterAll(() => world.close());

async function saved(file: string): Promise<WorkflowFile> {
	const text = await readFile(path.join(SAVED, file), 'utf8');
	return JSON.parse(text.replaceAll(FOLDER, world.engine.filesFolder)) as WorkflowFile;
}

it('the folder holds workflows', async () => {
	expect(await readdir(SAVED)).toHaveLength(3);
});

it.each(['folder-round-trip.json', 'sync-chat-and-folder.json', 'upload-link-download.json'])(
	'%s runs as it was saved, again and again',
	async (file) => {
		await mkdir(world.folder('outbox'), { recursive: true });
		await writeFile(path.join(world.folder('outbox'), 'report.txt'), 'weekly');
		const workflow = await saved(file);
		for (let time = 0; time < 2; time++) {
			const run = await world.engine.run(workflow);
			expect(run.error).toBeUndefined();
			expect(run.status).toBe('success');
		}
	},
);

it('the sync of a saved workflow gives what it gave, and one field more', async () => {
	const workflow = await saved('sync-chat-and-folder.json');
	await mkdir(world.folder('outbox'), { recursive: true });
	await writeFile(path.join(world.folder('outbox'), 'once.txt'), 'once');
	const run = await world.engine.run(workflow);
	const up = run.items('Sync to Chat').map(({ json }) => json);

	expect(up).toContainEqual({
		status: 'success',
		action: 'uploaded',
		fileId: expect.any(Number) as number,
		fileName: 'once.txt',
		localPath: path.join(world.folder('outbox'), 'once.txt'),
		size: 4,
	});
	const again = await world.engine.run(workflow);
	expect(again.items('Sync to Chat')).toEqual([]);
	expect(again.items('Sync to Chat', 1).map(({ json }) => json.fileName)).toContain('once.txt');
});

it('the example of a sync both ways previews, then does what it said', async () => {
	const text = await readFile(path.join(__dirname, '../../workflows/sync-both-ways.json'), 'utf8');
	const workflow = JSON.parse(text.replaceAll(FOLDER, world.engine.filesFolder)) as WorkflowFile;
	await mkdir(world.folder('both-ways'));
	await writeFile(path.join(world.folder('both-ways'), 'plan.txt'), 'plan');
	const run = await world.engine.run(workflow);

	expect(run.error).toBeUndefined();
	expect(run.items('Preview').map(({ json }) => json)).toMatchObject([
		{ status: 'skipped', action: 'uploaded', fileName: 'plan.txt' },
	]);
	expect(run.items('Sync Both Ways').map(({ json }) => json)).toMatchObject([
		{ status: 'success', total: 1, uploaded: 1 },
	]);
});

describe('a node that was saved with an option of the first version', () => {
	let sides: Sides;
	beforeEach(async () => {
		sides = await Sides.open(world);
		await sides.put('a', 'of the chat');
		await sides.write('a', 'of the folder');
	});
	afterEach(() => sides.close());

	it.each([
		['syncToLocal', { ifExists: 'overwrite' }, 'a: of the chat', 'a: of the chat'],
		['syncToLocal', { ifExists: 'skip' }, 'a: of the folder', 'a: of the chat'],
		['syncToLocal', { ifExists: 'skipUnchanged' }, 'a: of the chat', 'a: of the chat'],
		// The default was to overwrite: the same content in the end.
		['syncToLocal', {}, 'a: of the chat', 'a: of the chat'],
		['syncToRemote', {}, 'a: of the folder', 'a: of the chat'],
		['syncToRemote', { ifExists: 'overwrite' }, 'a: of the folder', 'a: of the folder'],
		['syncToRemote', { ifExists: 'skipUnchanged' }, 'a: of the folder', 'a: of the folder'],
	] as const)('%s %j', async (operation, options, local, remote) => {
		jsonOf(await sides.run(operation, options));
		expect([await sides.locals(), await sides.remotes()]).toEqual([[local], [remote]]);
		expect((await sides.own()).filter((name) => name.includes('trash'))).toEqual([]);
	});
});
