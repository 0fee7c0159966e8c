import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
	chmod,
	chown,
	lstat,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	readlink,
	rename,
	rm,
	symlink,
	unlink,
	utimes,
	writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { IntegrityError, LocalFileError } from '../../client';
import { BddFileApi } from '../../client/api/api';
import { FileDownload } from '../../client/transfer/download/file-download';
import { compared, holdFolder } from '../../client/transfer/download/held-folder';
import { PlaceChangedError, placeOnNothing } from '../../client/transfer/download/place';
import { SharedLanes } from '../../client/transfer/download/shared-lanes';
import { writeToFile } from '../../client/transfer/download/to-file';
import { Progress } from '../../client/transfer/progress';
import { afterThisTest, clientOf, failureOf, oddServer, USER } from './odd-server';
import { MIB } from './support';

let root: string;
let folder: string;
let target: string;
let outside: string;
beforeEach(async () => {
	root = await mkdtemp(path.join(tmpdir(), 'bdd-to-file-'));
	[folder, outside] = [path.join(root, 'folder'), path.join(root, 'outside')];
	target = path.join(folder, 'a.bin');
	await mkdir(folder);
	await mkdir(outside);
});
afterEach(async () => {
	await rm(root, { recursive: true });
});

/** Seconds since 1970. */
const EARLIER = 1_600_000_000;

const SIZES: [string, number][] = [
	['small', 1000],
	['large', 3 * MIB],
];

/** A service with one file of that size. What `midway` does is done when half of the bytes are with the client. */
async function serviceWith(size: number, midway: () => Promise<unknown> = () => Promise.resolve()) {
	const bytes = Buffer.alloc(size, 'new');
	const send = async (response: ServerResponse) => {
		response.writeHead(200, { 'Content-Length': String(size) });
		response.write(bytes.subarray(0, size / 2));
		await midway();
		response.end(bytes.subarray(size / 2));
	};
	return { ...(await oddServer((_, response) => void send(response))), bytes };
}

/** A download that has begun. */
async function opened({ url }: { url: string }): Promise<FileDownload> {
	const api = new BddFileApi(url, {});
	afterThisTest(() => api.close());
	const lanes = { connections: 1, shared: new SharedLanes() };
	const context = { action: 'Downloading', userId: USER, timeoutMs: 10_000, maxTries: 1, settleMs: 100 };
	return await FileDownload.open(api, '1', {}, { verify: true, lanes }, context);
}

/** Waits until a download has begun to write: its temporary file is there. */
async function untilWriting(): Promise<void> {
	while (!(await readdir(folder)).some((name) => name.endsWith('.part'))) await delay(5);
}

describe.each(SIZES)('a %s file', (_, size) => {
	it('replaces a file and keeps its mode and owner', async () => {
		await writeFile(target, 'old');
		await chmod(target, 0o2640);
		// Only root may give files away; for anybody else the owner is the process's own anyhow.
		await chown(target, 12345, 12345).catch(() => undefined);
		await chmod(target, 0o2640);
		const before = await lstat(target);
		const server = await serviceWith(size);
		await clientOf(server).downloadToFile(1, target);
		const after = await lstat(target);
		expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
		expect((await readFile(target)).equals(server.bytes)).toBe(true);
	});

	it('asks its caller before it makes the temporary file, and again before that takes its name', async () => {
		const client = clientOf(await serviceWith(size));
		const realFolder = process.platform === 'linux' ? folder : undefined;
		for (const refused of [1, 2]) {
			const seen: Array<[realFolder: string | undefined, isComplete: boolean, there: number]> = [];
			const check = async (real: string | undefined, isComplete: boolean) => {
				seen.push([real, isComplete, (await readdir(folder)).length]);
				if (seen.length === refused) throw new LocalFileError('not there', { description: 'Look.' });
			};
			expect((await failureOf(client.downloadToFile(1, target, { check }))).message).toBe('not there');
			const expected = [[realFolder, false, 0], [realFolder, true, 1] as const];
			expect(seen).toEqual(expected.slice(0, refused));
			expect(await readdir(folder)).toEqual([]);
		}
	});

	it('leaves nothing open, whether it was written or not', async () => {
		const open = async () => {
			if (process.platform !== 'linux') return [];
			const handles = await readdir('/proc/self/fd');
			const paths = handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => ''));
			return (await Promise.all(paths)).filter((each) => each.startsWith(root));
		};
		const client = clientOf(await serviceWith(size));
		await client.downloadToFile(1, target);
		expect(await open()).toEqual([]);
		await failureOf(client.downloadToFile(1, target, { onto: 'nothing' }));
		await failureOf(client.downloadToFile(1, target, { expected: { hashcode: '0'.repeat(32) } }));
		expect(await open()).toEqual([]);
	});

	it('that is new has the mode of any new file', async () => {
		const plain = path.join(root, 'plain');
		await writeFile(plain, '');
		await clientOf(await serviceWith(size)).downloadToFile(1, target);
		expect((await lstat(target)).mode).toBe((await lstat(plain)).mode);
	});

	it('does not follow a link at its place, but replaces it', async () => {
		await writeFile(path.join(outside, 'a.bin'), 'old');
		await symlink(path.join(outside, 'a.bin'), target);
		await clientOf(await serviceWith(size)).downloadToFile(1, target);
		const { mode } = await lstat(target);
		expect((await lstat(target)).isFile()).toBe(true);
		// A link's own mode lets everybody run it.
		expect(mode & 0o111).toBe(0);
		expect(await readFile(path.join(outside, 'a.bin'), 'utf8')).toBe('old');
	});

	it('onto nothing leaves a file that is there alone, and reads no more', async () => {
		await writeFile(target, 'old');
		const error = await failureOf(
			clientOf(await serviceWith(size)).downloadToFile(1, target, { onto: 'nothing' }),
		);
		expect(error).toBeInstanceOf(LocalFileError);
		expect(error).toBeInstanceOf(PlaceChangedError);
		expect(await readFile(target, 'utf8')).toBe('old');
		expect(await readdir(folder)).toEqual(['a.bin']);
	});

	it('onto nothing leaves a file that appears meanwhile alone', async () => {
		const server = await serviceWith(size, async () => {
			if (size > MIB) await untilWriting();
			await writeFile(target, 'theirs');
		});
		const error = await failureOf(clientOf(server).downloadToFile(1, target, { onto: 'nothing' }));
		expect(error).toBeInstanceOf(PlaceChangedError);
		expect(await readFile(target, 'utf8')).toBe('theirs');
		expect(await readdir(folder)).toEqual(['a.bin']);
	});

	it('onto nothing appears where nothing is', async () => {
		const server = await serviceWith(size);
		const modifiedAt = new Date('2020-02-02T02:02:02Z');
		await clientOf(server).downloadToFile(1, target, { onto: 'nothing', modifiedAt });
		expect((await readFile(target)).equals(server.bytes)).toBe(true);
		expect((await lstat(target)).mtime).toEqual(modifiedAt);
		expect(await readdir(folder)).toEqual(['a.bin']);
	});

	it('replaces the expected file only', async () => {
		await writeFile(target, 'old');
		const onto = await lstat(target);
		const server = await serviceWith(size);
		await clientOf(server).downloadToFile(1, target, { onto });
		expect((await readFile(target)).equals(server.bytes)).toBe(true);
	});

	it.each<[string, () => Promise<unknown>, string[]]>([
		['edited', () => writeFile(target, 'older'), ['a.bin']],
		[
			'edited within the same moment',
			async () => {
				await writeFile(target, 'older');
				await utimes(target, EARLIER, EARLIER);
			},
			['a.bin'],
		],
		['touched', () => utimes(target, 1, 1), ['a.bin']],
		[
			'replaced by an equal one',
			async () => {
				await writeFile(`${target}2`, 'old');
				await utimes(`${target}2`, EARLIER, EARLIER);
				await rename(`${target}2`, target);
			},
			['a.bin'],
		],
		['removed', () => unlink(target), []],
	])('keeps what has become of the expected file: %s', async (__, change, left) => {
		await writeFile(target, 'old');
		await utimes(target, EARLIER, EARLIER);
		const onto = await lstat(target);
		const server = await serviceWith(size, change);
		const error = await failureOf(clientOf(server).downloadToFile(1, target, { onto }));
		expect(error).toBeInstanceOf(LocalFileError);
		expect(error).toBeInstanceOf(PlaceChangedError);
		expect(await readdir(folder)).toEqual(left);
		if (left.length > 0) expect(await readFile(target, 'utf8')).toMatch(/^old/);
	});

	describe.each([
		['held by its handle', holdFolder],
		['compared', compared],
	])('whose folder is %s', (__, hold) => {
		const SWAPS: [string, () => Promise<unknown>][] = [
			[
				'a link to elsewhere',
				async () => {
					await rename(folder, path.join(root, 'moved'));
					await symlink(outside, folder);
				},
			],
			[
				'another folder',
				async () => {
					await rename(folder, path.join(root, 'moved'));
					await mkdir(folder);
				},
			],
			[
				'nothing',
				async () => {
					await rename(folder, path.join(root, 'moved'));
				},
			],
		];

		/** Everything that is anywhere under the root. */
		const everything = async () =>
			(await readdir(root, { recursive: true, withFileTypes: true }))
				.filter((entry) => !entry.isDirectory() && !entry.isSymbolicLink())
				.map(({ name }) => name);

		it.each(SWAPS)('and then exchanged for %s: nothing is left anywhere', async (___, swap) => {
			const download = await opened(await serviceWith(size));
			const progress = new Progress(undefined, 'Downloading', {});
			const error = await failureOf(
				writeToFile(download, target, {}, progress, async (folderPath) => {
					const held = await hold(folderPath);
					await swap();
					return held;
				}),
			);
			expect(error).toBeInstanceOf(LocalFileError);
			expect(await everything()).toEqual([]);
		});

		it('and left alone: written', async () => {
			const server = await serviceWith(size);
			const download = await opened(server);
			const progress = new Progress(undefined, 'Downloading', {});
			expect(await writeToFile(download, target, {}, progress, hold)).toEqual({ size });
			expect((await readFile(target)).equals(server.bytes)).toBe(true);
			const again = await opened(server);
			const { mtimeMs } = await writeToFile(again, target, { tellTime: true }, progress, hold);
			expect(mtimeMs).toBe((await lstat(target)).mtimeMs);
		});
	});

	it('exchanges its folder while it is written: nothing is left anywhere, and the client says so', async () => {
		const moved = path.join(root, 'moved');
		const swap = async () => {
			await rename(folder, moved);
			await symlink(outside, folder);
		};
		const server = await serviceWith(size, async () => {
			if (size > MIB) await untilWriting();
			else await delay(50);
			await swap();
		});
		const error = await failureOf(clientOf(server).downloadToFile(1, target));
		expect(error).toMatchObject({
			message: `Writing "${target}" failed: its folder was moved or replaced meanwhile`,
			description: 'Nothing was left there. Run it again when the folder stays in its place.',
		});
		expect([await readdir(outside), await readdir(moved)]).toEqual([[], []]);
	});

	it.each(['md5', 'sha256'])('whose %s is wrong never gets its name', async (algorithm) => {
		await writeFile(target, 'old');
		const hashcode = createHash(algorithm).update('something else').digest('hex');
		const server = await serviceWith(size);
		const error = await failureOf(
			clientOf(server).downloadToFile(1, target, { expected: { size, hashcode } }),
		);
		expect(error).toBeInstanceOf(IntegrityError);
		expect(await readFile(target, 'utf8')).toBe('old');
		expect(await readdir(folder)).toEqual(['a.bin']);
	});

	it('whose hash is right, in capitals, is written', async () => {
		const server = await serviceWith(size);
		const hashcode = createHash('md5').update(server.bytes).digest('hex').toUpperCase();
		await clientOf(server).downloadToFile(1, target, { expected: { size, hashcode } });
		expect((await lstat(target)).size).toBe(size);
	});
});

it('a file is at no time more open than the one that it replaces', async () => {
	await writeFile(target, 'old');
	await chmod(target, 0o600);
	const modes: number[] = [];
	const server = await serviceWith(3 * MIB, async () => {
		await untilWriting();
		for (const name of await readdir(folder)) modes.push((await lstat(path.join(folder, name))).mode & 0o777);
	});
	await clientOf(server).downloadToFile(1, target);
	expect(modes).toEqual([0o600, 0o600]);
});

it('where a folder cannot be held, one that is exchanged at the last instant is not written to', async () => {
	let looks = 0;
	const hold = async (folderPath: string) => {
		const folderHeld = await compared(folderPath);
		return { ...folderHeld, isSame: () => Promise.resolve((looks += 1) === 1) };
	};
	const download = await opened(await serviceWith(1000));
	const progress = new Progress(undefined, 'Downloading', {});
	const error = await failureOf(writeToFile(download, target, {}, progress, hold));
	expect(error.message).toContain('its folder was moved or replaced meanwhile');
	expect(await readdir(folder)).toEqual([]);
});

describe('a disk that knows no second name for a file', () => {
	const noLinks = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
	let temporary: string;
	beforeEach(async () => {
		temporary = path.join(folder, 'temporary');
		await writeFile(temporary, 'new');
	});

	it('gives the name all the same', async () => {
		await placeOnNothing(temporary, target, target, noLinks);
		expect(await readdir(folder)).toEqual(['a.bin']);
		expect(await readFile(target, 'utf8')).toBe('new');
	});

	it('keeps what has the name', async () => {
		await writeFile(target, 'theirs');
		const error = await failureOf(placeOnNothing(temporary, target, target, noLinks));
		expect(error).toBeInstanceOf(PlaceChangedError);
		expect(await readFile(target, 'utf8')).toBe('theirs');
	});

	it('is told from one that refuses for another reason', async () => {
		const broken = () => Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }));
		await expect(placeOnNothing(temporary, target, target, broken)).rejects.toThrow('EIO');
		expect(await readdir(folder)).toEqual(['temporary']);
	});

	it('is left as it was when it refuses otherwise', async () => {
		await unlink(temporary);
		await failureOf(placeOnNothing(temporary, target, target, noLinks));
		expect(await readdir(folder)).toEqual([]);
	});
});

it('many files into one folder share its handle, and let go of it', async () => {
	const [first, second] = await Promise.all([holdFolder(folder), holdFolder(folder)]);
	const handles = async () => (await readdir('/proc/self/fd')).length;
	if (process.platform === 'linux') expect(first.pathOf('a')).toBe(second.pathOf('a'));
	await first.release();
	expect(await second.isSame()).toBe(true);
	await writeFile(second.pathOf('a'), '');
	const before = process.platform === 'linux' ? await handles() : 1;
	await second.release();
	if (process.platform === 'linux') expect(await handles()).toBe(before - 1);
	expect(await readdir(folder)).toEqual(['a']);
	await expect(holdFolder(path.join(folder, 'missing'))).rejects.toThrow('ENOENT');
	await expect(holdFolder(path.join(folder, 'a'))).rejects.toThrow(/ENOTDIR/);
});
