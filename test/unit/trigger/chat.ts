import { UnreadableRecord, type FileInfo, type FilePage } from '../../../client';
import type { FileList } from '../../../nodes/BddFileTrigger/look';

export type Order = 'ascending' | 'descending' | 'arrival';

/** A chat in memory, as a service lists it. */
export class Chat {
	private files: FileInfo[] = [];
	private readonly arrivals = new Map<string, number>();

	constructor(private readonly order: Order = 'ascending') {}

	get all(): readonly FileInfo[] {
		return this.files;
	}

	add(id: string, status: FileInfo['status'] = 'ok', uploadAt = '2026-01-01T00:00:00Z'): void {
		this.addAll([id], status, uploadAt);
	}

	addAll(ids: readonly string[], status: FileInfo['status'] = 'ok', uploadAt = '2026-01-01T00:00:00Z'): void {
		for (const id of ids) this.arrivals.set(id, this.arrivals.size);
		const added = ids.map((id): FileInfo => ({
			id,
			filename: `file ${id}`,
			size: 1,
			hashcode: '',
			upload_at: uploadAt,
			user_id: '1',
			status,
			biz: 'chat',
			biz_params: { chat_id: 'c' },
		}));
		this.files = [...this.files, ...added];
	}

	change(id: string, status: FileInfo['status']): void {
		this.changeAll([id], status);
	}

	changeAll(ids: readonly string[], status: FileInfo['status']): void {
		const changed = new Set(ids);
		this.files = this.files.map((file) => (changed.has(String(file.id)) ? { ...file, status } : file));
	}

	/** Another one that is the same now. */
	copy(): Chat {
		return Object.assign(new Chat(this.order), { files: this.files, arrivals: new Map(this.arrivals) });
	}

	remove(...ids: string[]): void {
		const gone = new Set(ids);
		this.files = this.files.filter((file) => !gone.has(String(file.id)));
	}

	/** The list as it is now; what happens later does not change it. */
	list({ pageSize = 100, broken = [], nameless = 0, extra = 0 }: ListOptions = {}): CountedList {
		const { files, order, arrivals } = this;
		const at = (file: FileInfo) => arrivals.get(String(file.id)) ?? 0;
		const byId = (a: FileInfo, b: FileInfo) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1);
		const sorted = [...files].sort(order === 'arrival' ? (a, b) => at(a) - at(b) : byId);
		if (order === 'descending') sorted.reverse();
		const records = sorted.map((file) =>
			broken.includes(String(file.id)) ? new UnreadableRecord('it is broken', file.id) : file,
		);
		const withoutId = Array.from({ length: nameless }, () => new UnreadableRecord('it has no id'));
		return new CountedList([...records, ...withoutId], pageSize, extra);
	}
}

export interface ListOptions {
	pageSize?: number;
	/** Ids of records that cannot be read. */
	broken?: string[];
	/** Records without an id, at the end. */
	nameless?: number;
	/** How far the total is off. */
	extra?: number;
}

/** A list that counts what it is asked, and refuses to be read as a whole when its total is wrong, as the client does. */
export class CountedList implements FileList {
	requests = 0;
	wholeReadings = 0;
	/** What was asked, by number; `whole` for all of it. */
	readonly asked: Array<number | 'whole'> = [];

	constructor(
		private readonly records: ReadonlyArray<FileInfo | UnreadableRecord>,
		readonly pageSize: number,
		private readonly extra: number,
	) {}

	page(number: number): Promise<FilePage> {
		this.requests += 1;
		this.asked.push(number);
		const from = (number - 1) * this.pageSize;
		const records = this.records.slice(from, from + this.pageSize);
		return Promise.resolve({ total: this.records.length + this.extra, records });
	}

	all(): Promise<ReadonlyArray<FileInfo | UnreadableRecord>> {
		this.wholeReadings += 1;
		this.asked.push('whole');
		if (this.extra !== 0) return Promise.reject(new Error('the list is not complete'));
		return Promise.resolve(this.records);
	}
}

/** An id as a service of our time gives them: 64 bits, the time in front. */
export const longId = (index: number) =>
	String(1955228426376908801n + BigInt(index) * 4194304000n + BigInt(index % 7));

export const idsOf = (count: number, idOf: (index: number) => string = longId) =>
	Array.from({ length: count }, (_, index) => idOf(index));

/** Whole numbers, one after the other. */
export const idsFrom = (first: number, count: number) => idsOf(count, (index) => String(first + index));

export function chatOf(count: number, idOf?: (index: number) => string): Chat {
	const chat = new Chat();
	chat.addAll(idsOf(count, idOf));
	return chat;
}
