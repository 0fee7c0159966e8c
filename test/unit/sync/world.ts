import { utimesSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { WireId } from '../../../client/api/wire';
import { syncBothWays, syncToLocal, syncToRemote } from '../../../client/sync';
import { isOwnFile } from '../../../client/sync/own-files';
import type {
	SyncBothWaysOptions,
	SyncItem,
	SyncToLocalOptions,
	SyncToRemoteOptions,
} from '../../../client/sync-types';
import { MemoryRemote } from './memory-remote';

/** The folder of lock files, which stays. */
const LOCK = '.bdd-file-lock';

/** A real folder, a chat in memory, and the three operations between them. */
export class SyncWorld {
	readonly remote = new MemoryRemote();
	/** Times of edits, each later than the one before. */
	private clock = Date.parse('2025-01-01T00:00:00Z');

	private constructor(
		private readonly root: string,
		public folder: string,
	) {}

	static async create(): Promise<SyncWorld> {
		const root = await mkdtemp(join(tmpdir(), 'sync-'));
		const folder = join(root, 'folder');
		await mkdir(folder);
		return new SyncWorld(root, folder);
	}

	async remove(): Promise<void> {
		await rm(this.root, { recursive: true, force: true });
	}

	path(name: string): string {
		return join(this.folder, name);
	}

	toLocal(options: Partial<SyncToLocalOptions> = {}): Promise<SyncItem[]> {
		return syncToLocal(this.remote, { chatId: 'c', localDirectory: this.folder, ...options });
	}

	toRemote(options: Partial<SyncToRemoteOptions> = {}): Promise<SyncItem[]> {
		return syncToRemote(this.remote, { chatId: 'c', localDirectory: this.folder, ...options });
	}

	both(options: Partial<SyncBothWaysOptions> = {}): Promise<SyncItem[]> {
		return syncBothWays(this.remote, { chatId: 'c', localDirectory: this.folder, ...options });
	}

	/** Somebody writes a local file. */
	async write(name: string, text: string): Promise<void> {
		await mkdir(dirname(this.path(name)), { recursive: true });
		this.writeNow(name, text);
	}

	/** The same at one instant. */
	writeNow(name: string, text: string): void {
		writeFileSync(this.path(name), text);
		const time = new Date((this.clock += 1500));
		utimesSync(this.path(name), time, time);
	}

	/** Somebody puts a file into the chat; like other clients, under a new id, and the old one of this name goes. */
	put(name: string, text: string, hashcode?: string, replaces?: WireId): void {
		const old = this.remote.files.find(({ id, filename }) =>
			replaces === undefined ? filename === name : id === replaces,
		);
		if (old) this.remote.drop(old.id);
		this.add(name, text, hashcode);
	}

	/** Somebody puts a file into the chat, beside whatever has its name. */
	add(name: string, text: string, hashcode?: string): void {
		const upload_at = new Date((this.clock += 1500)).toISOString();
		this.remote.add(
			{ id: this.remote.nextId++, filename: name, upload_at, ...(hashcode !== undefined && { hashcode }) },
			text,
		);
	}

	/** After the death of a process: the same folder elsewhere, as if half a minute had passed, so that its lock is no more. */
	async moveOn(): Promise<void> {
		const moved = `${this.folder}+`;
		await rename(this.folder, moved);
		this.folder = moved;
		await rm(join(moved, LOCK), { recursive: true, force: true });
	}

	dropRemote(name: string): void {
		const old = this.remote.files.find(({ filename }) => filename === name);
		if (old) this.remote.drop(old.id);
	}

	async dropLocal(name: string): Promise<void> {
		await rm(this.path(name));
	}

	/** What a person sees in the folder: `name: content`, sorted. */
	async locals(): Promise<string[]> {
		const found = await readdir(this.folder, { recursive: true, withFileTypes: true });
		const files = found
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length + 1))
			.filter((name) => !isOwnFile(name.split('/')[0] ?? ''));
		return (
			await Promise.all(files.map(async (name) => `${name}: ${await readFile(this.path(name), 'utf8')}`))
		).sort();
	}

	/** What a person sees in the chat. */
	remotes(): string[] {
		return this.remote.files
			.map(({ id, filename }) => `${filename}: ${this.remote.contents.get(id)?.toString() ?? ''}`)
			.sort();
	}

	/** Names of our own files in the folder, but for the lock. */
	async own(): Promise<string[]> {
		return (await readdir(this.folder)).filter((name) => isOwnFile(name) && name !== LOCK).sort();
	}
}

/** A new world for each test of the file. What it has put in the place of Node's own functions is gone before the folder is. */
export function eachTestHas(use: (world: SyncWorld) => void): void {
	let world: SyncWorld;
	beforeEach(async () => {
		world = await SyncWorld.create();
		use(world);
	});
	afterEach(async () => {
		jest.restoreAllMocks();
		await world.remove();
	});
}

/** An item as the tests look at it. */
export const short = ({ fileName, status, action }: SyncItem): string => `${fileName}: ${status} ${action}`;
