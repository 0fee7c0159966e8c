import type { WireId } from '../api/wire';
import type { NotDeletedReason } from '../sync-types';
import type { NameKey } from './disk-names';
import type { Rules } from './modes';
import { conflictName } from './names';
import type { Pair } from './pair';
import { sameContent } from './same';
import type { RemoteFile } from './trees';

/** What the decision about one file needs to know of all the others. */
export interface Situation {
	rules: Rules;
	/** Where a conflict may put the version that loses its name. */
	takenNames: TakenNames;
	/** Uploads that the service is still putting together. */
	merging: readonly RemoteFile[];
	/** Gives the ids that are in the chat, whatever their status. Asked only where something is gone. */
	inChat: () => ReadonlySet<WireId>;
	/** Of these, those that have no place for now. */
	waiting: ReadonlySet<WireId>;
	/** Why nothing may be deleted in this run. */
	noDeletions: NotDeletedReason | undefined;
}

/** The names in the folder that are taken, by what is there and by what the plan puts there. */
export class TakenNames {
	private byKey: Map<string, Pair | undefined> | undefined;

	constructor(
		private readonly pairs: readonly Pair[],
		private readonly keyOf: NameKey,
	) {}

	/** Where the chat's version of a conflict goes; it may be there already. Undefined when no name is left. */
	forConflict(remote: RemoteFile): { path: string; isThere: boolean } | undefined {
		this.byKey ??= new Map(this.pairs.map((pair) => [this.keyOf(pair.path ?? ''), pair]));
		for (let times = 1; ; times++) {
			const path = conflictName(remote.name, remote.id, times);
			if (path === undefined) return undefined;
			const key = this.keyOf(path);
			if (!this.byKey.has(key)) {
				this.byKey.set(key, undefined);
				return { path, isThere: false };
			}
			const local = this.byKey.get(key)?.local;
			if (local?.kind === 'file' && sameContent(local, remote) !== undefined) return { path, isThere: true };
		}
	}
}
