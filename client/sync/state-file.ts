import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LocalFileError } from '../api/errors';
import { isRecord } from '../api/json';
import { hashOf } from '../transfer/hash';
import { localFileError } from '../transfer/local-error';
import { showName } from './names';
import { temporaryFile } from './own-files';

/**
 * A file that keeps what a sync must know later. The first line says what it is and carries a checksum of the others, so that
 * a damaged file is never taken for a shorter one; each other line is one entry, as JSON.
 */
export interface StateHeader {
	/** What kind of file it is: `memory`. */
	kind: string;
	/** A version that this program does not know is refused: it might mean something else by the same words. */
	version: number;
	/** Whose it is: the service and the chat. */
	service: string;
	chatId: string;
}

/** Entries are put together and written in batches, so that a long file does not hold up everything else. */
const BATCH = 5_000;

const NEWLINE = 0x0a;

/**
 * @param parse makes an entry of a parsed line, undefined of what is none
 * @param take gets the entries, in their order; they count only if it resolves
 * @returns false when there is no such file
 * @throws LocalFileError when there is one that cannot be read or trusted; `description` says what to do
 */
export async function readState<T>(
	path: string,
	header: StateHeader,
	parse: (line: unknown) => T | undefined,
	take: (entry: T) => void,
): Promise<boolean> {
	// As bytes and line by line, so that a long file is in memory only once.
	const bytes = await readBytes(path);
	if (bytes === undefined) return false;
	const end = bytes.indexOf(NEWLINE);
	const body = bytes.subarray(end + 1);
	const found = parseLine(bytes.toString('utf8', 0, Math.max(0, end)));
	assertOurs(path, found, header);
	if (found['md5'] !== hashOf('md5', body)) throw damaged(path, 'its checksum is wrong');
	let taken = 0;
	for (let start = 0; start < body.length;) {
		const stop = body.indexOf(NEWLINE, start);
		const entry = stop < 0 ? undefined : parse(parseLine(body.toString('utf8', start, stop)));
		if (entry === undefined) throw damaged(path, 'an entry makes no sense');
		take(entry);
		taken += 1;
		start = stop + 1;
		if (taken % BATCH === 0) await pause();
	}
	return true;
}

/**
 * Writes the file aside, flushes it and renames it: at every instant there is the old one or the new one, whole.
 *
 * @throws LocalFileError
 */
export async function writeState(
	path: string,
	header: StateHeader,
	entries: Iterable<unknown>,
): Promise<void> {
	const batches: string[] = [];
	let lines: string[] = [];
	const hash = createHash('md5');
	const close = () => {
		const batch = lines.join('');
		hash.update(batch);
		batches.push(batch);
		lines = [];
	};
	for (const entry of entries) {
		lines.push(`${JSON.stringify(entry)}\n`);
		if (lines.length < BATCH) continue;
		close();
		await pause();
	}
	close();
	const temporary = join(dirname(path), temporaryFile(randomUUID()));
	let isCreated = false;
	try {
		const file = await open(temporary, 'wx', 0o666);
		isCreated = true;
		try {
			await file.write(`${JSON.stringify({ ...header, md5: hash.digest('hex') })}\n`);
			for (const batch of batches) await file.writeFile(batch);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, path);
	} catch (error) {
		if (isCreated) await rm(temporary).catch(() => undefined);
		throw localFileError(`Writing ${showName(path)}`, error);
	}
}

/** @throws LocalFileError; that there is no such file is no failure */
export async function removeState(path: string): Promise<void> {
	try {
		await rm(path, { force: true });
	} catch (error) {
		throw localFileError(`Removing ${showName(path)}`, error);
	}
}

async function readBytes(path: string): Promise<Buffer | undefined> {
	try {
		const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
		try {
			return await file.readFile();
		} finally {
			await file.close();
		}
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		const { message } = localFileError(`Reading ${showName(path)}`, error);
		throw new LocalFileError(message, { description: whatToDo(path), cause: error });
	}
}

function assertOurs(
	path: string,
	found: unknown,
	{ kind, version, service, chatId }: StateHeader,
): asserts found is Record<string, unknown> {
	if (!isRecord(found) || found['kind'] !== kind) throw damaged(path, 'it is not what its name says');
	if (found['version'] !== version) {
		throw new LocalFileError(
			`Reading ${showName(path)} failed: its version is ${JSON.stringify(found['version'])}, and only ${version} is known here`,
			{
				description: `Update this package, as a newer one has written the file. Or else: ${whatToDo(path)}`,
			},
		);
	}
	if (found['service'] !== service || found['chatId'] !== chatId)
		throw damaged(path, 'it belongs to another service or chat');
}

/** Undefined for what is no JSON, which no entry is. */
function parseLine(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}

function damaged(path: string, why: string): LocalFileError {
	return new LocalFileError(`Reading ${showName(path)} failed: ${why}`, { description: whatToDo(path) });
}

const whatToDo = (path: string) =>
	`Put the file back from a copy, or remove "${basename(path)}": the next sync then starts without a memory, deletes nothing, and takes what is the same on both sides into a new one.`;

/** Lets everything else in this process have its turn. */
const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
