import { dirname } from 'node:path';
import { UnknownOutcomeError } from '../api/errors';
import { compareIds } from '../api/ids';
import type { WireId } from '../api/wire';
import { DEFAULTS, PART_BYTES } from '../arguments';
import { diskSource } from '../transfer/source';
import { addTo } from './add-to';
import { mapBounded, ownFailure } from './bounded';
import { throwIfCancelled } from './failures';
import { lastPart } from './names';
import { announce } from './remember';
import { type Sending, sendingOf } from './sending';
import type { Download, Upload } from './steps';
import type { RemoteFile } from './trees';
import type { Outcomes, Planned, Work } from './work';

/** What fits into one part: its time is that of its round trips, so it gains from more company than larger files do. */
const SMALL_FILE_BYTES = PART_BYTES.min;

/** Larger files fill the line by themselves, and each holds parts in memory. */
const LARGE_FILES_IN_FLIGHT = 8;

/** Parts are held in memory, so their number in a whole sync is limited, however many files are in flight. */
const PARTS_IN_FLIGHT = 16;

/** An upload that arrived, and the older file that it replaces. */
export interface Replaced {
	planned: Planned;
	old: RemoteFile;
	/** The new file. */
	id: WireId;
	bytes: number;
}

/**
 * What goes up. The older files that are replaced stay for now.
 *
 * @returns those older files
 */
export async function carryOutUploads(
	uploads: ReadonlyArray<Planned<Upload>>,
	downloads: ReadonlyArray<Planned<Download>>,
	work: Work,
	outcomes: Outcomes,
): Promise<Replaced[]> {
	const kept = downloads.filter(
		({ step }) => step.beside !== undefined && !outcomes.hasFailed(step) && !outcomes.wasNoConflict(step),
	);
	const first: Sending[] = kept.map(sendingOf);
	const later: Sending[] = [];
	for (const planned of uploads) {
		const { after } = planned.step;
		if (after === undefined) first.push(sendingOf(planned));
		else if (outcomes.wasNoConflict(after)) outcomes.settle(planned, { kind: 'same' });
		else later.push(sendingOf(planned));
	}
	await announce([...first, ...later], work);
	return [...(await sendAll(first, work, outcomes)), ...(await sendAll(later, work, outcomes))];
}

/** Small files first, then the large ones, of which fewer are in flight. */
async function sendAll(sendings: readonly Sending[], work: Work, outcomes: Outcomes): Promise<Replaced[]> {
	const chains = chainsOf(sendings);
	const isLarge = ([head]: Sending[]) => head !== undefined && head.size > SMALL_FILE_BYTES;
	const { concurrency } = work.settings;
	const replaced: Replaced[] = [];
	const passes: Array<[Sending[][], number]> = [
		[chains.filter((chain) => !isLarge(chain)), concurrency],
		[chains.filter(isLarge), Math.min(concurrency, LARGE_FILES_IN_FLIGHT)],
	];
	for (const [pass, atOnce] of passes) {
		const parts = partsPerFile(Math.min(atOnce, pass.length));
		await mapBounded(pass, { concurrency: atOnce, signal: work.signal }, async (chain) => {
			for (const sending of chain) {
				throwIfCancelled(work.signal);
				const old = await sendOne(sending, parts, work, outcomes);
				if (old !== undefined) replaced.push(old);
			}
		});
	}
	return replaced;
}

function partsPerFile(files: number): number {
	return Math.max(1, Math.min(DEFAULTS.partConcurrency, Math.floor(PARTS_IN_FLIGHT / files)));
}

/**
 * Files that must not go up at the same time are in one chain. Two of one name and size may have the same content; while
 * one is on its way, the other would find it in the chat and take it for its own unfinished upload.
 */
export function chainsOf(sendings: readonly Sending[]): Sending[][] {
	const chains = new Map<string, Sending[]>();
	for (const sending of sendings) {
		addTo(chains, `${sending.size} ${lastPart(sending.path)}`, sending);
	}
	return [...chains.values()];
}

/** @returns the older file that is still to be deleted, whose outcome is then still open too */
async function sendOne(
	sending: Sending,
	parts: number,
	work: Work,
	outcomes: Outcomes,
): Promise<Replaced | undefined> {
	const { planned, replaces, path, after } = sending;
	if (after !== undefined && outcomes.hasFailed(after)) {
		work.pending.failed(path);
		outcomes.settle(planned, { kind: 'notBegun' });
		return undefined;
	}
	const sent = await ownFailure<{ id: WireId; bytes: number } | { cause: unknown }>(
		() => send(sending, parts, work),
		(cause) => ({ cause }),
	);
	work.progress.add('bytes' in sent ? sent.bytes : 0, 1);
	if ('cause' in sent) {
		// What is not known to have failed may still arrive.
		if (!(sent.cause instanceof UnknownOutcomeError)) work.pending.failed(path);
		outcomes.settle(planned, { kind: 'failed', cause: sent.cause });
		return undefined;
	}
	const { id, bytes } = sent;
	work.pending.arrived(path, id);
	work.recent.add(id);
	// The upload may have completed the very file that it was to replace.
	if (replaces !== undefined && compareIds(replaces.id, id) !== 0)
		return { planned, old: replaces, id, bytes };
	if (replaces !== undefined) work.pending.gone(replaces.id, id);
	outcomes.settle(planned, { kind: 'done', id, bytes });
	return undefined;
}

async function send(
	{ planned, path: relative }: Sending,
	parts: number,
	{ remote, folder, settings, memory }: Work,
): Promise<{ id: WireId; bytes: number }> {
	const seen = planned.step.kind === 'upload' ? planned.step.local : undefined;
	const isInside = (realPath: string) => {
		folder.assertLeads(relative, dirname(realPath));
		return true;
	};
	const source = await diskSource(folder.pathOf(relative), undefined, isInside, seen);
	await folder.assertSame();
	const {
		fileId: id,
		size,
		md5,
	} = await remote.upload(source, {
		...settings.call,
		biz: 'chat',
		chatId: settings.chatId,
		mode: settings.uploadMode,
		partSize: settings.partSize,
		concurrency: parts,
		resume: true,
	});
	const known = planned.step.pair.synced?.path;
	if (known !== undefined) memory?.forget(known);
	// Of what was read: an edit since then has another time, and so is seen.
	const { mtimeMs } = source;
	if (mtimeMs !== undefined) memory?.remember({ path: relative, id, size, hash: md5, mtimeMs });
	return { id, bytes: size };
}
