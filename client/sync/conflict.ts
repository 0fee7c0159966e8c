import type { ConflictChoice } from '../sync-types';
import type { Pair } from './pair';
import type { Situation } from './situation';
import { download, leave, type Step, upload } from './steps';
import type { LocalFile, RemoteFile } from './trees';

/**
 * A file was edited on both sides, or is on both sides with different content and no memory tells why.
 *
 * To keep both, the chat's version comes down under a conflict name and goes up again under it; the local one goes up under
 * the name; the chat's old version goes last. So each name is in the chat once in the end, and whatever interrupts it, every
 * content is on both sides or will be: a conflict file that is there already is what an earlier run has begun.
 */
export function settleConflict(
	pair: Pair,
	local: LocalFile,
	remote: RemoteFile,
	situation: Situation,
): Step[] {
	const { rules, takenNames } = situation;
	const up = { ...upload(pair, local, remote), conflict: true };
	switch (choiceFor(rules.conflict, local, remote)) {
		case 'local':
			return [up];
		case 'remote':
			return [{ ...download(pair, remote, local), conflict: true }];
		case 'keepBoth': {
			const place = takenNames.forConflict(remote);
			if (place === undefined) return [leave(pair, { code: 'noPlace', place: { why: 'noFreeName' } })];
			if (place.isThere) return [up];
			const { path } = place;
			if (!rules.isAllowed(path)) return [leave(pair, { code: 'notAllowed' })];
			const kept: Pair = { path, local: undefined, remote, synced: undefined, noPlace: undefined };
			const down = { ...download(kept, remote, undefined), beside: local };
			return [down, { ...up, after: down }];
		}
	}
}

function choiceFor(
	choice: ConflictChoice,
	{ mtimeMs }: LocalFile,
	{ uploadedMs }: RemoteFile,
): Exclude<ConflictChoice, 'newest'> {
	if (choice !== 'newest') return choice;
	if (uploadedMs === undefined) return 'keepBoth';
	return mtimeMs >= uploadedMs ? 'local' : 'remote';
}
