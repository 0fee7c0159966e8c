import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { assertFolder, makeSmallFiles } from '../lab/files';
import type { Lab, Service } from '../lab/lab';
import { fileName } from '../lab/messages';
import type { Work } from '../tasks';
import type { Goal } from './goals';
import { assertFiles, heapOf, stagesOf, type Row, type Stage, type Turn, type Workload } from './workload';

/** Small, since what is measured is the number. */
const SIZE = 16;
/** How many the folder does not have yet. */
const NEW_FILES = 100;
/** Of which Node itself and n8n's engine take a good part. */
const HEAP_MIB = 192;
const LISTERS = ['node', 'client', 'floor', 'python'] as const;
const PLANNERS = ['node', 'client'] as const;

/** What a chat with many files costs, at three sizes: the time and memory of one file shall not grow with their number. */
export const manyFiles: Workload = {
	id: 'many',
	title: 'A chat with many files: list, plan, sync of 100 new ones',
	contenders: LISTERS,
	diskMiB: (quick) => (quick ? 200 : 2000),
	async open(lab, quick) {
		const counts = quick ? [1000, 10_000] : [1000, 10_000, 100_000];
		return await stagesOf(counts, (count) => chatOf(lab, count, quick, counts));
	},
};

interface Chat {
	service: Service;
	count: number;
	/** Has all files of the chat but the first {@link NEW_FILES}. */
	folder: string;
}

async function chatOf(lab: Lab, count: number, quick: boolean, counts: readonly number[]): Promise<Stage> {
	const service = await lab.service();
	const folder = lab.path('folder');
	await service.fill('many', { count, size: SIZE });
	await makeSmallFiles(folder, {
		from: NEW_FILES,
		count: count - NEW_FILES,
		size: SIZE,
		asUploaded: true,
	});
	const chat = { service, count, folder };
	const common = { rounds: quick ? 1 : 3, files: count };
	const among = count.toLocaleString('en');
	const rows: Row[] = [
		{
			...common,
			id: `list-${count}`,
			title: `List a chat of ${among} files`,
			contenders: LISTERS,
			goals: goalsOf('list', count, counts),
			turn: () => turn(chat, { verb: 'list', chatId: 'many' }),
		},
		{
			...common,
			id: `plan-${count}`,
			title: `Plan the sync of ${among} files (dry run)`,
			contenders: PLANNERS,
			goals: goalsOf('plan', count, counts),
			turn: () => turn(chat, { ...syncOf(folder), dryRun: true }),
		},
		{
			...common,
			id: `sync-${count}`,
			title: `Sync ${NEW_FILES} new among ${among} files`,
			contenders: PLANNERS,
			goals: goalsOf('sync', count, counts),
			turn: () => turn(chat, syncOf(folder)),
		},
	];
	return { rows, close: service.stop };
}

/** Only the largest chat is judged: at the smaller ones what Node itself takes is more than what the files take. */
function goalsOf(what: string, count: number, counts: readonly number[]): Goal[] {
	if (count !== counts.at(-1)) return [];
	const smaller = `${what}-${counts.at(-2) ?? count}`;
	return [
		{ kind: 'memoryPerFileMore', who: 'client', comparedTo: smaller, atMost: 1 },
		{ kind: 'linear', who: 'client', comparedTo: smaller, atMost: 1.25 },
	];
}

const syncOf = (folder: string) => ({
	verb: 'syncToLocal' as const,
	chatId: 'many',
	folder,
	skipUnchanged: true,
});

function turn({ service, count, folder }: Chat, work: Work): Promise<Turn> {
	return Promise.resolve({
		task: {
			url: service.url,
			work,
			warmUp: { verb: 'list', chatId: 'no such chat' },
		},
		nodeFlags: heapOf(HEAP_MIB),
		async finish(report) {
			assertFiles(report, count);
			if (work.verb !== 'syncToLocal') return;
			const arrived = work.dryRun ? 0 : NEW_FILES;
			const there = count - NEW_FILES + arrived;
			await assertFolder(folder, there, there * SIZE);
			for (let number = 0; number < arrived; number++) await rm(join(folder, fileName(number)));
		},
	});
}
