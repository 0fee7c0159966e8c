import { compareIds } from '../api/ids';
import type { WireId } from '../api/wire';
import type { CallOptions } from '../types';
import { mapBounded, ownFailure } from './bounded';
import { isId } from './memory';
import type { RemoteFiles } from './remote-files';
import { missingIn } from './scan-remote';
import type { RemoteTree } from './trees';

/** A list that is behind lacks the newest files, so a few of them tell. */
const MOST = 10;

/**
 * The newest files of a chat that a sync knows when it ends. It leaves them to the next sync of the folder, with the lock: a list
 * may be behind what was done a moment ago, and what it does not show yet would be sent again, or taken for deleted.
 */
export class RecentFiles {
	private ids: WireId[];

	/** @param highestId of what the list has shown */
	constructor(
		private readonly chat: string,
		highestId: WireId | undefined,
	) {
		this.ids = highestId === undefined ? [] : [highestId];
	}

	add(id: WireId): void {
		this.ids.push(id);
		if (this.ids.length > MOST) this.ids.sort((a, b) => compareIds(b, a)).length = MOST;
	}

	/** It is not there any more, so no list will show it. */
	remove(id: WireId): void {
		this.ids = this.ids.filter((other) => other !== id);
	}

	/** As JSON, for `leftFiles`. */
	toLeave(): unknown {
		return { chat: this.chat, at: Date.now(), ids: this.ids };
	}
}

/**
 * What `toLeave` has left for this chat, unless a list has settled since.
 *
 * @param settleMs how long a list may be behind, in milliseconds
 */
export function leftFiles(left: unknown, chat: string, settleMs: number): readonly WireId[] {
	if (typeof left !== 'object' || left === null) return [];
	const { chat: of, at, ids } = left as { [K in 'chat' | 'at' | 'ids']?: unknown };
	if (of !== chat || typeof at !== 'number' || !Array.isArray(ids)) return [];
	// Whatever has become of the clock: what is in the future is not of a moment ago.
	return Math.abs(Date.now() - at) < settleMs ? ids.filter(isId).slice(0, MOST) : [];
}

/** None of these files is missing in the list and there all the same. */
export async function showsAllOf(
	recent: readonly WireId[],
	{ files }: RemoteTree,
	remote: RemoteFiles,
	call: CallOptions,
): Promise<boolean> {
	const mayExist = await mapBounded(
		missingIn(files, recent),
		{ concurrency: MOST, signal: call.signal },
		(id) =>
			ownFailure(
				() => remote.exists(id, call),
				() => true,
			),
	);
	return !mayExist.includes(true);
}
