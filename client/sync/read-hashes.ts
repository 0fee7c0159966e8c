import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { WireId } from '../api/wire';
import {
	type Checksum,
	type HashAlgorithm,
	knownChecksum,
	type StreamHash,
	streamHash,
} from '../transfer/hash';
import { DISK_CONCURRENCY, mapBounded } from './bounded';
import { throwIfCancelled } from './failures';
import { lazily } from './lazily';
import type { Rules } from './modes';
import { idsIn } from './names';
import type { PendingUpload } from './pending';
import { decidingHash, sameContent } from './same';
import { SharedNames } from './shared-names';
import type { LocalFile, RemoteFile, SyncedFile, Trees } from './trees';

/**
 * Reads the hashes of those local files of which a hash decides something: whether they are one of the chat's files, or still
 * what is remembered. A file that is as the memory has it is not read, unless it has a namesake and its own file is gone from the
 * chat; nor is one that carries its upload time.
 *
 * @param trees its local files get their checksums
 */
export async function readDecidingHashes(
	directory: string,
	trees: Trees,
	pending: readonly PendingUpload[],
	rules: Rules,
	signal: AbortSignal | undefined,
): Promise<void> {
	const wanted = [...hashesToRead(trees, pending, rules)];
	await mapBounded(wanted, { concurrency: DISK_CONCURRENCY, signal }, async ([file, algorithms]) => {
		try {
			file.checksums = await hashFile(join(directory, file.path), algorithms, signal);
		} catch {
			// A file that cannot be read cannot be shown to be the same; its transfer then says why it fails.
		}
	});
}

/** Which hashes of which files decide something. Pure. */
export function hashesToRead(
	{ local, remote, synced }: Trees,
	pending: readonly PendingUpload[],
	rules: Rules,
): Map<LocalFile, HashAlgorithm[]> {
	const wanted = new Map<LocalFile, HashAlgorithm[]>();
	const isPending = new Set(pending.map(({ path }) => path));
	// What was to be replaced may be gone in a moment: nothing is certain of the names in the chat then.
	const isUnsettled = pending.some(({ replaces }) => replaces !== undefined);
	const names = new SharedNames(local.entries, rules);
	const candidates = lazily(() => new Candidates(remote.files, rules));
	/** What replaces must know which of several is its own older file; what is left, which of several local ones the chat lacks. */
	const isAmbiguous = (file: LocalFile): boolean => {
		const inChat = candidates().count(file);
		if (rules.ifExists === 'overwrite') return inChat > 1;
		return inChat > 0 && (isUnsettled || inChat < names.countOfSize(file));
	};
	const decides = (file: LocalFile, before: SyncedFile | undefined): boolean => {
		// An upload of a file that is still as the memory has it was in place of what somebody else has put into the chat.
		if (isPending.has(file.path)) return true;
		const sharing = names.count(file);
		// Where the chat's file is gone, another one of its name may be it, or that of a namesake.
		const isAsBefore = before?.size === file.size && before.mtimeMs === file.mtimeMs;
		if (isAsBefore && (sharing < 2 || candidates().has(before.id))) return false;
		return mayDecide(sharing, rules) && (comparesContent(rules) || isAmbiguous(file));
	};
	for (const file of local.entries) {
		if (file.kind !== 'file') continue;
		const before = synced.files.get(file.path);
		if (!decides(file, before)) continue;
		const algorithms = candidates().algorithmsFor(file, before);
		if (algorithms.length > 0) wanted.set(file, algorithms);
	}
	return wanted;
}

const comparesContent = ({ ifExists, propagateDeletes }: Rules) =>
	ifExists === 'skipUnchanged' || propagateDeletes;

/** @param sharing how many local files have this name, if any of them is wanted */
function mayDecide(sharing: number, rules: Rules): boolean {
	if (comparesContent(rules)) return sharing > 0;
	return rules.mode.up && sharing > (rules.ifExists === 'overwrite' ? 0 : 1);
}

/** More namesakes of one size than this are not gone through one by one. */
const FEW = 8;

/** The chat's files of one name and size. */
interface Namesakes {
	/** A few of them. */
	files: RemoteFile[];
	/** All of them. */
	count: number;
	algorithms: Set<HashAlgorithm>;
}

/** The chat's files that a local one may be: those of its name and size, and those whose id is in its name. */
class Candidates {
	/** By the key of the name; of several of one name by their size. A long chat has hardly any such, so one is kept as it is. */
	private readonly byName = new Map<string, RemoteFile | Map<number, Namesakes>>();
	private readonly byId: () => ReadonlyMap<WireId, RemoteFile>;

	constructor(
		files: readonly RemoteFile[],
		private readonly rules: Rules,
	) {
		const isCandidate = ({ status }: RemoteFile) => status === 'ok' || status === 'merging';
		this.byId = lazily(() => new Map(files.filter(isCandidate).map((file) => [file.id, file])));
		for (const file of files) if (isCandidate(file)) this.add(file);
	}

	algorithmsFor(local: LocalFile, before: SyncedFile | undefined): HashAlgorithm[] {
		const group = this.namesakesOf(local);
		const namesakes = group?.files ?? [];
		const withIds = (ids: readonly WireId[]) =>
			ids.map((id) => this.byId().get(id)).filter((file) => file !== undefined);
		const itself = withIds(before === undefined ? [] : [before.id]);
		const marked = withIds(idsIn(local.name));
		const files = [...itself, ...namesakes, ...marked];
		const remembered = before === undefined ? undefined : decidingHash(local, before);
		// What a conflict has kept carries the time of the file that it was. Once it has gone up under its own name too, it is
		// that namesake which it is compared with.
		const compared = [...itself, ...(namesakes.length > 0 ? namesakes : marked)];
		const isKnown = files.length <= FEW && compared.some((file) => sameContent(local, file) === 'time');
		if (isKnown && remembered === undefined) return [];
		const algorithms = new Set(group?.algorithms);
		for (const algorithm of [remembered, ...files.map((file) => decidingHash(local, file))]) {
			if (algorithm !== undefined) algorithms.add(algorithm);
		}
		return [...algorithms];
	}

	count(local: LocalFile): number {
		return this.namesakesOf(local)?.count ?? 0;
	}

	has(id: WireId): boolean {
		return this.byId().has(id);
	}

	private add(file: RemoteFile): void {
		const key = this.rules.keyOf(file.name);
		const there = this.byName.get(key);
		if (there === undefined) this.byName.set(key, file);
		else if (there instanceof Map) addNamesake(there, file);
		else {
			const bySize = new Map<number, Namesakes>();
			this.byName.set(key, bySize);
			addNamesake(bySize, there);
			addNamesake(bySize, file);
		}
	}

	private namesakesOf({ name, size }: LocalFile): Namesakes | undefined {
		const there = this.byName.get(this.rules.keyOf(name));
		if (there instanceof Map) return there.get(size);
		return there?.size === size ? namesakesFrom(there) : undefined;
	}
}

/** The algorithm of its hash, unless the service knows none. */
const algorithmsOf = ({ hash }: RemoteFile): HashAlgorithm[] => {
	const known = knownChecksum(hash);
	return known ? [known.algorithm] : [];
};

const namesakesFrom = (file: RemoteFile): Namesakes => ({
	files: [file],
	count: 1,
	algorithms: new Set(algorithmsOf(file)),
});

function addNamesake(bySize: Map<number, Namesakes>, file: RemoteFile): void {
	const group = bySize.get(file.size);
	if (group === undefined) {
		bySize.set(file.size, namesakesFrom(file));
		return;
	}
	group.count += 1;
	if (group.files.length <= FEW) group.files.push(file);
	for (const algorithm of algorithmsOf(file)) group.algorithms.add(algorithm);
}

/** Reads the file once, as a stream, for all the algorithms. A symbolic link is refused. */
export async function hashFile(
	path: string,
	algorithms: readonly HashAlgorithm[],
	signal: AbortSignal | undefined,
): Promise<Checksum[]> {
	const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
	const hashes: StreamHash[] = [];
	try {
		const { size } = await file.stat();
		for (const algorithm of algorithms) hashes.push(streamHash(algorithm, size));
		const stream = file.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false });
		for await (const chunk of stream) {
			for (const hash of hashes) await hash.update(chunk as Buffer);
			throwIfCancelled(signal);
		}
		const texts = await Promise.all(hashes.map(async (hash) => await hash.digest()));
		return algorithms.map((algorithm, index) => ({ algorithm, hex: texts[index] ?? '' }));
	} finally {
		for (const hash of hashes) hash.discard();
		await file.close();
	}
}
