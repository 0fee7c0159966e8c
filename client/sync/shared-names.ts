import { lazily } from './lazily';
import type { Rules } from './modes';
import type { LocalFile, Trees } from './trees';

/** The names that local files share: in subfolders, and on a disk that does not tell them apart. */
export class SharedNames {
	/** Files by the key of their name; undefined where each has its own place in the chat. */
	private readonly files: Map<string, number> | undefined;
	/** Keys of names of which a file is wanted: then all of that name have a claim to the chat's files. */
	private readonly wanted = new Set<string>();

	constructor(
		private readonly entries: Trees['local']['entries'],
		private readonly rules: Rules,
	) {
		// A place may have another name than its file in the chat, and the filter goes by that.
		if (rules.mode.down) return;
		this.files = new Map();
		for (const entry of entries) {
			if (entry.kind !== 'file') continue;
			const key = rules.keyOf(entry.name);
			this.files.set(key, (this.files.get(key) ?? 0) + 1);
			if (rules.filter.accepts(entry.path)) this.wanted.add(key);
		}
	}

	/** How many files have this one's name, itself among them; 0 where none of them is wanted. */
	count({ name }: LocalFile): number {
		if (this.files === undefined) return 1;
		const key = this.rules.keyOf(name);
		return this.wanted.has(key) ? (this.files.get(key) ?? 0) : 0;
	}

	/** How many of them have its size too. */
	countOfSize({ name, size }: LocalFile): number {
		return this.ofSize().get(`${size} ${this.rules.keyOf(name)}`) ?? 1;
	}

	/** Only of names that are shared: most are not. */
	private readonly ofSize = lazily(() => {
		const counts = new Map<string, number>();
		for (const entry of this.entries) {
			if (entry.kind !== 'file' || this.count(entry) < 2) continue;
			const key = `${entry.size} ${this.rules.keyOf(entry.name)}`;
			counts.set(key, (counts.get(key) ?? 0) + 1);
		}
		return counts;
	});
}
