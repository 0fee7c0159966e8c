import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { IDataObject, INode } from 'n8n-workflow';

import { BddFileClient } from '../../client';
import type { EngineRun } from '../../harness/engine';
import { step, sync, text, USER, type SyncOperation, type World } from './world';

export const OPERATIONS: readonly SyncOperation[] = ['syncToLocal', 'syncToRemote', 'syncBoth'];

/** Names of what a sync puts into the folder for itself. */
const OWN = /^\.bdd-file-/;

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

let chats = 0;

/** A chat and a folder of its own, and what people do to the files of each. */
export class Sides {
	readonly chatId = `sync-${++chats}`;
	readonly folder: string;
	private readonly client: BddFileClient;
	/** Times of edits, each later than the one before. */
	private clock = Date.parse('2025-01-01T00:00:00Z');

	private constructor(private readonly world: World) {
		this.folder = world.folder(this.chatId);
		this.client = new BddFileClient({ baseUrl: world.service.url, userId: USER });
	}

	/** With an empty folder. */
	static async open(world: World): Promise<Sides> {
		const sides = new Sides(world);
		await mkdir(sides.folder);
		return sides;
	}

	/** Runs again: nothing is done, and nothing transferred. */
	async assertStable(operation: SyncOperation, options: IDataObject = {}, runs = 1): Promise<void> {
		const before = [await this.locals(), await this.remotes()];
		for (let run = 0; run < runs; run++) {
			this.world.forgetRequests();
			const actions = jsonOf(await this.run(operation, options)).map(({ action }) => action);
			expect(new Set(actions)).toEqual(new Set(['unchanged']));
			expect(this.world.requests.map((request) => request.path)).toEqual(['/listChatFiles']);
		}
		expect([await this.locals(), await this.remotes()]).toEqual(before);
	}

	close(): void {
		this.client.close();
	}

	path(name: string): string {
		return path.join(this.folder, name);
	}

	/** Somebody writes a local file. */
	async write(name: string, text: string): Promise<void> {
		await mkdir(path.dirname(this.path(name)), { recursive: true });
		await writeFile(this.path(name), text);
		const time = new Date(this.tick());
		await utimes(this.path(name), time, time);
	}

	async dropLocal(name: string): Promise<void> {
		await rm(this.path(name));
	}

	/** Somebody puts a file into the chat, under a new id; an older one of the name goes. */
	async put(name: string, text: string): Promise<void> {
		const old = this.inChat().find(({ filename }) => filename === name);
		await this.add(name, text);
		if (old) await this.client.delete(old.id);
	}

	/** Somebody puts a file into the chat, beside those that have its name. */
	async add(name: string, text: string): Promise<void> {
		await this.world.service.addFile({
			filename: name,
			content: text,
			chatId: this.chatId,
			userId: USER,
			hashcode: md5(text),
			uploadAt: new Date(this.tick()).toISOString(),
		});
	}

	async dropRemote(name: string): Promise<void> {
		const old = this.inChat().find(({ filename }) => filename === name);
		if (!old) throw new Error(`The chat has no ${name}`);
		await this.client.delete(old.id);
	}

	/** What a person sees in the folder: `name: content`, sorted. */
	async locals(): Promise<string[]> {
		const found = await readdir(this.folder, { recursive: true, withFileTypes: true });
		const names = found
			.filter((entry) => entry.isFile())
			.map((entry) => path.relative(this.folder, path.join(entry.parentPath, entry.name)))
			.filter((name) => !OWN.test(name));
		return (
			await Promise.all(names.map(async (name) => `${name}: ${await readFile(this.path(name), 'utf8')}`))
		).sort();
	}

	/** What a person sees in the chat. */
	async remotes(): Promise<string[]> {
		const files = this.inChat().map(
			async ({ id, filename }) => `${filename}: ${(await this.world.service.readFile(id)).toString()}`,
		);
		return (await Promise.all(files)).sort();
	}

	/** Names of a sync's own files in the folder, below it too. */
	async own(): Promise<string[]> {
		const found = await readdir(this.folder, { recursive: true });
		return found.filter((name) => OWN.test(name)).sort();
	}

	async memory(): Promise<string> {
		const memory = (await this.own()).find((name) => name.startsWith('.bdd-file-memory'));
		if (memory === undefined) throw new Error('The folder holds no memory');
		return this.path(memory);
	}

	/** Runs the operation in n8n's engine. */
	async run(
		operation: SyncOperation,
		options: IDataObject = {},
		{ parameters = {}, settings = {} }: { parameters?: IDataObject; settings?: Partial<INode> } = {},
	): Promise<EngineRun> {
		const { chatId, folder } = this;
		return await this.world.run([
			step('Sync', sync(operation, folder, { chatId, options, ...parameters }), settings),
		]);
	}

	/** What came of a run, an item a line: `name: status action`, sorted; a run that fails, fails the test. */
	async sync(operation: SyncOperation, options: IDataObject = {}): Promise<string[]> {
		return linesOf(await this.run(operation, options));
	}

	private inChat() {
		return this.world.service.files().filter(({ chatId }) => chatId === this.chatId);
	}

	private tick(): number {
		return (this.clock += 1500);
	}
}

export function jsonOf(run: EngineRun): IDataObject[] {
	if (run.error) throw run.error;
	return run.items('Sync').map(({ json }) => json);
}

export const linesOf = (run: EngineRun): string[] =>
	jsonOf(run)
		.map((json) => `${text(json, 'fileName')}: ${text(json, 'status')} ${text(json, 'action')}`)
		.sort();
