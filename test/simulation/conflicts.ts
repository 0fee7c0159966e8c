import type { Setup } from './history';

/** A content that somebody puts on a side, or that is there under another name or time. */
interface Version {
	name: string;
	/** A folder, or the chat. */
	side: number | 'chat';
	content: string;
	/** `new`: its time is that of now. */
	age: 'new' | 'old';
}

/** What the rule for conflicts may give up of what people have written. */
export class Conflicts {
	private readonly versions = new Map<string, Version[]>();

	constructor(private readonly setup: Setup) {}

	/** @returns contents that may go, now that this one is there too */
	losers(version: Version): string[] {
		const { folders, options } = this.setup;
		if ((options.conflict ?? 'keepBoth') === 'keepBoth' || !folders.includes('both')) return [];
		if (version.side !== 'chat' && folders[version.side] === 'toLocal') return [];
		const versions = [...(this.versions.get(version.name) ?? []), version];
		this.versions.set(version.name, versions);
		if (new Set(versions.map(({ side }) => side)).size < 2) return [];
		return versions.filter((each) => !this.wins(each, versions)).map(({ content }) => content);
	}

	/** What comes from a second folder is, for the first one, the chat's. */
	private wins(version: Version, versions: readonly Version[]): boolean {
		if (this.setup.folders.filter((operation) => operation !== 'toLocal').length > 1) return false;
		switch (this.setup.options.conflict) {
			case 'local':
				return version.side !== 'chat';
			case 'remote':
				return version.side === 'chat';
			case 'newest':
				return version === versions.at(-1) && versions.every(({ age }) => age === 'new');
			case 'keepBoth':
			case undefined:
		}
		return true;
	}
}
