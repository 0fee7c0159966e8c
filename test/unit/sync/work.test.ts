import { syncBothWays, syncToLocal, syncToRemote } from '../../../client/sync';
import { showName } from '../../../client/sync/names';
import { eachTestHas, short, type SyncWorld } from './world';

/** What a sync keeps in mind while it carries out its plan. */

let world: SyncWorld;

eachTestHas((fresh) => (world = fresh));

const ON = { propagateDeletes: true };

describe('the log of a long sync counts what there is to transfer', () => {
	/** Six seconds pass in the last transfer; the lines are without the folder. */
	async function linesOf(run: typeof syncBothWays, transfers: number): Promise<string[]> {
		const lines: string[] = [];
		const logger = { debug: () => {}, info: (line: string) => void lines.push(line), warn: () => {} };
		let [now, left] = [Date.now(), transfers];
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		world.remote.during = () => {
			if (--left === 0) now += 6_000;
		};
		const options = { chatId: 'c', localDirectory: world.folder, concurrency: 1, ...ON };
		await run(world.remote, options, logger);
		return lines.map((line) => line.replace(showName(world.folder), 'F'));
	}

	it('to the folder', async () => {
		world.put('a', '12345');
		world.put('b', '1234567');
		expect(await linesOf(syncToLocal, 2)).toEqual([
			'Syncing to F: 2 of 2 files, 12 bytes of 12 bytes, 2 bytes/s',
		]);
	});

	it('from the folder', async () => {
		await world.write('a', '12345');
		await world.write('b', '1');
		expect(await linesOf(syncToRemote, 2)).toEqual([
			'Syncing from F: 2 of 2 files, 6 bytes of 6 bytes, 1 byte/s',
		]);
	});

	it('both ways: what a conflict keeps goes both ways, and what is left or removed is none of it', async () => {
		for (const name of ['edited', 'gone', 'same']) await world.write(name, 'old');
		await world.both();
		await world.dropLocal('gone');
		await world.write('edited', 'here..');
		world.put('edited', 'there');
		await world.write('up', 'new');
		world.put('down', 'new too');
		// 7 down, 5 down and up again, 3 and 6 up.
		expect(await linesOf(syncBothWays, 5)).toEqual([
			'Syncing both ways with F: 5 of 5 files, 26 bytes of 26 bytes, 4 bytes/s',
		]);
	});
});

it.each(['toLocal', 'both'] as const)(
	'%s: the newest file is known to the next sync, wherever in the list it was',
	async (operation) => {
		world.remote.settleMs = 10_000;
		for (const name of ['a', 'b', 'c']) world.put(name, 'old');
		const { files } = world.remote;
		files.push(...files.splice(1, 1));
		expect(files.map(({ id }) => id)).toEqual([1000, 1002, 1001]);
		await world[operation](ON);
		const list = world.remote.listChatFiles;
		const looks = jest.fn(list).mockResolvedValueOnce(files.filter(({ id }) => id !== 1002));
		world.remote.listChatFiles = looks;
		expect((await world[operation](ON)).map(({ action }) => action)).toEqual(Array(3).fill('unchanged'));
		expect(looks).toHaveBeenCalledTimes(2);
	},
);

describe('two files of one name, one of which was removed here', () => {
	beforeEach(() => {
		world.add('a', 'one');
		world.add('a', 'two');
	});

	/** Both are in step: `a` and `a (1001)`. Then the second goes, and the first is edited. */
	async function removedAndEdited(): Promise<void> {
		await world.both(ON);
		expect(await world.locals()).toEqual(['a (1001): two', 'a: one']);
		await world.dropLocal('a (1001)');
		await world.write('a', 'edited');
	}

	it.each([
		['replaces', () => undefined],
		['is there no more', () => world.remote.drop(1000)],
	])('it stays in the chat when the other one, which %s, does not arrive', async (_, happens) => {
		await removedAndEdited();
		happens();
		world.remote.during = () => {
			throw new Error('the line broke');
		};
		const items = await world.both(ON);
		expect(items.map(short).sort()).toEqual(['a: failed none', 'a: skipped none']);
		expect(items).toContainEqual(expect.objectContaining({ fileId: 1001, notDeleted: 'earlierFailure' }));
		expect(world.remotes()).toContain('a: two');

		world.remote.during = () => undefined;
		expect((await world.both(ON)).map(short).sort()).toEqual([
			'a: success deletedRemote',
			'a: success uploaded',
		]);
		expect(world.remotes()).toEqual(['a: edited']);
	});

	it('it goes when the other one turns out to be the same on both sides', async () => {
		world.remote.knowsHashes = false;
		for (const file of world.remote.files) file.hashcode = '';
		await removedAndEdited();
		world.put('a', 'edited', '', 1000);
		expect((await world.both(ON)).map(short).sort()).toEqual([
			'a: skipped unchanged',
			'a: success deletedRemote',
		]);
		expect(world.remotes()).toEqual(['a: edited']);
	});
});
