import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { isErrorCode } from '../../harness/n8n-host/errors';
import type { Chance } from '../../harness/simulation/chance';
import type { RunningService } from '../../local-service';
import { md5, type Contents } from './contents';
import { CHATS, folderOf, SYNCS, type SyncName } from './workflows';

/** What people have put on either side of a sync, by MD5. */
export interface Ledger {
	/** Put there, and nobody has deleted or written over it since: it must be there in the end. */
	missed: Set<string>;
	/** Deleted or written over by somebody. */
	undone: Set<string>;
}

/** Those who add, edit and delete files on both sides of the syncs, and put files into the chat that is watched. */
export class People {
	readonly ledgers: Record<SyncName, Ledger>;
	acts = 0;
	bytes = 0;

	constructor(
		private readonly service: RunningService,
		private readonly sharedFolder: string,
		/** On the same disk as the folders, and nothing of n8n's. */
		private readonly desk: string,
		private readonly contents: Contents,
		private readonly chance: Chance,
	) {
		const ledger = (): Ledger => ({ missed: new Set(), undone: new Set() });
		this.ledgers = { toLocal: ledger(), toRemote: ledger(), both: ledger() };
	}

	/** One act of somebody. */
	async act(): Promise<void> {
		this.acts += 1;
		const where = this.chance.below(10);
		if (where < 4) await this.#intoWatched();
		else if (where < 6) await this.#inChat('toLocal');
		else if (where < 8) this.#inFolder('toRemote');
		else if (where < 9) await this.#inChat('both');
		else this.#inFolder('both');
	}

	/** So that no folder and no chat is empty when it begins. */
	async begin(): Promise<void> {
		for (const sync of SYNCS) {
			if (sync !== 'toRemote') for (let count = 0; count < 4; count++) await this.#inChat(sync);
			if (sync !== 'toLocal') for (let count = 0; count < 4; count++) this.#inFolder(sync);
		}
	}

	async #intoWatched(): Promise<void> {
		const content = this.#write();
		const filename = this.contents.uniqueName('by hand');
		await this.service.addFile({ filename, chatId: CHATS.watched, content });
	}

	async #inChat(sync: SyncName): Promise<void> {
		const filename = this.contents.name();
		const chatId = CHATS[sync];
		const [old] = this.service
			.files()
			.filter((file) => file.chatId === chatId && file.filename === filename && file.status === 'ok');
		if (old !== undefined) {
			this.#forget(sync, await this.service.readFile(old.id));
			await this.service.removeFile(old.id);
			if (this.chance.percent(40)) return;
		}
		const content = this.#write();
		this.ledgers[sync].missed.add(md5(content));
		await this.service.addFile({
			filename,
			chatId,
			content,
			...(this.chance.percent(70) ? { hashcode: md5(content) } : {}),
		});
	}

	/** Between looking and doing there is no moment for anybody else in this process, and next to none for another. */
	#inFolder(sync: SyncName): void {
		const folder = folderOf(this.sharedFolder, sync);
		const name = this.contents.name();
		const path = join(folder, name);
		const draft = join(this.desk, 'draft');
		const isThere = readdirSync(folder).includes(name);
		if (isThere && this.chance.percent(40)) {
			renameSync(path, draft);
			this.#forget(sync, readFileSync(draft));
			rmSync(draft);
			return;
		}
		const content = this.#write();
		writeFileSync(draft, content);
		this.ledgers[sync].missed.add(md5(content));
		if (isThere) {
			this.#forget(sync, readFileSync(path));
			renameSync(draft, path);
		} else {
			try {
				linkSync(draft, path);
			} catch (error) {
				// A sync was quicker with a file of this name.
				this.#forget(sync, content);
				if (!isErrorCode(error, 'EEXIST')) throw error;
			} finally {
				rmSync(draft);
			}
		}
	}

	#write(): Buffer {
		const content = this.contents.make();
		this.bytes += content.length;
		return content;
	}

	#forget(sync: SyncName, content: Buffer): void {
		const { missed, undone } = this.ledgers[sync];
		missed.delete(md5(content));
		undone.add(md5(content));
	}
}
