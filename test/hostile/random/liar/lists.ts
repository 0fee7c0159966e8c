/** What the service's lists show of the truth: when, in which pages, with which hashes and by which clock. */
import { statusOf, type Store, type StoredFile } from './store';

/** An id in JSON that is still to be written: `jsonText` turns it into bare digits. */
export const wireId = (id: string) => `§${id}`;

/** JSON text with the ids as numbers, however large. */
export function jsonText(value: unknown): string {
	return JSON.stringify(value ?? null).replace(/"§(\d+)"/g, '$1');
}

export const DIRECTORIES = [
	{ id: '1', name: 'chat' },
	{ id: '2', name: 'knowledgeBase' },
	{ id: '3', name: 'zero2x' },
	{ id: '4', name: 'reports' },
] as const;

interface Page {
	total: number;
	items: unknown[];
}

export class Lists {
	private asked = 0;

	constructor(private readonly store: Store) {}

	/** GET /listChatFiles. */
	chat(query: URLSearchParams): Page {
		this.move();
		const chatId = query.get('chat_id') ?? '';
		const files = this.visible().filter(({ place }) => place.biz === 'chat' && place.key === chatId);
		const { broken, paging } = this.store.settings;
		const byOffset = paging === 'offset' || (paging === 'both' && query.has('offset'));
		return this.page([...files.map((file) => this.info(file)), ...broken], query, byOffset);
	}

	/** GET /listDirectories. */
	directories(query: URLSearchParams): Page {
		const name = query.get('name') ?? '';
		const found = DIRECTORIES.filter((directory) => directory.name.includes(name));
		const sort = query.get('sort_by') ?? '';
		const sorted = sort.endsWith('_desc') ? found.toReversed() : found;
		const items = sorted.map(({ id, name }) => ({
			id: wireId(id),
			created_at: '2024-01-01T00:00:00Z',
			name,
		}));
		return this.page(items, query);
	}

	/** GET /listFilesInDirectory. */
	directory(query: URLSearchParams): Page {
		this.move();
		const directory = DIRECTORIES.find(({ id }) => id === query.get('directory_id'));
		const name = query.get('name') ?? '';
		const files = this.visible().filter(
			(file) => file.place.biz === directory?.name && this.matches(file.name, name),
		);
		const [field, direction] = (query.get('sort_by') ?? 'upload_at_asc').split(/_(?=[^_]*$)/);
		files.sort((a, b) =>
			field === 'name' ? (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) : a.storedAt - b.storedAt,
		);
		if (direction === 'desc') files.reverse();
		return this.page(
			files.map((file) => this.info(file)),
			query,
		);
	}

	/** The files that the lists show at this moment, in the order of their ids. */
	visible(now = Date.now()): StoredFile[] {
		return [...this.store.files.values()].filter(({ listedAt }) => listedAt <= now);
	}

	private matches(filename: string, name: string): boolean {
		const { search } = this.store.settings;
		if (name === '') return true;
		if (search === 'exact') return filename === name;
		if (search === 'caseless') return filename.toLowerCase().includes(name.toLowerCase());
		return filename.includes(name);
	}

	/** One file goes and another comes, between two pages of whoever lists. */
	private move(): void {
		this.asked += 1;
		if (!this.store.settings.moves.includes(this.asked)) return;
		const oldest = [...this.store.files.values()].find(({ name }) => name.startsWith('crowd-'));
		if (!oldest) return;
		this.store.delete(oldest.id);
		this.store.addCrowd(1000 + this.asked, 'others');
	}

	/** Only chats are ever listed by offset. */
	private page(all: readonly unknown[], query: URLSearchParams, byOffset = false): Page {
		const { paging, maxPage } = this.store.settings;
		const number = (name: string, otherwise: number) =>
			query.has(name) ? Number(query.get(name)) : otherwise;
		const limit = Math.min(number(byOffset ? 'limit' : 'page_size', 100), maxPage);
		const offset = byOffset ? number('offset', 0) : (number('page_number', 1) - 1) * limit;
		const start = paging === 'ignored' ? 0 : offset;
		return { total: all.length, items: all.slice(start, start + limit) };
	}

	private info(file: StoredFile): Record<string, unknown> {
		return {
			id: wireId(file.id),
			filename: file.name,
			size: file.size,
			hashcode: this.hashcode(file),
			upload_at: this.uploadAt(file),
			user_id: file.userId,
			status: statusOf(file),
			biz: file.place.biz,
			biz_params: file.place.bizParams,
		};
	}

	private hashcode(file: StoredFile): string {
		if (file.from !== 'call') return file.hashcode;
		const forms = {
			asSent: file.hashcode,
			none: '',
			sha256: file.digest?.sha256 ?? '',
			upper: file.hashcode.toUpperCase(),
		};
		return forms[this.store.settings.hashes];
	}

	private uploadAt({ storedAt }: StoredFile): string {
		const { clockMs, uploadAt } = this.store.settings;
		const iso = (ms: number) => new Date(storedAt + clockMs + ms).toISOString();
		const forms = {
			utc: iso(0),
			noZone: iso(0).slice(0, -1),
			local: iso(8 * 3_600_000).slice(0, -1),
			behind: iso(-60_000),
			garbage: 'a while ago',
		};
		return forms[uploadAt];
	}
}
