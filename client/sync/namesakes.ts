import { compareIds } from '../api/ids';
import type { FileInfo } from '../api/wire';
import { type Checksum, knownChecksum } from '../transfer/hash';
import { checksumKey } from './checksum';

/** A local file as the comparison with the chat sees it. */
export interface LocalFile {
	/** Absolute. */
	path: string;
	/** The base name, which is the remote name. */
	name: string;
	/** Bytes. */
	size: number;
	/** Milliseconds since 1970. */
	mtimeMs: number;
	/** Of the content, as far as there was a reason to read it. */
	checksums?: readonly Checksum[];
}

/** Ways in which two namesakes can belong together: they do when they share a key. */
interface Round {
	local(file: LocalFile): string[];
	remote(file: FileInfo): string | undefined;
}

/** The best matches first. */
const ROUNDS: readonly Round[] = [
	{
		// The same content: otherwise two namesakes of one size could be mistaken for each other, and both replaced.
		local: ({ size, checksums = [] }) => checksums.map((checksum) => `${size} ${checksumKey(checksum)}`),
		remote: ({ size, hashcode }) => {
			const known = knownChecksum(hashcode);
			return known && `${size} ${checksumKey(known)}`;
		},
	},
	{ local: ({ size }) => [String(size)], remote: ({ size }) => String(size) },
	{
		// Any other. What is still being put together counts with the right size only.
		local: () => ['any'],
		remote: ({ status }) => (status === 'ok' ? 'any' : undefined),
	},
];

/**
 * Pairs local files with the chat's files of the same name. Each remote file accounts for one local file, so of m local
 * and r remote namesakes the smaller number is paired, whichever folders the local ones are in. Names are compared
 * exactly. Failed uploads do not count, and unfinished ones do not either: the upload continues them.
 *
 * @returns the remote file for each local one that has one
 */
export function pairNamesakes(
	locals: readonly LocalFile[],
	remotes: readonly FileInfo[],
): Map<LocalFile, FileInfo> {
	const pairs = new Map<LocalFile, FileInfo>();
	const names = new Set(locals.map((file) => file.name));
	const counting = remotes
		.filter(({ status, filename }) => (status === 'ok' || status === 'merging') && names.has(filename))
		.sort((a, b) => Number(b.status === 'ok') - Number(a.status === 'ok') || compareIds(a.id, b.id));
	const paired = new Set<FileInfo>();
	for (const round of ROUNDS) {
		const free = byNameAndKey(counting, paired, round);
		for (const local of locals) {
			if (pairs.has(local)) continue;
			const remote = takeFirst(free.get(local.name), round.local(local));
			if (remote === undefined) continue;
			pairs.set(local, remote);
			paired.add(remote);
		}
	}
	return pairs;
}

/** Queues of unpaired remote files, by name and then by the round's key, with the first at the end. */
function byNameAndKey(
	remotes: readonly FileInfo[],
	paired: ReadonlySet<FileInfo>,
	round: Round,
): Map<string, Map<string, FileInfo[]>> {
	const names = new Map<string, Map<string, FileInfo[]>>();
	for (const file of remotes.toReversed()) {
		const key = round.remote(file);
		if (key === undefined || paired.has(file)) continue;
		const queues = names.get(file.filename) ?? new Map<string, FileInfo[]>();
		names.set(file.filename, queues);
		const queue = queues.get(key);
		if (queue === undefined) queues.set(key, [file]);
		else queue.push(file);
	}
	return names;
}

function takeFirst(
	queues: Map<string, FileInfo[]> | undefined,
	keys: readonly string[],
): FileInfo | undefined {
	for (const key of keys) {
		const file = queues?.get(key)?.pop();
		if (file !== undefined) return file;
	}
	return undefined;
}
