import fs from 'node:fs';
import path from 'node:path';

import type { VirtualClock } from '../../harness/simulation/clock';
import { setTimes } from '../../harness/simulation/disk';
import { type Chat, md5 } from './chat';
import { filesIn } from './checks';
import { Conflicts } from './conflicts';
import type { Event, Setup } from './history';

type InFolder = Extract<Event, { folder: number; name: string }>;
type InChat = Extract<Event, { do: 'put' | 'drop' } | { do: 'add' }>;

/** Those who edit both sides, and what they would miss. */
export class People {
	/** Contents that somebody has put somewhere, and nobody has deleted or written over since. */
	readonly missed = new Set<string>();
	/** Contents of which somebody has deleted, touched or written over a copy. */
	readonly undone = new Set<string>();
	private written = 0;
	private readonly conflicts: Conflicts;

	constructor(
		private readonly clock: VirtualClock,
		private readonly chat: Chat,
		private readonly folders: readonly string[],
		private readonly setup: Setup,
	) {
		this.conflicts = new Conflicts(setup);
	}

	/** @returns what was done, for the story; undefined for nothing */
	act(event: InFolder | InChat): string | undefined {
		return 'folder' in event ? this.inFolder(event) : this.inChat(event);
	}

	private inChat(event: InChat): string | undefined {
		const { chat } = this;
		switch (event.do) {
			case 'put':
			case 'add': {
				const old = event.do === 'put' ? chat.named(event.name) : undefined;
				if (old) {
					this.forget(old.content);
					chat.remove(old.id);
				}
				const content = this.content();
				return `${content} into the chat as ${this.addToChat(event.name, content)}`;
			}
			case 'drop': {
				const file = chat.named(event.name);
				if (file === undefined) return undefined;
				this.forget(file.content);
				chat.remove(file.id);
				return `${file.content.toString()} from the chat (${file.id})`;
			}
		}
	}

	private inFolder(event: InFolder): string | undefined {
		const file = this.pathOf(event.folder, event.name);
		const there = fs.existsSync(file) ? fs.statSync(file) : undefined;
		if (there?.isDirectory() === true) return this.withSubfolder(event, file);
		const before = there && fs.readFileSync(file);
		switch (event.do) {
			case 'write': {
				if (!hasParents(file)) return undefined;
				if (before) this.forget(before);
				const content = this.content();
				fs.writeFileSync(file, content);
				setTimes(file, this.timeOfEdit);
				if (!this.isReplacedIn(event.folder, event.name)) this.missed.add(content);
				this.isAlso(event.name, event.folder, content, 'new');
				return `${content} into the folder`;
			}
			case 'delete':
				if (before === undefined) return undefined;
				this.forget(before);
				fs.unlinkSync(file);
				return `${before.toString()} from the folder`;
			case 'touch':
				if (before === undefined) return undefined;
				setTimes(file, this.timeOfEdit);
				this.undone.add(before.toString());
				this.isAlso(event.name, event.folder, before.toString(), 'old');
				return before.toString();
			case 'rename': {
				const to = this.pathOf(event.folder, event.to);
				if (before === undefined || fs.existsSync(to) || !hasParents(to)) return undefined;
				fs.renameSync(file, to);
				if (this.isReplacedIn(event.folder, event.to)) this.missed.delete(before.toString());
				this.isAlso(event.to, event.folder, before.toString(), 'old');
				return before.toString();
			}
		}
	}

	/** @param place a subfolder */
	private withSubfolder(event: InFolder, place: string): string | undefined {
		if (event.do === 'delete') {
			for (const name of filesIn(place)) this.forget(fs.readFileSync(path.join(place, name)));
			fs.rmSync(place, { recursive: true });
			return 'a subfolder';
		}
		if (event.do !== 'rename') return undefined;
		const to = this.pathOf(event.folder, event.to);
		if (fs.existsSync(to) || `${to}/`.startsWith(`${place}/`) || !hasParents(to)) return undefined;
		fs.renameSync(place, to);
		return 'a subfolder';
	}

	bringCrowd(files: number): void {
		for (let left = files; left > 0; left--) {
			const content = this.content();
			this.addToChat(`${content}.txt`, content);
		}
	}

	/** @param folder else the chat */
	purge(folder: number | undefined): void {
		if (folder === undefined) {
			for (const { id, content, status } of this.chat.files) {
				if (status !== 'ok') continue;
				this.forget(content);
				this.chat.remove(id);
			}
			return;
		}
		for (const name of filesIn(this.folders[folder] ?? ''))
			this.inFolder({ at: 0, do: 'delete', folder, name });
	}

	/** @returns its id */
	private addToChat(name: string, content: string): string {
		const hash = this.setup.service.hashes ? md5(content) : '';
		const { id } = this.chat.add(name, Buffer.from(content), hash, true);
		this.putsIntoChat(name, content, 'new');
		return id;
	}

	/** A content like no other. Some have the same size. */
	content(): string {
		const number = ++this.written;
		return `content ${String(number).padStart(4, '0')}${number % 5 === 0 ? ' and more' : ''}`;
	}

	putsIntoChat(name: string, content: string, age: 'new' | 'old'): void {
		if (!this.isReplacedInChat) this.missed.add(content);
		this.isAlso(name, 'chat', content, age);
	}

	/** The same name on another side may make a conflict, and the rule may give something up. */
	private isAlso(place: string, side: number | 'chat', content: string, age: 'new' | 'old'): void {
		const name = path.basename(place);
		// A sync both ways leaves subfolders alone.
		if (name !== place && side !== 'chat' && this.setup.folders[side] === 'both') return;
		for (const loser of this.conflicts.losers({ name, side, content, age })) this.missed.delete(loser);
	}

	forget(content: Buffer | string): void {
		this.missed.delete(content.toString());
		this.undone.add(content.toString());
	}

	/** A disk counts finer than in milliseconds; a whole one is the mark of a sync. */
	private get timeOfEdit(): number {
		return Math.floor(this.clock.timeOfDay) + 0.5;
	}

	/** A sync to local that replaces is meant to replace what was edited locally, one both ways takes what is in the chat. */
	private isReplacedIn(folder: number, name: string): boolean {
		if (name.includes('/')) return false;
		const operation = this.setup.folders[folder];
		if (operation === 'toLocal') return this.setup.options.ifExists !== 'skip';
		return operation === 'both' && this.isReplacedInChat;
	}

	/** The same for the chat. */
	private get isReplacedInChat(): boolean {
		return this.setup.folders.includes('toRemote') && this.setup.options.ifExists !== 'skip';
	}

	private pathOf(folder: number, name: string): string {
		return path.join(this.folders[folder] ?? '', name);
	}
}

/** Makes the folders on the way. @returns false where one of them is a file */
function hasParents(file: string): boolean {
	try {
		fs.mkdirSync(path.dirname(file), { recursive: true });
		return true;
	} catch {
		return false;
	}
}
