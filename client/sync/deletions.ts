import type { WireId } from '../api/wire';
import { PlaceChangedError } from '../transfer/download/place';
import { mapBounded, ownFailure } from './bounded';
import { missingIn, scanRemote, scanUntil } from './scan-remote';
import type { Outcome, RemoveLocal, RemoveRemote } from './steps';
import type { RemoteFile, RemoteTree } from './trees';
import type { Replaced } from './uploads';
import type { Outcomes, Planned, Work } from './work';

interface Removals {
	localRemovals: ReadonlyArray<Planned<RemoveLocal>>;
	remoteRemovals: ReadonlyArray<Planned<RemoveRemote>>;
}

/**
 * What goes away, last of all: older files that were replaced, and files that are gone on the other side. Both sides are
 * looked at once more, and nothing is deleted that is no longer what was planned.
 */
export async function carryOutDeletions(
	{ localRemovals, remoteRemovals }: Removals,
	replaced: readonly Replaced[],
	work: Work,
	outcomes: Outcomes,
): Promise<void> {
	const { signal, settings, trash } = work;
	const bounds = { concurrency: settings.concurrency, signal };
	if (localRemovals.length + remoteRemovals.length + replaced.length > 0) {
		const expected = [
			...replaced.map(({ id }) => id),
			...remoteRemovals.map(({ step }) => step.supersededBy).filter((id) => id !== undefined),
		];
		const chat = await ownFailure<Chat | { cause: unknown }>(
			() => lookAgain(expected, work),
			(cause) => ({ cause }),
		);
		await mapBounded(replaced, bounds, async (old) =>
			outcomes.settle(old.planned, await removeReplaced(old, chat, work)),
		);
		await mapBounded(remoteRemovals, bounds, async (planned) => {
			const { step } = planned;
			outcomes.settle(planned, await ifNothingFailed(step, outcomes, () => removeRemote(step, chat, work)));
		});
		await mapBounded(localRemovals, bounds, async (planned) => {
			const { step } = planned;
			outcomes.settle(planned, await ifNothingFailed(step, outcomes, () => removeLocal(step, chat, work)));
		});
	}
	if (settings.rules.mode.down) await trash.empty();
}

/** The chat as it is right before the deletions. */
interface Chat {
	files: ReadonlyMap<WireId, RemoteFile>;
	unreadable: RemoteTree['unreadable'];
}

/** @param expected files that must be there by now, as they are to take the place of others */
async function lookAgain(expected: readonly WireId[], work: Work): Promise<Chat> {
	const { remote, settings, memory, signal } = work;
	const { files, unreadable } = await scanUntil(
		() => scanRemote(remote, settings.chatId, settings.call, memory?.files),
		(tree) => missingIn(tree.files.filter(isComplete), expected).length === 0,
		remote,
		signal,
	);
	return { files: new Map(files.map((file) => [file.id, file])), unreadable };
}

async function ifNothingFailed(
	step: RemoveLocal | RemoveRemote,
	outcomes: Outcomes,
	work: () => Promise<Outcome>,
): Promise<Outcome> {
	if (outcomes.isHeldUp(step)) return { kind: 'notDeleted', because: 'earlierFailure' };
	return await ownFailure<Outcome>(work, (cause) =>
		cause instanceof PlaceChangedError
			? { kind: 'notDeleted', because: 'changedMeanwhile' }
			: { kind: 'failed', cause },
	);
}

async function removeReplaced(
	{ old, id, bytes }: Replaced,
	chat: Chat | { cause: unknown },
	work: Work,
): Promise<Outcome> {
	return await ownFailure<Outcome>(
		async () => {
			if ('cause' in chat) throw chat.cause;
			if (chat.files.get(id)?.status !== 'ok') return { kind: 'notReplaced', id, bytes, cause: undefined };
			if (chat.files.has(old.id)) await deleteRemote(old.id, work);
			work.pending.gone(old.id, id);
			return { kind: 'done', id, bytes };
		},
		(cause) => ({ kind: 'notReplaced', id, bytes, cause }),
	);
}

async function removeRemote(
	{ remote: file, supersededBy, pair: { path, synced } }: RemoveRemote,
	chat: Chat | { cause: unknown },
	work: Work,
): Promise<Outcome> {
	if ('cause' in chat) throw chat.cause;
	const now = chat.files.get(file.id);
	if (supersededBy === undefined) {
		if (chat.unreadable.length > 0) return { kind: 'notDeleted', because: 'unreadableRecords' };
		if (path === undefined || !(await work.folder.isGone(path)))
			return { kind: 'notDeleted', because: 'changedMeanwhile' };
	} else if (chat.files.get(supersededBy)?.status !== 'ok') {
		return { kind: 'notDeleted', because: 'changedMeanwhile' };
	}
	if (now !== undefined && !isAsPlanned(now, file))
		return { kind: 'notDeleted', because: 'changedMeanwhile' };
	if (now !== undefined) await deleteRemote(file.id, work);
	if (supersededBy !== undefined) work.pending.gone(file.id, supersededBy);
	else if (synced !== undefined) work.memory?.forget(synced.path);
	return { kind: 'done', id: file.id };
}

async function removeLocal(
	{ local, pair: { synced } }: RemoveLocal,
	chat: Chat | { cause: unknown },
	work: Work,
): Promise<Outcome> {
	if ('cause' in chat) throw chat.cause;
	if (chat.unreadable.length > 0) return { kind: 'notDeleted', because: 'unreadableRecords' };
	if (synced === undefined || chat.files.has(synced.id))
		return { kind: 'notDeleted', because: 'changedMeanwhile' };
	await work.assertOwned();
	await work.trash.take(local);
	work.memory?.forget(synced.path);
	return { kind: 'done' };
}

const isComplete = ({ status }: RemoteFile) => status === 'ok';

const isAsPlanned = (now: RemoteFile, then: RemoteFile) =>
	now.status === then.status && now.size === then.size && now.hash === then.hash && now.name === then.name;

async function deleteRemote(id: WireId, { remote, settings, assertOwned, recent }: Work): Promise<void> {
	await assertOwned();
	await remote.delete(id, settings.call);
	recent.remove(id);
}
