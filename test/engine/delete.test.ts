import { list, startWorld, step, type World } from './world';

let world: World;
beforeAll(async () => {
	world = await startWorld();
});
afterAll(() => world.close());

const namesOf = (chatId: string) =>
	world.service
		.files()
		.filter((file) => file.chatId === chatId)
		.map(({ filename }) => filename);

const remove = { resource: 'file', operation: 'delete' };

it('takes the id of an item only when that is the record of a file', async () => {
	const fileId = await world.service.addFile({ filename: 'kept.txt', chatId: 'aim' });
	const row = await world.run([step('Delete', remove)], {
		input: [{ json: { id: Number(fileId), name: 'A row of a database' } }],
	});
	expect(row.error?.message).toBe('File ID is empty');
	expect(namesOf('aim')).toEqual(['kept.txt']);

	const record = await world.run([step('List', list({ chatId: 'aim' })), step('Delete', remove)]);
	expect(record.items('Delete')[0]?.json).toMatchObject({ status: 'success', deleted: true });
	expect(namesOf('aim')).toEqual([]);
});

it.each([
	['a row of a database with a file name', (id: number) => ({ id, filename: 'kept.txt' })],
	['a row whose file name is empty', (id: number) => ({ id, filename: '', size: 1 })],
	['what failed', (fileId: number) => ({ status: 'failed', fileId, fileName: 'kept.txt', error: 'No.' })],
	[
		'a record that came with an error',
		(id: number) => ({ id, filename: 'kept.txt', hashcode: '', status: 'ok', error: 'Downloading failed' }),
	],
	['a dry run', (fileId: number) => ({ status: 'skipped', fileId, reason: 'Dry run: would be downloaded' })],
])('%s costs no file unless that is said', async (what, jsonOf) => {
	const fileId = Number(await world.service.addFile({ filename: 'kept.txt', chatId: what }));
	const input = [{ json: jsonOf(fileId) }];
	const byDefault = await world.run([step('Delete', remove)], { input });
	expect(byDefault.error?.message).toBe('File ID is empty');
	expect(namesOf(what)).toEqual(['kept.txt']);
	const said = await world.run([step('Delete', { ...remove, fileId: `={{ ${fileId} }}` })], { input });
	expect(said.items('Delete')[0]?.json).toMatchObject({ status: 'success', deleted: true });
});

it('what could not be downloaded stays', async () => {
	await world.service.addFile({ filename: 'kept.txt', chatId: 'lost', hashcode: '0'.repeat(32) });
	const download = step(
		'Download',
		{ resource: 'file', operation: 'download' },
		{ onError: 'continueRegularOutput' },
	);
	const run = await world.run([step('List', list({ chatId: 'lost' })), download, step('Delete', remove)]);
	expect(run.items('Download')[0]?.json).toMatchObject({ status: 'failed' });
	expect(run.error?.message).toBe('File ID is empty');
	expect(namesOf('lost')).toEqual(['kept.txt']);
});

it('skips a file that is missing, when told to', async () => {
	const steps = (ifMissing: string) => [
		step('Delete', { ...remove, fileId: '4242', splitByStatus: true, options: { ifMissing } }),
	];
	const skipped = await world.run(steps('skip'));
	expect(skipped.items('Delete', 1).map(({ json }) => json)).toEqual([
		{ status: 'skipped', fileId: 4242, fileName: '', deleted: false, reason: 'The file does not exist' },
	]);
	expect((await world.run(steps('fail'))).error?.message).toMatch(/Deleting file 4242 failed/);
});
