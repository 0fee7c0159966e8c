import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import {
	appendFileSync,
	lstatSync,
	readFileSync,
	renameSync,
	symlinkSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';

import { CancelledError, IntegrityError, LocalFileError, StalledError } from '../../client/api/errors';
import type { Watched } from '../../client/api/watch';
import { hashFile } from '../../client/sync/read-hashes';
import { CHUNK_BYTES, SMALL_BYTES } from '../../client/transfer/bytes';
import { checksumOf } from '../../client/transfer/hash';
import { openSource } from '../../client/transfer/open-source';
import { bufferSource, diskSource, slices, type UploadSource } from '../../client/transfer/source';
import { planParts } from '../../client/transfer/upload/part-plan';
import { readParts } from '../../client/transfer/upload/read-parts';

const MIB = 1024 * 1024;
const EARLIER = 1_600_000_000;

const asked = (signal?: AbortSignal): Watched => ({ action: 'Uploading "a.bin"', signal, timeoutMs: 60_000 });

let folder: string;
let file: string;
beforeEach(async () => {
	folder = await realpath(await mkdtemp(path.join(tmpdir(), 'bdd-source-')));
	file = path.join(folder, 'a.bin');
});
afterEach(async () => {
	await rm(folder, { recursive: true });
});

/** A file that was written long ago, so that any later change shows in its time. */
async function existing(size: number): Promise<void> {
	await writeFile(file, Buffer.alloc(size, 'a'));
	utimesSync(file, EARLIER, EARLIER);
}

/** What may happen to a file. Each leaves a file at its place. */
const CHANGES: [string, (size: number) => void][] = [
	['rewritten', (size) => writeFileSync(file, Buffer.alloc(size, 'b'))],
	['appended to', () => appendFileSync(file, 'b')],
	['truncated', (size) => truncateSync(file, size / 2)],
	['touched', () => utimesSync(file, 1, 1)],
];
const REPLACED: [string, (size: number) => void] = [
	'replaced by an equal one of the same time',
	(size) => {
		writeFileSync(`${file}2`, Buffer.alloc(size, 'a'));
		utimesSync(`${file}2`, EARLIER, EARLIER);
		renameSync(`${file}2`, file);
	},
];

describe.each([
	['small', 1000],
	['large', MIB],
])('a %s file on disk', (_, size) => {
	beforeEach(() => existing(size));

	it('is its bytes, from any place on, as often as wanted', async () => {
		const source = await diskSource(file);
		expect(source).toMatchObject({ fileName: 'a.bin', size });
		for (const start of [0, 10, size - 1, size]) {
			const stream = await source.open(start);
			expect(stream.readableObjectMode).toBe(false);
			expect((await buffer(stream)).equals(Buffer.alloc(size - start, 'a'))).toBe(true);
		}
		await source.assertUnchanged?.();
		expect((await diskSource(file, 'other name')).fileName).toBe('other name');
	});

	it('is not followed through a link', async () => {
		const link = path.join(folder, 'link');
		await symlink(file, link);
		await expect(diskSource(link)).rejects.toThrow(`Reading "${link}" failed: it is a symbolic link (ELOOP)`);
	});

	it('is asked for by its real path each time that it is opened', async () => {
		const [real, link] = [path.join(folder, 'real'), path.join(folder, 'link')];
		await mkdir(real);
		await symlink(real, link);
		renameSync(file, path.join(real, 'a.bin'));
		const asked: string[] = [];
		const allow = (realPath: string) => asked.push(realPath) > 0;
		const source = await diskSource(path.join(link, 'a.bin'), undefined, allow);
		await buffer(await source.open());
		expect(asked).toEqual(Array(size === MIB ? 2 : 1).fill(path.join(real, 'a.bin')));
		const refused = diskSource(path.join(link, 'a.bin'), undefined, () => false);
		await expect(refused).rejects.toBeInstanceOf(LocalFileError);
		await expect(refused).rejects.toMatchObject({
			message: expect.stringMatching(/leads to where reading is not allowed$/) as string,
			description: 'Name the file by a path without symbolic links.',
		});
	});
});

it.each([
	[SMALL_BYTES, true],
	[SMALL_BYTES + 1, false],
])('a file of %d bytes is in memory: %s, also when it was seen before', async (size, isInMemory) => {
	await existing(size);
	for (const seen of [undefined, lstatSync(file)]) {
		const { bytes } = await diskSource(file, undefined, undefined, seen);
		expect(bytes?.length).toBe(isInMemory ? size : undefined);
	}
});

it.each<[bytes: number, start: number | undefined, chunks: number[]]>([
	[0, undefined, []],
	[CHUNK_BYTES, undefined, [CHUNK_BYTES]],
	[CHUNK_BYTES + 1, undefined, [CHUNK_BYTES, 1]],
	[CHUNK_BYTES + 1, 2, [CHUNK_BYTES - 1]],
])('%d bytes from %p on are chunks of %j', (bytes, start, chunks) => {
	expect([...slices(Buffer.alloc(bytes), start)].map(({ length }) => length)).toEqual(chunks);
});

it('a file that has fewer bytes than its disk says is none, also when it was seen before', async () => {
	const shorter = '/sys/kernel/uevent_seqnum';
	for (const seen of [undefined, lstatSync(shorter)]) {
		await expect(diskSource(shorter, undefined, undefined, seen)).rejects.toMatchObject({
			message: `"${shorter}" was changed while it was read`,
			description: 'Try again when nothing writes to it any more.',
		});
	}
});

it('a link is not followed for a hash either', async () => {
	await existing(10);
	const link = path.join(folder, 'link');
	await symlink(file, link);
	const md5 = 'e09c80c42fda55f9d992e59ca6b3307d';
	expect(await hashFile(file, ['md5'], undefined)).toEqual([{ algorithm: 'md5', hex: md5 }]);
	await expect(hashFile(link, ['md5'], undefined)).rejects.toMatchObject({ code: 'ELOOP' });
});

it.each(CHANGES)('a small file that is %s while it is read is none', async (_, change) => {
	await existing(1000);
	// Asked after the first look at the file and before its first byte is read.
	const reading = diskSource(file, undefined, () => {
		change(1000);
		return true;
	});
	await expect(reading).rejects.toThrow(`"${file}" was changed while it was read`);
});

describe('of what a walk saw a moment ago', () => {
	const seen = () => lstatSync(file);

	it('what is still that is read at once as it is', async () => {
		await existing(1000);
		const { mtimeMs } = seen();
		const asked: string[] = [];
		const allow = (realPath: string) => asked.push(realPath) > 0;
		const source = await diskSource(file, undefined, allow, seen());
		expect(source).toMatchObject({ size: 1000, mtimeMs, bytes: Buffer.alloc(1000, 'a') });
		expect(asked).toEqual([file]);
		expect(await openFiles()).not.toContain(file);
	});

	it.each(CHANGES)('what was %s since then, or while it is read, is read as it is now', async (_, change) => {
		await existing(1000);
		const before = seen();
		let asked = 0;
		const isAllowed = () => {
			if ((asked += 1) === 1) change(1000);
			return true;
		};
		const source = await diskSource(file, undefined, isAllowed, before);
		const { size, mtimeMs } = seen();
		expect(source).toMatchObject({ size, mtimeMs, bytes: readFileSync(file) });
	});

	it('what is changed again and again is none', async () => {
		await existing(1000);
		const before = seen();
		const isAllowed = () => {
			appendFileSync(file, 'b');
			return true;
		};
		const reading = diskSource(file, undefined, isAllowed, before);
		await expect(reading).rejects.toThrow(`"${file}" was changed while it was read`);
	});

	it('what was replaced by a link, is gone or not allowed has the error of anything else', async () => {
		await existing(1000);
		const before = seen();
		const refused = diskSource(file, undefined, () => false, before);
		await expect(refused).rejects.toThrow('leads to where reading is not allowed');
		renameSync(file, `${file}2`);
		await expect(diskSource(file, undefined, undefined, before)).rejects.toThrow(
			'it does not exist (ENOENT)',
		);
		symlinkSync(`${file}2`, file);
		await expect(diskSource(file, undefined, undefined, before)).rejects.toThrow('it is a symbolic link');
	});
});

it('a small file that is replaced as a whole while it is read is what was opened', async () => {
	await existing(1000);
	const { bytes } = await diskSource(file, undefined, () => {
		REPLACED[1](1000);
		return true;
	});
	expect(bytes).toEqual(Buffer.alloc(1000, 'a'));
});

it.each([...CHANGES, REPLACED])(
	'a large file that is %s after its size was taken is none',
	async (_, change) => {
		await existing(MIB);
		const source = await diskSource(file);
		await source.assertUnchanged?.();
		change(MIB);
		await expect(source.assertUnchanged?.()).rejects.toBeInstanceOf(IntegrityError);
		await expect(source.open()).rejects.toBeInstanceOf(IntegrityError);
	},
);

it('a large file for which a link is put in is none', async () => {
	await existing(MIB);
	const source = await diskSource(file);
	renameSync(file, `${file}2`);
	symlinkSync(`${file}2`, file);
	await expect(source.assertUnchanged?.()).rejects.toThrow('it is a symbolic link');
	await expect(source.open()).rejects.toThrow('it is a symbolic link');
});

it.each([
	['a folder', () => mkdir(file)],
	['a pipe that nobody writes to', () => execFileSync('mkfifo', [file])],
])('%s is no file, and is not waited for', async (_, make) => {
	await make();
	await expect(diskSource(file)).rejects.toMatchObject({
		message: expect.stringMatching(/it is not a regular file$/) as string,
		description: 'Only regular files can be uploaded.',
	});
});

/** The files that this process has open, where the system tells. */
async function openFiles(): Promise<string[]> {
	if (process.platform !== 'linux') return [];
	const handles = await readdir('/proc/self/fd');
	return await Promise.all(handles.map((handle) => realpath(`/proc/self/fd/${handle}`).catch(() => '')));
}

it('leaves no file open, however reading ends', async () => {
	await existing(4 * MIB);
	const source = await diskSource(file);
	const { chunks, close } = await openSource(source, 0, asked());
	await chunks.next();
	expect((await openFiles()).includes(file)).toBe(process.platform === 'linux');
	close();
	const stop = new AbortController();
	const cancelled = await openSource(source, 0, asked(stop.signal));
	stop.abort();
	cancelled.close();
	await expect(openSource(source, 0, asked(AbortSignal.abort()))).rejects.toBeInstanceOf(CancelledError);
	const { signal } = new AbortController();
	(await openSource(source, 0, asked(signal))).close();
	expect(getEventListeners(signal, 'abort')).toEqual([]);
	await expect(diskSource(file, undefined, () => false)).rejects.toBeInstanceOf(LocalFileError);
	for await (const { bytes } of readParts(source, [{ number: 1, start: 0, end: 10 }], asked()))
		expect(bytes).toHaveLength(10);
	await source.assertUnchanged?.();
	for (let tries = 0; (await openFiles()).includes(file); tries += 1) {
		if (tries > 1000) throw new Error('the file stays open');
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
});

describe('a file on disk, read into own buffers', () => {
	const PARTS = [1, 2].map((number) => ({ number, start: (number - 1) * MIB, end: number * MIB }));

	/** The file as a source; `during` happens before each reading of it. */
	async function watched(during: (reading: number) => unknown): Promise<UploadSource> {
		await existing(2 * MIB);
		const source = await diskSource(file);
		const openPositioned = async () => {
			const reader = await source.openPositioned?.();
			if (!reader) throw new Error('It is on no disk');
			let readings = 0;
			const fill = async (buffer: Buffer, position: number) => {
				await during((readings += 1));
				return await reader.fill(buffer, position);
			};
			return { fill, close: async () => await reader.close() };
		};
		return { ...source, openPositioned };
	}

	async function read(source: UploadSource, signal?: AbortSignal): Promise<number> {
		let parts = 0;
		for await (const { bytes } of readParts(source, PARTS, asked(signal))) parts += bytes.length / MIB;
		return parts;
	}

	it('that becomes shorter meanwhile has no further part, and no hash', async () => {
		const source = await watched((reading) => {
			if (reading === 2) truncateSync(file, MIB + 10);
		});
		await expect(read(source)).rejects.toThrow(`ended after ${MIB + 10} of ${2 * MIB} bytes`);
		expect(await openFiles()).not.toContain(file);
		const again = await watched((reading) => {
			if (reading === 2) truncateSync(file, MIB + 10);
		});
		await expect(checksumOf(again, 'md5', asked())).rejects.toThrow(`ended after ${MIB + 10}`);
		expect(await openFiles()).not.toContain(file);
	});

	it('that cannot be read has an error that names it', async () => {
		await existing(2 * MIB);
		const reader = await (await diskSource(file)).openPositioned?.();
		await reader?.close();
		await expect(reader?.fill(Buffer.alloc(10), 0)).rejects.toMatchObject({
			name: 'LocalFileError',
			message: expect.stringMatching(/^Reading ".*a\.bin" failed: .*\(EBADF\)$/) as string,
		});
	});

	it('is read no further once that is cancelled', async () => {
		for (const work of [read, hash]) {
			const stop = new AbortController();
			let last = 0;
			const source = await watched((reading) => {
				last = reading;
				stop.abort();
			});
			await expect(work(source, stop.signal)).rejects.toThrow(/abort|cancel/);
			expect(last).toBe(1);
			expect(await openFiles()).not.toContain(file);
		}
	});

	const hash = async (source: UploadSource, signal: AbortSignal) =>
		await checksumOf(source, 'md5', asked(signal));
});

describe('a source of any kind', () => {
	/** A source whose stream is in the hands of the test. */
	function manual(size: number): { source: UploadSource; streams: Readable[] } {
		const streams: Readable[] = [];
		const open = () => {
			const stream = new Readable({ read: () => undefined });
			streams.push(stream);
			return Promise.resolve(stream);
		};
		return { source: { fileName: 'a.bin', size, open }, streams };
	}

	it('that fails before anybody reads it fails the reader, and nothing else', async () => {
		const { source, streams } = manual(10);
		const { chunks, close } = await openSource(source, 0, asked());
		streams[0]?.destroy(new Error('EIO'));
		await turn();
		await expect(chunks.next()).rejects.toThrow('Reading "a.bin" failed: EIO');
		close();
		const closed = { ...source, open: () => Promise.reject(new Error('gone')) };
		await expect(openSource(closed, 0, asked())).rejects.toThrow('Reading "a.bin" failed: gone');
	});

	it('that gives nothing can be cancelled while it is hashed', async () => {
		const { source, streams } = manual(10);
		const stop = new AbortController();
		const hashing = checksumOf(source, 'md5', asked(stop.signal));
		await turn();
		stop.abort();
		await expect(hashing).rejects.toThrow('Uploading "a.bin" was cancelled');
		expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
	});

	it.each<[what: string, read: (source: UploadSource, context: Watched) => Promise<unknown>]>([
		['hashed', (source, context) => checksumOf(source, 'md5', context)],
		['read in parts', (source, context) => readParts(source, planParts(10, 5), context).next()],
	])('that hangs while it is %s is given up', async (_, read) => {
		const { source, streams } = manual(10);
		const reading = read(source, { ...asked(), timeoutMs: 50 });
		await turn();
		streams[0]?.push(Buffer.alloc(3));
		await expect(reading).rejects.toBeInstanceOf(StalledError);
		await expect(reading).rejects.toMatchObject({
			message: 'Uploading "a.bin" failed: it could not be read within 0.05 seconds',
			description: 'Its storage hangs. Try again later, or raise the option "Timeout (Seconds)".',
		});
		expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
	});

	it.each([
		['never closes', () => new Readable({ read: () => undefined, destroy: () => undefined })],
		[
			'hangs in a generator',
			() => {
				async function* stuck(): AsyncGenerator<Buffer> {
					await new Promise(() => undefined);
					yield Buffer.alloc(1);
				}
				return Readable.from(stuck(), { objectMode: false });
			},
		],
	])('whose stream %s is given up, and can be cancelled', async (_, make) => {
		const source = { fileName: 'a.bin', size: 10, open: () => Promise.resolve(make()) };
		await expect(checksumOf(source, 'md5', { ...asked(), timeoutMs: 50 })).rejects.toBeInstanceOf(
			StalledError,
		);
		const stop = new AbortController();
		const reading = readParts(source, planParts(10, 5), asked(stop.signal)).next();
		await turn();
		stop.abort();
		await expect(reading).rejects.toBeInstanceOf(CancelledError);
	});

	it('that can be read from its beginning only may take longer to come to its start than a chunk may', async () => {
		async function* slow(): AsyncGenerator<Buffer> {
			for (let count = 0; count < 12; count++) {
				await new Promise((resolve) => setTimeout(resolve, 100));
				yield Buffer.alloc(1, count);
			}
		}
		const starts: unknown[] = [];
		const open = (start?: number) => {
			starts.push(start);
			return Promise.resolve(Readable.from(slow(), { objectMode: false }));
		};
		const source = { fileName: 'a.bin', size: 12, isSequential: true, open };
		const { chunks, close } = await openSource(source, 11, { ...asked(), timeoutMs: 1000 });
		expect([...(await buffer(chunks))]).toEqual([11]);
		expect(starts).toEqual([0]);
		close();
	});

	it('that can be read from its beginning only is chunks from the start on, none of them empty', async () => {
		const open = () =>
			Promise.resolve(Readable.from(['ab', 'cde', 'fghijklmn'].map((text) => Buffer.from(text))));
		const source = { fileName: 'a.bin', size: 14, isSequential: true, open };
		const { chunks, close } = await openSource(source, 3, asked());
		const texts: string[] = [];
		for await (const chunk of chunks) texts.push(chunk.toString());
		expect(texts).toEqual(['de', 'fghijklmn']);
		close();
	});

	it('that is read slowly does not hang', async () => {
		const { source, streams } = manual(10);
		const { chunks, close } = await openSource(source, 0, { ...asked(), timeoutMs: 50 });
		streams[0]?.push(Buffer.alloc(10));
		await chunks.next();
		await new Promise((resolve) => setTimeout(resolve, 200));
		streams[0]?.push(null);
		expect(await chunks.next()).toEqual({ done: true, value: undefined });
		close();
	});

	it('that gives without end can be cancelled while it is hashed', async () => {
		const stop = new AbortController();
		let given = 0;
		const endless = new Readable({
			read() {
				if ((given += 1) === 10) stop.abort();
				this.push(Buffer.alloc(1000));
			},
		});
		const source = { fileName: 'a.bin', size: Number.MAX_SAFE_INTEGER, open: () => Promise.resolve(endless) };
		await expect(checksumOf(source, 'md5', asked(stop.signal))).rejects.toThrow(
			'Uploading "a.bin" was cancelled',
		);
		expect(endless.destroyed).toBe(true);
	});

	it.each([
		[9, /more than 9 bytes/],
		[11, /ended after 10 of 11 bytes/],
	])('whose size is said to be %d while it has 10 bytes is not hashed', async (size, message) => {
		const source = { ...bufferSource('a.bin', Buffer.alloc(10)), size };
		await expect(checksumOf(source, 'md5', asked())).rejects.toMatchObject({
			message: expect.stringMatching(message) as string,
			description: 'Try again when nothing writes to it any more.',
		});
	});

	it('that goes on after its end is not read on for its hash', async () => {
		let given = 0;
		const longer = new Readable({
			read() {
				this.push((given += 1) < 10_000 ? Buffer.alloc(1000) : null);
			},
		});
		const source = { fileName: 'a.bin', size: 10, open: () => Promise.resolve(longer) };
		await expect(checksumOf(source, 'md5', asked())).rejects.toThrow('it has more than 10 bytes');
		expect(given).toBeLessThan(1000);
	});

	it('that goes on behind a chunk that ends where it should is not taken for complete', async () => {
		const open = () => Promise.resolve(Readable.from([Buffer.alloc(10), Buffer.alloc(5)]));
		const source = { fileName: 'a.bin', size: 10, open };
		await expect(checksumOf(source, 'md5', asked())).rejects.toThrow('it has more than 10 bytes');
	});

	it('is closed when its reader is stopped between two parts', async () => {
		const { source, streams } = manual(20);
		const stop = new AbortController();
		const two = [1, 2].map((number) => ({ number, start: number * 10 - 10, end: number * 10 }));
		const first = readParts(source, two, asked(stop.signal)).next();
		await turn();
		streams[0]?.push(Buffer.alloc(10));
		expect((await first).value).toMatchObject({ part: { number: 1 } });
		stop.abort();
		expect(streams[0]?.destroyed).toBe(true);
	});
});
