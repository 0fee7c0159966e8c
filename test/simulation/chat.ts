import { createHash } from 'node:crypto';

import type { VirtualClock } from '../../harness/simulation/clock';
import type { Setup } from './history';

export type Status = 'ok' | 'uploading' | 'merging' | 'error';

export interface StoredFile {
	readonly id: string;
	readonly name: string;
	readonly size: number;
	readonly hash: string;
	/** Milliseconds since 1970. */
	readonly uploadedAt: number;
	readonly status: Status;
	readonly content: Buffer;
	/** Nobody has uploaded it over the wire: a person has put it there. */
	readonly byPerson: boolean;
}

export const md5 = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex');

/** Lists never lag by more than this. Milliseconds. */
const LONGEST_LAG = 60_000;

/** The one chat of a world, as the service has it, and as its lists show it. */
export class Chat {
	files: readonly StoredFile[] = [];
	/** How far lists are behind, and until when. Milliseconds. */
	private lag = { ms: 0, until: 0 };
	private versions: Array<{ at: number; files: readonly StoredFile[] }> = [{ at: 0, files: [] }];
	private nextId: bigint;
	/** Contents of all that became `ok`, also of what is gone. */
	readonly known = new Map<string, Buffer>();

	constructor(
		private readonly clock: VirtualClock,
		private readonly setup: Setup['service'],
		large: boolean,
		/** Told of each file that the wire has brought, before it is there. */
		private readonly onArrival: (file: StoredFile) => void,
	) {
		this.nextId = large ? 1955228426376908801n : 1n;
	}

	isBehind(ms: number, forMs: number): void {
		this.lag = { ms: Math.min(ms, LONGEST_LAG), until: this.clock.now + forMs };
	}

	/** The files as a list shows them now. */
	listed(): readonly StoredFile[] {
		const { lag, clock, versions } = this;
		const at = clock.now - (clock.now < lag.until ? lag.ms : 0);
		let shown = versions[0]?.files ?? [];
		for (const version of versions) if (version.at <= at) shown = version.files;
		const files = [...shown].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
		return this.setup.newest === 'first' ? files.reverse() : files;
	}

	byId(id: string | null): StoredFile | undefined {
		return this.files.find((file) => file.id === id);
	}

	named(name: string): StoredFile | undefined {
		return this.files.find((file) => file.name === name && file.status === 'ok');
	}

	/** A person's file is `ok` at once, another one after a while. */
	add(name: string, content: Buffer, hash: string, byPerson: boolean): StoredFile {
		const file = this.file(name, content, hash, byPerson, byPerson ? 'ok' : 'merging');
		this.change([...this.files, file]);
		if (!byPerson) this.complete(file.id);
		return file;
	}

	/** The first step of an upload in parts. */
	begin(name: string, hash: string, size: number): StoredFile {
		const file = { ...this.file(name, Buffer.alloc(0), hash, false, 'uploading'), size };
		this.change([...this.files, file]);
		return file;
	}

	/** The content is there; it becomes `ok` after a while. */
	complete(id: string, content?: Buffer): void {
		const file = this.byId(id);
		if (file === undefined) return;
		const whole = { ...file, ...(content && { content }) };
		this.onArrival(whole);
		this.replace({ ...whole, status: this.setup.mergeMs > 0 ? 'merging' : 'ok' });
		if (this.setup.mergeMs === 0) return;
		this.clock.in(this.setup.mergeMs, undefined, () => {
			const now = this.byId(id);
			if (now) this.replace({ ...now, status: 'ok' });
		});
	}

	replace(file: StoredFile): void {
		this.change(this.files.map((each) => (each.id === file.id ? file : each)));
	}

	remove(id: string): boolean {
		const left = this.files.filter((file) => file.id !== id);
		const wasThere = left.length < this.files.length;
		if (wasThere) this.change(left);
		return wasThere;
	}

	private file(name: string, content: Buffer, hash: string, byPerson: boolean, status: Status): StoredFile {
		const id = String(this.nextId++);
		const uploadedAt = this.clock.timeOfDay;
		return { id, name, size: content.length, hash, uploadedAt, status, content, byPerson };
	}

	private change(files: readonly StoredFile[]): void {
		this.files = files;
		for (const { id, status, content } of files) if (status === 'ok') this.known.set(id, content);
		const { now } = this.clock;
		this.versions.push({ at: now, files });
		const old = this.versions.findLastIndex(({ at }) => at < now - LONGEST_LAG);
		if (old > 0) this.versions.splice(0, old);
	}
}
