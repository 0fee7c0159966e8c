import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalFileError } from '../../../client/api/errors';
import { keyOfChat } from '../../../client/sync/memory';
import { pendingFile } from '../../../client/sync/own-files';
import { PendingUploads } from '../../../client/sync/pending';
import { writeState } from '../../../client/sync/state-file';
import { localFile, remoteFile, treesOf } from './trees';

const CHAT = { service: 'http://memory', chatId: 'c' };

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'pending-'));
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

const load = () => PendingUploads.load(folder, CHAT);

/** What the file says, line by line, without its header; undefined when there is none. */
async function written(): Promise<unknown[] | undefined> {
	const [name] = await readdir(folder);
	if (name === undefined) return undefined;
	const [, ...lines] = (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n');
	return lines.map((line) => JSON.parse(line) as unknown);
}

const upload = (path: string, more: object = {}) => ({ path, size: 3, mtimeMs: 1, ...more });

it('what is announced stands in the order of its announcement, and what has come of it too', async () => {
	const pending = await load();
	const all = [
		upload('d', { replaces: 4, md5: 'ab', above: 9 }),
		upload('b'),
		upload('c', { replaces: '9007199254740993' }),
		upload('a', { replaces: 1 }),
		upload('e'),
	];
	await pending.announce(all);
	expect(await written()).toEqual(all);

	pending.arrived('a', 11);
	pending.arrived('d', 10);
	pending.arrived('b', 12);
	pending.failed('c');
	await pending.save();
	const left = [{ ...all[0], arrivedAs: 10 }, { ...all[3], arrivedAs: 11 }, all[4]];
	expect(await written()).toEqual(left);
	expect((await load()).uploads).toEqual(left);
});

it('what has arrived is something to write', async () => {
	const pending = await load();
	await pending.announce([upload('a', { replaces: 1 })]);
	expect(pending.isChanged).toBe(false);
	pending.arrived('a', 11);
	expect(pending.isChanged).toBe(true);
	await pending.save();
	expect(await written()).toEqual([upload('a', { replaces: 1, arrivedAs: 11 })]);
});

it('nothing is left when nothing is open any more', async () => {
	const pending = await load();
	await pending.announce([upload('a', { replaces: 1 }), upload('b'), upload('c', { replaces: 3 })]);
	pending.arrived('a', 11);
	pending.gone(1, 11);
	pending.failed('b');
	pending.arrived('c', 3);
	pending.gone(3, 3);
	expect(pending.isChanged).toBe(true);
	await pending.save();
	expect(await written()).toBeUndefined();
	expect(pending.isChanged).toBe(false);
});

it('what is gone need not be replaced, whichever run has announced it; the others keep their order', async () => {
	await (
		await load()
	).announce([upload('a', { replaces: 1 }), upload('b', { replaces: 2 }), upload('c', { replaces: 3 })]);
	const pending = await load();
	await pending.announce([upload('d', { replaces: 4 }), upload('e', { replaces: 2 })]);
	pending.gone(2, 12);
	await pending.save();
	expect(await written()).toEqual([
		upload('a', { replaces: 1 }),
		upload('c', { replaces: 3 }),
		upload('d', { replaces: 4 }),
	]);
});

it('what replaced a file and was replaced since is followed to what is there in the end, also in a circle', async () => {
	await (
		await load()
	).announce([
		upload('a', { replaces: 1, arrivedAs: 2 }),
		upload('b', { replaces: 5, arrivedAs: 6 }),
		upload('c', { replaces: 8 }),
		upload('d', { replaces: 9 }),
	]);
	const pending = await load();
	for (const [replaced, by] of [
		[2, 3],
		[3, 4],
		[6, 7],
		[7, 6],
	] as const)
		pending.gone(replaced, by);
	const remote = [1, 4, 5, 6, 8].map((id) => remoteFile({ id }));
	const { local, remote: chat, synced } = treesOf({ local: [localFile({ path: 'c' })], remote });
	const superseded = new Map([
		[1, 2],
		[5, 6],
	]);
	pending.settle({ ...synced, superseded }, local, chat);
	await pending.save();
	expect(await written()).toEqual([
		upload('a', { replaces: 1, arrivedAs: 4 }),
		upload('b', { replaces: 5, arrivedAs: 6 }),
		upload('c', { replaces: 8 }),
	]);
});

describe('of what earlier runs have left, a run keeps what may still matter', () => {
	/** What is left when a run has seen these trees, of uploads in the place of 1, which is in the chat, and of 2, which is not. */
	async function leftBy(paths: readonly string[], again: readonly string[] = []): Promise<unknown[]> {
		const earlier = [upload('a', { replaces: 1 }), upload('b', { replaces: 2 }), upload('c')];
		await (await load()).announce(earlier);
		const pending = await load();
		await pending.announce(again.map((path) => upload(path, { replaces: 3 })));
		for (const path of again) {
			pending.arrived(path, 4);
			pending.gone(3, 4);
		}
		const { local, remote, synced } = treesOf({
			local: paths.map((path) => localFile({ path })),
			remote: [remoteFile({ id: 1 })],
		});
		pending.settle(synced, local, remote);
		await pending.save();
		return (await written()) ?? [];
	}

	it('while the local file and the older one are there', async () => {
		expect(await leftBy(['a', 'b', 'c'])).toEqual([upload('a', { replaces: 1 })]);
	});

	it('not when the local file is gone', async () => {
		expect(await leftBy(['b', 'c'])).toEqual([]);
	});

	it('not when it has tried again itself, in the place of another file', async () => {
		expect(await leftBy(['a', 'b', 'c'], ['a'])).toEqual([]);
	});
});

it('what has not changed is not written again', async () => {
	await (await load()).announce([upload('a')]);
	const [name = ''] = await readdir(folder);
	const { ino, mtimeMs } = await stat(join(folder, name));
	const pending = await load();
	expect(pending.isChanged).toBe(false);
	await pending.save();
	expect(await stat(join(folder, name))).toMatchObject({ ino, mtimeMs });
});

describe('what other runs have written', () => {
	const write = async (line: unknown, header: object = {}) => {
		const whole = { kind: 'pending uploads', version: 1, ...CHAT, ...header };
		await writeState(join(folder, pendingFile(keyOfChat(CHAT))), whole, [line]);
	};

	it('is read', async () => {
		const all = upload('a', { md5: 'ab', replaces: 1, above: '9007199254740993', arrivedAs: 0 });
		await write(all);
		expect((await load()).uploads).toEqual([all]);
	});

	it('a hash that is none counts as not there', async () => {
		await write(upload('a', { md5: 7 }));
		expect((await load()).uploads).toEqual([upload('a')]);
	});

	it.each([{ kind: 'memory' }, { kind: '' }, { version: 2 }, { chatId: 'd' }])(
		'is refused when it is of another kind, version or chat: %j',
		async (header) => {
			await write(upload('a'), header);
			await expect(load()).rejects.toThrow(LocalFileError);
		},
	);

	it.each([
		undefined,
		null,
		'a',
		7,
		[],
		{},
		upload(''),
		{ ...upload('a'), path: 7 },
		...[undefined, -1, 1.5, '3'].map((size) => upload('a', { size })),
		...[undefined, null, '1'].map((mtimeMs) => upload('a', { mtimeMs })),
		...['', 'x', '-1', 1.5, null, true].map((id) => upload('a', { replaces: id })),
		upload('a', { above: 'x' }),
		upload('a', { arrivedAs: 'x' }),
	])('is refused when an entry makes no sense: %j', async (line) => {
		await write(line);
		await expect(load()).rejects.toThrow('an entry makes no sense');
	});
});
