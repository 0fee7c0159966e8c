import { basename } from 'node:path';

import { makeSmallFiles } from '../lab/files';
import { assertFiles, type Row, type Workload } from './workload';

const SIZE = 4096;
const WARM_UP_FILES = 20;
const CONTENDERS = ['node', 'httpRequest', 'floor', 'python'] as const;

/** Many items of a workflow, each with a small file, uploaded by one run of a node. */
export const items: Workload = {
	id: 'items',
	title: 'Items with small files, uploaded by one run',
	contenders: CONTENDERS,
	diskMiB: () => 500,
	async open(lab, quick) {
		const count = quick ? 300 : 1000;
		const service = await lab.service();
		const folder = lab.path('items');
		const warmUpFolder = lab.path('items');
		await makeSmallFiles(folder, { count, size: SIZE });
		await makeSmallFiles(warmUpFolder, { count: WARM_UP_FILES, size: SIZE });
		const row: Row = {
			id: 'items',
			title: `${count.toLocaleString('en')} items of 4 KiB uploaded in one run`,
			contenders: CONTENDERS,
			rounds: quick ? 2 : 5,
			goals: [{ kind: 'speed', who: 'node', than: 'httpRequest', atLeast: 2 }],
			files: count,
			turn() {
				const chatId = basename(lab.path('up'));
				return Promise.resolve({
					task: {
						url: service.url,
						work: { verb: 'uploadItems', chatId, folder },
						warmUp: { verb: 'uploadItems', chatId: `${chatId}-warm-up`, folder: warmUpFolder },
					},
					async finish(report) {
						assertFiles(report, count);
						await service.assertChat(chatId, count, count * SIZE);
					},
				});
			},
		};
		return { rows: [row], close: service.stop };
	},
};
