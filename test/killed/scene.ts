import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { BddFileClient, type SyncItem } from '../../client';
import { type FaultProxy, startFaultProxy } from '../../harness/fault-proxy';
import type { RunningService } from '../../local-service';
import type { Task } from './process';

const USER = '7';

const MIB = 1024 * 1024;
/** Goes up in two parts. */
const LARGE = randomBytes(5 * MIB + 128 * 1024);
/** Comes down in several pieces. */
const MEDIUM = randomBytes(MIB + 1);

/** What both sides look like in the end, to be compared; ids in names are left out. */
export interface Ending {
	folder: string[];
	chat: string[];
	trash: string[];
	/** What a sync keeps in the folder for itself, but for unfinished files of a killed run, which go after a day. */
	own: string[];
}

/** A chat and a folder that were in sync, and what people have done to both since. */
export class Scene {
	private readonly client: BddFileClient;
	private clock = Date.parse('2025-01-01T00:00:00Z');

	private constructor(
		private readonly service: RunningService,
		readonly proxy: FaultProxy,
		readonly folder: string,
		readonly chatId: string,
		readonly script: Script,
	) {
		this.client = new BddFileClient({ baseUrl: proxy.url, userId: USER });
	}

	static async open(service: RunningService, folder: string, script: Script): Promise<Scene> {
		await mkdir(folder);
		const proxy = await startFaultProxy({ target: service.url });
		const scene = new Scene(service, proxy, folder, path.basename(folder), script);
		try {
			await script.before(scene);
			await scene.sync();
			await script.since(scene);
			return scene;
		} catch (error) {
			await scene.close();
			throw error;
		}
	}

	async close(): Promise<void> {
		this.client.close();
		await this.proxy.close();
		await rm(this.folder, { recursive: true });
	}

	/** Syncs in this process. */
	async sync(): Promise<SyncItem[]> {
		const { verb, options } = this.script;
		return await this.client[verb]({ ...options, chatId: this.chatId, localDirectory: this.folder });
	}

	/** What a process needs to know to sync this once. */
	get task(): Task {
		const { folder, chatId, script, proxy } = this;
		const { verb, options } = script;
		return { verb, options, folder, chatId, baseUrl: proxy.url, userId: USER };
	}

	async write(name: string, content: Buffer | string = `${name} of the folder`): Promise<void> {
		const target = path.join(this.folder, name);
		await mkdir(path.dirname(target), { recursive: true });
		await writeFile(target, content);
		const time = new Date(this.tick());
		await utimes(target, time, time);
	}

	async dropLocal(name: string): Promise<void> {
		await rm(path.join(this.folder, name));
	}

	/** Somebody puts a file into the chat; those that have its name go. */
	async put(name: string, content?: Buffer | string): Promise<void> {
		const old = this.inChat().filter(({ filename }) => filename === name);
		await this.add(name, content);
		for (const { id } of old) await this.client.delete(id);
	}

	/** The same without a look at those that have its name. */
	async add(name: string, content: Buffer | string = `${name} of the chat`): Promise<void> {
		await this.service.addFile({
			filename: name,
			content,
			chatId: this.chatId,
			userId: USER,
			hashcode: md5(content),
			uploadAt: new Date(this.tick()).toISOString(),
		});
	}

	async dropRemote(name: string): Promise<void> {
		for (const { id, filename } of this.inChat()) if (filename === name) await this.client.delete(id);
	}

	async ending(): Promise<Ending> {
		const found = await readdir(this.folder, { recursive: true, withFileTypes: true });
		const names = found
			.filter((entry) => entry.isFile())
			.map((entry) => path.relative(this.folder, path.join(entry.parentPath, entry.name)));
		const trash = /^\.bdd-file-trash\/[\d-]{10}\//;
		const contents = async (wanted: string[]) =>
			await Promise.all(
				wanted.map(async (name) =>
					line(name.replace(trash, ''), await readFile(path.join(this.folder, name))),
				),
			);
		const isOwn = (name: string) => name.startsWith('.bdd-file-');
		const chat = this.inChat().map(async ({ id, filename, status }) =>
			line(filename, status === 'ok' ? await this.service.readFile(id) : status),
		);
		return {
			folder: (await contents(names.filter((name) => !isOwn(name)))).sort(),
			chat: (await Promise.all(chat)).sort(),
			trash: (await contents(names.filter((name) => trash.test(name)))).sort(),
			own: (await readdir(this.folder))
				.filter((name) => isOwn(name) && !name.endsWith('.part'))
				.map((name) => name.replace(/-[\da-f]{16}$/, ''))
				.sort(),
		};
	}

	private inChat() {
		return this.service.files().filter(({ chatId }) => chatId === this.chatId);
	}

	private tick(): number {
		return (this.clock += 1500);
	}
}

const md5 = (content: Buffer | string) => createHash('md5').update(content).digest('hex');

const line = (name: string, content: Buffer | string) =>
	`${name.replace(/\d+(?=\))/, 'id')}: ${content.length < 100 ? content.toString() : md5(content)}`;

/** One operation, and a history with everything in it that the operation may have to do. */
export interface Script extends Pick<Task, 'verb' | 'options'> {
	before(scene: Scene): Promise<void>;
	since(scene: Scene): Promise<void>;
}

/** One at a time, so that the same run has the same steps in the same order. */
const OPTIONS = { propagateDeletes: true, concurrency: 1 };

const toLocal: Script = {
	verb: 'syncChatFilesToLocal',
	options: OPTIONS,
	async before(scene) {
		for (const name of ['same', 'gone there', 'gone there, edited here', 'gone here', 'edited there'])
			await scene.put(name);
	},
	async since(scene) {
		await scene.dropRemote('gone there');
		await scene.dropRemote('gone there, edited here');
		await scene.write('gone there, edited here', 'edited');
		await scene.dropLocal('gone here');
		await scene.put('edited there', 'edited');
		await scene.put('new there', MEDIUM);
		await scene.add('namesakes', 'one');
		await scene.add('namesakes', 'other');
	},
};

const toRemote: Script = {
	verb: 'syncChatFilesToRemote',
	options: { ...OPTIONS, ifExists: 'skipUnchanged' },
	async before(scene) {
		for (const name of [
			'same',
			'gone here',
			'gone here, edited there',
			'gone there',
			'edited',
			'sub/edited below',
		])
			await scene.write(name);
	},
	async since(scene) {
		await scene.dropLocal('gone here');
		await scene.dropLocal('gone here, edited there');
		await scene.put('gone here, edited there', 'edited');
		await scene.dropRemote('gone there');
		await scene.write('edited', 'edited');
		await scene.write('sub/edited below', 'edited');
		await scene.write('new here');
	},
};

const inParts: Script = {
	verb: 'syncChatFilesToRemote',
	options: { ...OPTIONS, ifExists: 'skipUnchanged', mode: 'multipart', partSize: 5 },
	async before(scene) {
		for (const name of ['gone here', 'edited']) await scene.write(name);
	},
	async since(scene) {
		await scene.dropLocal('gone here');
		await scene.write('edited', LARGE);
		await scene.write('new here');
	},
};

const both: Script = {
	verb: 'syncChatFilesBothWays',
	options: OPTIONS,
	async before(scene) {
		for (const name of ['same', 'gone here', 'gone there', 'edited here', 'edited there', 'edited.txt'])
			await scene.write(name);
	},
	async since(scene) {
		await scene.dropLocal('gone here');
		await scene.dropRemote('gone there');
		await scene.write('edited here', 'edited');
		await scene.put('edited there', 'edited');
		await scene.write('edited.txt', 'edited here');
		await scene.put('edited.txt', 'edited there');
		await scene.write('new here');
		await scene.put('new there', MEDIUM);
	},
};

export const SCRIPTS = {
	'to local': toLocal,
	'to remote': toRemote,
	'to remote in parts': inParts,
	'both ways': both,
};
