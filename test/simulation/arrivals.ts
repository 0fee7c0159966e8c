import type { Chat, StoredFile } from './chat';
import type { Setup } from './history';
import type { People } from './people';

/** What workflows upload, and what of it comes over the wire. */
export class Arrivals {
	/** How often each content came under each name. */
	readonly times = new Map<string, number>();
	/** Those that said that they had succeeded. */
	readonly succeeded: string[] = [];
	/** Of how many older files of each a sync said that it could neither delete them nor write that down for the next one. */
	readonly saidToStay = new Map<string, number>();
	private readonly begun = new Set<string>();

	constructor(
		private readonly chat: Chat,
		private readonly people: People,
		private readonly setup: Setup,
		private readonly violate: (what: string) => void,
	) {}

	begins(name: string, content: string): void {
		this.begun.add(keyOf(name, content));
	}

	succeeds(name: string, content: string): void {
		this.succeeded.push(keyOf(name, content));
	}

	/** @param errors of one sync */
	hear(errors: readonly string[]): void {
		if (!errors.some((error) => error.includes('could not be written down'))) return;
		for (const error of errors) {
			const [, id] = /the older file (\d+) could not be deleted/.exec(error) ?? [];
			const file = id === undefined ? undefined : this.chat.byId(id);
			if (file === undefined) continue;
			const key = keyOf(file.name, file.content.toString());
			this.saidToStay.set(key, (this.saidToStay.get(key) ?? 0) + 1);
		}
	}

	/**
	 * Whether a file can be told from all others. Two folders that are both synced up may bring the same file at the same
	 * time, as they know nothing of each other; and without hashes a file with another time, or of a killed run, may be
	 * another one.
	 */
	get areTold(): boolean {
		const { folders, service } = this.setup;
		return service.hashes && folders.filter((operation) => operation !== 'toLocal').length < 2;
	}

	/** Before the file is in the chat. */
	add(file: StoredFile): void {
		const content = file.content.toString();
		const key = keyOf(file.name, content);
		if (this.begun.has(key) && !this.times.has(key)) this.people.putsIntoChat(file.name, content, 'old');
		this.times.set(key, (this.times.get(key) ?? 0) + 1);
		// Told to replace, a sync sends what is there already, and then deletes that.
		if (!this.areTold || this.setup.options.ifExists === 'overwrite') return;
		const twin = this.chat.files.find(
			({ id, name, content: other, status }) =>
				id !== file.id &&
				name === file.name &&
				other.equals(file.content) &&
				status !== 'error' &&
				status !== 'uploading',
		);
		if (twin === undefined) return;
		this.violate(`${file.name} with ${content} is there twice: ${twin.id} and ${file.id}`);
	}
}

export const keyOf = (name: string, content: string) => `${name}: ${content}`;
