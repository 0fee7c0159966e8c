import { rm } from 'node:fs/promises';
import { basename } from 'node:path';

import { makeLargeFile, MIB, sizeInWords } from '../lab/files';
import type { Lab } from '../lab/lab';
import type { Work } from '../tasks';
import { assertFiles, type Row, type Stage, type Workload } from './workload';

/** What a transfer should add to the memory of n8n at most, whatever the size of the file. MiB. */
const GROWTH_GOAL = 80;

/** A heap that could hold only a fraction of the files. */
const NODE_FLAGS = ['--max-old-space-size=192'];

/** Peak memory of large files through the node, in n8n's filesystem mode, with a small heap. */
export const memory: Workload = {
	id: 'memory',
	title: 'Peak memory of large files through the node',
	contenders: ['node'],
	diskMiB: (quick) => diskForMemory(quick ? [256] : [1024, 3072]),
	open: (lab, quick) => openMemory(lab, quick ? [256] : [1024, 3072]),
};

/** The file, n8n's own copy and the service's, or the service's and the one that comes down. */
export const diskForMemory = (sizes: readonly number[]): number => 3 * Math.max(...sizes) + 200;

/**
 * @param sizes in MiB, ascending
 * @param atMost what memory may grow by, in MiB
 */
export async function openMemory(lab: Lab, sizes: readonly number[], atMost = GROWTH_GOAL): Promise<Stage> {
	const service = await lab.service();
	const rows = sizes.flatMap((size): Row[] => {
		const what = sizeInWords(size);
		const chatId = basename(lab.path('memory'));
		let id = '';
		const row = (direction: 'up' | 'down', workOf: () => Promise<Work>, done: () => Promise<void>): Row => ({
			id: `memory-${direction}-${size}`,
			title: `Peak memory: ${what} ${direction} through the node, heap of 192 MiB`,
			contenders: ['node'],
			rounds: 1,
			goals: [{ kind: 'growth', who: 'node', atMost }],
			files: 1,
			mebibytes: size,
			turn: async () => ({
				task: { url: service.url, work: await workOf() },
				nodeFlags: NODE_FLAGS,
				async finish(report) {
					assertFiles(report, 1);
					await done();
				},
			}),
		});
		const path = lab.path('large.bin');
		return [
			row(
				'up',
				async () => {
					await makeLargeFile(path, size);
					return { verb: 'upload', chatId, path, mode: 'auto' };
				},
				async () => {
					await rm(path);
					id = (await service.assertChat(chatId, 1, size * MIB)).lastId;
				},
			),
			row(
				'down',
				() => Promise.resolve({ verb: 'download', fileId: id, path }),
				() => service.delete(id),
			),
		];
	});
	return { rows, close: service.stop };
}
