import fc from 'fast-check';
import { exactName, foldedName } from '../../../client/sync/disk-names';
import type { Rules } from '../../../client/sync/modes';
import { nameProblem } from '../../../client/sync/names';
import { planSync } from '../../../client/sync/plan';
import type { Step } from '../../../client/sync/steps';
import type { LocalFile, RemoteFile, SyncedFile } from '../../../client/sync/trees';
import { md5 } from './memory-remote';
import { localFile, remoteFile, rulesFor, treesOf } from './trees';

/** Any three trees, any mode, the same in every run. fast-check prints the seed of what fails; `RUNS=100000 SEED=2` tries others. */
const RUNS = Number(process.env['RUNS'] ?? 3000);
const SEED = Number(process.env['SEED'] ?? 1);

/** Three trees whose files have a content each, which the trees know by its hash. */
interface World {
	local: Map<string, LocalFile & { content: string }>;
	remote: Map<number, RemoteFile & { id: number; content: string }>;
	synced: Map<string, SyncedFile>;
}

const content = fc.constantFrom('red', 'blue', 'green', 'white');
const name = fc.constantFrom('a.txt', 'A.txt', 'b', 'a (2).txt', 'a (conflict 3).txt', 'é', 'e\u0301');
const time = fc.integer({ min: 1, max: 5 }).map((day) => Date.parse(`2024-01-0${day}T00:00:00.5Z`));

/** Two contents never have one size and time: an edit changes the time. */
const timeOf = (text: string, day: number) => day + text.charCodeAt(0);

const local = (text: string, path: string, mtimeMs: number) => ({
	...localFile({ path, size: text.length, mtimeMs }),
	content: text,
	checksums: [{ algorithm: 'md5' as const, hex: md5(text) }],
});

const remote = (
	text: string,
	id: number,
	remoteName: string,
	uploadedMs: number,
	status: RemoteFile['status'],
) => ({
	...remoteFile({ id, name: remoteName, size: text.length, hash: md5(text), uploadedMs, status }),
	id,
	content: text,
});

const worlds = fc
	.record({
		locals: fc.uniqueArray(fc.tuple(content, name, time), { selector: ([, path]) => path, maxLength: 5 }),
		remotes: fc.uniqueArray(
			fc.tuple(
				content,
				fc.integer({ min: 1, max: 9 }),
				fc.oneof({ weight: 9, arbitrary: name }, { weight: 1, arbitrary: fc.constantFrom('..', 'x/y') }),
				time,
				fc.constantFrom('ok' as const, 'ok' as const, 'ok' as const, 'uploading' as const, 'error' as const),
			),
			{ selector: ([, id]) => id, maxLength: 6 },
		),
		remembered: fc.uniqueArray(fc.tuple(content, fc.integer({ min: 1, max: 12 }), name, time), {
			selector: ([, , path]) => path,
			maxLength: 5,
		}),
	})
	.map(({ locals, remotes, remembered }): World => {
		// An id is remembered for one file only.
		const ids = new Map(
			remembered.map(([text, id, path, day]) => [id, { text, path, mtimeMs: timeOf(text, day) }]),
		);
		return {
			local: new Map(locals.map(([text, path, day]) => [path, local(text, path, timeOf(text, day))])),
			remote: new Map(remotes.map(([text, id, ...rest]) => [id, remote(text, id, ...rest)])),
			synced: new Map(
				[...ids].map(([id, { text, path, mtimeMs }]) => [
					path,
					{ path, id, size: text.length, hash: md5(text), mtimeMs },
				]),
			),
		};
	});

/** A disk that takes two names for one cannot hold both. */
function onDisk(world: World, keyOf: Rules['keyOf']): World {
	const keys = new Set<string>();
	const isFirst = (path: string) => keys.size < keys.add(keyOf(path)).size;
	const locals = new Map([...world.local].filter(([path]) => isFirst(path)));
	keys.clear();
	return { ...world, local: locals, synced: new Map([...world.synced].filter(([path]) => isFirst(path))) };
}

const treesFrom = ({ local: locals, remote: remotes, synced }: World) =>
	treesOf({ local: [...locals.values()], remote: [...remotes.values()], synced: [...synced.values()] });

/** Carries out a plan in no time. */
function applied(world: World, steps: readonly Step[]): World {
	const now = Date.parse('2025-01-01T00:00:00Z');
	const next: World = {
		local: new Map(world.local),
		remote: new Map(world.remote),
		synced: new Map(world.synced),
	};
	const remember = (path: string, id: number, { pair }: Step) => {
		const [file, other] = [next.local.get(path), next.remote.get(id)];
		if (file === undefined || other === undefined) throw new Error(`${path} and ${id} are not on both sides`);
		expect(file.content).toBe(other.content);
		next.synced.delete(pair.synced?.path ?? '');
		next.synced.set(path, { path, id, size: file.size, hash: other.hash, mtimeMs: file.mtimeMs });
	};
	const send = (path: string, step: Step) => {
		const file = next.local.get(path);
		if (file === undefined) throw new Error(`${path} is not there`);
		// The service never gives an id twice.
		const id = Math.max(100, ...next.remote.keys()) + 1;
		next.remote.set(id, remote(file.content, id, file.name, now + id, 'ok'));
		remember(path, id, step);
	};
	const order = ['leave', 'touch', 'forget', 'download', 'upload', 'removeRemote', 'removeLocal'];
	for (const step of steps.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))) {
		switch (step.kind) {
			case 'leave':
				if (step.same) next.synced.delete(step.pair.synced?.path ?? '');
				if (step.same) next.synced.set(step.same.path, step.same);
				break;
			case 'touch':
				break;
			case 'forget':
				next.synced.delete(step.pair.synced?.path ?? '');
				break;
			case 'download': {
				const file = next.remote.get(Number(step.remote.id));
				if (file === undefined) throw new Error(`${step.remote.id} is not there`);
				expect(next.local.get(step.path)?.content).toBe(
					step.replaces === undefined ? undefined : next.local.get(step.replaces.path)?.content,
				);
				next.local.set(step.path, local(file.content, step.path, file.uploadedMs ?? now));
				if (step.beside === undefined) remember(step.path, file.id, step);
				else send(step.path, step);
				break;
			}
			case 'upload':
				send(step.local.path, step);
				if (step.replaces) next.remote.delete(Number(step.replaces.id));
				break;
			case 'removeRemote':
				next.remote.delete(Number(step.remote.id));
				next.synced.delete(step.pair.synced?.path ?? '');
				break;
			case 'removeLocal':
				next.local.delete(step.local.path);
				next.synced.delete(step.pair.synced?.path ?? '');
				break;
		}
	}
	return next;
}

const rules = fc.record({
	mode: fc.constantFrom('toLocal' as const, 'toRemote' as const, 'both' as const),
	ifExists: fc.constantFrom('skip' as const, 'skipUnchanged' as const, 'overwrite' as const),
	duplicateNames: fc.constantFrom('renameById' as const, 'newest' as const, 'fail' as const),
	conflict: fc.constantFrom('keepBoth' as const, 'newest' as const, 'local' as const, 'remote' as const),
	propagateDeletes: fc.boolean(),
	keyOf: fc.constantFrom(exactName, foldedName),
});

function rulesOf({
	mode,
	ifExists,
	duplicateNames,
	...chosen
}: typeof rules extends fc.Arbitrary<infer R> ? R : never): Rules {
	return rulesFor(mode, mode === 'both' ? chosen : { ...chosen, ifExists, duplicateNames });
}

/** Runs a property on many worlds. */
function always(check: (world: World, rules: Rules) => void): void {
	fc.assert(
		fc.property(worlds, rules, (world, chosen) => {
			const all = rulesOf(chosen);
			check(onDisk(world, all.keyOf), all);
		}),
		{ numRuns: RUNS, seed: SEED },
	);
}

const usable = ({ remote: remotes }: World) =>
	[...remotes.values()].filter((file) => file.status === 'ok' && nameProblem(file.name) === undefined);

it('each side is changed only where the mode may, each place and each file by one step at most', () => {
	always((world, all) => {
		const { steps } = planSync(treesFrom(world), all);
		const kinds = new Set(steps.map(({ kind }) => kind));
		if (!all.mode.down)
			expect([kinds.has('download'), kinds.has('removeLocal'), kinds.has('touch')]).not.toContain(true);
		if (!all.mode.up) expect([kinds.has('upload'), kinds.has('removeRemote')]).not.toContain(true);
		if (!all.propagateDeletes)
			expect([kinds.has('removeLocal'), kinds.has('removeRemote')]).not.toContain(true);
		const written = steps.flatMap((step) =>
			step.kind === 'download' ? [step.path] : step.kind === 'removeLocal' ? [step.local.path] : [],
		);
		expect(new Set(written.map(all.keyOf)).size).toBe(written.length);
		const deleted = steps.flatMap((step) =>
			step.kind === 'removeRemote'
				? [step.remote.id]
				: step.kind === 'upload' && step.replaces
					? [step.replaces.id]
					: [],
		);
		expect(new Set(deleted).size).toBe(deleted.length);
	});
});

it('is pure: the same trees give the same steps, in whichever order they are listed', () => {
	always((world, all) => {
		const told = (trees: ReturnType<typeof treesFrom>) =>
			planSync(trees, all)
				.steps.map(({ kind, pair: { path, local: file, remote: other } }) =>
					JSON.stringify([kind, path, file?.path, other?.id]),
				)
				.sort();
		const trees = treesFrom(world);
		const reversed = { ...trees, remote: { ...trees.remote, files: trees.remote.files.toReversed() } };
		expect(told(reversed)).toEqual(told(trees));
		expect(trees).toEqual(treesFrom(world));
	});
});

it('deletes only what the memory knows and finds unchanged', () => {
	always((world, all) => {
		for (const step of planSync(treesFrom(world), all).steps) {
			const { synced, local: file, remote: other } = step.pair;
			if (step.kind === 'removeLocal') {
				expect(world.remote.has(Number(synced?.id))).toBe(false);
				expect(synced?.hash).toBe(md5(world.local.get(step.local.path)?.content ?? ''));
			}
			if (step.kind === 'removeRemote') {
				expect(file).toBeUndefined();
				expect(other?.id === synced?.id || other?.hash === synced?.hash).toBe(true);
			}
		}
	});
});

it('deletes nothing when anything cannot be read', () => {
	always((world, all) => {
		const trees = treesFrom(world);
		const broken = { fileId: 99, fileName: 'x', reason: 'broken' };
		const hidden = { kind: 'unreadable' as const, path: 'zz', name: 'zz' };
		const dim = { ...trees, remote: { ...trees.remote, unreadable: [broken] } };
		const dark = { ...trees, local: { ...trees.local, entries: [...trees.local.entries, hidden] } };
		for (const seen of [dim, dark]) {
			const kinds = planSync(seen, all).steps.map(({ kind }) => kind);
			expect(kinds).not.toContain('removeLocal');
			expect(kinds).not.toContain('removeRemote');
		}
	});
});

it('both ways: both sides are the same afterwards, and then there is nothing to do', () => {
	always((world, all) => {
		if (all.mode.name !== 'both') return;
		const after = applied(world, planSync(treesFrom(world), all).steps);
		const contents = (files: Iterable<{ content: string }>) => [...files].map((file) => file.content).sort();
		expect(contents(after.local.values())).toEqual(contents(usable(after)));
		const again = planSync(treesFrom(after), all).steps;
		expect(again.filter((step) => step.kind !== 'leave').map(({ kind }) => kind)).toEqual([]);
		expect(applied(after, again)).toEqual(after);
	});
});

/** The content behind an id never changes. Where the memory says that it has, nothing is lost, but it may take two runs. */
const isPossible = ({ remote: remotes, synced }: World) =>
	[...synced.values()].every(({ id, hash }) => [undefined, hash].includes(remotes.get(Number(id))?.hash));

it('one way: what is brought over is there afterwards, and then there is nothing to do', () => {
	always((world, all) => {
		if (all.mode.name === 'both' || all.ifExists === 'overwrite' || !isPossible(world)) return;
		const after = applied(world, planSync(treesFrom(world), all).steps);
		const again = planSync(treesFrom(after), all).steps;
		expect(again.filter(({ kind }) => kind !== 'leave' && kind !== 'touch').map(({ kind }) => kind)).toEqual(
			[],
		);
		if (all.ifExists === 'skip') return;
		const here = new Set([...after.local.values()].map((file) => file.content));
		const there = new Set([...after.remote.values()].map((file) => file.content));
		if (all.mode.down && all.duplicateNames === 'renameById') {
			for (const file of usable(after)) expect(here).toContain(file.content);
		}
		if (all.mode.up) for (const file of after.local.values()) expect(there).toContain(file.content);
	});
});

it('both ways: what is lost was known to both sides, or deleted or replaced on one', () => {
	always((world, all) => {
		if (all.mode.name !== 'both' || all.conflict !== 'keepBoth') return;
		const after = applied(world, planSync(treesFrom(world), all).steps);
		const kept = new Set([...after.local.values(), ...after.remote.values()].map((file) => file.content));
		const remembered = new Set([...world.synced.values()].map(({ hash }) => hash));
		for (const file of [...world.local.values(), ...usable(world)]) {
			if (!kept.has(file.content)) expect(remembered).toContain(md5(file.content));
		}
	});
});

it('a filter hides files and changes nothing about the others', () => {
	always((world, all) => {
		if (all.conflict === 'keepBoth') return;
		const whole = planSync(treesFrom(world), all).steps;
		const filter = {
			accepts: (path: string) => path !== 'a.txt',
			excludes: (path: string) => path === 'a.txt',
		};
		const told = (steps: readonly Step[]) =>
			steps.map(({ kind, pair: { path, remote: other } }) => JSON.stringify([kind, path, other?.id]));
		const all_ = told(whole);
		for (const step of told(planSync(treesFrom(world), { ...all, filter }).steps))
			expect(all_).toContain(step);
	});
});
