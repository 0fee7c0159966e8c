import type { SyncItem, SyncOutput, SyncResult, SyncSummary } from '../../client/sync-types';
import type { Operation, Setup } from './history';
import type { Program, RanItem } from './workers';

/** What differs from one run of a schedule to the next. */
export interface Run {
	chatId: string;
	localDirectory: string;
	signal: AbortSignal;
	dryRun?: boolean | undefined;
	/** Once faults have stopped: everything is waited for. */
	isLast?: boolean | undefined;
	/** A person allows all deletions. */
	isAllowed?: boolean | undefined;
}

/** One run of a schedule. */
export async function runSync(
	client: InstanceType<Program['BddFileClient']>,
	operation: Operation | undefined,
	setup: Setup,
	{ isLast, isAllowed, ...run }: Run,
): Promise<RanItem[]> {
	const { ifExists, mode, conflict, duplicateNames, verify, recursive, ...options } = setup.options;
	const shared = {
		...options,
		...run,
		...(isLast === true && { ifRunning: 'wait' as const }),
		...(isAllowed === true && { maxDelete: 100 }),
	};
	switch (operation) {
		case 'toLocal':
			return itemsOf(await client.syncChatFilesToLocal({ ...shared, ifExists, duplicateNames, verify }));
		case 'toRemote':
			return itemsOf(await client.syncChatFilesToRemote({ ...shared, ifExists, mode, recursive }));
		case 'both':
			return itemsOf(await client.syncChatFilesBothWays({ ...shared, mode, conflict, verify }));
		case undefined:
			return [];
	}
}

/** A summary tells of each file that failed, and of the others by their number. */
function itemsOf(result: SyncResult<SyncOutput>): RanItem[] {
	return result.flatMap((item) => ('total' in item ? itemsOfSummary(item) : [item]));
}

function itemsOfSummary({ failures, uploaded, downloaded, deleted, conflicts }: SyncSummary): RanItem[] {
	const done = { uploaded, downloaded, deleted, conflict: conflicts };
	return [
		...failures,
		...Object.entries(done).flatMap(([action, count]) =>
			Array.from({ length: count }, () => ({ status: 'success' satisfies SyncItem['status'], action })),
		),
	];
}
