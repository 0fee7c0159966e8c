import { closeSync, ftruncateSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hasCode } from '../errors';
import type { Entry } from './records';

const NEWLINE = 0x0a;

/**
 * The append-only list of all changes, one JSON text per line. A line is in the kernel's hands when `append` returns,
 * so it outlives the process; a line that was cut short by a kill has no newline and is ignored by the next start.
 */
export class Journal {
	private length = 0;

	private constructor(private readonly fd: number) {}

	/**
	 * Replays the journal at `path` and replaces it by a compact one.
	 * @param replay is called with every entry in order.
	 * @param compact gives the entries to start the new journal with, after the replay.
	 * @throws when a line that was written completely is no JSON: the file was damaged by something else.
	 */
	static open(path: string, replay: (entry: Entry) => void, compact: () => Iterable<Entry>): Journal {
		for (const entry of readEntries(path)) replay(entry);
		const fresh = `${path}.new`;
		rmSync(fresh, { force: true });
		const journal = new Journal(openSync(fresh, 'ax'));
		let lines = '';
		for (const entry of compact()) {
			lines += line(entry);
			if (lines.length > 1024 * 1024) {
				journal.write(lines);
				lines = '';
			}
		}
		journal.write(lines);
		renameSync(fresh, path);
		return journal;
	}

	/** Adds one entry. When the disk refuses it, nothing of it remains. */
	append(entry: Entry): void {
		this.write(line(entry));
	}

	close(): void {
		closeSync(this.fd);
	}

	private write(lines: string): void {
		const bytes = Buffer.from(lines);
		try {
			let written = 0;
			while (written < bytes.length) written += writeSync(this.fd, bytes, written);
		} catch (error) {
			ftruncateSync(this.fd, this.length);
			throw error;
		}
		this.length += bytes.length;
	}
}

const line = (entry: Entry): string => `${JSON.stringify(entry)}\n`;

function* readEntries(path: string): Generator<Entry> {
	let bytes: Buffer;
	try {
		bytes = readFileSync(path);
	} catch (error) {
		if (hasCode(error, 'ENOENT')) return;
		throw error;
	}
	let start = 0;
	for (let number = 1; ; number++) {
		const end = bytes.indexOf(NEWLINE, start);
		if (end < 0) return;
		try {
			yield JSON.parse(bytes.toString('utf8', start, end)) as Entry;
		} catch (cause) {
			throw new Error(`The journal ${path} is damaged in line ${number}`, { cause });
		}
		start = end + 1;
	}
}
