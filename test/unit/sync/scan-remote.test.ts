import { CancelledError } from '../../../client/api/errors';
import { UnreadableRecord } from '../../../client/api/records';
import { missingIn, scanRemote, scanUntil } from '../../../client/sync/scan-remote';
import { MemoryRemote } from './memory-remote';
import { remoteFile } from './trees';

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

describe('the chat as a sync sees it', () => {
	it('has all of what a file says that matters, and no more', async () => {
		const remote = new MemoryRemote();
		remote.add({ id: '12', filename: 'a', size: 5, hashcode: MD5.toUpperCase(), status: 'merging' });
		remote.add({ id: 2, filename: 'b', size: 0, hashcode: 'abc', upload_at: '2024-05-06 07:08:09.5' });
		remote.add({ id: 3, filename: 'a', hashcode: MD5.repeat(2), upload_at: 'yesterday' });
		const known = { path: 'a', id: 9, size: 5, hash: MD5, mtimeMs: 1 };
		const files = [
			{
				id: '12',
				name: 'a',
				size: 5,
				hash: MD5,
				uploadedMs: Date.parse('2024-05-06T07:08:09.123Z'),
				status: 'merging',
			},
			{
				id: 2,
				name: 'b',
				size: 0,
				hash: '',
				uploadedMs: Date.parse('2024-05-06T07:08:09.500Z'),
				status: 'ok',
			},
			{ id: 3, name: 'a', size: 3, hash: MD5.repeat(2), uploadedMs: undefined, status: 'ok' },
		];
		for (const remembered of [undefined, new Map(), new Map([['a', known]])]) {
			expect(await scanRemote(remote, 'c', {}, remembered)).toStrictEqual({ files, unreadable: [] });
		}
	});

	it('has the records that cannot be read', async () => {
		const remote = new MemoryRemote();
		remote.unreadable = [new UnreadableRecord('it has no name', 77), new UnreadableRecord('it has no id', 0)];
		expect((await scanRemote(remote, 'c', {}, undefined)).unreadable).toStrictEqual(remote.unreadable);
	});

	it('is asked for under its own id, and with the options of the call', async () => {
		const remote = new MemoryRemote();
		const asked: unknown[] = [];
		remote.listChatFiles = (chatId, options) => {
			asked.push(chatId, options);
			return Promise.resolve([]);
		};
		const { signal } = new AbortController();
		await scanRemote(remote, 'the chat', { signal }, undefined);
		expect(asked).toMatchObject(['the chat', { signal }]);
	});
});

describe('a list that is behind', () => {
	const tree = (id: number) => ({ files: [remoteFile({ id })], unreadable: [] });

	/** Scans show the ids 1, 2, 3, ... */
	function scans(): { scan: () => Promise<ReturnType<typeof tree>>; count: () => number } {
		let count = 0;
		return { scan: () => Promise.resolve(tree((count += 1))), count: () => count };
	}

	function settling(settleMs: number): MemoryRemote {
		const remote = new MemoryRemote();
		remote.settleMs = settleMs;
		return remote;
	}

	it.each([1, 2, 3, 4, 5])('is looked at until it shows what it must: look %d', async (look) => {
		const { scan, count } = scans();
		const found = await scanUntil(
			scan,
			async ({ files }) => await Promise.resolve(files[0]?.id === look),
			settling(1),
			undefined,
		);
		expect(found).toStrictEqual(tree(look));
		expect(count()).toBe(look);
	});

	it('is taken as it is when its time to settle is nearly over', async () => {
		const { scan, count } = scans();
		const begun = performance.now();
		expect(await scanUntil(scan, () => false, settling(60), undefined)).toStrictEqual(tree(5));
		expect(count()).toBe(5);
		// A timer of Node may be early by less than a millisecond.
		expect(performance.now() - begun).toBeGreaterThan(0.75 * 60 - 4);
	});

	it('is not waited for when the sync is cancelled', async () => {
		const { scan, count } = scans();
		const controller = new AbortController();
		const found = scanUntil(
			scan,
			() => {
				setImmediate(() => controller.abort());
				return false;
			},
			settling(1e9),
			controller.signal,
		);
		await expect(found).rejects.toBeInstanceOf(CancelledError);
		await expect(found).rejects.toThrow('The sync was cancelled');
		expect(count()).toBe(1);
	});
});

it('what is missing in a list keeps its order', () => {
	const files = [remoteFile({ id: 1, name: 'a' }), remoteFile({ id: '2', name: 'b' })];
	expect(missingIn(files, [3, 1, '2', 0])).toStrictEqual([3, 0]);
	expect(missingIn(files, [1, '2'])).toStrictEqual([]);
	expect(missingIn(files, [])).toStrictEqual([]);
	expect(missingIn([], [1, 2])).toStrictEqual([1, 2]);
});
