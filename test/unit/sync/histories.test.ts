import { existsSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConflictChoice, IfExists, SyncItem } from '../../../client/sync-types';
import { Chance } from '../../../harness/simulation/chance';
import { UnknownOutcomeError } from '../../../client/api/errors';
import { isOwnFile } from '../../../client/sync/own-files';
import { Mortal } from './mortal';
import { SyncWorld } from './world';

/**
 * Random histories on a real disk: people edit both sides, also while a sync runs, requests fail, processes are killed at any
 * step. Each is reproducible by its number: `SEED=17 npx jest …`; `SEEDS=5000` runs so many.
 */
const SEEDS = process.env['SEED'] ? 1 : Number(process.env['SEEDS'] ?? 100);
const FIRST = Number(process.env['SEED'] || 1);

interface Syncing {
	operation: 'toLocal' | 'toRemote' | 'both';
	ifExists: IfExists;
	conflict: ConflictChoice;
	propagateDeletes: boolean;
	concurrency: number;
}

/** People, and what they would miss. */
class History {
	readonly chance: Chance;
	readonly log: string[] = [];
	/** Contents that somebody wrote, and nobody has replaced or deleted since. */
	private readonly missed = new Set<string>();
	private written = 0;
	/** Somebody has put two files of one name into the chat, or edited while a sync ran. */
	mayHoldNamesakes = false;
	private isOpen = false;
	private readonly allowsNamesakes: boolean;

	constructor(
		seed: number,
		readonly world: SyncWorld,
	) {
		this.chance = new Chance(seed);
		this.allowsNamesakes = this.chance.percent(25);
		world.remote.knowsHashes = this.chance.percent(75);
		this.log.push(`seed ${seed}, hashes: ${world.remote.knowsHashes}`);
	}

	/** Somebody does something somewhere, at one instant. */
	act(): void {
		const names = ['a.txt', 'b.txt', 'c', ...this.localNames(), ...this.remoteNames()];
		const name = this.chance.of(names);
		const { world } = this;
		const local = this.contentOf(name);
		const namesakes = world.remote.files.filter((file) => file.filename === name);
		const remote = namesakes.at(-1);
		const inChat = remote && world.remote.contents.get(remote.id)?.toString();
		const what = this.chance.of([
			'edit',
			'edit',
			'put',
			'put',
			'delete',
			'drop',
			'touch',
			'move',
			'add',
		] as const);
		if (['edit', 'delete', 'move'].includes(what)) this.mayHoldNamesakes ||= this.isOpen;
		switch (what) {
			case 'edit':
				this.forget(local);
				world.writeNow(name, this.write(`edit ${name}`));
				break;
			case 'delete':
				if (local === undefined) return;
				this.note(`delete ${name}`);
				this.forget(local);
				rmSync(world.path(name));
				break;
			case 'put':
				// An older one, whose deletion was still to come, then stays beside the new one.
				this.mayHoldNamesakes ||= namesakes.length > 1;
				this.forget(inChat);
				world.put(name, this.write(`put ${name}`), undefined, remote?.id);
				break;
			case 'add':
				if (!this.allowsNamesakes) return;
				this.mayHoldNamesakes = true;
				world.add(name, this.write(`add ${name}`));
				break;
			case 'drop':
				if (remote === undefined) return;
				this.mayHoldNamesakes ||= namesakes.length > 1;
				this.note(`drop ${name} (${remote.id})`);
				this.forget(inChat);
				world.remote.drop(remote.id);
				break;
			case 'touch':
				if (local === undefined) return;
				this.note(`touch ${name}`);
				utimesSync(world.path(name), new Date(), new Date());
				break;
			case 'move': {
				const target = this.chance.of(['a.txt', 'd', 'e']);
				if (local === undefined || this.contentOf(target) !== undefined) return;
				this.note(`move ${name} to ${target}`);
				renameSync(world.path(name), world.path(target));
				break;
			}
		}
	}

	/** An upload whose end nobody knows: only the hash of the local file tells that it arrived, while that is as it was. */
	lost(): void {
		this.isOpen = true;
		this.mayHoldNamesakes ||= !this.world.remote.knowsHashes;
	}

	note(what: string): void {
		this.log.push(what);
	}

	syncing(): Syncing {
		const operation = this.chance.of(['both', 'both', 'both', 'toLocal', 'toRemote'] as const);
		return {
			operation,
			// What replaces on purpose may lose on purpose.
			ifExists: 'skip',
			conflict: 'keepBoth',
			propagateDeletes: this.chance.percent(60),
			concurrency: this.chance.of([1, 3]),
		};
	}

	/**
	 * From now on requests fail or do not, and somebody may act in between.
	 *
	 * @returns the end of that
	 */
	trouble(mortal: Mortal): () => void {
		const { remote } = this.world;
		const trouble = this.chance.percent(60) ? this.chance.of([5, 20]) : 0;
		const busy = this.chance.percent(40) ? 15 : 0;
		const fails = async (what: string) => {
			await mortal.step();
			if (this.chance.percent(busy)) {
				this.mayHoldNamesakes = true;
				this.note(`(meanwhile, at ${what})`);
				this.act();
			}
			if (!this.chance.percent(trouble)) return;
			this.note(`(${what} fails)`);
			throw new Error(`${what} failed`);
		};
		const { listChatFiles, upload, downloadToFile, delete: remove } = remote;
		remote.listChatFiles = async (...args) => {
			await fails('list');
			return await listChatFiles(...args);
		};
		remote.upload = async (...args) => {
			await fails(`upload ${args[0].fileName}`);
			const uploaded = await upload(...args);
			await mortal.step();
			if (!this.chance.percent(trouble / 2)) return uploaded;
			this.lost();
			this.note(`(the answer to upload ${args[0].fileName} is lost)`);
			throw new UnknownOutcomeError('Nobody knows', { description: 'Look.' });
		};
		remote.downloadToFile = async (...args) => {
			await fails(`download ${args[0]}`);
			const downloaded = await downloadToFile(...args);
			await mortal.step();
			return downloaded;
		};
		remote.delete = async (...args) => {
			await fails(`delete ${args[0]}`);
			await remove(...args);
			await mortal.step();
		};
		return () => Object.assign(remote, { listChatFiles, upload, downloadToFile, delete: remove });
	}

	/** Every content that somebody would miss is on some side, or in the trash. */
	async assertNothingLost(): Promise<void> {
		const found = new Set(
			this.world.remote.files.map(({ id }) => this.world.remote.contents.get(id)?.toString()),
		);
		for (const entry of await readdir(this.world.folder, { recursive: true, withFileTypes: true })) {
			if (entry.isFile()) found.add(await readFile(join(entry.parentPath, entry.name), 'utf8'));
		}
		expect([...this.missed].filter((content) => !found.has(content))).toEqual([]);
	}

	private write(what: string): string {
		const content = `content ${String(++this.written).padStart(3, '0')}`;
		this.note(`${what}: ${content}`);
		this.missed.add(content);
		return content;
	}

	private forget(content: string | undefined): void {
		if (content !== undefined) this.missed.delete(content);
	}

	private contentOf(name: string): string | undefined {
		const path = this.world.path(name);
		return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
	}

	private localNames(): string[] {
		return readdirSync(this.world.folder).filter((name) => !isOwnFile(name));
	}

	private remoteNames(): string[] {
		return this.world.remote.files.map(({ filename }) => filename);
	}
}

async function run(
	{ world }: History,
	{ operation, ifExists, conflict, ...options }: Syncing,
): Promise<SyncItem[]> {
	switch (operation) {
		case 'toLocal':
			return await world.toLocal({ ifExists, ...options });
		case 'toRemote':
			return await world.toRemote({ ifExists, ...options });
		case 'both':
			return await world.both({ conflict, ...options });
	}
}

/** Both sides hold the same contents, each as often. */
async function assertEqualSides({ world }: History): Promise<void> {
	const contents = (files: string[]) => files.map((file) => file.slice(file.lastIndexOf(':'))).sort();
	expect(contents(await world.locals())).toEqual(contents(world.remotes()));
}

/** Nothing is beside the folder that was not there. */
async function assertNothingOutside({ world }: History): Promise<void> {
	expect(await readdir(join(world.folder, '..'))).toEqual([world.folder.split('/').at(-1)]);
}

async function live(seed: number): Promise<void> {
	const world = await SyncWorld.create();
	const history = new History(seed, world);
	const { chance } = history;
	try {
		const rounds = 1 + chance.below(4);
		for (let round = 0; round < rounds; round++) {
			for (let acts = chance.below(4); acts > 0; acts--) history.act();
			const syncing = history.syncing();
			const dies = chance.percent(40);
			const mortal = new Mortal(dies ? 1 + chance.below(60) : Infinity);
			history.note(`sync ${JSON.stringify(syncing)}`);
			const endTrouble = history.trouble(mortal);
			const end = await mortal.run(async () => {
				await run(history, syncing).catch((error: unknown) => history.note(`-> ${String(error)}`));
			});
			endTrouble();
			history.note(`-> ${end} after ${mortal.taken} steps`);
			if (end === 'died') {
				history.lost();
				await world.moveOn();
			}
			await history.assertNothingLost();
		}
		history.note('last syncs');
		const last: Syncing = { ...history.syncing(), operation: 'both' };
		await run(history, last);
		await history.assertNothingLost();
		await assertEqualSides(history);
		if (!history.mayHoldNamesakes) {
			const names = world.remote.files.map(({ filename }) => filename);
			expect(new Set(names).size).toBe(names.length);
		}
		const before = [await world.locals(), world.remotes()];
		const calls = world.remote.calls.length;
		const again = await run(history, last);
		expect(again.filter(({ action }) => action !== 'unchanged')).toEqual([]);
		expect(world.remote.calls.slice(calls)).toEqual([['list']]);
		expect([await world.locals(), world.remotes()]).toEqual(before);
		await assertNothingOutside(history);
	} catch (error) {
		const story = history.log.join('\n');
		const sides = `folder: ${(await world.locals()).join(', ')}\nchat: ${world.remote.files.map(({ id, filename }) => `${id} ${filename}: ${world.remote.contents.get(id)?.toString()}`).join(', ')}`;
		throw new Error(
			`${story}\n${sides}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
		);
	} finally {
		jest.restoreAllMocks();
		await world.remove();
	}
}

it(
	'whatever happens, nothing is lost, and both sides are the same in the end',
	async () => {
		for (let seed = FIRST; seed < FIRST + SEEDS; seed++) await live(seed);
	},
	60_000 + SEEDS * 1000,
);
