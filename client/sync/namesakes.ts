import { compareIds } from '../api/ids';
import type { WireId } from '../api/wire';
import { addTo } from './add-to';
import type { Round, Rules } from './modes';
import { carriesUploadTime, sameAsRemembered } from './same';
import type { LocalFile, RemoteFile, Trees } from './trees';

/**
 * Pairs local files with the chat's files of the same name. Each of the chat's files accounts for one local file, so of m
 * local and r remote namesakes the smaller number is paired, whichever folders the local ones are in. Failed uploads do not
 * count, and unfinished ones do not either: the upload continues them.
 *
 * @returns the chat's file for each local one that has one
 */
export function pairNamesakes({ local, remote, synced }: Trees, rules: Rules): Map<LocalFile, RemoteFile> {
	const locals = local.entries.filter((entry) => entry.kind === 'file');
	const counting = remote.files.filter(
		({ id, status }) => (status === 'ok' || status === 'merging') && !synced.superseded.has(id),
	);
	const pairs = new Map<LocalFile, RemoteFile>();
	const paired = new Set<RemoteFile>();
	const join = (file: LocalFile, other: RemoteFile) => {
		pairs.set(file, other);
		paired.add(other);
	};
	if (synced.files.size > 0) {
		const byId = new Map<WireId | undefined, RemoteFile>();
		for (const file of counting) byId.set(file.id, file);
		for (const file of locals) {
			const other = byId.get(synced.files.get(file.path)?.id);
			if (other !== undefined && !paired.has(other)) join(file, other);
		}
	}
	if (pairs.size === locals.length) return pairs;
	const names = new Set(locals.map(({ name }) => rules.keyOf(name)));
	const wanted = counting
		.filter((file) => !paired.has(file) && names.has(rules.keyOf(file.name)))
		.sort((a, b) => Number(b.status === 'ok') - Number(a.status === 'ok') || compareIds(a.id, b.id));
	for (const round of rules.mode.rounds) {
		const queues = new Queues(wanted, paired, round, rules, synced.files);
		for (const file of locals) {
			if (pairs.has(file)) continue;
			const other = queues.take(file);
			if (other !== undefined) join(file, other);
		}
	}
	return pairs;
}

type Remembered = Trees['synced']['files'];

/** Also of what was not read as it is as the memory has it: the chat may have it under another id, of which the memory never heard. */
function hashesOf(file: LocalFile, synced: Remembered): readonly string[] {
	if (file.checksums !== undefined) return file.checksums.map(({ hex }) => hex);
	const before = synced.get(file.path);
	return before !== undefined && before.hash !== '' && sameAsRemembered(file, before) ? [before.hash] : [];
}

/** The chat's files that are still without a partner, by name and by what a round compares. */
class Queues {
	private readonly queues = new Map<string, RemoteFile[]>();

	constructor(
		files: readonly RemoteFile[],
		private readonly paired: ReadonlySet<RemoteFile>,
		private readonly round: Round,
		private readonly rules: Rules,
		private readonly synced: Remembered,
	) {
		// From the last to the first, so that the first is at the end, where it is taken from.
		for (const file of files.toReversed()) {
			for (const key of remoteKeys[round](file)) {
				addTo(this.queues, this.key(file.name, key), file);
			}
		}
	}

	take(local: LocalFile): RemoteFile | undefined {
		for (const key of localKeys[this.round](local, this.synced)) {
			const queue = this.queues.get(this.key(local.name, key)) ?? [];
			for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
				if (!this.paired.has(file)) return file;
			}
		}
		return undefined;
	}

	private key(name: string, key: string): string {
		return `${key} ${this.rules.keyOf(name)}`;
	}
}

/** Two namesakes belong together in a round when they share a key. `content` says the same as `sameContent`. */
const localKeys: Record<Round, (file: LocalFile, synced: Remembered) => string[]> = {
	content: (file, synced) => {
		const { size, mtimeMs, isTimeSet, checksums } = file;
		const kind = checksums === undefined && isTimeSet ? 'mark' : 'mark only';
		const uploadedMs = Math.round(mtimeMs);
		const marks = carriesUploadTime({ mtimeMs }, { uploadedMs }) ? [`${size} ${kind} ${uploadedMs}`] : [];
		if (mtimeMs % 1000 === 0) marks.push(`${size} ${kind} ${mtimeMs / 1000}s`);
		return [...hashesOf(file, synced).map((hash) => `${size} ${hash}`), ...marks];
	},
	size: ({ size }) => [String(size)],
	any: () => [''],
};

const remoteKeys: Record<Round, (file: RemoteFile) => string[]> = {
	content: ({ size, hash, uploadedMs }) => {
		const kinds = hash === '' ? ['mark', 'mark only'] : ['mark'];
		const times = uploadedMs === undefined ? [] : [String(uploadedMs), `${Math.floor(uploadedMs / 1000)}s`];
		const marks = kinds.flatMap((kind) => times.map((time) => `${size} ${kind} ${time}`));
		return hash === '' ? marks : [`${size} ${hash}`, ...marks];
	},
	size: ({ size }) => [String(size)],
	// What is still being put together counts with the right size only.
	any: ({ status }) => (status === 'ok' ? [''] : []),
};
