import { syncBothWays, syncToLocal, syncToRemote } from '../../../client/sync';
import { eachTestHas, short, type SyncWorld } from './world';

let world: SyncWorld;

eachTestHas((fresh) => (world = fresh));

const options = (output: 'all' | 'changes' | 'summary') => ({
	chatId: 'c',
	localDirectory: world.folder,
	output,
});

it('changes leaves out what is unchanged, and nothing else', async () => {
	for (const name of ['a', 'b', 'c', 'd', '..']) world.put(name, name);
	await world.toLocal({ include: ['a', 'b'] });
	world.put('b', 'new');
	world.remote.during = (name) => (name === 'c' ? Promise.reject(new Error('broken')) : undefined);
	const items = await world.toLocal({ output: 'changes' as 'all' });
	expect(items.map(short)).toEqual([
		'c: failed none',
		'd: success downloaded',
		'..: failed none',
		'b: success downloaded',
	]);
	expect((await world.toLocal({ output: 'changes' as 'all', include: ['a', 'b'] })).map(short)).toEqual([]);
});

describe('changes leaves out what an option leaves where it is, and a summary counts it as skipped', () => {
	const both = async (operation: 'toLocal' | 'toRemote', given: object): Promise<unknown[]> => {
		const changes = (await world[operation]({ ...given, output: 'changes' as 'all' })).map(short);
		const [summary] = await world[operation]({ ...given, output: 'summary' as 'all' });
		return [changes, summary];
	};

	it.each(['toLocal', 'toRemote'] as const)('%s with ifExists skip', async (operation) => {
		for (const name of ['a', 'b', 'c']) {
			await world.write(name, 'here');
			world.put(name, name === 'c' ? 'elsewhere' : 'there');
		}
		expect((await world[operation]({ ifExists: 'skip' })).map(short)).toEqual([
			'a: skipped none',
			'b: skipped none',
			'c: skipped none',
		]);
		const [changes, summary] = await both(operation, { ifExists: 'skip' });
		expect(changes).toEqual([]);
		expect(summary).toMatchObject({ total: 3, unchanged: 0, skipped: 3, failed: 0 });
		const dryRun = await world[operation]({ ifExists: 'skip', dryRun: true, output: 'changes' as 'all' });
		expect(dryRun).toEqual([]);
	});

	it('duplicateNames newest', async () => {
		for (const id of [1, 2, 3]) world.remote.add({ id, filename: 'a' });
		await world.toLocal({ duplicateNames: 'newest' });
		const [changes, summary] = await both('toLocal', { duplicateNames: 'newest' });
		expect(changes).toEqual([]);
		expect(summary).toMatchObject({ total: 3, unchanged: 1, skipped: 2 });
	});

	it('but not what is skipped for another reason, nor what appeared meanwhile', async () => {
		world.remote.add({ id: 1, filename: 'coming', status: 'uploading' });
		world.put('a', 'there');
		world.remote.during = () => world.write('a', 'here');
		const items = await world.toLocal({ ifExists: 'skip', output: 'changes' as 'all' });
		expect(items.map(short)).toEqual(['coming: skipped none', 'a: skipped none']);
	});
});

it('summary counts what was not deleted, by reason', async () => {
	for (const name of ['a', 'b', 'c', 'd']) await world.write(name, name);
	await world.toRemote({ propagateDeletes: true });
	for (const name of ['a', 'b', 'c']) await world.dropLocal(name);
	for (const name of ['a', 'b']) world.put(name, 'newer');
	const [summary] = await syncToRemote(world.remote, { ...options('summary'), propagateDeletes: true });
	expect(summary).toMatchObject({ deleted: 1, unchanged: 1, skipped: 2, notDeleted: { changedRemotely: 2 } });
	const [without] = await syncToLocal(world.remote, options('summary'));
	expect(without).not.toHaveProperty('notDeleted');
});

it('summary is one object that counts every file once', async () => {
	await world.write('up', '12345');
	await world.write('gone', 'gone');
	world.put('conflict', 'chat');
	await world.both({ propagateDeletes: true });
	world.dropRemote('gone');
	await world.write('conflict', 'edited here');
	world.put('conflict', 'edited there');
	world.put('down', '123');
	await world.write('broken', 'broken');
	world.remote.add({ id: 5, filename: '..' });
	world.remote.add({ id: 6, filename: 'coming', status: 'uploading' });
	world.remote.during = (name) => (name === 'broken' ? Promise.reject(new Error('refused')) : undefined);
	const [summary] = await syncBothWays(world.remote, { ...options('summary'), propagateDeletes: true });
	expect(summary).toEqual({
		status: 'failed',
		chatId: 'c',
		localDirectory: world.folder,
		total: 8,
		uploaded: 0,
		downloaded: 2,
		deleted: 1,
		conflicts: 1,
		unchanged: 1,
		skipped: 1,
		failed: 2,
		// The chat's version of the conflict comes down and goes up again; the local one goes up.
		bytes: 3 + 2 * 12 + 11,
		seconds: expect.any(Number) as number,
		failures: [
			expect.objectContaining({ fileName: '..', status: 'failed' }) as unknown,
			expect.objectContaining({ fileName: 'broken', error: 'refused' }) as unknown,
		],
	});
	world.remote.during = () => undefined;
	world.remote.drop(5);
	const again = await syncBothWays(world.remote, options('summary'));
	expect(again).toMatchObject([{ status: 'success', uploaded: 1, failed: 0, failures: [] }]);
});

it('summary shows the first 20 failures of the plan, however many there are', async () => {
	for (let id = 0; id < 100; id++) world.remote.add({ id, filename: `${id}` });
	world.remote.during = () => Promise.reject(new Error('broken'));
	const [summary] = await syncToLocal(world.remote, options('summary'));
	expect(summary).toMatchObject({ status: 'failed', total: 100, failed: 100 });
	expect('failures' in summary && summary.failures.map(({ fileId }) => fileId)).toEqual(
		Array.from({ length: 20 }, (_, id) => id),
	);
	expect(Buffer.byteLength(JSON.stringify(summary))).toBeLessThan(10_000);
});

it('summary of a dry run counts what would be done', async () => {
	world.put('a', 'a');
	await world.write('b', 'b');
	const summary = await syncBothWays(world.remote, { ...options('summary'), dryRun: true });
	expect(summary).toMatchObject([{ status: 'success', total: 2, uploaded: 1, downloaded: 1, bytes: 0 }]);
});
