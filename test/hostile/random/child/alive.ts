/**
 * An honest service whose every answer comes through: then a call that can succeed does. Without this, a client that
 * refuses everything would keep all other promises.
 */
import type { SyncItem } from '../../../../client';
import { statusOf } from '../liar/store';
import type { Behaviour, Call, Scenario, Violation } from '../scenario';
import type { Ending } from './call';
import type { Liar } from '../liar/liar';

export function judgeAlive(scenario: Scenario, liar: Liar, endings: readonly Ending[]): Violation[] {
	if (!isUndisturbed(scenario) || !canSucceed(scenario.call, liar)) return [];
	return endings.flatMap((ending): Violation[] => {
		if ('error' in ending) {
			const text = ending.error instanceof Error ? ending.error.message : String(ending.error);
			return [{ rule: 'fails although nothing is wrong', detail: text }];
		}
		return failedItems(scenario, liar, ending.value).map(({ fileName, error }) => ({
			rule: 'fails although nothing is wrong',
			detail: `"${fileName}": ${error ?? ''}`,
		}));
	});
}

function isUndisturbed({ answers, service, cancelAfterMs, client }: Scenario): boolean {
	const isPlain = ({ answer, read }: Behaviour) =>
		read === 'all' &&
		answer.kind === 'truth' &&
		(answer.flow.kind === 'whole' || answer.flow.kind === 'drip');
	return (
		cancelAfterMs === null &&
		!client.userInfo &&
		Object.values(answers).every((behaviours) => behaviours.every(isPlain)) &&
		service.moves.length === 0 &&
		!(service.paging === 'ignored' && service.crowd + service.files.length >= service.maxPage) &&
		service.afterMerge === 'ok'
	);
}

function canSucceed(call: Call, { store }: Liar): boolean {
	switch (call.method) {
		case 'download':
		case 'downloadToFile':
		case 'getDownloadUrl':
		case 'delete': {
			const file = store.initial[call.file];
			return file !== undefined && store.settings.files[call.file]?.status === 'ok';
		}
		case 'listDirectories':
		case 'listFilesInDirectory':
			return typeof store.settings.search === 'string';
		case 'upload':
		case 'testConnection':
		case 'listChatFiles':
		case 'syncToLocal':
		case 'syncToRemote':
			return true;
	}
}

/** Items of real files with usable names that failed; a record that is none may fail, and so may an unsafe name. */
function failedItems({ call }: Scenario, { store }: Liar, value: unknown): SyncItem[] {
	if (call.method !== 'syncToLocal' && call.method !== 'syncToRemote') return [];
	return (value as SyncItem[]).filter(({ status, fileId, fileName }) => {
		if (status !== 'failed') return false;
		if (call.method === 'syncToRemote') return true;
		const file = store.ever.get(String(fileId));
		return (
			file !== undefined &&
			statusOf(file) === 'ok' &&
			call.duplicateNames !== 'fail' &&
			/^[\w-]+\.\w+$/.test(fileName ?? '')
		);
	});
}
